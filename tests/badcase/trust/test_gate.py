"""Who is trusted, where, and for how long: the answers are the person's, for a project and for code as it is."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from badcase.errors import BadcaseError
from badcase.trust import gate
from badcase.trust.foreign_code import code_within, named_code
from badcase.trust.gate import Since, UntrustedCode, on_behalf_of, require, trust, trust_facts, trusts, vouching_for
from badcase.trust.verified_import import function_of


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings of one's own; what was said in this process before is forgotten."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setattr(gate, "_said", {})
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    return tmp_path / "settings" / "badcase" / "trusted-code.json"


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A folder with a module that leaves a mark where it is run."""
    folder = tmp_path / "code"
    (folder / "parts").mkdir(parents=True)
    (folder / "nets_here.py").write_text("import parts.layers\nMARK = open(__file__ + '.ran', 'w')\ndef build(): return 1\n")
    (folder / "parts" / "layers.py").write_text("")
    (folder / "unrelated.py").write_text("raise SystemExit")
    return folder


def forget() -> None:
    gate._said.clear()


def test_a_code_is_told_by_its_files_without_running_any(code: Path) -> None:
    found = named_code("nets_here:build", code)
    assert [path.relative_to(code).as_posix() for path, _digest in found.files] == ["nets_here.py", "parts/layers.py"]
    assert found.place == str(code / "nets_here.py")
    assert not (code / "nets_here.py.ran").exists() and "nets_here" not in sys.modules


def test_packages_are_not_imported_to_find_what_is_in_them(code: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code / "loud").mkdir()
    (code / "loud" / "__init__.py").write_text("raise SystemExit")
    (code / "loud" / "net.py").write_text("")
    monkeypatch.syspath_prepend(str(code))
    assert named_code("loud.net:f", code / "parts").place == str(code / "loud" / "net.py")
    assert {path.name for path, _digest in named_code("loud.net:f", code).files} == {"__init__.py", "net.py"}


@pytest.mark.parametrize("name", ["nets_here", "nets here:f", "nets_here:f:g", "no.such:f", "parts/layers:f", ":f", "..nets:f"])
def test_what_names_no_module_is_no_code(name: str, code: Path) -> None:
    with pytest.raises(ImportError):
        named_code(name, code)


def test_trust_is_for_one_project_and_for_code_as_it_is_and_it_is_kept(code: Path, tmp_path: Path, settings: Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    found = named_code("nets_here:build", code)
    with pytest.raises(UntrustedCode, match="have not trusted") as refused:
        require(found, mine)
    assert "--trust-remote-code" in refused.value.hint and str(code / "nets_here.py") in refused.value.hint
    assert str(mine) in str(refused.value)
    trust(found, mine)
    forget()
    require(found, mine)
    with pytest.raises(UntrustedCode):
        require(found, other)
    with pytest.raises(UntrustedCode):
        require(named_code("nets_here:another", code), mine)
    (code / "parts" / "layers.py").write_text("1 + 1")
    with pytest.raises(UntrustedCode, match="changed since"):
        require(named_code("nets_here:build", code), mine)
    assert mine.exists() is False and oct(settings.stat().st_mode & 0o077) in ("0o0", "0o44")
    trust(named_code("nets_here:build", code), mine)
    assert len(json.loads(settings.read_text())["trusted"]) == 1, "what it was before is trusted no more"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"trusted": 3}', '{"trusted": [3, {"project": 1}]}', "\x00", "[" * 9999], ids=range(7)
)
def test_a_damaged_file_trusts_nothing_and_the_next_answer_mends_it(
    text: str, code: Path, tmp_path: Path, settings: Path
) -> None:
    settings.parent.mkdir(parents=True)
    settings.write_text(text)
    found = named_code("nets_here:build", code)
    with pytest.raises(UntrustedCode):
        require(found, tmp_path)
    trust(found, tmp_path)
    forget()
    require(found, tmp_path)


def test_whoever_vouches_for_a_project_vouches_while_it_lasts_and_for_no_other(code: Path, tmp_path: Path) -> None:
    found = named_code("nets_here:build", code)
    with vouching_for(tmp_path / "mine"):
        require(found, tmp_path / "mine")
        with pytest.raises(UntrustedCode):
            require(found, tmp_path / "other")
        with on_behalf_of(tmp_path / "other"):
            assert not trusts(found)
    with vouching_for(tmp_path / "other", False), pytest.raises(UntrustedCode):
        require(found, tmp_path / "other")


def test_processes_that_share_the_work_hear_what_is_trusted(code: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = named_code("nets_here:build", code)
    trust(found, tmp_path)
    answers = gate.answers_for(tmp_path)
    forget()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "of another machine"))
    with pytest.raises(UntrustedCode):
        require(found, tmp_path)
    gate.take_over(tmp_path, answers)
    require(found, tmp_path)
    with pytest.raises(UntrustedCode):
        require(found, tmp_path / "other")


