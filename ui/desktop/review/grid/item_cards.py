"""How an item looks when it is small: its picture or first lines, given → suggestion, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPixmap, QTextLayout, QTextOption

from badcase.i18n import _
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.pictures.recently_used import RecentlyUsed
from badcase.ui.desktop.review.filtering.filters import LabelChange
from badcase.ui.desktop.review.grid.label_caption import draw_labels
from badcase.ui.desktop.review.state.word_marks import WordMark
from badcase.ui.desktop.widgets.painting import LEFT, draw_box, draw_text, elide_mode

ARROW = 12
_ARROW_GAP = 6
_SMALL_ARROW, _SMALLEST = 9, 11
_NARROW = 130  # where a name has room for few letters, its end tells as much as its beginning


@dataclass(frozen=True, slots=True)
class CardState:
    """What became of an item: an icon, the words, and the token of their colour."""

    icon: str
    words: str
    ink: str


@dataclass(frozen=True, slots=True)
class Face:
    """An item as its small pictures show it. suspicion may be NaN; suggested is "" where there is no prediction, and the
    class that a person set once one has.

    labels: of several labels, the set as it stands or is about to, beside the given one. proposed: the class that a machine
    proposes of an item that nobody has judged, "" for none. new: it waits for its first label, so the suggestion is a question.
    """

    item: int
    given: str
    suggested: str
    suspicion: float
    state: CardState | None = None
    labels: LabelChange | None = None
    proposed: str = ""
    new: bool = False


class Faces(Protocol):
    """Where small pictures of items come from."""

    is_text: bool

    def face(self, item: int) -> Face: ...

    def picture(self, item: int, pixels: float) -> QImage | None: ...

    def text(self, item: int) -> str: ...

    def marks(self, item: int) -> Sequence[WordMark]: ...


class _FittedPictures:
    """Pictures cut to the size they are drawn at, with round corners: scaling is most of what a frame costs."""

    def __init__(self, budget: int) -> None:
        self._kept = RecentlyUsed[tuple[int, int, int, float], QPixmap](budget, lambda made: 4 * made.width() * made.height())

    def get(self, image: QImage, size: QSizeF, radius: float, ratio: float) -> QPixmap:
        width, height = round(size.width() * ratio), round(size.height() * ratio)
        key = (image.cacheKey(), width, height, radius)
        made = self._kept.get(key, lambda: _fit(image, width, height, radius * ratio))
        made.setDevicePixelRatio(ratio)
        return made


_fitted = _FittedPictures(48 << 20)


def _fit(image: QImage, width: int, height: int, radius: float) -> QPixmap:
    made = QPixmap(width, height)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    frame = QPainterPath()
    whole = QRectF(0, 0, width, height)
    frame.addRoundedRect(whole, radius, radius)
    painter.setClipPath(frame)
    painter.fillRect(whole, QColor(128, 128, 128, 40))
    target, source = _crop(whole, image.width(), image.height())
    painter.drawImage(target, image, source)
    painter.end()
    return made


def draw_media(painter: QPainter, rect: QRectF, image: QImage | None, *, opacity: float = 1.0, radius: float = 3) -> None:
    """A picture cropped to fill its square, letterboxed where it is longer than 2 : 1."""
    if image is None or image.isNull():
        draw_box(painter, rect, radius, tokens().sunken)
        return
    ratio = painter.device().devicePixelRatio()
    painter.setOpacity(opacity)
    painter.drawPixmap(rect.topLeft(), _fitted.get(image, rect.size(), radius, ratio))
    painter.setOpacity(1.0)


def _crop(rect: QRectF, width: int, height: int) -> tuple[QRectF, QRectF]:
    aspect, wanted = width / height, rect.width() / rect.height()
    if max(aspect, 1 / aspect) > 2:
        scale = min(rect.width() / width, rect.height() / height)
        box = QRectF(0, 0, width * scale, height * scale)
        box.moveCenter(rect.center())
        return box, QRectF(0, 0, width, height)
    source = QRectF(0, 0, min(width, height * wanted), min(height, width / wanted))
    source.moveCenter(QPointF(width / 2, height / 2))
    return rect, source


def _pair_width(face: Face, px: float) -> float:
    """What both names take at a size, the arrow as close as it goes."""
    names = ((font(px), face.given), (font(px, bold=True), face.suggested))
    return sum(QFontMetricsF(one).horizontalAdvance(name) + 1 for one, name in names) + _SMALL_ARROW + 2


def draw_pair(painter: QPainter, rect: QRectF, face: Face, *, px: float = 12, quiet: bool = False, center: bool = False) -> None:
    """Given and suggestion on one line: colours say which is which, the latter is bold. Long names share the room. Of several
    labels the set, with what it has more and less than the given one."""
    t = tokens()
    strong_ink = t.text3 if quiet else t.accent if face.state is None else t.ink(face.state.ink)
    if face.labels is not None:
        draw_labels(painter, rect, face.labels, px, strong_ink, quiet=quiet, center=center)
        return
    if face.new and face.suggested:
        align = Qt.AlignmentFlag.AlignCenter if center else LEFT
        draw_text(painter, rect, _("{name}?").format(name=face.suggested), strong_ink, font(px), align)
        return
    if not face.suggested or face.suggested == face.given:
        align = Qt.AlignmentFlag.AlignCenter if center else LEFT
        draw_text(painter, rect, face.given, t.text3 if quiet else t.text2, font(px), align)
        return
    if rect.width() < _NARROW and _pair_width(face, px) > rect.width():
        px = min(px, _SMALLEST)
    plain, strong = font(px), font(px, bold=not quiet)
    arrow: float = ARROW if rect.width() >= _NARROW else _SMALL_ARROW
    given_ink = t.text3 if quiet else t.given
    gap, room = float(_ARROW_GAP), rect.width() - arrow - 2 * _ARROW_GAP
    left, right = (
        QFontMetricsF(face_font).horizontalAdvance(name) + 1
        for face_font, name in ((plain, face.given), (strong, face.suggested))
    )
    if left + right > room:  # the arrow moves closer before a name loses letters
        gap = max(1, _ARROW_GAP - (left + right - room) / 2)
        room = rect.width() - arrow - 2 * gap
    if left + right > room:
        left = min(left, max(room / 2, room - right))
        right = min(right, room - left)
    x = rect.x() + (max(0.0, room - left - right) / 2 if center else 0)
    mode = Qt.TextElideMode.ElideMiddle if rect.width() < _NARROW else elide_mode(face.given, face.suggested)
    draw_text(painter, QRectF(x, rect.y(), left, rect.height()), face.given, given_ink, plain, mode=mode)
    x += left + gap
    draw_icon(painter, "arrow", QRectF(x, rect.center().y() - arrow / 2 + 1, arrow, arrow), t.text3)
    x += arrow + gap
    draw_text(painter, QRectF(x, rect.y(), right, rect.height()), face.suggested, strong_ink, strong, mode=mode)


def draw_pill(painter: QPainter, middle: QPointF, room: float, state: CardState) -> None:
    """What became of an item, as a pill over its picture; only the icon where there is no room for words."""
    t = tokens()
    ink = t.ink(state.ink)
    face = font(12)
    words = QFontMetricsF(face).horizontalAdvance(state.words) + 2
    width = 30 + words
    if width > room:
        words = max(0.0, room - 30)
        width = 30 + words if words > 24 else 26
    box = QRectF(0, 0, width, 24)
    box.moveCenter(middle)
    draw_box(painter, box, 12, t.surface, ink, 1.2)
    draw_icon(painter, state.icon, QRectF(box.x() + 7, box.center().y() - 6, 12, 12), ink)
    if words > 24:
        draw_text(painter, QRectF(box.x() + 22, box.y(), words, 24), state.words, ink, face)


def draw_state(painter: QPainter, rect: QRectF, state: CardState) -> None:
    """The same on a line of its own."""
    ink = tokens().ink(state.ink)
    draw_icon(painter, state.icon, QRectF(rect.x(), rect.center().y() - 6, 12, 12), ink)
    draw_text(painter, rect.adjusted(18, 0, 0, 0), state.words, ink, font(12))


def draw_badge(painter: QPainter, corner: QPointF, state: CardState) -> None:
    """The same as a disc at the lower right corner, for the narrow strip."""
    t = tokens()
    disc = QRectF(corner.x() - 20, corner.y() - 20, 16, 16)
    draw_box(painter, disc, 8, t.window)
    draw_icon(painter, state.icon, disc.adjusted(3, 3, -3, -3), t.ink(state.ink))


@lru_cache(maxsize=512)
def _laid(text: str, face: QFont, width: int, lines: int) -> tuple[QTextLayout, tuple[tuple[int, int], ...], bool]:
    """A text broken into at most so many lines: the layout, each line's start and end, and whether more follows."""
    layout = QTextLayout(text, face)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    places: list[tuple[int, int]] = []
    more = False
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        if len(places) == lines:
            more = True
            break
        places.append((line.textStart(), line.textStart() + line.textLength()))
    layout.endLayout()
    return layout, tuple(places), more


