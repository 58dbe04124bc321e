"""The caption of a small picture: both classes can be read, and a name that has to lose letters loses its middle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from badcase.ui.desktop.review.grid import item_cards, strip
from badcase.ui.desktop.review.grid.item_cards import CardState, Face, draw_pair
from badcase.ui.desktop.review.grid.strip import Strip
from badcase.ui.desktop.review.state.word_marks import WordMark


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


class Texts:
    """Two judged texts, the second in view."""

    is_text = True

    def face(self, item: int) -> Face:
        return Face(item, "animals", "weather", 0.9, CardState("check", "you set weather", "fixed"))

    def picture(self, item: int, pixels: float) -> QImage | None:
        return None

    def text(self, item: int) -> str:
        return "a sunny day"

    def marks(self, item: int) -> Sequence[WordMark]:
        return ()


def test_of_a_judged_text_the_strip_tells_the_class_whole_as_it_does_of_pictures(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the badge it stood "an…ls → we…er", of which no class can be read."""
    said: list[str] = []
    plain = strip.draw_text

    def draw(painter: QPainter, rect: QRectF, text: str, ink: QColor, face: QFont, *rest: Any, **more: Any) -> float:
        said.append(QFontMetricsF(face).elidedText(text, Qt.TextElideMode.ElideMiddle, rect.width()))
        return plain(painter, rect, text, ink, face, *rest, **more)

    for module in (strip, item_cards):
        monkeypatch.setattr(module, "draw_text", draw)
    row = Strip(Texts())
    qtbot.addWidget(row)
    row.resize(806, 112)
    row.show_items([0, 1], 1)
    row.grab()
    assert said[0] in ("weather", "you set weather")


def test_a_name_that_stands_alone_is_written_as_large_as_others(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room was made for the suggestion, which is the same class and not shown."""
    sizes: list[int] = []
    monkeypatch.setattr(item_cards, "draw_text", lambda _p, _r, _text, _ink, face, *rest, **more: sizes.append(face.pixelSize()))
    painter = QPainter(image := QImage(200, 40, QImage.Format.Format_RGB32))
    for suggested in ("", "weather"):
        draw_pair(painter, QRectF(0, 0, 105, 18), Face(0, "weather", suggested, 0.5), px=12)
    painter.end()
    assert not image.isNull() and len(set(sizes)) == 1
