"""Training through the page: real keys, a real worker process, real runs."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from badcase.store.changes import Area, Changes
from badcase.store.run_table import RunState
from badcase.training.comparison.compare import compare
from badcase.training.runs.resume import sameness
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.start.summary import summarize
from badcase.ui.desktop.train.page import TrainPage
from badcase.ui.desktop.train.runs.run_list_state import RunShelf
from badcase.ui.desktop.widgets import Button
from tests.training.projects import correct

WAIT_MS = 90_000


def press(qtbot: QtBot, page: TrainPage, key: Qt.Key, control: bool = False) -> None:
    modifier = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
    qtbot.keyClick(page.focusWidget() or page, key, modifier)


def set_epochs(qtbot: QtBot, page: TrainPage, epochs: int) -> None:
    field = page.findChild(QLineEdit, "recipe_epochs")
    assert isinstance(field, QLineEdit)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, str(epochs))


def fix_labels(session: Session, truth: np.ndarray, page: TrainPage) -> int:
    project = session.project
    wrong = np.flatnonzero((project.labels != truth) & ~project.gold)
    correct(project, truth, wrong)
    session.changed.emit(Changes("corrected", frozenset({Area.LABELS})))
    return len(wrong)


def test_one_trains_compares_opens_what_was_fixed_and_accepts_with_the_keyboard(
    qtbot: QtBot, page: TrainPage, session: Session, noisy: tuple[Any, np.ndarray]
) -> None:
    went: list[tuple[str, Any]] = []
    session.navigate.connect(lambda where, what: went.append((where, what)))
    fix_labels(session, noisy[1], page)
    set_epochs(qtbot, page, 25)
    qtbot.waitUntil(lambda: "corrected labels are included" in page.recipe.details.text())

    press(qtbot, page, Qt.Key.Key_Return, control=True)
    assert session.busy and not page.recipe.train.isEnabled()
    qtbot.waitUntil(lambda: page.run.head.stop.isVisible(), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: page.comparison.isVisible(), timeout=WAIT_MS)

    found = compare(session.project, 1, 2)
    assert page.comparison.runs == (1, 2)
    assert found.better and page.comparison.accept.primary
    assert page.comparison.fixed.model.rowCount() == len(found.fixed)
    page.setFocus()
    press(qtbot, page, Qt.Key.Key_F)
    where, what = went[-1]
    assert where == "review" and sorted(what["items"]) == sorted(found.fixed)

    press(qtbot, page, Qt.Key.Key_Return, control=True)
    qtbot.waitUntil(lambda: [run.id for run in session.project.runs.all() if run.accepted] == [2], timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not session.busy, timeout=WAIT_MS)
    assert not page.comparison.accept.isEnabled()  # it is in use now
    press(qtbot, page, Qt.Key.Key_Escape)
    assert page.recipe.isVisible() and page.recipe.form.reference_run == 2


def test_escape_stops_a_training_and_the_run_says_that_it_was_stopped(qtbot: QtBot, page: TrainPage, session: Session) -> None:
    set_epochs(qtbot, page, 3000)
    press(qtbot, page, Qt.Key.Key_Return, control=True)
    qtbot.waitUntil(lambda: len(session.project.runs.all()) == 2, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: page.run.head.stop.isVisible(), timeout=WAIT_MS)
    qtbot.mouseClick(page.run.head.stop, Qt.MouseButton.LeftButton)
    assert page.run.head.stop.text() == "stopping"
    qtbot.waitUntil(lambda: not session.busy, timeout=WAIT_MS)
    assert session.project.runs.get(2).state is RunState.CANCELLED
    assert not page.run.head.stop.isVisible()
    assert page.recipe.train.isEnabled()


def test_a_field_that_holds_no_value_keeps_the_button_from_training(qtbot: QtBot, page: TrainPage) -> None:
    set_epochs(qtbot, page, 0)
    qtbot.waitUntil(lambda: not page.recipe.train.isEnabled())
    assert "not a value" in page.recipe.train.toolTip()
    press(qtbot, page, Qt.Key.Key_Return, control=True)
    assert not page.session.busy


def test_another_method_brings_its_rate_along_and_the_way_back_too(qtbot: QtBot, page: TrainPage) -> None:
    field = page.findChild(QComboBox, "recipe_method")
    assert isinstance(field, QComboBox)
    before = page.recipe.form.recipe
    assert before is not None and before.learning_rate == 1.0
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Up if field.currentIndex() else Qt.Key.Key_Down)
    recipe = page.recipe.form.recipe
    assert recipe is not None and (recipe.method, recipe.learning_rate, recipe.optimizer) == ("fine_tune", 3e-5, "adamw")
    qtbot.keyClick(field, Qt.Key.Key_Up if field.currentIndex() else Qt.Key.Key_Down)
    assert page.recipe.form.recipe == before


def test_a_start_that_cannot_be_says_why(qtbot: QtBot, page: TrainPage) -> None:
    page.recipe.start.choose("scratch")
    qtbot.waitUntil(lambda: not page.recipe.train.isEnabled())
    assert "linear head" in page.recipe.details.text()


def test_from_scratch_the_form_shows_the_small_network_that_would_be_built_and_its_shape(page: TrainPage) -> None:
    form = page.recipe.form
    page.recipe.start.choose("pretrained")
    form.fill({"method": "fine_tune"})
    fields = [page.findChild(QWidget, f"recipe_{name}") for name in ("network", "depth", "width", "activation")]
    assert not any(field.isVisibleTo(form) for field in fields)
    page.recipe.start.choose("scratch")
    assert form.recipe is not None and form.recipe.network == "small"
    assert all(field.isVisibleTo(form) for field in fields[:3])
    form.fill({"depth": 2, "activation": "sigmoid"})
    page.training.show_plan()
    assert "a small network" in page.recipe.details.text() and form.recipe.depth == 2
    page.recipe.start.choose("pretrained")
    assert form.recipe.network == "model" and not any(field.isVisibleTo(form) for field in fields)


def test_every_command_names_itself_and_says_why_it_cannot_run(page: TrainPage) -> None:
    commands = {command.title: command for command in page.commands()}
    assert commands["Train with this recipe"].why_not == ""
    assert commands["Compare runs"].why_not == "There must be two finished runs"


def test_the_page_fits_a_window_of_1280_by_800(page: TrainPage) -> None:
    """The hidden comparison was once wider than the room beside the recipe, and no window could be narrower."""
    page.resize(1280, 720)
    assert (page.width(), page.height()) == (1280, 720)
    assert page.minimumSizeHint().width() <= 1024


def test_a_finder_shows_the_curve_it_read_the_rate_off_and_one_key_puts_it_into_the_recipe(
    qtbot: QtBot, page: TrainPage, session: Session
) -> None:
    before = page.recipe.form.recipe
    button = page.findChild(Button, "find_learning_rate")
    assert button is not None and button.isVisible() and before is not None
    assert page.findChild(Button, "find_batch_size").isVisible()
    assert not page.findChild(Button, "find_head_learning_rate").isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert session.busy
    qtbot.waitUntil(lambda: page.finder.isVisible(), timeout=WAIT_MS)
    assert "whole training" in page.finder.sentence.text() and page.recipe.isVisible()
    assert "held out" in page.finder.plot.accessibleDescription()  # what the pick was read off
    assert page.finder.use.primary and not page.recipe.train.primary  # one filled button a page: what Enter does
    page.setFocus()
    press(qtbot, page, Qt.Key.Key_Return)
    assert page.run.isVisible() and not page.finder.isVisible() and page.recipe.train.primary
    recipe = page.recipe.form.recipe
    assert recipe is not None and [title for title, _old, _new in before.difference(recipe)] == ["Learning rate"]
    assert len(session.project.runs.all()) == 1  # nothing was trained


def test_a_run_that_was_stopped_goes_on_and_one_that_is_done_is_repeated(qtbot: QtBot, page: TrainPage, session: Session) -> None:
    set_epochs(qtbot, page, 150)
    press(qtbot, page, Qt.Key.Key_Return, control=True)
    assert not page.run.head.again.isVisible()
    qtbot.waitUntil(lambda: len(session.project.runs.all()) == 2, timeout=WAIT_MS)
    folder = session.project.runs.get(2).folder
    qtbot.waitUntil(lambda: (folder / "state.pt").exists() and page.run.head.stop.isVisible(), timeout=WAIT_MS)
    qtbot.mouseClick(page.run.head.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not session.busy, timeout=WAIT_MS)
    again = page.run.head.again
    assert session.project.runs.get(2).state is RunState.CANCELLED and again.isVisible() and again.text() == "Resume"

    page.setFocus()
    press(qtbot, page, Qt.Key.Key_R)
    assert session.busy
    qtbot.waitUntil(lambda: page.comparison.isVisible(), timeout=WAIT_MS)
    assert [run.id for run in session.project.runs.all()] == [1, 2] and session.project.runs.get(2).state is RunState.DONE
    press(qtbot, page, Qt.Key.Key_Escape)
    assert again.isVisible() and again.text() == "Repeat" and again.isEnabled()

    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.comparison.isVisible() and page.comparison.runs == (2, 3), timeout=WAIT_MS)
    assert session.project.runs.get(3).parent == 2
    assert "the same numbers" in sameness(session.project.runs.get(2), session.project.runs.get(3))
    page.show_run(1)
    assert not again.isVisible()  # it was not trained here


def test_damaged_files_of_a_run_leave_the_page_and_the_start_page_all_else(page: TrainPage, session: Session) -> None:
    project = session.project
    folder = project.runs.get(1).folder
    (folder / "history.jsonl").write_text("not a line\n{}\n", encoding="utf-8")
    (folder / "logits.npy").write_bytes(b"half of")
    shelf = RunShelf(project)
    [entry] = shelf.entries()
    assert entry.number == 1 and entry.value is None
    summary = summarize(project, None)
    assert summary.items == len(project.items) and summary.gold is None


def test_several_seeds_make_as_many_runs(qtbot: QtBot, page: TrainPage, session: Session) -> None:
    set_epochs(qtbot, page, 3)
    field = page.recipe.seeds_field
    qtbot.mouseClick(field, Qt.MouseButton.LeftButton)
    field.selectAll()
    qtbot.keyClicks(field, "none")
    qtbot.waitUntil(lambda: not page.recipe.train.isEnabled())
    assert "not a value" in page.recipe.train.toolTip()
    field.selectAll()
    qtbot.keyClicks(field, "2")
    qtbot.waitUntil(page.recipe.train.isEnabled)
    press(qtbot, page, Qt.Key.Key_Return, control=True)
    qtbot.waitUntil(lambda: page.comparison.isVisible(), timeout=WAIT_MS)
    assert [(run.id, run.seed) for run in session.project.runs.all()[1:]] == [(2, 0), (3, 1)]
    assert page.comparison.runs[1] == 3


def test_why_a_recipe_cannot_be_trained_and_the_remedy_stand_on_lines_of_their_own(page: TrainPage) -> None:
    page.recipe.show_problem("there is no model to train", "Predict with a model.")
    assert page.recipe.details.text().split("\n") == ["there is no model to train", "Predict with a model."]
