"""The errors left, in the window: words and a button before a random sample, a number after it, the same everywhere."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from badcase.active_learning.errors_left import ErrorsLeft
from badcase.project import Project
from badcase.training.reporting.report import report
from badcase.ui.cli import main
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.start.card import ProjectCard
from badcase.ui.desktop.start.recent import RecentProjects


@pytest.fixture
def project(texts_project: Path, tmp_path: Path) -> Path:
    shutil.copytree(texts_project, tmp_path / "subjects")
    return tmp_path / "subjects"


def in_strip(window: MainWindow, qtbot: QtBot, wanted: str) -> None:
    qtbot.waitUntil(lambda: wanted in window.strip.facts.accessibleName(), timeout=3000)


def test_one_click_shows_items_drawn_at_random_and_their_verdicts_make_a_number(
    window: MainWindow, qtbot: QtBot, project: Path
) -> None:
    window.open_project(project)
    session, offer = window.session, window.strip.facts.offer
    assert session is not None
    in_strip(window, qtbot, "not known yet")
    before = session.errors_left
    assert before is not None and not before.known
    in_strip(window, qtbot, f"errors left: {before.coarse}")
    assert offer.isVisible() and offer.text() == f"Check {before.to_check} at random: then ±{before.then:.0f}"
    assert offer.geometry().right() < window.strip.facts.width()
    qtbot.mouseClick(offer, Qt.MouseButton.LeftButton)
    reviewer = window._opened.pages.page("review").reviewer  # type: ignore[union-attr,attr-defined]
    learner = session.learner.now()
    assert learner is not None
    listed = reviewer.worklist.rows.tolist()
    assert listed == list(dict.fromkeys(learner.drawn().tolist())) and len(listed) == before.to_check  # draws may meet one twice
    assert all(reviewer.blind(item) for item in reviewer.worklist.rows.tolist())
    for _item in range(before.to_check):
        qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Space)
    after = session.errors_left
    assert after is not None and after.known and after.checked >= before.to_check
    in_strip(window, qtbot, f"({round(after.low)}–{round(after.high)})")
    assert not offer.isVisible()


def test_the_palette_offers_the_same_and_says_what_comes_of_it(window: MainWindow, qtbot: QtBot, project: Path) -> None:
    window.open_project(project)
    found = [command for command in window.commands() if "drawn at random: errors left known to about ±" in command.title]
    assert len(found) == 1 and not found[0].why_not
    found[0].run()
    assert window.session is not None and window.session.learner.now() is not None
    reviewer = window._opened.pages.page("review").reviewer  # type: ignore[union-attr,attr-defined]
    assert reviewer.worklist.filter.title == "Drawn at random"


@pytest.mark.parametrize("sampled", [False, True])
def test_all_places_tell_the_same(
    window: MainWindow,
    qtbot: QtBot,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    sampled: bool,
) -> None:
    """`rank` and the report told the first count while the window came down to 12 and the truth to 1."""
    window.open_project(project)
    if sampled:
        qtbot.mouseClick(window.strip.facts.offer, Qt.MouseButton.LeftButton)
    for key in [Qt.Key.Key_Return, Qt.Key.Key_E, *40 * [Qt.Key.Key_Space]] if sampled else [Qt.Key.Key_Return, Qt.Key.Key_E]:
        qtbot.keyClick(QApplication.focusWidget() or window, key)
    window.close_project()

    monkeypatch.setattr(sys, "argv", ["badcase", "rank", str(project), "--json"])
    with pytest.raises(SystemExit):
        main()
    ranked = json.loads(capsys.readouterr().out)
    with Project.open(project) as opened:
        told = opened.errors_left()
        assert told is not None and told.known == sampled == ranked["known"]
        assert ErrorsLeft(**ranked["expected_errors"]) == told
        assert ranked["words"] == told.words
        assert f"nobody has judged: {told.words}." in report(opened, project.parent / "report.html").read_text(encoding="utf-8")

    window.open_project(project)
    assert window.session is not None and window.session.errors_left == told
    in_strip(window, qtbot, f"({round(told.low)}–{round(told.high)})" if sampled else told.coarse)
    window.close_project()
    summary = RecentProjects().all()[0]
    assert (summary.left, summary.left_known) == ((told.value, told.low, told.high), told.known)
    assert ProjectCard(summary, 1).errors_left == (told.number if sampled else told.coarse)
