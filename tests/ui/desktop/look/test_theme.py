"""The colours can be read, and a change of theme reaches what is on screen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from badcase.ui.desktop.look.icons import NAMES, draw_icon, icon_path
from badcase.ui.desktop.look.theme import DARK, LIGHT, Tokens, apply_theme, tokens
from badcase.ui.desktop.widgets import Label, Panel


def luminance(color: QColor) -> float:
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (color.redF(), color.greenF(), color.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a: QColor, b: QColor) -> float:
    bright, faint = sorted((luminance(a), luminance(b)), reverse=True)
    return (bright + 0.05) / (faint + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_colour_can_be_read_on_every_ground(theme: Tokens) -> None:
    grounds = (theme.surface, theme.window, theme.sunken, theme.raised)
    for name in ("text", "text2", "text3", "accent", "given", "fixed", "excluded", "unsure", "error"):
        for ground in grounds:
            assert contrast(theme.ink(name), ground) >= 4.5, (name, ground.name())
    for name in ("accent", "given", "fixed", "excluded", "unsure", "error"):
        assert contrast(theme.ink(name), theme.soft(theme.ink(name))) >= 5.2, name
    assert contrast(QColor("white"), theme.accentfill) >= 4.5
    assert all(contrast(color, theme.surface) >= 3.0 for color in theme.classes)


def test_a_change_of_theme_repaints_what_is_on_screen(qapp: QApplication, qtbot: QtBot) -> None:
    panel = Panel("surface")
    label = Label("words", ink="given", parent=panel)
    qtbot.addWidget(panel)
    panel.show()
    for choice, theme in (("dark", DARK), ("light", LIGHT)):
        apply_theme(qapp, choice)
        assert tokens() is theme
        assert panel.grab().toImage().pixelColor(90, 25) == theme.surface
        assert label.palette().windowText().color() == theme.given


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_draws_inside_its_grid(name: str) -> None:
    image = QImage(32, 32, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    draw_icon(painter, name, QRectF(0, 0, 32, 32), QColor("black"))
    painter.end()
    assert any(image.pixelColor(x, y).alpha() for x in range(32) for y in range(32))
    if name != "mark":
        drawn = icon_path(name).boundingRect().adjusted(-0.1, -0.1, 0.1, 0.1)  # a flat one is empty, and in nothing
        assert QRectF(0.6, 0.6, 14.8, 14.8).contains(drawn)
