"""A project, a model's folder or a recipe that came from somebody else runs nothing before this person has said so."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import badcase.training
from badcase import BadcaseError, Project
from badcase.training.recipe import Recipe
from badcase.trust import gate
from tests.badcase.models.networks import save_text_model
from tests.projects import write_texts
from tests.ui.command_line.conftest import Badcase

HARM = "__import__('pathlib').Path(__file__ + '.ran').touch()\n"
FACTORY = HARM + "def build(num_classes=3): return 'a network'\n"
LOSS = HARM + "def loss(logits, targets): return (logits.softmax(1) - targets).square().sum(1)\n"
RULE = HARM + "def rule(measures, logits, labels): return measures['accuracy']\n"
QUICK = ("--set", "epochs=1")


@pytest.fixture(scope="module")
def predicted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("theirs")
    write_texts(folder / "texts.csv")
    with Project.create(folder / "project", folder / "texts.csv") as project:
        project.predict("chargrams")
        project.rank()
    return folder / "project"


@pytest.fixture
def theirs(predicted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project in a folder where one stands, and settings of one's own."""
    shutil.copytree(predicted, tmp_path / "project")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setattr(gate, "_said", {})
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    yield tmp_path / "project"
    for name in ("theirs_net", "theirs_loss", "theirs_rule"):
        sys.modules.pop(name, None)


Attack = Callable[[Path], tuple[Path, list[str]]]  # prepares it; the file that must not run, and what the person types


def a_stored_spec(project: Path) -> tuple[Path, list[str]]:
    return _stored(project, "theirs_net:build", {})


def a_stored_spec_that_says_it_is_trusted(project: Path) -> tuple[Path, list[str]]:
    return _stored(project, "theirs_net:build", {"trust_remote_code": True})


def _stored(project: Path, source: str, more: dict[str, object]) -> tuple[Path, list[str]]:
    file = project / "code" / "theirs_net.py"
    file.parent.mkdir()
    file.write_text(FACTORY)
    with Project.open(project) as opened:
        spec = {"kind": "factory", "source": source, "task": "text", "search_path": str(file.parent)}
        opened.set_setting("model_spec", spec | more)
    return file, ["predict", str(project)]


def a_mere_name_where_a_spec_is_stored(project: Path) -> tuple[Path, list[str]]:
    """A name counts as typed by the person only where the person typed it."""
    file = project.parent / "theirs_net.py"
    file.write_text(FACTORY)
    with Project.open(project) as opened:
        opened.set_setting("model_spec", "theirs_net:build")
    return file, ["predict", str(project)]


def a_saved_model(project: Path) -> tuple[Path, list[str]]:
    folder = project.parent / "model"
    folder.mkdir()
    (folder / "theirs_net.py").write_text(FACTORY)
    kept = {"kind": "factory", "source": "theirs_net:build", "search_path": str(folder), "weights": "model.safetensors"}
    (folder / "badcase.json").write_text(json.dumps(kept | {"task": "text", "classes": None}))
    return folder / "theirs_net.py", ["predict", str(project), "--model", str(folder)]


def an_auto_map(project: Path) -> tuple[Path, list[str]]:
    folder = project.parent / "model"
    save_text_model(folder)
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "made-up", "auto_map": {"AutoConfig": "theirs.Config"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "theirs.py").write_text(f"__import__('pathlib').Path({str(folder / 'theirs.py.ran')!r}).touch()\nConfig = None\n")
    return folder / "theirs.py", ["predict", str(project), "--model", str(folder)]


def a_loss_of_a_recipe(project: Path) -> tuple[Path, list[str]]:
    file, recipe = project.parent / "theirs_loss.py", project.parent / "recipe.toml"
    file.write_text(LOSS)
    recipe.write_text('loss = "own"\nloss_function = "theirs_loss:loss"\n')
    return file, ["train", str(project), "--recipe", str(recipe), *QUICK]


def a_rule_of_a_recipe(project: Path) -> tuple[Path, list[str]]:
    file, recipe = project.parent / "theirs_rule.py", project.parent / "recipe.toml"
    file.write_text(RULE)
    recipe.write_text('select_by = "rule"\nrule = "theirs_rule:rule"\n')
    return file, ["train", str(project), "--recipe", str(recipe), *QUICK]


def a_tuning_from_a_recipe(project: Path) -> tuple[Path, list[str]]:
    file, words = a_loss_of_a_recipe(project)
    return file, ["find", str(project), "batch", *words[2:]]


