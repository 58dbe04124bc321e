"""The frame of the window on a real project: toasts, errors, focus, drops, and where one comes back to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from badcase.errors import BadcaseError
from badcase.project import Project
from badcase.ui.desktop.data.export_dialog import ExportDialog, tell_where
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.people.patch_dialog import PatchDialog
from badcase.ui.desktop.shell.palette import Palette
from badcase.ui.desktop.shell.screen_room import fitted
from badcase.ui.desktop.widgets import Dialog
from tests.ui.desktop.conftest import shown_window

CTRL, SHIFT, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def project(texts_project: Path, tmp_path: Path) -> Path:
    shutil.copytree(texts_project, tmp_path / "subjects")
    return tmp_path / "subjects"


@pytest.fixture
def opened(window: MainWindow, project: Path) -> MainWindow:
    window.open_project(project)
    return window


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    qtbot.keyClick(QApplication.focusWidget() or window, key, held)


def in_window(part: QWidget) -> QRect:
    return QRect(part.mapTo(part.window(), QPoint(0, 0)), part.size())


def page(window: MainWindow) -> QWidget:
    return window.stack.currentWidget()


def drop(over: QWidget, path: Path) -> None:
    """Drop a file as some file managers do, which bring its path as a text too: on the first that takes drops from there up."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    data.setText(str(path))
    while not over.acceptDrops():
        over = over.parentWidget()
    button = Qt.MouseButton.LeftButton
    QApplication.sendEvent(over, QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, button, NONE))
    event = QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, button, NONE)
    QApplication.sendEvent(over, event)
    assert event.isAccepted()


@pytest.mark.parametrize("size", [(1024, 640), (1280, 800), (1440, 900)])
def test_a_toast_covers_neither_the_item_nor_the_strip_nor_the_history_and_is_whole(
    opened: MainWindow, qtbot: QtBot, size: tuple[int, int]
) -> None:
    opened.resize(*size)
    qtbot.wait(10)
    centre = page(opened).centre  # type: ignore[attr-defined]
    for words in ("7 relabelled", "exported to a place that has a very long name " * 5):
        opened.session.toast.emit(words, "Z")  # type: ignore[union-attr]
        there = opened.toast.geometry()
        assert opened.rect().contains(there)
        assert not there.intersects(in_window(centre))
        assert not there.intersects(in_window(opened.strip))
        assert not there.intersects(in_window(page(opened).detail))  # type: ignore[attr-defined]
        text = opened.toast._text
        assert text.height() >= text.heightForWidth(text.width())  # no line of it is cut


def test_a_toast_moves_out_of_the_way_of_what_comes_up_behind_it(opened: MainWindow, qtbot: QtBot) -> None:
    """What a verdict on a pair told lay over the strip, once the pair had given way to the next item."""
    review = page(opened)
    qtbot.keyClick(review, Qt.Key.Key_C)
    qtbot.waitUntil(review.compare.isVisible)  # type: ignore[attr-defined]
    qtbot.wait(10)
    opened.session.toast.emit("2 kept", "Z")  # type: ignore[union-attr]
    compare = review.compare  # type: ignore[attr-defined]
    for part in (*compare.halves, compare.strip):
        assert not opened.toast.geometry().intersects(in_window(part))
    qtbot.keyClick(compare, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not compare.isVisible())
    qtbot.wait(10)
    assert opened.toast.isVisible()
    assert not opened.toast.geometry().intersects(in_window(review.centre))  # type: ignore[attr-defined]
    path = opened.session.project.path  # type: ignore[union-attr]
    for _time in range(2):  # the pages of the project are gone, and a toast of the start page asks nothing of them
        opened.close_project()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        opened.toast.tell("nothing is open")
        opened.open_project(path)
    assert opened.session is not None and opened.errors.isHidden()