def test_settings_that_cannot_be_written_keep_an_answer_for_the_process_and_say_so_to_the_window(
    code: Path, tmp_path: Path, settings: Path
) -> None:
    settings.parent.parent.write_text("a file where the folder would be")
    found = named_code("nets_here:build", code)
    with pytest.raises(UntrustedCode) as refused:
        require(found, tmp_path)
    with pytest.raises(BadcaseError, match="cannot be kept"):
        trust_facts(refused.value.facts)
    trust(found, tmp_path)
    require(found, tmp_path)


def test_what_has_no_file_is_never_kept(tmp_path: Path) -> None:
    builtin = named_code("sys:exit", tmp_path)
    trust(builtin, tmp_path)
    forget()
    with pytest.raises(UntrustedCode):
        require(builtin, tmp_path)


def test_code_is_imported_from_its_source_and_never_from_bytecode_beside_it(code: Path) -> None:
    """A `.pyc` whose time and size fit is what Python would run, whatever the source says."""
    import importlib.util
    import marshal
    import struct

    module = code / "with_cache.py"
    module.write_text("def f(): return 'source'\n")
    cache = Path(importlib.util.cache_from_source(str(module)))
    cache.parent.mkdir()
    body = marshal.dumps(compile("def f(): return 'bytecode'\n", str(module), "exec"))
    when = module.stat()
    cache.write_bytes(importlib.util.MAGIC_NUMBER + struct.pack("<III", 0, int(when.st_mtime), when.st_size) + body)
    assert function_of(named_code("with_cache:f", code))() == "source"


def test_only_what_was_asked_for_can_be_imported_from_the_folder(code: Path) -> None:
    """Else a file of theirs called as one of ours would run with the next import, and nobody was asked."""
    (code / "late.py").write_text("def f():\n    import unrelated\n")
    found = named_code("late:f", code)
    assert {path.name for path, _digest in found.files} == {"late.py", "unrelated.py"}
    (code / "early.py").write_text("def f(name):\n    return __import__(name)\n")
    hidden = function_of(named_code("early:f", code))
    with pytest.raises(ModuleNotFoundError):
        hidden("unrelated")
    assert str(code) not in sys.path


def test_what_changed_between_the_question_and_the_import_does_not_run(code: Path) -> None:
    found = named_code("nets_here:build", code)
    (code / "nets_here.py").write_text("open(__file__ + '.ran', 'w')\ndef build(): return 2\n")
    with pytest.raises(ImportError, match="changed since"):
        function_of(found)
    assert not (code / "nets_here.py.ran").exists()


def test_a_module_that_changed_or_lies_in_another_folder_is_imported_anew(tmp_path: Path) -> None:
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "same_name.py").write_text(f"def f(): return {place!r}\n")
    assert function_of(named_code("same_name:f", tmp_path / "one"))() == "one"
    assert function_of(named_code("same_name:f", tmp_path / "two"))() == "two"
    (tmp_path / "two" / "same_name.py").write_text("def f(): return 'three'\n")
    assert function_of(named_code("same_name:f", tmp_path / "two"))() == "three"


def test_a_model_has_the_same_code_wherever_its_folder_lies(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "modeling_mine.py").write_text("x = 1")
    one, other = (code_within(str(tmp_path / name), [tmp_path / name]) for name in ("a", "b"))
    assert one is not None and other is not None and one.digest == other.digest
    assert code_within("none", [tmp_path / "nothing"]) is None


def test_what_is_trusted_is_listed_with_what_became_of_it_and_can_be_forgotten(code: Path, tmp_path: Path) -> None:
    mine, found = tmp_path / "mine", named_code("nets_here:build", code)
    trust(found, mine)
    with pytest.raises(UntrustedCode) as refused:
        require(found, tmp_path / "other")
    trust_facts(refused.value.facts)
    newest, first = gate.trusted()
    assert (newest.project, first.project) == (str(tmp_path / "other"), str(mine))
    assert newest.file == str(code / "nets_here.py") and newest.at and len(newest.files) == 2
    assert {newest.since, first.since} == {Since.SAME}
    (code / "parts" / "layers.py").write_text("1 + 1")
    assert {one.since for one in gate.trusted()} == {Since.CHANGED}
    for path, _digest in found.files:
        path.unlink()
    assert {one.since for one in gate.trusted()} == {Since.GONE}
    gate.forget(str(mine), "nets_here:build")
    assert [one.project for one in gate.trusted()] == [str(tmp_path / "other")]
    with pytest.raises(UntrustedCode):
        require(found, mine)
