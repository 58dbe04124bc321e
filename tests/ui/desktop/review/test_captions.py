"""The caption of a small picture: both classes can be read, and a name that has to lose letters loses its middle."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QApplication

from badcase.ui.desktop.review.grid import item_cards
from badcase.ui.desktop.review.grid.item_cards import Face, draw_pair


def drawn(monkeypatch: pytest.MonkeyPatch, given: str, suggested: str, wide: float) -> list[tuple[str, Qt.TextElideMode]]:
    """What is shown of each name, and how it loses letters."""
    shown: list[tuple[str, Qt.TextElideMode]] = []

    def take(_painter: object, rect: QRectF, text: str, _ink: object, face: QFont, *, mode: Qt.TextElideMode) -> None:
        shown.append((QFontMetricsF(face).elidedText(text, mode, int(rect.width()) + 1), mode))

    monkeypatch.setattr(item_cards, "draw_text", take)
    image = QImage(200, 40, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    draw_pair(painter, QRectF(0, 0, wide, 18), Face(0, given, suggested, 0.5), px=12, center=True)
    painter.end()
    return shown


def test_short_names_are_whole_in_the_strip(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [text for text, _mode in drawn(monkeypatch, "cross", "disc", 78)] == ["cross", "disc"]


def test_long_names_keep_their_beginnings_and_ends(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = drawn(monkeypatch, "transfer_not_received", "transfer_timing", 110)
    assert {mode for _text, mode in shown} == {Qt.TextElideMode.ElideMiddle}
    for text, name in zip((text for text, _mode in shown), ("transfer_not_received", "transfer_timing"), strict=True):
        assert text[0] == name[0] and text[-1] == name[-1] and len(text) >= 4