def test_the_folder_of_an_export_is_opened_from_the_toast(
    opened: MainWindow, qtbot: QtBot, shown_folders: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.csv").touch()
    press(qtbot, opened, Qt.Key.Key_4, CTRL)
    assert opened.session is not None
    tell_where(opened.session, tmp_path / "out" / "mine.csv")  # what the end of an export calls
    (button,) = [one for one in opened.findChildren(QWidget, "toast_action") if one.isVisible()]
    assert opened.rect().contains(opened.toast.geometry())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert shown_folders == [tmp_path / "out"]
    command = next(one for one in opened.commands() if one.title == "Open the folder of the last export")
    assert not command.why_not


def test_redo_with_nothing_to_redo_types_nothing_and_says_so(opened: MainWindow, qtbot: QtBot) -> None:
    press(qtbot, opened, Qt.Key.Key_Z, SHIFT)
    assert QApplication.focusWidget() is page(opened)
    assert page(opened).findChild(QLineEdit, "class-field").text() == ""  # type: ignore[union-attr]
    assert opened.toast.isVisible() and opened.toast.text() == "There is nothing to redo"


@pytest.mark.parametrize("name", ["tab_train", "retrain", "reviewer", "commands"])
def test_escape_leads_back_to_the_item_from_the_frame(opened: MainWindow, qtbot: QtBot, name: str) -> None:
    part = opened.findChild(QWidget, name)
    assert part is not None
    part.setFocus(Qt.FocusReason.TabFocusReason)
    press(qtbot, opened, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is page(opened)


def test_escape_from_a_box_of_the_page_leaves_the_filter_alone(opened: MainWindow, qtbot: QtBot) -> None:
    press(qtbot, opened, Qt.Key.Key_F, CTRL)
    qtbot.keyClicks(QApplication.focusWidget(), "split:train")
    press(qtbot, opened, Qt.Key.Key_Return)
    press(qtbot, opened, Qt.Key.Key_G)
    reviewer = page(opened).reviewer  # type: ignore[attr-defined]
    assert reviewer.worklist.filter.narrow
    opened.findChild(QWidget, "order").setFocus(Qt.FocusReason.TabFocusReason)  # type: ignore[union-attr]
    press(qtbot, opened, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is page(opened)
    assert reviewer.worklist.filter.narrow
    press(qtbot, opened, Qt.Key.Key_Escape)
    assert not reviewer.worklist.filter.narrow


def test_an_error_goes_with_its_project(opened: MainWindow, qtbot: QtBot) -> None:
    opened.session.failed.emit(BadcaseError("the model does not fit"))  # type: ignore[union-attr]
    assert opened.errors.isVisible()
    press(qtbot, opened, Qt.Key.Key_W, CTRL)
    assert not opened.errors.isVisible()
    assert opened.windowTitle() == "badcase"


def test_position_and_filter_come_back_when_the_program_starts_again(
    opened: MainWindow, qtbot: QtBot, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    press(qtbot, opened, Qt.Key.Key_F, CTRL)
    qtbot.keyClicks(QApplication.focusWidget(), "split:train")
    press(qtbot, opened, Qt.Key.Key_Return)
    for _step in range(3):
        press(qtbot, opened, Qt.Key.Key_Right)
    reviewer = page(opened).reviewer  # type: ignore[attr-defined]
    item, wanted = reviewer.current, reviewer.worklist.filter
    assert wanted.splits == (0,) and reviewer.worklist.position == 3
    qtbot.wait(20)
    opened.close()
    (again,) = (made := shown_window(qtbot, monkeypatch), [next(made)])[1]
    again.open_project(project)
    reviewer = page(again).reviewer  # type: ignore[attr-defined]
    assert (reviewer.current, reviewer.worklist.filter) == (item, wanted)
    assert again.windowTitle() == "subjects – badcase"
    made.close()


def test_a_window_is_put_whole_onto_a_screen_that_is_there() -> None:
    small, beside = QRect(0, 0, 1280, 800), QRect(1280, 0, 1920, 1080)
    assert fitted(QRect(100, 100, 1440, 900), [small]) == QRect(0, 40, 1280, 760)
    assert fitted(QRect(1500, 90, 1440, 900), [small, beside]) == QRect(1500, 90, 1440, 900)
    assert fitted(QRect(5000, 3000, 1200, 700), [small]) == QRect(80, 100, 1200, 700)  # that screen is gone


def test_data_that_is_dropped_on_a_project_is_asked_about_and_begins_another(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "new.txt").write_text("text,label\na,b\n")
    drop(opened, tmp_path / "new.txt")
    dialog = next(one for one in opened.findChildren(Dialog) if one.isVisible())
    assert dialog.title.text() == "Start a new project with new.txt?"
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert opened.session is not None
    drop(opened, tmp_path / "new.txt")
    dialog = next(one for one in opened.findChildren(Dialog) if one.isVisible())
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert opened.session is None
    assert opened.findChild(QLineEdit, "data_path").text() == str(tmp_path / "new.txt")  # type: ignore[union-attr]


def test_a_table_can_be_brought_in_as_predictions(opened: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "probs.csv").write_text("a,b\n.1,.9\n")
    drop(opened, tmp_path / "probs.csv")
    button = opened.findChild(QWidget, "drop_predictions")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    fields = [one for one in opened.findChildren(QLineEdit, "predictions_path") if one.isVisible()]
    assert [one.text() for one in fields] == [str(tmp_path / "probs.csv")]


def test_data_dropped_on_a_project_can_update_it(opened: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("one more text\n")
    drop(opened, tmp_path / "more.txt")
    button = opened.findChild(QWidget, "drop_update")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    fields = [one for one in opened.findChildren(QLineEdit, "update_path") if one.isVisible()]
    assert [one.text() for one in fields] == [str(tmp_path / "more.txt")]
    assert opened.stack.currentWidget().objectName() == "update"


def test_data_dropped_on_the_start_page_opens_the_assistant_and_a_project_opens(
    window: MainWindow, project: Path, tmp_path: Path
) -> None:
    (tmp_path / "new.csv").write_text("text,label\na,b\n")
    drop(window, tmp_path / "new.csv")
    assert window.findChild(QLineEdit, "data_path").text() == str(tmp_path / "new.csv")  # type: ignore[union-attr]
    drop(window, project)
    assert window.session is not None and window.session.project.path == project


@pytest.mark.parametrize(
    ("key", "field"), [("1", "filter-line"), ("1", "class-field"), ("2", ""), ("3", ""), ("4", ""), (",", "")]
)
def test_a_file_can_be_dropped_on_any_page_and_on_the_fields_of_it(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path, key: str, field: str
) -> None:
    (tmp_path / "new.txt").write_text("text,label\na,b\n")
    press(qtbot, opened, Qt.Key(ord(key)), CTRL)
    target = opened.findChild(QLineEdit, field) if field else page(opened)
    assert target is not None
    drop(target, tmp_path / "new.txt")
    dialog = next(one for one in opened.findChildren(Dialog) if one.isVisible())
    assert dialog.title.text() == "Start a new project with new.txt?"
    assert all(str(tmp_path) not in line.text() for line in opened.findChildren(QLineEdit))


def test_what_is_dropped_on_a_path_is_the_path(window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("text,label\na,b\n")
    drop(window, tmp_path / "new.csv")
    place = window.findChild(QLineEdit, "project_path")
    assert place is not None
    drop(place, tmp_path)
    assert place.text() == str(tmp_path)


def test_a_patch_that_is_dropped_is_asked_about_on_any_page_also_while_a_job_runs(
    opened: MainWindow, qtbot: QtBot, project: Path, tmp_path: Path
) -> None:
    shutil.copytree(project, tmp_path / "copy")
    with Project.open(tmp_path / "copy") as copy:
        copy.journal.record([0, 1], "exclude", who="Ben")
        copy.export(tmp_path / "ben.patch", format="patch")
    press(qtbot, opened, Qt.Key.Key_3, CTRL)
    next(one for one in opened.commands() if one.title == "Predict with the packaged model").run()
    assert opened.lane.busy
    drop(page(opened), tmp_path / "ben.patch")
    dialog = next(one for one in opened.findChildren(PatchDialog) if one.isVisible())
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    journal = opened.session.project.journal  # type: ignore[union-attr]
    assert {(one.item, one.who) for one in journal.standing()} == {(0, "Ben"), (1, "Ben")}
    assert opened.toast.text().startswith("2 verdicts applied")
    press(qtbot, opened, Qt.Key.Key_K, CTRL)
    qtbot.keyClicks(QApplication.focusWidget(), "patch")
    shown = opened.findChild(Palette).model.shown  # type: ignore[union-attr]
    assert shown[0].title == "Apply a patch of verdicts…" and not shown[0].why_not
    press(qtbot, opened, Qt.Key.Key_Escape)
    press(qtbot, opened, Qt.Key.Key_Escape)
    opened.lane.cancel()
    qtbot.waitUntil(lambda: not opened.lane.busy, timeout=60_000)


def test_a_patch_on_the_start_page_asks_for_its_project(window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "ben.patch").write_text('{"badcase_patch": 1, "classes": []}\n')
    drop(window, tmp_path / "ben.patch")
    assert window.toast.text() == "Open the project that the patch is for, and drop it there."


def test_what_another_page_does_is_found_from_review_and_that_page_comes_up(opened: MainWindow, qtbot: QtBot) -> None:
    """Who typed "report" in Review was told that nothing is called so: the command was known on the page of the data alone."""
    press(qtbot, opened, Qt.Key.Key_K, CTRL)
    qtbot.keyClicks(QApplication.focusWidget(), "report")
    shown = opened.findChild(Palette).model.shown  # type: ignore[union-attr]
    assert [(one.title, one.page, one.keys) for one in shown] == [("Write a report", "Data", "")]
    press(qtbot, opened, Qt.Key.Key_Return)
    assert page(opened).id == "data"  # type: ignore[attr-defined]
    (dialog,) = [one for one in opened.findChildren(ExportDialog) if one.isVisible()]
    assert dialog.path.text().endswith("-report.html")
    press(qtbot, opened, Qt.Key.Key_Escape)
