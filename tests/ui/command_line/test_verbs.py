"""What every verb promises: help, one JSON document, the exit codes, words instead of a traceback, a clean Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from badcase.project import Project
from badcase.ui.cli import VERBS
from tests import warm
from tests.ui.command_line.conftest import Badcase

ALL = [name for names in VERBS.values() for name in names]


def test_the_contract_names_exactly_these_verbs() -> None:
    review = [
        "rank",
        "sample",
        "audit",
        "label",
        "verdicts",
        "undo",
        "redo",
        "groups",
        "reviewers",
        "diff",
        "propose",
        "mcp",
        "gold",
    ]
    models = ["predict", "train", "tune", "find", "recipe", "runs", "note", "compare", "accept"]
    data = ["new", "update", "drift", "classes", "open", "export", "apply", "relocate", "report", "check", "backup", "restore"]
    assert sorted(ALL) == sorted([*data, "demo", "doctor", *review, *models])


@pytest.mark.parametrize("verb", ALL)
def test_every_verb_has_help_and_the_common_options(verb: str, badcase: Badcase) -> None:
    done = badcase(verb, "--help")
    assert done.code == 0
    assert all(option in done.out for option in ("--json", "--quiet", "--debug"))


def test_wrong_usage_exits_with_2(badcase: Badcase) -> None:
    assert badcase("rank").code == 2
    assert badcase("rank", "x", "--nonsense").code == 2
    assert badcase("no-such-verb").code == 2


@pytest.mark.parametrize(
    ("arguments", "choices"),
    [
        (["recipe", "--preset", "moon"], "linear-head | "),
        (["export", "x", "y", "--format", "moon"], "same | csv"),
        (["new", "x", "--data", "y", "--task", "moon"], "multiclass | multilabel"),
        (["audit", "x", "--task", "moon"], "multiclass | multilabel"),
        (["find", "x", "moon"], "batch | rate"),
        (["groups", "x", "--by", "moon"], "clusters"),
        (["sample", "x", "--by", "moon"], "random | balanced"),
        (["train", "x", "--from", "moon"], "scratch"),
    ],
)
def test_a_choice_that_there_is_not_is_wrong_usage(arguments: list[str], choices: str, badcase: Badcase) -> None:
    """Those of some options exited with 1, as where the work had failed."""
    done = badcase(*arguments, "--json")
    assert done.code == 2
    assert "moon" in done.json["error"] and choices in done.json["error"]


def test_a_failure_exits_with_1_and_says_what_and_the_remedy(tmp_path: Path, badcase: Badcase) -> None:
    done = badcase("runs", tmp_path)
    assert done.code == 1
    assert done.out == ""
    assert "not a badcase project" in done.err
    assert "badcase new" in done.err
    assert "Traceback" not in done.err


def test_with_json_a_failure_is_one_document_too(tmp_path: Path, badcase: Badcase) -> None:
    done = badcase("runs", tmp_path, "--json")
    assert done.code == 1
    assert "not a badcase project" in done.json["error"]
    assert "badcase new" in done.json["hint"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rank"], "PROJECT"),
        (["rank", "x", "--nonsense"], "--nonsense"),
        (["rank", "x", "--top", "0"], "--top"),
        (["train", "x", "--seed", "-1"], "--seed"),
        (["no-such-verb"], "no-such-verb"),
    ],
)
def test_with_json_wrong_usage_is_one_document_too(arguments: list[str], words: str, badcase: Badcase) -> None:
    done = badcase(*arguments, "--json")
    assert done.code == 2
    assert words in done.json["error"]
    assert "--help" in done.json["hint"]


def test_a_table_or_a_report_is_never_written_over_the_project_or_its_data(project: Path, texts: Path, badcase: Badcase) -> None:
    """The queue replaced the data set, and a report the database with all verdicts, and both ended with 0."""
    before = texts.read_bytes()
    for arguments in (
        ["report", project, texts],
        ["report", project, project / "project.db"],
        ["rank", project, "--csv", texts],
        ["rank", project, "--csv", project / "items.arrow"],
        ["tune", project, "--save", texts],
    ):
        done = badcase(*arguments)
        assert done.code == 1 and "this path" in done.err, arguments
    assert texts.read_bytes() == before and badcase("runs", project).code == 0
    assert badcase("report", project, project / "report.html").code == 0  # a file of neither
    assert badcase("report", project, project / "report.html").code == 0


def test_an_audit_does_not_write_over_what_it_reads(tmp_path: Path, badcase: Badcase) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("label\n" + "a\nb\n" * 10)
    before = labels.read_bytes()
    done = badcase("audit", labels, tmp_path / "probs.npy", "--csv", labels)
    assert done.code == 1 and "one of the inputs" in done.err
    assert labels.read_bytes() == before


def test_a_file_that_cannot_be_read_or_written_is_told_by_the_name_that_was_given(project: Path, badcase: Badcase) -> None:
    """It was the name of a temporary file, the words of the system with number and path, or a parser's position."""
    for arguments, words in (
        (["export", project, "/proc/x.csv"], "/proc/x.csv: No such file"),
        (["report", project, "/proc/x.html"], "/proc/x.html: No such file"),
        (["apply", project, project / "none"], "none: there is no such file"),
        (["apply", project, __file__], "this is not a patch"),
        (["train", project, "--recipe", project / "none.toml"], "(got No such file or directory)"),
    ):
        done = badcase(*arguments)
        assert done.code == 1
        assert words in done.err
        said = done.err
        for given in sorted(map(str, arguments), key=len, reverse=True):  # wherever those lie
            said = said.replace(given, "")
        assert "tmp" not in said
        assert "Errno" not in done.err


