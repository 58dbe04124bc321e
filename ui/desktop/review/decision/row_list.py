"""Rows of classes at fixed places: decisions on top, then the classes, or those that match the typing. Not how they look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from badcase.ui.desktop.look.theme import ROW_CLASS, ROW_DECISION
from badcase.ui.desktop.review.state.class_choices import Listed
from badcase.ui.desktop.widgets.tooltips import plain_tip

GAP = 8
AFTER_HEADS = 10
L = TypeVar("L", bound=Listed)


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is drawn: the place of its class in the list, where, and whether it is a decision row."""

    place: int
    rect: QRectF
    head: bool


class RowList(QWidget, Generic[L]):
    """The next item's rows replace the last in the same places. `chosen` tells the class of a clicked row."""

    chosen = Signal(int)
    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("answers")
        self._choices: L | None = None
        self._found: list[int] | None = None  # places that match what is typed; None while nothing is
        self._picked = 0
        self._scroll = 0
        self._hovered = -1
        self._rows_wanted = 6
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_choices(self, choices: L | None) -> None:
        self._choices = choices
        self._found, self._picked, self._scroll = None, 0, 0
        self.update()

    def set_rows(self, rows: int) -> None:
        """How many class rows stand under two decision rows."""
        if rows != self._rows_wanted:
            self._rows_wanted = rows
            self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def hidden(self) -> int:
        """How many classes are not in sight."""
        if self._choices is None:
            return 0
        return max(0, len(self._choices) - len(self._rows()))

    # --- typing -------------------------------------------------------------------------------------------------

    def narrow(self, typed: str) -> None:
        """Show only classes that match; an empty text shows all again."""
        self._found = self._choices.matching(typed) if typed.strip() and self._choices is not None else None
        self._picked = self._scroll = 0
        self.update()

    def pick(self, by: int) -> None:
        """Move the mark among the matches."""
        if self._found:
            self._picked = min(max(self._picked + by, 0), len(self._found) - 1)
            room = self._room()
            self._scroll = min(max(self._scroll, self._picked - room + 1), self._picked)
            self.update()

    def picked(self) -> int | None:
        """The class that Enter would take while typing, None where nothing matches."""
        if not self._found or self._choices is None:
            return None
        return self._choices.order[self._found[self._picked]]

    # --- geometry -----------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(300, 2 * ROW_DECISION + GAP + AFTER_HEADS + self._rows_wanted * ROW_CLASS)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def _headed(self) -> int:
        return self._choices.headed if self._choices is not None else 0

    def _below(self) -> float:
        """Where the class rows begin."""
        return self._headed() * (ROW_DECISION + GAP) - GAP + AFTER_HEADS

    def _room(self) -> int:
        """How many class rows fit under the decision rows."""
        return int((self.height() - self._below()) // ROW_CLASS)

    def _rows(self) -> list[Row]:
        if self._choices is None:
            return []
        wide = float(self.width())
        heads = self._headed()
        rows = [Row(place, QRectF(0, place * (ROW_DECISION + GAP), wide, ROW_DECISION), True) for place in range(heads)]
        listed = self._found if self._found is not None else list(range(heads, min(len(self._choices), heads + 400)))
        shown = listed[self._scroll : self._scroll + self._room()]
        return rows + [
            Row(place, QRectF(0, self._below() + line * ROW_CLASS, wide, ROW_CLASS), False) for line, place in enumerate(shown)
        ]

    def row_rect(self, label: int) -> QRectF | None:
        """Where a class stands, None where it is not in sight."""
        if self._choices is None:
            return None
        order = self._choices.order
        return next((row.rect for row in self._rows() if order[row.place] == label), None)

    def _at(self, point: QPointF) -> Row | None:
        return next((row for row in self._rows() if row.rect.contains(point)), None)

    # --- events -------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row = self._at(event.position())
        place = -1 if row is None else row.place
        if place != self._hovered:
            self._hovered = place
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        row = self._at(event.position())
        if row is not None and self._choices is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self._choices.order[row.place])

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._choices is None:
            return
        total = len(self._found) if self._found is not None else len(self._choices) - self._headed()
        step = -1 if event.angleDelta().y() > 0 else 1
        self._scroll = min(max(self._scroll + step, 0), max(0, total - self._room()))
        self.update()
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self._choices is not None:
            row = self._at(QPointF(event.pos()))
            words = self._choices.called(self._choices.order[row.place]) if row else ""
            QToolTip.showText(event.globalPos(), plain_tip(words), self)
            return True
        return super().event(event)
