"""The classes in the window, by real keys and clicks: each change is shown first, done by Ctrl Enter, and taken back by Z."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from badcase.project import Project
from badcase.ui import operations
from badcase.ui.desktop.classes.change_side import ChangeRow
from badcase.ui.desktop.classes.class_boxes import ClassBoxes
from badcase.ui.desktop.classes.class_changes import HEAD, KINDS, MORE
from badcase.ui.desktop.classes.class_table import ORDERS, ClassesTableModel
from badcase.ui.desktop.classes.page import ClassesPage
from badcase.ui.desktop.data.page import DataPage
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import WorkerLane
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.review.filtering.filters import Filter
from badcase.ui.desktop.review.state.review_desk import desk_of
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.session.view_state import ViewState
from badcase.ui.desktop.widgets import Button, ListRow
from tests.ui.desktop.data.conftest import on_screen
from tests.ui.desktop.data.test_label_dialogs import texts


@pytest.fixture
def classes(session: Session, qtbot: QtBot) -> Iterator[ClassesPage]:
    yield from on_screen(ClassesPage(session), qtbot)


@pytest.fixture
def ranked(texts_project: Path, tmp_path: Path, lane: WorkerLane) -> Iterator[Session]:
    """A project that is predicted and ranked."""
    shutil.copytree(texts_project, tmp_path / "ranked")
    pool = DecodingPool()
    made = Session(Project.open(tmp_path / "ranked"), lane, pool, ViewState(tmp_path / "view.json"))
    made.project.rank()
    yield made
    made.close()
    pool.close()


@pytest.fixture
def ranked_classes(ranked: Session, qtbot: QtBot) -> Iterator[ClassesPage]:
    yield from on_screen(ClassesPage(ranked), qtbot)


def choose(page: ClassesPage, *names: str) -> None:
    flags = QItemSelectionModel.SelectionFlag
    page.table.clearSelection()
    for row, one in enumerate(page.table.table_model.rows):
        if one.one.name in names:
            page.table.selectionModel().select(page.table.model().index(row, 0), flags.Select | flags.Rows)


def begin(page: ClassesPage, what: str, *names: str, text: str | None = None) -> None:
    """A kind of change by its button, the classes, and what is typed in the place of what stands there."""
    button = page.findChild(Button, f"class_{what}")
    assert button is not None
    choose(page, *names)
    button.click()
    choose(page, *names)
    if text is not None:
        page.side.text.setText(text)


def told(page: ClassesPage) -> str:
    """All that the right side says now."""
    QApplication.processEvents()  # what is told is laid out
    rows = page.side.findChildren(ChangeRow)
    return "\n".join([texts(page.side), *(one.accessibleName() for one in rows if one.isVisibleTo(page.side))])


CHANGES = {
    "add": (("animals",), "plants", ("animals", "food", "weather", "plants")),
    "rename": (("food",), "meals", ("animals", "meals", "weather")),
    "merge": (("animals", "food"), "animals", ("animals", "weather")),
    "up": (("food",), None, ("food", "animals", "weather")),
    "down": (("food",), None, ("animals", "weather", "food")),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_shown_then_done_and_one_undo_takes_it_back(what: str, classes: ClassesPage, session: Session) -> None:
    names, text, after = CHANGES[what]
    project = session.project
    begin(classes, what, *names, text=text)
    assert classes.plan is not None and classes.side.title.full_text() and project.revision == 0
    QTest.keyClick(classes, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert project.classes == after and [row.one.name for row in classes.table.table_model.rows] == list(after)
    QTest.keyClick(classes.table, Qt.Key.Key_Z)
    assert project.classes == ("animals", "food", "weather")


def test_every_control_of_a_change_begins_it_and_its_key_too(classes: ClassesPage) -> None:
    choose(classes, "food")
    for name in (*HEAD, *MORE):
        begin(classes, name, "food")
        assert classes.kind == name
    for name in HEAD:
        classes.leave()
        QTest.keySequence(classes, KINDS[name].keys)
        assert classes.kind == name


def test_what_cannot_be_done_says_why_and_the_button_is_off(classes: ClassesPage, session: Session) -> None:
    for what, names, text, why in (
        ("delete", ("animals",), None, "Only an empty class is deleted"),
        ("merge", ("animals",), None, "Choose two classes or more"),
        ("add", (), " ", "Type it first"),
        ("rename", ("animals", "food"), "x", "Choose one class"),
        ("split", ("animals",), "x", "Choose which items go"),
        ("draft", (), None, "There is nothing to draft from yet"),
    ):
        begin(classes, what, *names, text=text)
        assert classes.plan is None and why in told(classes) and not classes.side.agree.isEnabled()
    assert session.project.revision == 0


def test_a_split_takes_what_a_filter_shows(classes: ClassesPage, session: Session) -> None:
    project = session.project
    desk_of(session).reviewer.show(Filter(words=("soup",)))
    wanted = [
        i
        for i in range(len(project.items))
        if "soup" in project.items.text(i) and project.classes[project.labels[i]] == "food" and not project.gold[i]
    ]
    begin(classes, "split", "food", text="soups")
    assert f"Items that get another label {len(wanted)}" in told(classes)
    classes.side.agree.click()
    assert [i for i in range(len(project.items)) if project.classes[project.labels[i]] == "soups"] == wanted


def test_clusters_and_what_is_suggested_otherwise_can_be_split_off(ranked: Session, ranked_classes: ClassesPage) -> None:
    """Each part is told with its number, and the one that is clicked is what goes."""
    project = ranked.project
    begin(ranked_classes, "split", "food", text="others")
    parts = [ranked_classes.side.findChild(ListRow, f"class_part_{n}") for n in range(3)]
    assert [part.text().split(" ")[0] for part in parts if part is not None] == ["Cluster:", "Cluster:", "Suggested"]
    assert parts[2] is not None
    n = int(parts[2].count)
    parts[2].click()
    before = project.labels.copy()
    ranked_classes.side.agree.click()
    moved = np.flatnonzero(project.labels != before)
    assert len(moved) == n and {project.classes[label] for label in project.labels[moved]} == {"others"}
    assert {project.classes[label] for label in project.ranking.suggested[moved]} != {"food"} if project.ranking else True


def test_a_merge_tells_what_it_loses_and_takes_one_sentence(ranked: Session, ranked_classes: ClassesPage) -> None:
    project = ranked.project
    begin(ranked_classes, "merge", "animals", "food")
    said = told(ranked_classes)
    assert "Told apart by the model" in said and "Labels told as animals" in said and "Would it lose" in said
    boxes = ranked_classes.findChild(ClassBoxes)
    assert boxes is not None and boxes.accessibleName().startswith("animals ") and "→ animals" in boxes.accessibleName()
    QTest.mouseClick(boxes, Qt.MouseButton.LeftButton, pos=QPoint(20, boxes.height() - 10))
    assert ranked_classes.side.text.text() == "food", "a click on a box takes its name"
    ranked_classes.side.meaning.setText("Both of  them.")
    ranked_classes.side.agree.click()
    assert project.classes == ("food", "weather") and project.class_edits.named("food").meaning == "Both of them."


def test_a_sentence_stands_in_the_table_and_in_the_field_to_be_edited(classes: ClassesPage, session: Session) -> None:
    begin(classes, "describe", "food", text="What is eaten.")
    classes.side.agree.click()
    assert classes.table.model().index(1, 4).data() == "What is eaten."
    begin(classes, "describe", "food")
    assert classes.side.text.text() == "What is eaten."


def test_the_table_is_sorted_and_keeps_what_is_chosen(classes: ClassesPage) -> None:
    choose(classes, "weather")
    classes.order.setCurrentIndex(list(ORDERS).index("items"))
    classes.order.activated.emit(classes.order.currentIndex())
    counts = [row.items for row in classes.table.table_model.rows]
    assert counts == sorted(counts, reverse=True) and [row.one.name for row in classes.table.chosen()] == ["weather"]


def test_escape_drops_the_change_first_and_leaves_then(classes: ClassesPage, session: Session) -> None:
    went: list[str] = []
    session.navigate.connect(lambda page, _what: went.append(page))
    begin(classes, "rename", "food", text="meals")
    QTest.keyClick(classes.side.text, Qt.Key.Key_Escape)
    assert classes.kind == "describe" and not went and session.project.revision == 0
    QTest.keyClick(classes.table, Qt.Key.Key_Escape)
    assert went == ["data"]


def test_the_table_is_a_sound_model(session: Session, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(ClassesTableModel(session.project))


def test_every_page_shows_the_classes_that_there_are_now(
    window: MainWindow, texts_project: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    """What was changed in Data, Z in Review takes back."""
    shutil.copytree(texts_project, tmp_path / "my")
    window.open_project(tmp_path / "my")
    session = window.session
    assert session is not None
    project = session.project

    def rows() -> list[int]:
        window.show_page("data")
        return [page.classes.model().rowCount() for page in window.findChildren(DataPage) if page.isVisible()]

    assert rows() == [3]
    window.show_page("review")
    merge = project.class_edits.merge(["food"], "animals")
    session.apply_and_tell(operations.change_classes, plan=merge)
    qtbot.waitUntil(lambda: not session.busy and project.ranking is not None, timeout=60000)
    assert rows() == [2]
    window.show_page("review")
    QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_Z)
    assert project.classes == ("animals", "food", "weather")
    qtbot.waitUntil(lambda: not session.busy and project.ranking is not None, timeout=60000)
    assert rows() == [3]


def test_a_class_that_is_new_is_named_in_review_and_a_key_of_a_person_chooses_it(
    window: MainWindow, texts_project: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    """N names a class and labels the item as it, and the next comes up; one undo takes both back."""
    shutil.copytree(texts_project, tmp_path / "my")
    window.open_project(tmp_path / "my")
    session = window.session
    assert session is not None
    project, classes = session.project, session.project.classes

    def press(key: Qt.Key) -> None:
        QTest.keyClick(window.focusWidget() or window, key)

    def current() -> int:
        item = desk_of(session).reviewer.current
        assert item is not None
        return item

    def settle() -> None:
        qtbot.wait(10)  # the pages are made anew after whoever changed the classes has done
        qtbot.waitUntil(lambda: not session.busy and project.ranking is not None, timeout=60000)

    first = current()
    press(Qt.Key.Key_N)
    QTest.keyClicks(window.focusWidget(), classes[0])
    press(Qt.Key.Key_Return)
    assert project.revision == 0, "a name that is taken is refused, and the dialog stays"
    QTest.keyClicks(window.focusWidget(), "plants")
    press(Qt.Key.Key_Return)
    settle()
    name = classes[0] + "plants"
    *_others, said = project.journal.history(first)
    assert said.shown["prediction_set"] and "suspicion" in said.shown, "what was on screen is kept, as with any verdict"
    assert project.classes == (*classes, name) and project.labels[first] == len(classes)
    assert (second := current()) != first
    session.apply_and_tell(operations.change_classes, plan=project.class_edits.key(name, "F3"))
    settle()
    assert current() == second
    press(Qt.Key.Key_F3)
    assert project.labels[second] == len(classes)
    for _turn in range(3):
        press(Qt.Key.Key_Z)
        settle()
    assert project.classes == classes and (project.labels == project.given).all()
