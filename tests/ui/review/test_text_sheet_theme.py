"""The story of a bug: after a change of theme a text item shrank to the size of a label."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.desktop.review.text_sheet import TextSheet
from ui.desktop.theme import apply_theme


def test_a_text_keeps_its_size_when_the_theme_changes(qtbot: QtBot, qapp: QApplication) -> None:
    sheet = TextSheet()
    qtbot.addWidget(sheet)
    sheet.resize(900, 500)
    sheet.show()
    sheet.show_text("a short text", "12 characters")
    width = sheet._reader.document().idealWidth()
    apply_theme(qapp, "dark")
    apply_theme(qapp, "light")
    assert sheet._reader.document().idealWidth() == width > 140
