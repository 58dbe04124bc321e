"""The classes in the window, by real keys and clicks: each change is shown first, done by Enter, and taken back by one undo."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from badcase.ui import operations
from badcase.ui.desktop.data.class_changes import KINDS
from badcase.ui.desktop.data.classes_dialog import ClassesDialog, ClassesTableModel
from badcase.ui.desktop.data.page import DataPage
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.review.state.review_desk import desk_of
from badcase.ui.desktop.session.session import Session
from tests.ui.desktop.data.test_label_dialogs import texts


def opened(page: DataPage) -> ClassesDialog:
    page.change.click()
    *_closed, dialog = page.window().findChildren(ClassesDialog)
    return dialog


def choose(dialog: ClassesDialog, what: str, *rows: int, text: str | None = None) -> None:
    """A kind of change, the rows of classes, and what is typed in the place of what stands there."""
    flags = QItemSelectionModel.SelectionFlag
    dialog.table.clearSelection()
    for row in rows:
        dialog.table.selectionModel().select(dialog.table.model().index(row, 0), flags.Select | flags.Rows)
    dialog.what.setCurrentIndex(list(KINDS).index(what))
    dialog.what.activated.emit(dialog.what.currentIndex())
    if text is not None:
        dialog.text.setText(text)
    QApplication.processEvents()  # what is told is laid out


CHANGES = {
    "add": ((0,), "plants", ("animals", "food", "weather", "plants")),
    "rename": ((1,), "meals", ("animals", "meals", "weather")),
    "merge": ((0, 1), "animals", ("animals", "weather")),
    "up": ((1,), None, ("food", "animals", "weather")),
    "down": ((1,), None, ("animals", "weather", "food")),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_shown_then_done_and_one_undo_takes_it_back(what: str, page: DataPage, session: Session) -> None:
    rows, text, after = CHANGES[what]
    dialog, project = opened(page), session.project
    choose(dialog, what, *rows, text=text)
    assert dialog.plan is not None and dialog.plan.title[1:] in texts(dialog) and project.revision == 0
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert project.classes == after and not dialog.isVisible()
    project.journal.undo()
    assert project.classes == ("animals", "food", "weather")


def test_what_cannot_be_done_says_why_and_the_button_is_off(page: DataPage, session: Session) -> None:
    dialog = opened(page)
    for what, rows, text, why in (
        ("delete", (0,), None, "Only an empty class is deleted"),
        ("merge", (0,), None, "Choose two classes or more"),
        ("add", (), " ", "Type it first"),
        ("rename", (0, 1), "x", "Choose one class"),
        ("split", (0,), "x", "Narrow the table to some items"),
        ("draft", (), None, "There is nothing to draft from yet"),
    ):
        choose(dialog, what, *rows, text=text)
        assert dialog.plan is None and why in texts(dialog) and not dialog.accept_button.isEnabled()
    assert session.project.revision == 0


def test_a_split_takes_what_the_table_shows(page: DataPage, session: Session) -> None:
    project = session.project
    page.filter_field.entered.emit("soup")
    shown = [i for i in range(len(project.items)) if "soup" in project.items.text(i)]
    wanted = [i for i in shown if project.classes[project.labels[i]] == "food" and not project.gold[i]]
    dialog = opened(page)
    choose(dialog, "split", 1, text="soups")
    assert f"{len(wanted)} items get another label" in texts(dialog)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert [i for i in range(len(project.items)) if project.classes[project.labels[i]] == "soups"] == wanted


def test_a_sentence_stands_in_the_table_and_in_the_field_to_be_edited(page: DataPage, session: Session) -> None:
    dialog = opened(page)
    choose(dialog, "describe", 1, text="What is eaten.")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    dialog = opened(page)
    assert dialog.table.model().index(1, 2).data() == "What is eaten."
    choose(dialog, "describe", 1)
    assert dialog.text.text() == "What is eaten."


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
