"""The window names what stands in it, and no command or option of the command line."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import badcase.ui.desktop as desktop
from badcase.ui.desktop.start.reading import as_controls
from badcase.ui.desktop.window_words import in_window

ROOM = Path(desktop.__file__).parent
WORDS = ROOM / "window_words.py"


def texts() -> Iterator[tuple[Path, str, bool]]:
    """Every text that the window has translated: where, the text, and whether it is the remedy of an error."""
    for path in sorted(ROOM.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        remedies = {
            id(part) for one in ast.walk(tree) if isinstance(one, ast.keyword) and one.arg == "hint" for part in ast.walk(one)
        }
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("_", "plural", "pgettext"):
                for part in call.args:
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield path, part.value, id(part) in remedies


def test_no_text_of_the_window_names_a_command() -> None:
    named = [f"{path.name}: {text}" for path, text, remedy in texts() if not remedy and ("`badcase" in text or " --" in text)]
    assert not named


def test_what_is_named_in_place_of_a_command_stands_in_the_window() -> None:
    shown = {text for path, text, _remedy in texts() if path != WORDS}
    missing = [text for path, text, _remedy in texts() if path == WORDS and text not in shown]
    assert not missing


@pytest.mark.parametrize(
    ("remedy", "said"),
    [
        ("Run `badcase predict PROJECT` first.", "Run “Predict” first."),
        ("Give them with `badcase predict --from`.", "Give them with “Predictions from a file…”."),
        ("`badcase update PROJECT` takes it.", "“Update” takes it."),
        ("See `badcase doctor PROJECT --rescue FILE`.", "See `badcase doctor PROJECT --rescue FILE`."),
        ("See `badcase doctor`.", "See “Check this machine”."),
        ("Nothing to name.", "Nothing to name."),
    ],
)
def test_a_remedy_for_the_command_line_names_the_control(remedy: str, said: str) -> None:
    assert in_window(remedy) == said


def test_while_a_project_is_made_options_are_controls_too() -> None:
    assert as_controls("Say --label COLUMN, then `badcase rank PROJECT`.") == "Say “Which columns”, then “Rank”."
