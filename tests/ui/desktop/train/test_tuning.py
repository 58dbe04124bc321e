"""Looking for a better recipe through the page: real keys, a real worker process, real trials."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from badcase.i18n import percent
from badcase.training.runs.notes import read_notes
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.train.comparison.comparison_text import comparable
from badcase.ui.desktop.train.page import TrainPage
from badcase.ui.desktop.train.runs.run_list_state import RunShelf
from badcase.ui.desktop.train.tuning.tuning_view import MEASURE

WAIT_MS = 150_000
BRIEF = {"epochs": 2, "minimum_checks": 1}


def run_on_screen(page: TrainPage) -> list[str]:
    return [label.text() for label in page.run.head.findChildren(QLabel)]


def test_the_loop_shows_each_trial_with_its_notes_and_ends_in_a_run_to_compare(
    qtbot: QtBot, page: TrainPage, session: Session
) -> None:
    view = page.tuning
    session.start("find", title="", what="batch")  # the worker has loaded all it needs, as in a window that was open a while
    qtbot.waitUntil(lambda: not session.busy, timeout=WAIT_MS)
    qtbot.keyClick(page, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert view.isVisible() and view.start.isVisible() and not view.plot.rows
    page.training.fill(BRIEF)
    view.time.value = "20"  # seconds, of which it needs few: it ends when it has tried all
    qtbot.keyClick(page, Qt.Key.Key_Return)
    assert session.busy and view.stop.isVisible() and not view.start.isVisible()
    qtbot.waitUntil(lambda: view.compare.isVisible(), timeout=WAIT_MS)
    first, *others = view.plot.rows
    assert first.came == "plain recipe" and others
    assert all(row.came in ("stays", "goes", "stopped") and "→" in row.change for row in others)
    assert [row.run for row in view.plot.rows] == [run.id for run in session.project.runs.all() if run.kind == "trial"]

    qtbot.mouseClick(view.plot, Qt.MouseButton.LeftButton, pos=QPoint(60, 26 + 30 + 15))  # the second row
    assert view.notes.isVisible() and "Result" in view.notes.text()
    qtbot.keyClicks(view.notes.line, "as the paper says")
    qtbot.keyClick(view.notes.line, Qt.Key.Key_Return)
    assert "as the paper says" in read_notes(session.project, others[0].run)
    assert "as the paper says" in view.notes.text() and page.tuning.isVisible()

    qtbot.mouseClick(view.compare, Qt.MouseButton.LeftButton)
    assert page.comparison.isVisible()
    assert not {run.kind for run in comparable(session.project)} & {"trial"}


def test_stopping_the_loop_keeps_the_trials_that_were_made_and_one_key_goes_on_with_them(
    qtbot: QtBot, page: TrainPage, session: Session
) -> None:
    page.training.fill(BRIEF)
    view, before = page.tuning, run_on_screen(page)
    view.time.value = "120"  # what the worker imports counts too
    qtbot.keyClick(page, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert not view.go_on.isVisible()
    qtbot.mouseClick(view.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(view.plot.rows) > 1, timeout=WAIT_MS)
    qtbot.mouseClick(view.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not session.busy and view.start.isVisible(), timeout=WAIT_MS)
    stopped = list(view.plot.rows)
    assert stopped[0].came == "plain recipe"
    assert not [run for run in session.project.runs.all() if run.state == "running"]
    assert run_on_screen(page) == before  # nobody chose one of the trials to look at
    assert page.recipe.form.reference_run is None  # nor to tell changes against

    view.time.value = "20"
    assert view.go_on.isVisible()
    part = session.project.runs.get(stopped[0].run).folder / "part-1.npz"
    written = part.stat().st_mtime_ns
    qtbot.mouseClick(view.go_on, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.compare.isVisible(), timeout=WAIT_MS)
    assert [row.run for row in view.plot.rows][: len(stopped)] == [row.run for row in stopped]
    assert not part.exists() or part.stat().st_mtime_ns == written  # one with nothing left to try needs its parts no more
    [tuning] = [run for run in session.project.runs.all() if run.kind == "tuning"]

    shown = [entry.number for entry in RunShelf(session.project).entries()]
    assert tuning.id in shown and not {row.run for row in view.plot.rows} & set(shown)
    page.close_comparison()
    qtbot.mouseClick(page.findChild(QWidget, f"run_{tuning.id}"), Qt.MouseButton.LeftButton)
    assert view.isVisible() and view.plot.rows[0].run == stopped[0].run


def test_the_tuning_itself_is_measured_in_outer_folds_and_says_how_optimistic_it_is(
    qtbot: QtBot, page: TrainPage, session: Session
) -> None:
    page.training.fill(BRIEF)
    view = page.tuning
    view.time.value = "4"  # for each fold
    qtbot.keyClick(page, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    view.aim.setFocus()
    qtbot.keyClick(view.aim, Qt.Key.Key_Right)
    assert view.aim.value == MEASURE and view.start.text() == "Measure how optimistic the tuning is"
    qtbot.keyClick(page, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(view.plot.rows) > 0, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not session.busy, timeout=WAIT_MS)
    [measured] = [run for run in session.project.runs.all() if run.kind == "nested_tuning"]
    assert "optimistic" in view.sentence.text() and percent(measured.metrics["accuracy"], 1) in view.sentence.text()
    assert view.start.isVisible() and not view.compare.isVisible() and view.plot.rows
    assert not [run for run in session.project.runs.all() if run.kind == "training"]

    page.show_run(1)
    qtbot.mouseClick(page.findChild(QWidget, f"run_{measured.id}"), Qt.MouseButton.LeftButton)
    assert view.isVisible() and "optimistic" in view.sentence.text() and view.plot.rows
