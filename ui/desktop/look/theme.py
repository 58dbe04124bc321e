"""Fonts and sizes of the window, and the dressing of the whole program in one theme.

A theme change gives every widget a palette and a style event; what paints itself reads `tokens()` anew.
"""

from __future__ import annotations

import sys
from functools import cache

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication

from badcase.ui.desktop.look.colours import DARK, LIGHT, Tokens, mix, tokens, use_tokens
from badcase.ui.desktop.look.stylesheet import stylesheet

__all__ = ["DARK", "LIGHT", "Tokens", "apply_theme", "font", "mix", "tokens"]

# Sizes in logical pixels.
SECTION_GAP = 22
RADIUS_MEDIA, RADIUS_CARD, RADIUS_DIALOG = 3, 8, 11
ROW_LIST, ROW_CLASS, ROW_DECISION, FIELD = 28, 26, 50, 28
BUTTON, BUTTON_BAR, BUTTON_PRIMARY = 32, 26, 36
TOP_BAR, STATUS_BAR, CAP = 44, 36, 20

_HAN = ["PingFang SC", "Microsoft YaHei UI", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei"]
# Where nobody chose a font (a bare Linux), fontconfig falls back to DejaVu; these read better on a screen.
_BETTER_THAN_FALLBACK = ["Noto Sans", "Open Sans", "Inter", "Cantarell", "Ubuntu"]
_LARGEST = 1.4  # what rows and caps have room for
_USUAL_POINTS = {"darwin": 13.0, "win32": 9.0}.get(sys.platform, 9.0)


_text_size = 1.0  # what the person wants beside what the system says


def set_text_size(app: QApplication, percent: int) -> None:
    """Write everything in so many percent of the usual size, from now on and on what is shown already."""
    global _text_size
    if _text_size != percent / 100:
        _text_size = percent / 100
        app.setFont(font())
        for widget in app.allWidgets():  # those that measured text hear of it at once
            app.sendEvent(widget, QEvent(QEvent.Type.ApplicationFontChange))
            widget.updateGeometry()
            widget.update()


def apply_theme(app: QApplication, choice: str = "system") -> None:
    """Dress the whole program: "light", "dark", or "system", which follows the desktop when it changes."""
    hints = app.styleHints()
    if not app.property("badcase_dressed"):
        app.setStyle("Fusion")
        hints.colorSchemeChanged.connect(lambda _scheme: _dress(app))
        app.setProperty("badcase_dressed", True)
    app.setProperty("badcase_theme", choice)
    hints.setColorScheme({"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(choice, Qt.ColorScheme.Unknown))
    _dress(app)


def _dress(app: QApplication) -> None:
    choice = app.property("badcase_theme")
    system = "dark" if app.styleHints().colorScheme() == Qt.ColorScheme.Dark else "light"
    chosen = DARK if (system if choice == "system" else choice) == "dark" else LIGHT
    use_tokens(chosen)
    app.setFont(font())
    app.setPalette(_palette(chosen))
    sheet = stylesheet(chosen)
    if app.styleSheet() != sheet:  # the same one again would polish every widget anew
        app.setStyleSheet(sheet)


def _palette(t: Tokens) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: t.window,
        QPalette.ColorRole.Base: t.surface,
        QPalette.ColorRole.AlternateBase: t.window,
        QPalette.ColorRole.Button: t.raised,
        QPalette.ColorRole.ToolTipBase: t.raised,
        QPalette.ColorRole.WindowText: t.text,
        QPalette.ColorRole.Text: t.text,
        QPalette.ColorRole.ButtonText: t.text,
        QPalette.ColorRole.ToolTipText: t.text,
        QPalette.ColorRole.PlaceholderText: t.text3,
        QPalette.ColorRole.Highlight: t.accentfill,
        QPalette.ColorRole.HighlightedText: QColor("#FFFFFF"),
        QPalette.ColorRole.Link: t.accent,
        QPalette.ColorRole.Mid: t.line,
    }
    for role, color in roles.items():
        palette.setColor(role, color)
    disabled = QPalette.ColorGroup.Disabled
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(disabled, role, t.disabled)
    return palette


@cache
def _families() -> tuple[list[str], float]:
    """The font families in order, and the user's size as a factor of the platform's usual one."""
    chosen = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    family = QFontInfo(chosen).family()
    if family.startswith(("DejaVu", "Bitstream", "WenQuanYi")):
        installed = set(QFontDatabase.families())
        family = next((name for name in _BETTER_THAN_FALLBACK if name in installed), family)
    factor = chosen.pointSizeF() / _USUAL_POINTS if chosen.pointSizeF() > 0 else 1.0
    # Linux desktops ship 9 to 11 points as "normal": only a clear wish for larger text counts.
    return [family, *_HAN], min(_LARGEST, factor) if factor > 1.25 else 1.0


def font(px: float = 13, bold: bool = False, figures: bool = False) -> QFont:
    """The program's font at a size of the type scale; `figures` for numbers that stand in columns."""
    _names, factor = _families()
    return QFont(_made_font(round(px * min(_LARGEST, factor * _text_size)), bold, figures))


@cache
def _made_font(pixels: int, bold: bool, figures: bool) -> QFont:
    """Made once: a page asks for a few hundred with every paint."""
    made = QFont()
    made.setFamilies(_families()[0])
    made.setPixelSize(pixels)
    made.setBold(bold)
    if figures:
        made.setFeature(QFont.Tag("tnum"), 1)
    return made
