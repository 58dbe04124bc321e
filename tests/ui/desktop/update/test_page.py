"""The Update page: what an update would do is seen first, conflicts are settled by a key, and what is new opens in Review."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from badcase.store.verdicts import VerdictCode
from badcase.ui import operations
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.review.page import ReviewPage
from badcase.ui.desktop.update.conflict_rows import KEEP, TAKE
from badcase.ui.desktop.update.page import UpdatePage
from badcase.ui.desktop.update.source_dialog import SourceDialog
from badcase.ui.desktop.widgets import ListRow

WAIT_MS = 60_000
Rows = list[list[str]]


@pytest.fixture
def place(texts_project: Path, tmp_path: Path) -> Path:
    """A copy of a predicted project beside its table."""
    return Path(shutil.copytree(texts_project.parent, tmp_path / "copy"))


def read(place: Path) -> Rows:
    with (place / "subjects.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def write(place: Path, rows: Rows) -> None:
    with (place / "subjects.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def shown(window: MainWindow) -> UpdatePage:
    page = window.stack.currentWidget()
    assert isinstance(page, UpdatePage)
    return page


def press(key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, key, held)


def click(widget: QWidget, point: QPoint | None = None) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=widget.rect().center() if point is None else point)


def idle(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.lane.busy, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: window.stack.updatesEnabled())
    qtbot.wait(50)


def opened(window: MainWindow, qtbot: QtBot, place: Path) -> UpdatePage:
    """The page as a person comes to it: Data, then its button."""
    if window.session is None:
        window.open_project(place / "subjects")
    window.show_page("data")
    button = window.stack.currentWidget().findChild(ListRow, "place_update")
    assert button is not None
    click(button)
    return shown(window)


def test_an_update_is_seen_decided_taken_in_and_taken_back(window: MainWindow, qtbot: QtBot, place: Path) -> None:
    window.open_project(place / "subjects")
    session = window.session
    assert session is not None
    project = session.project
    free = np.flatnonzero(~project.gold)[:3].tolist()
    for item in free[:2]:
        session.apply(operations.relabel, items=[item], label=(int(project.given[item]) + 1) % 3)
    assert session.learner.now() is not None
    rows, third = read(place), [(int(project.given[item]) + 2) % 3 for item in free[:2]]
    for item, label in zip(free[:2], third, strict=True):
        rows[item + 1][2] = project.classes[label]
    rows[free[2] + 1][1] = "wholly other words stand here now"
    rows += [[f"n{i}", f"a new text of number {i} about the dog", "animals" if i else ""] for i in range(4)]
    del rows[200]
    write(place, rows)
    page = opened(window, qtbot, place)
    click(page.again)
    idle(qtbot, window)
    assert page.part.title.full_text() == "4 new, 1 gone, 2 conflicts" and page.part.tiles.marked == "conflicts"
    assert project.items.revision == 1 and "preview" in page.line.accessibleName()
    conflicts = page.part.conflicts
    assert QApplication.focusWidget() is conflicts
    press(Qt.Key.Key_1)
    click(conflicts, conflicts.button(1, TAKE).center().toPoint())
    assert [conflicts.answers[item] for item in free[:2]] == [KEEP, TAKE] and page.part.undecided == 0
    press(Qt.Key.Key_Right)
    assert page.part.tiles.marked == "added" and [row.key for row in page.part.rows.rows] == ["n0", "n1", "n2", "n3"]
    press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    idle(qtbot, window)
    assert project.items.revision == 2 and not project.conflicts
    assert project.labels[free[0]] == (int(project.given[free[0]]) + 1) % 3
    assert project.labels[free[1]] == third[1] and project.verdicts[free[1]] == VerdictCode.RELABEL
    assert "4 new, 1 gone" in shown(window).line.accessibleName()
    press(Qt.Key.Key_Z)
    idle(qtbot, window)
    assert project.items.revision == 3 and project.gone[240:].all() and not project.gone[:240].any()
    assert window.errors.isHidden()


def test_what_is_new_is_told_after_the_prediction_and_opens_in_review(window: MainWindow, qtbot: QtBot, place: Path) -> None:
    rows = read(place)
    rows += [[f"n{i}", f"rice with beans, a plate {chr(97 + i % 26)}{chr(97 + i // 26)}{i}", "food"] for i in range(60)]
    write(place, rows)
    page = opened(window, qtbot, place)
    session = window.session
    assert session is not None and session.learner.now() is not None and not page.card.isVisible()
    press(Qt.Key.Key_F5)
    idle(qtbot, window)
    press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    idle(qtbot, window)
    page = shown(window)
    assert "do not cover" in page.card.words.full_text() and not page.card.rows.isVisible()
    click(page.card.button)
    qtbot.waitUntil(lambda: page.drift is not None, timeout=WAIT_MS)
    idle(qtbot, window)
    first = page.card.rows.rows[0]
    assert first.title == "food" and first.moved and page.card.rows.isVisible()
    page.card.rows.setFocus()
    press(Qt.Key.Key_Return)
    review = window.stack.currentWidget()
    assert isinstance(review, ReviewPage)
    assert set(review.reviewer.worklist.rows.tolist()) == set(first.items.tolist()), "the learner of before knew fewer items"


def test_items_without_a_label_come_from_another_place(window: MainWindow, qtbot: QtBot, place: Path) -> None:
    pool, page = place / "pool.txt", opened(window, qtbot, place)
    pool.write_text("nobody has labelled this\nnor this other one\n", encoding="utf-8")
    press(Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    dialog = window.findChild(SourceDialog)
    assert dialog is not None and not dialog.accept_button.isEnabled()
    QTest.keyClicks(dialog.findChild(QLineEdit, "update_path"), str(pool))
    dialog.kind.setFocus()
    press(Qt.Key.Key_Right)
    press(Qt.Key.Key_Return)
    idle(qtbot, window)
    assert page.part.title.full_text() == "2 new" and page.part.tiles.marked == "added"
    assert "pool.txt" in page.part.sentence.full_text()
    press(Qt.Key.Key_Escape)
    assert "preview" not in page.line.accessibleName()
    press(Qt.Key.Key_F5)
    idle(qtbot, window)
    assert page.part.title.full_text() == "Nothing new" and not page.side.take.isVisible()
    (place / "subjects.csv").write_text("id,text\n1,no label column\n", encoding="utf-8")
    press(Qt.Key.Key_F5)
    qtbot.waitUntil(window.errors.isVisible, timeout=WAIT_MS)
    press(Qt.Key.Key_Escape)
    assert window._opened is not None and window._opened.pages.current == "data"
