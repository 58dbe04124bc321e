"""What speaks for and against: the reasons, the nearest items of both classes, the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from badcase.i18n import _, plural
from badcase.ui import wording
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.review.grid.item_cards import Faces, draw_media
from badcase.ui.desktop.widgets.painting import CENTER, RIGHT, begin, draw_box, draw_text, text_width
from badcase.ui.desktop.widgets.tooltips import plain_tip

_LINE = 24
_TITLE = 24
_LOW_SIDE = 44.0
_LEAST_WIDE = 268  # in the narrowest panel
_NAMES = 20  # a line of names beneath pictures


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One line: an icon or none, what, and at the right how it shows or where it comes from. quiet: no longer so."""

    icon: str
    what: str
    how: str
    quiet: bool = False


class EvidenceList(QWidget):
    """A titled list of lines. It takes the height that it needs, or where it was given room for some lines always that."""

    def __init__(self, title: str, name: str, ink: str = "given", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._title, self._ink = title, ink
        self._lines: Sequence[EvidenceLine] = ()
        self._none, self._room, self._newest = "", 0, False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(self, lines: Sequence[EvidenceLine], none: str = "") -> None:
        """none: what to say where there are no lines."""
        self._lines, self._none = lines, none
        self.setAccessibleDescription("\n".join(f"{one.what}: {one.how}" for one in lines) or none)
        self.updateGeometry()
        self.update()

    def set_title(self, title: str) -> None:
        self._title = title
        self.update()

    def set_room(self, lines: int, *, newest: bool = False) -> None:
        """Keep the height of so many lines, however many there are; newest: where there are more, the last ones are shown."""
        self._room, self._newest = lines, newest
        self.updateGeometry()
        self.update()

    def lines(self) -> Sequence[EvidenceLine]:
        return self._lines

    def shown(self) -> Sequence[EvidenceLine]:
        """The lines that are drawn; one of them says how many there is no room for."""
        over = len(self._lines) - self._room
        if not self._room or over <= 0:
            return self._lines
        rest = EvidenceLine("", plural("{n} more", "{n} more", over + 1).format(n=over + 1), "", quiet=True)
        kept = self._room - 1
        return [rest, *self._lines[len(self._lines) - kept :]] if self._newest else [*self._lines[:kept], rest]

    def sizeHint(self) -> QSize:
        return QSize(280, _TITLE + (self._room or max(1, len(self._lines))) * _LINE)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            number, shown = (event.pos().y() - _TITLE) // _LINE, self.shown()
            line = shown[number] if 0 <= number < len(shown) else None
            told = [line] if line in self._lines else [one for one in self._lines if line is not None and one not in shown]
            words = "\n".join(f"{one.what}: {one.how}" for one in told if one is not None)
            QToolTip.showText(event.globalPos(), plain_tip(words), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        draw_text(painter, QRectF(0, 0, self.width(), 20), self._title, t.text3, font(12, bold=True))
        if not self._lines:
            draw_text(painter, QRectF(0, _TITLE, self.width(), _LINE), self._none, t.text3, font(13))
        for number, line in enumerate(self.shown()):
            self._draw(painter, QRectF(0, _TITLE + number * _LINE, self.width(), _LINE), line)
        painter.end()

    def _draw(self, painter: QPainter, rect: QRectF, line: EvidenceLine) -> None:
        t = tokens()
        x = rect.x()
        if line.icon:
            draw_icon(painter, line.icon, QRectF(x, rect.center().y() - 7, 14, 14), t.ink(self._ink))
            x += 24
        what = text_width(line.what, font(13)) + 2
        how = text_width(line.how, font(13)) + 2
        room = rect.right() - x - 12
        if what + how > room:
            what = round(max(room - how, min(what, room * 0.6)))
        ink = t.text3 if line.quiet else t.text
        draw_text(painter, QRectF(x, rect.y(), what, rect.height()), line.what, ink, font(13))
        rest = QRectF(x + what + 12, rect.y(), rect.right() - x - what - 12, rect.height())
        ink = t.text3 if line.quiet else t.text2
        draw_text(
            painter, rest, line.how, ink, font(13), RIGHT, Qt.TextElideMode.ElideMiddle
        )  # names end in what tells them apart


class NearestItems(QWidget):
    """The nearest items of one class: pictures in a row, or texts with their similarity. `opened` tells the item."""

    opened = Signal(int)

    def __init__(self, faces: Faces, name: str, ink: str, parent: QWidget | None = None, *, labelled: bool = False) -> None:
        """labelled: each with the class that it is given, for items that are not all of one."""
        super().__init__(parent)
        self.setObjectName(name)
        self._faces, self._ink, self._labelled = faces, ink, labelled
        self._title = ""
        self._items: Sequence[tuple[int, float]] = ()
        self.known = False
        self._hovered = -1
        self._low = False
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_low(self, low: bool) -> None:
        """Smaller pictures or fewer texts, where the window is low."""
        self._low = low
        self.setFixedHeight(self.sizeHint().height())

    def show_items(self, title: str, items: Sequence[tuple[int, float]] | None) -> None:
        """items: (item, similarity), nearest first; None while they are looked for."""
        self._title, self.known = title, items is not None
        self._items, self._hovered = items or (), -1
        self.update()

    def items(self) -> list[int]:
        return [item for item, _similarity in self._items]

    def count(self) -> int:
        """How many there is room for."""
        if self._faces.is_text:
            return 2 if self._low else 3
        return 5 if self._low or self.width() >= 320 else 4

    def sizeHint(self) -> QSize:
        names = _NAMES if self._labelled else 0
        return QSize(280, _TITLE + (self.count() * _LINE if self._faces.is_text else round(self._side()) + names))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.setFixedHeight(self.sizeHint().height())

    def _side(self) -> float:
        wide = max(self.width(), _LEAST_WIDE)  # before it is laid out it has no width, and is measured all the same
        return min(_LOW_SIDE if self._low else 80.0, (wide - (self.count() - 1) * 8) / self.count())

    def place(self, number: int) -> QRectF:
        """Where the n-th item is drawn."""
        if self._faces.is_text:
            return QRectF(-6, _TITLE + number * _LINE, self.width() + 12, _LINE)
        side = self._side()
        return QRectF(number * (side + 8), _TITLE, side, side)

    def _at(self, point: QPointF) -> int:
        shown = range(min(self.count(), len(self._items)))
        return next((number for number in shown if self.place(number).contains(point)), -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        number = self._at(event.position())
        if number != self._hovered:
            self._hovered = number
            self.setCursor(Qt.CursorShape.PointingHandCursor if number >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        number = self._at(event.position())
        if number >= 0:
            self.opened.emit(self._items[number][0])

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            number = self._at(QPointF(event.pos()))
            words = ""
            if number >= 0:
                item, similarity = self._items[number]
                words = _("similarity {value}").format(value=wording.decimal(similarity))
                words = f"{self._faces.text(item)[:400]}\n{words}" if self._faces.is_text else words
            QToolTip.showText(event.globalPos(), plain_tip(words), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        draw_text(painter, QRectF(0, 0, self.width() - 20, 20), self._title, t.text3, font(12, bold=True))
        if not self._labelled:
            draw_box(painter, QRectF(self.width() - 9, 6, 8, 8), 4, t.ink(self._ink))
        if self.known and not self._items:
            none = _("none with a settled label")
            draw_text(painter, QRectF(0, _TITLE, self.width(), _LINE), none, t.text3, font(13))
        for number, (item, similarity) in enumerate(self._items[: self.count()]):
            place = self.place(number)
            if self._faces.is_text:
                self._draw_text(painter, place, item, similarity, number == self._hovered)
            else:
                image = self._faces.picture(item, place.width() * self.devicePixelRatioF())
                draw_media(painter, place, image)
                if self._labelled:
                    words = QRectF(place.x() - 3, place.bottom(), place.width() + 6, _NAMES)
                    draw_text(painter, words, self._label(item), t.text2, font(12), CENTER, Qt.TextElideMode.ElideMiddle)
                if number == self._hovered:
                    draw_box(painter, place, 3, None, t.ink(self._ink), 2)
        painter.end()

    def _draw_text(self, painter: QPainter, place: QRectF, item: int, similarity: float, hovered: bool) -> None:
        t = tokens()
        if hovered:
            draw_box(painter, place, 4, t.hover)
        inner = place.adjusted(6, 0, -6, 0)
        text = " ".join(self._faces.text(item)[:200].split())
        how = self._label(item) if self._labelled else wording.decimal(similarity)
        wide = min(text_width(how, font(13)) + 2, inner.width() * 0.4) if self._labelled else 36
        draw_text(painter, inner.adjusted(0, 0, -wide - 12, 0), text, t.text, font(13))
        draw_text(
            painter, QRectF(inner.right() - wide, inner.y(), wide, inner.height()), how, t.text2, font(13, figures=True), RIGHT
        )

    def _label(self, item: int) -> str:
        face = self._faces.face(item)
        return face.suggested if face.state is not None and face.suggested else face.given