def draw_paragraph(
    painter: QPainter,
    rect: QRectF,
    text: str,
    lines: int,
    line_height: float,
    ink: QColor,
    px: float = 13,
    marks: Sequence[WordMark] = (),
) -> None:
    """The first lines of a text, the last one elided, the words that speak for a class underlined."""
    face = font(px)
    shift = len(text) - len(text.lstrip())
    text = text[shift : shift + 600].replace("\n", " ")
    layout, places, more = _laid(text, face, int(rect.width()), lines)
    metrics = QFontMetricsF(face)
    painter.setFont(face)
    for number, (start, end) in enumerate(places):
        top = rect.y() + number * line_height
        box = QRectF(rect.x(), top, rect.width(), line_height)
        shown = text[start:end].rstrip()
        if more and number == len(places) - 1:
            shown = metrics.elidedText(text[start : start + 200], Qt.TextElideMode.ElideRight, rect.width())
        painter.setPen(ink)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), shown)
        line = layout.lineAt(number)
        for mark in marks:
            first, last = max(mark.start - shift, start), min(mark.end - shift, end)
            if first < last:
                _underline(painter, box, metrics, (_x(line, first), min(_x(line, last), rect.width())), mark.first)


def _x(line: object, place: int) -> float:
    x = line.cursorToX(place)  # type: ignore[attr-defined]
    return float(x[0] if isinstance(x, tuple) else x)


def _underline(painter: QPainter, box: QRectF, metrics: QFontMetricsF, ends: tuple[float, float], first: bool) -> None:
    t = tokens()
    y = box.center().y() + metrics.ascent() / 2 + 1.5
    painter.setPen(QPen(t.accent if first else t.given, 1.5))
    painter.drawLine(QPointF(box.x() + ends[0], y), QPointF(box.x() + ends[1], y))
