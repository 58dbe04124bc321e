"""What custom widgets paint with: boxes, text that elides, key caps, bars and the focus ring."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QWidget

from badcase.ui.desktop.look.theme import CAP, font, tokens

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter
_ALIKE = 6  # letters
_ONE_LINE = Qt.TextFlag.TextSingleLine.value | Qt.TextFlag.TextDontClip.value


def begin(widget: QWidget) -> QPainter:
    """A painter on a widget, with smooth edges."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    return painter


def draw_box(
    painter: QPainter, rect: QRectF, radius: float, fill: QColor | None = None, border: QColor | None = None, width: float = 1.0
) -> None:
    """A rounded box; the border lies inside the rectangle."""
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(border, width) if border is not None else Qt.PenStyle.NoPen)
    inset = width / 2 if border is not None else 0.0
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius - inset, radius - inset)


def draw_ring(painter: QPainter, rect: QRectF, radius: float, color: QColor | None = None) -> None:
    """The ring of the keyboard's focus, 2 px, just inside the rectangle."""
    draw_box(painter, rect, radius, border=color or tokens().accent, width=2.0)


def draw_text(
    painter: QPainter,
    rect: QRectF,
    text: str,
    color: QColor,
    face: QFont,
    align: Qt.AlignmentFlag = LEFT,
    mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> float:
    """One line of text, elided where it does not fit in width; large type is not cut below. Returns the width it took."""
    metrics, room = QFontMetrics(face), int(rect.width()) + 1
    shown, width = text, metrics.horizontalAdvance(text)
    if width > room or "\n" in text:
        shown = metrics.elidedText(text, mode, room)
        width = metrics.horizontalAdvance(shown)
    painter.setFont(face)
    painter.setPen(color)
    painter.drawText(rect, align.value | _ONE_LINE, shown)
    return float(width)


def elide_mode(*names: str) -> Qt.TextElideMode:
    """Where names that stand together lose letters: in the middle where they begin alike, for then the end tells them
    apart; else at the end."""
    alike = len(set(names)) > 1 and len({name[:_ALIKE] for name in names}) == 1
    return Qt.TextElideMode.ElideMiddle if alike else Qt.TextElideMode.ElideRight


def text_width(text: str, face: QFont) -> int:
    return QFontMetrics(face).horizontalAdvance(text)


def cap_text(keys: str) -> str:
    """What a cap shows for a shortcut: "Ctrl+R" is engraved "Ctrl R"."""
    return keys.replace("+", " ") if len(keys) > 1 else keys


def cap_size(keys: str) -> QSize:
    """A cap is 20 high, at least 20 wide, with 6 at each side."""
    return QSize(max(CAP, text_width(cap_text(keys), font(11)) + 12), CAP)


def draw_cap(painter: QPainter, rect: QRectF, keys: str, on_accent: bool = False, enabled: bool = True) -> None:
    """A key cap: 1 px border, a lower edge of 2 px."""
    t = tokens()
    fill, border, ink = t.raised, t.control, t.text2
    if on_accent:
        fill, border, ink = t.accentcap, t.soft_border(t.accentcap), t.ink("white")
    if not enabled:
        border, ink = t.line, t.disabled
    draw_box(painter, rect, 4, border)
    draw_box(painter, rect.adjusted(1, 1, -1, -2), 3, fill)
    draw_text(painter, rect.adjusted(0, 0, 0, -1), cap_text(keys), ink, font(11), CENTER)


def draw_bar(painter: QPainter, rect: QRectF, share: float, color: QColor, ground: QColor | None = None) -> None:
    """A bar with round ends: the share that is filled, on the track."""
    radius = rect.height() / 2
    draw_box(painter, rect, radius, ground or tokens().track)
    if share > 0:
        width = max(rect.height(), rect.width() * min(1.0, share))
        draw_box(painter, QRectF(rect.x(), rect.y(), width, rect.height()), radius, color)
