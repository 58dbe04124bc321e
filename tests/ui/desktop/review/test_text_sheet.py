"""A text item: its size, its place on the sheet, and that it lies still."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QTextEdit
from pytestqt.qtbot import QtBot

from badcase.ui.desktop.look.theme import apply_theme
from badcase.ui.desktop.review.item.text_view import TextSheet

LONG = "Oil prices press on stocks. Uneasy investors sold mostly lower as a barrel climbed above fifty. " * 4


class Paints(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, watched: QObject) -> None:
        super().__init__()
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def shown(qtbot: QtBot, text: str) -> TextSheet:
    sheet = TextSheet()
    qtbot.addWidget(sheet)
    sheet.resize(900, 500)
    sheet.show()
    sheet.show_text(text, "row 1")
    return sheet


def reader(sheet: TextSheet) -> QTextEdit:
    found = sheet.findChild(QTextEdit)
    assert isinstance(found, QTextEdit)
    return found


def test_a_text_keeps_its_size_when_the_theme_changes(qtbot: QtBot, qapp: QApplication) -> None:
    """The story of a bug: after a change of theme a text item shrank to the size of a label."""
    sheet = shown(qtbot, "a short text")
    width = reader(sheet).document().idealWidth()
    apply_theme(qapp, "dark")
    apply_theme(qapp, "light")
    assert reader(sheet).document().idealWidth() == width > 140


def test_a_text_that_nobody_touches_is_not_painted_again(qtbot: QtBot) -> None:
    """The story of a bug: the sheet measured its text while it painted, which asked for the next paint, 250 a second."""
    sheet = shown(qtbot, LONG)
    qtbot.wait(100)
    paints = Paints(sheet)
    qtbot.wait(200)
    assert paints.count == 0


def test_a_text_begins_at_the_same_height_of_its_sheet_however_it_came_there(qtbot: QtBot) -> None:
    """The story of a bug: at first sight a text stood too high, as if it had as many lines as in the window's first size."""
    sheet = TextSheet()
    qtbot.addWidget(sheet)
    sheet.resize(200, 300)
    sheet.show_text(LONG, "row 1")
    sheet.resize(900, 500)
    sheet.show()
    qtbot.wait(50)
    fresh = shown(qtbot, LONG)
    assert reader(sheet).geometry() == reader(fresh).geometry()
    assert reader(sheet).document().size().height() <= reader(sheet).height()
