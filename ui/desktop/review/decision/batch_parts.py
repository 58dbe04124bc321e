"""The parts of the batch panel: the two big decisions, the faces, the classes, and the preview of every change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from badcase.i18n import _, plural
from badcase.ui import wording
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import ROW_DECISION, font, tokens
from badcase.ui.desktop.review.grid.item_cards import Face, Faces, draw_media, draw_pair
from badcase.ui.desktop.review.state.class_choices import Listed
from badcase.ui.desktop.widgets import PaintedButton
from badcase.ui.desktop.widgets.painting import RIGHT, begin, cap_size, draw_box, draw_cap, draw_ring, draw_text
from badcase.ui.desktop.widgets.tooltips import plain_tip

_PREVIEWED = 8
_LINE = 27
IN_SIGHT = 6
L = TypeVar("L", bound=Listed)


@dataclass(frozen=True, slots=True)
class Change:
    """One label that accepting would change: the item as it looks, and how likely the suggestion is."""

    face: Face
    likelihood: float


class BigRow(PaintedButton):
    """A decision for all: what, what it means, and its key."""

    def __init__(self, title: str, keys: str, first: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys, self._first, self._under = keys, first, ""
        self.setText(title)
        self.setFixedHeight(ROW_DECISION + 2)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_under(self, words: str) -> None:
        self._under = words
        self.setToolTip(plain_tip(f"{self.text()}: {words}  ({self._keys})"))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter, rect = tokens(), begin(self), QRectF(self.rect())
        plain = t.hover if self.underMouse() else t.raised if t.dark else t.surface
        border = t.soft_border(t.accent) if self._first else t.control
        draw_box(painter, rect, 6, t.soft(t.accent) if self._first else plain, border)
        if self.rings:
            draw_ring(painter, rect, 6)
        size = cap_size(self._keys)
        inner = rect.adjusted(14, 0, -size.width() - 22, 0)
        draw_text(painter, QRectF(inner.x(), 6, inner.width(), 22), self.text(), t.text, font(15, bold=True))
        ink = t.accent if self._first else t.text2
        draw_text(painter, QRectF(inner.x(), 27, inner.width(), 18), self._under, ink, font(12))
        cap = QRectF(rect.right() - 12 - size.width(), rect.center().y() - 10, size.width(), 20)
        draw_cap(painter, cap, self._keys, on_accent=self._first)
        painter.end()


class FaceRow(QWidget):
    """The first few of the selection, side by side."""

    def __init__(self, faces: Faces, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._faces = faces
        self._items: Sequence[int] = ()
        self._total = 0
        self.setFixedHeight(0 if faces.is_text else 42)

    def show_items(self, items: Sequence[int], total: int) -> None:
        self._items, self._total = items, total
        self.update()

    def count(self) -> int:
        return max(1, int((self.width() + 4) // 46))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._faces.is_text:
            return
        t, painter = tokens(), begin(self)
        room = self.count()
        shown = room if self._total <= room else room - 1
        for number, item in enumerate(self._items[:shown]):
            place = QRectF(number * 46, 0, 42, 42)
            draw_media(painter, place, self._faces.picture(item, 42 * self.devicePixelRatioF()))
        if self._total > shown:
            rest = QRectF(shown * 46, 0, 42, 42)
            words = f"+{wording.count(self._total - shown)}"
            draw_text(painter, rest, words, t.text2, font(12), Qt.AlignmentFlag.AlignCenter)
        painter.end()


class ClassPairs(QWidget, Generic[L]):
    """The likeliest classes in two columns, each with its digit; while typing, those that match."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("batch-classes")
        self._choices: L | None = None
        self._places: list[int] = []
        self._typing = False
        self.picked = 0
        self.setFixedHeight(3 * 29)
        self.setMouseTracking(True)

    def show_choices(self, choices: L | None) -> None:
        self._choices = choices
        self.narrow("")

    def narrow(self, typed: str) -> None:
        self._typing = bool(typed.strip())
        if self._choices is None:
            self._places = []
        elif self._typing:
            self._places = self._choices.matching(typed)
        else:
            self._places = list(range(len(self._choices)))
        self.picked = 0
        self.update()

    def hidden(self) -> int:
        return max(0, len(self._places) - IN_SIGHT)

    def in_sight(self) -> list[int]:
        """The classes that are shown, in their order."""
        return [] if self._choices is None else [self._choices.order[place] for place in self._places[:IN_SIGHT]]

    def pick(self, by: int) -> None:
        self.picked = min(max(self.picked + by, 0), max(0, min(IN_SIGHT, len(self._places)) - 1))
        self.update()

    def taken(self) -> int | None:
        """The class that Enter would set while typing."""
        if not self._typing or not self._places or self._choices is None:
            return None
        return self._choices.order[self._places[self.picked]]

    def _cell(self, number: int) -> QRectF:
        half = self.width() / 2
        return QRectF((number % 2) * half, (number // 2) * 29, half - 6, 28)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        for number, place in enumerate(self._places[:IN_SIGHT]):
            if self._cell(number).contains(event.position()) and self._choices is not None:
                self.chosen.emit(self._choices.order[place])
                return

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        for number, place in enumerate(self._places[:IN_SIGHT]):
            assert self._choices is not None
            digit, cell = self._choices.digit(place), self._cell(number)
            if self._typing and number == self.picked:
                draw_box(painter, cell, 6, t.soft(t.accent), t.soft_border(t.accent))
            if digit:
                draw_cap(painter, QRectF(cell.x() + 2, cell.y() + 4, 20, 20), digit)
            self._draw_name(painter, cell.adjusted(34, 0, -2, 0), self._choices, place)
        painter.end()

    def _draw_name(self, painter: QPainter, cell: QRectF, choices: L, place: int) -> None:
        draw_text(painter, cell, choices.called(choices.order[place]), tokens().text, font(13))


class BatchPreview(QWidget):
    """Every label that Enter would change: the first eight, then how many more."""

    def __init__(self, faces: Faces, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("preview")
        self._faces = faces
        self.changes: Sequence[Change] = ()
        self._total = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_changes(self, changes: Sequence[Change], total: int) -> None:
        self.changes, self._total = changes[:_PREVIEWED], total
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        more = self._total > len(self.changes)
        return QSize(280, max(1, len(self.changes) + more) * _LINE)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        for number, change in enumerate(self.changes):
            self._draw(painter, QRectF(0, number * _LINE, self.width(), _LINE), change)
        rest = self._total - len(self.changes)
        line = QRectF(0, len(self.changes) * _LINE, self.width(), _LINE)
        if rest > 0:
            words = plural("and {n} more", "and {n} more", rest).format(n=wording.count(rest))
            draw_text(painter, line, words, t.text2, font(13))
        elif not self.changes:
            draw_text(painter, line, _("nothing: the suggestions are the given labels"), t.text3, font(13))
        painter.end()

    def _draw(self, painter: QPainter, line: QRectF, change: Change) -> None:
        t = tokens()
        x = line.x()
        if not self._faces.is_text:
            picture = self._faces.picture(change.face.item, 22 * self.devicePixelRatioF())
            draw_media(painter, QRectF(x, line.y() + 2, 22, 22), picture)
            x += 32
        draw_pair(painter, QRectF(x, line.y(), line.right() - x - 48, _LINE), change.face, px=13)
        if change.likelihood == change.likelihood:
            draw_text(painter, line, f"{change.likelihood:.2f}", t.text2, font(13, figures=True), RIGHT)


class UndoLine(QWidget):
    """The promise under the preview."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._n = 0
        self.setFixedHeight(24)

    def show_count(self, n: int) -> None:
        self._n = n
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        draw_icon(painter, "undo", QRectF(QPointF(0, 6), QPointF(12, 18)), t.text3)
        words = plural("One undo takes it back", "One undo takes all {n} back", self._n)
        rect = QRectF(22, 0, self.width() - 22, 24)
        draw_text(painter, rect, words.format(n=wording.count(self._n)), t.text2, font(12))
        painter.end()
