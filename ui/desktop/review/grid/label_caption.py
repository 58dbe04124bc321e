"""A set of labels on one line: what was added, what was removed, then what stays."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QPainter

from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.review.filtering.filters import LabelChange
from badcase.ui.desktop.widgets.painting import draw_text, text_width

_GAP = 6
_LEAST = 14  # pixels in which a name can begin


def pieces(change: LabelChange, px: float, added: QColor, *, quiet: bool) -> list[tuple[str, QColor, QFont]]:
    """Each name with its sign, colour and font, in their order. quiet: all in grey."""
    t, strong, plain = tokens(), font(px, bold=not quiet), font(px)
    return [
        *((f"+{name}", t.text3 if quiet else added, strong) for name in change.added),
        *((f"−{name}", t.text3 if quiet else t.given, strong) for name in change.removed),
        *((name, t.text3 if quiet else t.text2, plain) for name in change.kept),
    ]


def draw_labels(
    painter: QPainter, rect: QRectF, change: LabelChange, px: float, added: QColor, *, quiet: bool = False, center: bool = False
) -> None:
    """The set as it stands; the changes come first, where there is no room for all of it."""
    shown = pieces(change, px, added, quiet=quiet) or [(change.nothing, tokens().text3, font(px))]
    widths = [text_width(text, face) + 1.0 for text, _ink, face in shown]
    spare = rect.width() - sum(widths) - _GAP * (len(shown) - 1)
    x = rect.x() + (max(0.0, spare / 2) if center else 0.0)
    for (text, ink, face), wide in zip(shown, widths, strict=True):
        room = rect.right() - x
        if room < _LEAST:
            return
        draw_text(painter, QRectF(x, rect.y(), min(wide, room), rect.height()), text, ink, face)
        x += wide + _GAP
