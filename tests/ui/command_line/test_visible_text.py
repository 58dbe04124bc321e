"""What data say cannot speak to the terminal: escapes, controls and turned letters are spelled out, and JSON stays JSON."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from badcase.errors import BadcaseError
from badcase.progress import Notice, Progress
from badcase.project import Project
from badcase.store.run_table import RunKind, RunState
from badcase.ui.cli import main
from badcase.ui.command_line.printing import CommandOutput, _Bars, _Lines
from badcase.ui.command_line.visible_text import show_logs_as_text, visible, visible_json, visible_lines
from tests.ui.command_line.conftest import Badcase

HOSTILE = "a\x1b[2J\x1b]0;title\x07\rb\x9b31m\u202ecba\u2066x\u200b[red]y[/red][link=file:///etc/passwd]z[/link]\x7f\udc80"
SPELLED = r"a\x1b[2J\x1b]0;title\x07\rb\x9b31m\u202ecba\u2066x\u200b[red]y[/red][link=file:///etc/passwd]z[/link]\x7f\udc80"
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


@given(st.text(st.characters(), max_size=40))
def test_no_text_keeps_a_hidden_character_and_json_says_the_same(text: str) -> None:
    assert not FORBIDDEN.search(visible(text)) and "\n" not in visible(text) and "\t" not in visible(text)
    assert not FORBIDDEN.search(visible_lines(text, indent="  "))
    document = visible_json(json.dumps({text: [text]}, ensure_ascii=False, indent=1))
    assert not FORBIDDEN.search(document)
    assert json.loads(document) == {text: [text]}


def test_letters_of_every_script_stay_as_they_are() -> None:
    for text in (
        "Größe, naïve",
        "猫と犬",
        "مرحبا",
        "עברית",
        "नमस्ते",
        "می\u200cشود",
        "क\u094d\u200dष",
        "👩\u200d🔬",
        "1 < 2 & a\\x1b",
    ):
        assert visible(text) == text
    assert visible("ca\u200dt \u200cb") == "ca\\u200dt \\u200cb"


def printed(terminal: bool, monkeypatch: pytest.MonkeyPatch, *, as_json: bool = False) -> tuple[str, str]:
    """All that an output says of the hostile text, on stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    said = CommandOutput(as_json=as_json)
    if terminal:
        said._out, said._err = (Console(file=file, force_terminal=True, width=400, markup=False) for file in (out, err))
    said.say(HOSTILE)
    said.page(HOSTILE)
    said.table([HOSTILE], [[HOSTILE]])
    said.notice(Notice(HOSTILE, HOSTILE))
    said.refuse(BadcaseError(HOSTILE, where=HOSTILE, expected=HOSTILE, got=HOSTILE, hint=HOSTILE))
    said.give(**{HOSTILE: [HOSTILE]})
    said.close()
    return out.getvalue(), err.getvalue()


@pytest.mark.parametrize("terminal", [False, True])
def test_tables_notes_and_errors_spell_it_out(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = re.compile(r"\x1b\[[0-9;]*m")  # the colors of our own
    for text, times in zip(printed(terminal, monkeypatch), (4, 7), strict=True):
        shown = ours.sub("", text)
        assert shown.count(SPELLED) == times
        assert not FORBIDDEN.search(shown)
        assert all(len(style) <= 5 for style in ours.findall(text)), "no link, no color that data name"


def test_what_comes_after_a_line_break_in_data_passes_for_no_line_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    err = io.StringIO()
    monkeypatch.setattr(sys, "stderr", err)
    CommandOutput().refuse(BadcaseError("no such key", got="cat\nError: disk full\n\nNote: all is lost"))
    assert err.getvalue() == "Error: no such key (got cat\n  Error: disk full\n  \n  Note: all is lost)\n"


def test_a_json_document_says_what_there_is_and_prints_no_escape(monkeypatch: pytest.MonkeyPatch) -> None:
    out, _err = printed(False, monkeypatch, as_json=True)
    assert json.loads(out)[HOSTILE] == [HOSTILE]
    assert not FORBIDDEN.search(out)


@pytest.mark.parametrize("kind", [_Bars, _Lines])
def test_progress_spells_it_out(kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=400)
    with kind(console) if kind is _Bars else kind(console, False) as shown:
        shown.show(Progress(HOSTILE, 1, 2, "\x1b[7mtexts"))
    text = out.getvalue()
    assert SPELLED in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text) and "\x1b]" not in text and "\x1b[7m" not in text


def test_what_is_logged_and_what_debug_prints_is_spelled_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(logging.lastResort, "formatter", None)
    show_logs_as_text()
    assert logging.lastResort is not None
    said = logging.lastResort.format(logging.LogRecord("x", logging.WARNING, "", 0, "%s", (HOSTILE,), None))
    assert said == SPELLED
    monkeypatch.setattr(sys, "argv", ["badcase", "runs", str(tmp_path / "a\x1b[2Jb"), "--debug"])
    with pytest.raises(SystemExit) as left:
        main()
    told = capsys.readouterr().err
    assert left.value.code == 1 and "Traceback" in told and "\\x1b[2J" in told and "\x1b" not in told


def test_no_verb_prints_an_escape_of_a_hostile_project(tmp_path: Path, badcase: Badcase) -> None:
    odd = HOSTILE.replace("\udc80", "").replace("\r", "")
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [[f"{odd}{i}", f"{odd} {i}", f"{odd}{i % 2}", f"{odd}{i % 3}"] for i in range(24)]
        csv.writer(file).writerows([["id", "text", "label", "group"], *rows])
    path = tmp_path / "p"
    first = badcase("new", path, "--data", tmp_path / "t.csv", "--key", "id", "--text", "text", "--label", "label")
    with Project.open(path) as project:
        project.journal.record([0, 1], "relabel", 1, who=odd)
        project.journal.record([0], "keep", who=odd + "2")
        project.runs.add(kind=RunKind.TRAINING, title=odd, state=RunState.FAILED, error=odd)
        key = project.items.key(3)
    verbs = [first] + [
        badcase(*arguments)
        for arguments in (
            ["runs", path],
            ["note", path, 1, odd],
            ["reviewers", path],
            ["groups", path],
            ["label", path, key, odd + "1"],
            ["label", path, odd, odd],
            ["export", path, tmp_path / f"{odd}.csv", "--format", "csv"],
            ["report", path, tmp_path / f"{odd}.html"],
        )
    ]
    assert any("\\x1b[2J" in done.out for done in verbs) and any("\\x1b[2J" in done.err for done in verbs)
    assert [FORBIDDEN.findall(done.out + done.err) for done in verbs] == [[]] * len(verbs)
    assert badcase("runs", path, "--json").json["runs"][0]["title"] == odd