def a_run_that_is_repeated(project: Path) -> tuple[Path, list[str]]:
    file = project.parent / "theirs_loss.py"
    with Project.open(project) as opened:
        run = badcase.training.train(opened, {"epochs": 1})
        recipe = run.recipe | {"loss": "own", "loss_function": "theirs_loss:loss"}
        with opened._store.transaction() as connection:
            connection.execute("UPDATE runs SET recipe = ? WHERE id = ?", (json.dumps(recipe), run.id))
    file.write_text(LOSS)
    return file, ["train", str(project), "--repeat", str(run.id)]


REMEMBERED: list[Attack] = [
    a_stored_spec,
    a_stored_spec_that_says_it_is_trusted,
    a_saved_model,
    an_auto_map,
    a_loss_of_a_recipe,
    a_rule_of_a_recipe,
    a_tuning_from_a_recipe,
    a_run_that_is_repeated,
]


@pytest.mark.parametrize("attack", REMEMBERED, ids=lambda attack: attack.__name__)
def test_foreign_code_runs_when_the_person_says_so_and_from_then_on_until_it_changes(
    attack: Attack, theirs: Path, badcase: Badcase
) -> None:
    file, words = attack(theirs)
    ran = file.with_name(f"{file.name}.ran")

    refused = badcase(*words)
    assert refused.code == 1 and not ran.exists()
    assert "--trust-remote-code" in refused.err and "fault of the program" not in refused.err
    assert str(file) in "".join(refused.err.split("\n")) or file.name in refused.err

    badcase(*words, "--trust-remote-code")
    assert ran.exists()
    ran.unlink()
    gate._said.clear()  # another process
    for name in ("theirs_net", "theirs_loss", "theirs_rule"):
        sys.modules.pop(name, None)
    again = badcase(*words)
    assert ran.exists() or "trust-remote-code" not in again.err
    ran.unlink(missing_ok=True)

    file.write_text(file.read_text() + "# and more\n")
    changed = badcase(*words)
    assert changed.code == 1 and not ran.exists()
    assert "trust" in changed.err


def test_a_mere_name_in_the_place_of_a_spec_is_no_word_of_the_person(theirs: Path, badcase: Badcase) -> None:
    file, words = a_mere_name_where_a_spec_is_stored(theirs)
    done = badcase(*words)
    assert done.code == 1 and "damaged" in done.err
    assert not file.with_name(f"{file.name}.ran").exists()


def test_a_project_from_elsewhere_is_shown_exported_and_reported_without_trust(theirs: Path, badcase: Badcase) -> None:
    file, _words = a_stored_spec(theirs)
    for words in (
        ["rank", theirs],
        ["runs", theirs],
        ["export", theirs, "out.csv", "--format", "csv"],
        ["report", theirs, "r.html"],
    ):
        assert badcase(*words).code == 0
    assert not file.with_name(f"{file.name}.ran").exists()


def test_whoever_types_the_name_of_a_function_trusts_it_in_this_project(theirs: Path, badcase: Badcase, tmp_path: Path) -> None:
    (tmp_path / "theirs_net.py").write_text(FACTORY)
    done = badcase("predict", theirs, "--model", "theirs_net:build")
    assert "did not return a network" in done.err
    (tmp_path / "theirs_loss.py").write_text(LOSS)
    typed = ("--set", "loss=own", "--set", "loss_function=theirs_loss:loss")
    assert badcase("train", theirs, *QUICK, *typed).code == 0
    gate._said.clear()
    assert badcase("train", theirs, "--repeat", "2").code == 0
    kept = json.loads((tmp_path / "settings" / "badcase" / "trusted-code.json").read_text())["trusted"]
    assert {(one["project"], one["name"]) for one in kept} == {
        (str(theirs), "theirs_net:build"),
        (str(theirs), "theirs_loss:loss"),
    }
    assert not any("trusted" in path.name for path in theirs.rglob("*"))


def test_python_is_held_by_the_same_gate(theirs: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs_loss.py").write_text(LOSS)
    own = {"loss": "own", "loss_function": "theirs_loss:loss", "epochs": 1}
    with Project.open(theirs) as project:
        with pytest.raises(BadcaseError, match="have not trusted"):
            badcase.training.train(project, Recipe().replace_from({"method": "linear_head"} | own))
        assert len(project.runs.all()) == 1 and not (tmp_path / "theirs_loss.py.ran").exists()
        assert badcase.training.train(project, own).state == "done"
    a_stored_spec(theirs)
    with Project.open(theirs) as project:
        with pytest.raises(BadcaseError, match="have not trusted"):
            project.predict()
        with pytest.raises(BadcaseError, match="did not return a network"):
            project.predict(trust_remote_code=True)