def test_debug_shows_the_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "badcase.ui.cli", "runs", str(tmp_path), "--debug"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_new_fails_with_the_choices_where_nobody_can_be_asked(tmp_path: Path, badcase: Badcase) -> None:
    data = tmp_path / "two.csv"
    rows = [f"some words in row {i},{i % 3},{(i * 7) % 4}" for i in range(60)]
    data.write_text("\n".join(["text,label_one,label_two", *rows]), encoding="utf-8")
    done = badcase("new", tmp_path / "my", "--data", data)
    assert done.code == 1
    assert "label_one" in done.err
    assert "label_two" in done.err
    assert "--label" in done.err
    assert not (tmp_path / "my").exists()
    assert badcase("new", tmp_path / "my", "--data", data, "--label", "label_two").code == 0


def test_new_takes_several_label_columns_and_the_values_that_mean_none(tmp_path: Path, badcase: Badcase) -> None:
    rows = [f"some words {i * 7919},{i % 2},{i // 2 % 2},{i % 3 - 1}" for i in range(24)]
    (tmp_path / "t.csv").write_text("\n".join(["text,war,peace,mood", *rows]))
    options = ("--data", tmp_path / "t.csv", "--task", "multilabel", "--json")
    for number, named in enumerate((("--label", "war", "--label", "peace"), ("--label", "war,peace"))):
        done = badcase("new", tmp_path / f"p{number}", *options, *named)
        assert done.code == 0 and done.json["classes"] == ["war", "peace"]
    asked = badcase("new", tmp_path / "m", "--data", tmp_path / "t.csv", "--label", "mood")
    assert asked.code == 1 and "--missing -1" in asked.err and not (tmp_path / "m").exists()
    for missing, classes in (("-1", ["0", "1"]), ("", ["-1", "0", "1"])):
        done = badcase("new", tmp_path / f"m{missing}", *options[:2], "--label", "mood", "--missing", missing, "--json")
        assert done.code == 0 and done.json["classes"] == classes


def test_new_says_what_it_found(tmp_path: Path, texts: Path, badcase: Badcase) -> None:
    found = badcase("new", tmp_path / "my", "--data", texts, "--json").json
    assert found["items"] == 90
    assert found["kind"] == "text"
    assert found["classes"] == ["animals", "food", "weather"]
    assert sum(found["splits"].values()) == 90
    assert 0 < found["gold"] < 20


def test_the_recipe_is_toml_that_reads_back(badcase: Badcase) -> None:
    from badcase.training.recipe import PRESETS, Recipe

    assert Recipe.from_toml(badcase("recipe").out) == Recipe()
    for name, preset in PRESETS.items():
        assert Recipe.from_toml(badcase("recipe", "--preset", name).out) == preset


def test_a_light_verb_imports_neither_torch_nor_qt(project: Path) -> None:
    script = """
import json, sys
from badcase.ui.cli import main
told = []
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["badcase", *arguments]
    try:
        main()
    except SystemExit as left:
        heavy = [name for name in ("torch", "transformers", "sklearn", "PySide6") if name in sys.modules]
        told.append([left.code or 0, heavy])
print(json.dumps(told), file=sys.stderr)
"""
    verbs = [["--help"], ["recipe"], ["runs", str(project)], ["label", str(project), "t1", "animals"]]
    done = subprocess.run([sys.executable, "-c", script, json.dumps(verbs)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stderr.splitlines()[-1]) == [[0, []]] * len(verbs)


def test_doctor_says_what_is_here_and_json_says_the_same(badcase: Badcase) -> None:
    findings = {one["name"]: one for one in badcase("doctor", "--json").json["findings"]}
    assert findings["Python"]["state"] == "ok"
    assert findings["torch"]["found"]
    assert "torch" in badcase("doctor").out


def test_without_a_screen_the_window_says_so(monkeypatch: pytest.MonkeyPatch, badcase: Badcase) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells by the environment whether there is a screen")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    done = badcase()
    assert done.code == 1
    assert "no screen" in done.err


def test_ctrl_c_stops_a_prediction_cleanly_and_it_goes_on_later(tmp_path: Path, badcase: Badcase) -> None:
    """One interrupt ends the program with 130 at a safe point; the project opens and keeps its verdicts."""
    data = tmp_path / "many.csv"
    subjects = ("dogs bark", "soup is hot", "rain falls")
    rows = [f"{subjects[i % 3]} in the place with the number {i * 7919 % 100003},{i % 3}" for i in range(1500)]
    data.write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    path = tmp_path / "many"
    assert badcase("new", path, "--data", data).code == 0
    with Project.open(path) as opened:
        opened.journal.record([3], "keep")
    running = warm.Python("-m", "badcase.ui.cli", "predict", str(path), "--json", stdout=warm.PIPE, stderr=warm.PIPE)
    assert running.stderr is not None
    assert b"Loading the model" in running.stderr.readline()  # the first step; those behind it are told now and then only
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert "stopped" in json.loads(out)["error"]
    assert b"Traceback" not in err
    with Project.open(path) as opened:
        assert opened.verdicts[3] != 0
        assert opened.predictions.current is None


def test_a_wrong_value_is_told_in_our_own_words(badcase: Badcase) -> None:
    for command, words in (
        (["rank", "x", "--top", "0"], "0 is too small; the least is 1"),
        (["groups", "x", "--by", "foo"], "foo is none of confusions"),
        (["tune", "x", "--folds", "1"], "1 is too small; the least is 2"),
    ):
        done = badcase(*command)
        assert done.code == 2 and words in " ".join(done.err.replace("│", " ").split())
