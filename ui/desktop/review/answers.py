"""The answers a person can give: the decision rows, then the classes by likelihood, or those that match the typing."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from badcase.language import _
from ui.desktop.review.choices import Choice, Choices, Role
from ui.desktop.theme import ROW_CLASS, ROW_DECISION, font, tokens
from ui.desktop.widgets.painting import RIGHT, begin, cap_size, draw_bar, draw_box, draw_cap, draw_text, text_width

_GAP = 8
_AFTER_HEADS = 10
_VALUE = 40
_SHORTEST = 44  # bar beside the names


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that is drawn: the place of its class in the choices, where, and whether it is a decision row."""

    place: int
    rect: QRectF
    head: bool


class AnswerList(QWidget):
    """Painted rows of fixed places: the next item's answers replace the last in the same rows.

    `chosen` tells the class of a clicked row.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("answers")
        self._choices: Choices | None = None
        self._found: list[int] | None = None  # places that match what is typed; None while nothing is
        self._picked = 0
        self._scroll = 0
        self._hovered = -1
        self._rows_wanted = 6
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_choices(self, choices: Choices | None) -> None:
        self._choices = choices
        self._found, self._picked, self._scroll = None, 0, 0
        self.update()

    def set_rows(self, rows: int) -> None:
        """How many class rows stand under two decision rows."""
        if rows != self._rows_wanted:
            self._rows_wanted = rows
            self.updateGeometry()

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
        return QSize(300, 2 * ROW_DECISION + _GAP + _AFTER_HEADS + self._rows_wanted * ROW_CLASS)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def _heads(self) -> list[Choice]:
        return self._choices.heads() if self._choices is not None else []

    def _below(self) -> float:
        return len(self._heads()) * (ROW_DECISION + _GAP) - _GAP + _AFTER_HEADS

    def _room(self) -> int:
        """How many class rows fit under the decision rows."""
        return int((self.height() - self._below()) // ROW_CLASS)

    def _rows(self) -> list[_Row]:
        if self._choices is None:
            return []
        wide = float(self.width())
        heads = len(self._heads())
        rows = [_Row(place, QRectF(0, place * (ROW_DECISION + _GAP), wide, ROW_DECISION), True)
                for place in range(heads)]  # fmt: skip
        listed = self._found if self._found is not None else list(range(heads, min(len(self._choices), heads + 400)))
        shown = listed[self._scroll : self._scroll + self._room()]
        return rows + [_Row(place, QRectF(0, self._below() + line * ROW_CLASS, wide, ROW_CLASS), False)
                       for line, place in enumerate(shown)]  # fmt: skip

    def row_rect(self, label: int) -> QRectF | None:
        """Where a class stands, None where it is not in sight."""
        if self._choices is None:
            return None
        order = self._choices.order
        return next((row.rect for row in self._rows() if order[row.place] == label), None)

    def _at(self, point: QPointF) -> _Row | None:
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
        total = len(self._found) if self._found is not None else len(self._choices) - len(self._heads())
        step = -1 if event.angleDelta().y() > 0 else 1
        self._scroll = min(max(self._scroll + step, 0), max(0, total - self._room()))
        self.update()
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self._choices is not None:
            row = self._at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._choices.choice(row.place).name if row else "", self)
            return True
        return super().event(event)

    # --- painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._choices is None:
            return
        painter = begin(self)
        typing = self._found is not None
        bar = self._bar_width()
        for row in self._rows():
            choice = self._choices.choice(row.place)
            if row.head:
                self._draw_head(painter, row, choice, bar, typing)
            else:
                picked = typing and self._found is not None and row.place == self._found[self._picked]
                self._draw_class(painter, row, choice, bar, picked)
        if typing and not self._found:
            line = QRectF(44, self._below(), self.width() - 44, ROW_CLASS)
            draw_text(painter, line, _("no class has this in its name"), tokens().text3, font(13))
        painter.end()

    def _bar_width(self) -> float:
        """The bar beside the names; 0 where names are so long that the bar goes beneath them."""
        if self._choices is None:
            return 0.0
        names = [self._choices.choice(row.place).name for row in self._rows()]
        longest = max((text_width(name, font(15, bold=True)) for name in names), default=0)
        roles = [text_width(_roles()[head.role], font(12)) for head in self._heads()]
        longest = max([longest, *roles])
        room = self.width() - 40 - longest - 12 - 6 - _VALUE - 12 - cap_size("Space").width() - 10
        return float(min(92, room)) if room >= _SHORTEST else 0.0

    def _columns(self, rect: QRectF, bar: float) -> tuple[QRectF, QRectF, QRectF]:
        """Name, bar and value: the same columns in every row."""
        end = rect.right() - 10 - cap_size("Space").width() - 12
        value = QRectF(end - _VALUE, rect.y(), _VALUE, rect.height())
        place = QRectF(value.x() - 6 - bar, rect.center().y(), bar, 0)
        return QRectF(rect.x() + 40, rect.y(), place.x() - rect.x() - 52, rect.height()), place, value

    def _draw_head(self, painter: QPainter, row: _Row, choice: Choice, bar: float, typing: bool) -> None:
        t, rect = tokens(), row.rect
        first = choice.role is not Role.GIVEN
        live = first and not typing
        ink = t.accent if first else t.given
        plain = t.hover if row.place == self._hovered else t.raised if t.dark else t.surface
        draw_box(painter, rect, 6, t.soft(t.accent) if live else plain, t.soft_border(t.accent) if live else t.line)
        if choice.digit:
            draw_cap(painter, QRectF(rect.x() + 10, rect.center().y() - 10, 20, 20), choice.digit, on_accent=live)
        keys = "Enter" if first else "Space"
        size = cap_size(keys)
        cap = QRectF(rect.right() - 10 - size.width(), rect.center().y() - 10, size.width(), 20)
        draw_cap(painter, cap, keys, on_accent=live, enabled=not typing)
        name, place, value = self._columns(rect, bar)
        under = QRectF(name.x(), rect.y() + 26, rect.width(), 18)
        if not bar:  # a long name: it takes the line, the bar moves beneath it
            name.setWidth(cap.x() - name.x() - 10)
            place = QRectF(name.x() + 92, under.center().y() + 1, max(0.0, value.x() - name.x() - 98), 0)
            value = QRectF(value.x(), under.y(), value.width(), under.height())
        draw_text(painter, QRectF(name.x(), rect.y() + 5, name.width(), 22), choice.name, t.text, font(15, bold=True))
        draw_text(painter, under, _roles()[choice.role], ink, font(12))
        self._draw_value(painter, place, value, choice, ink, 8 if bar else 6, t.text)

    def _draw_class(self, painter: QPainter, row: _Row, choice: Choice, bar: float, picked: bool) -> None:
        t, rect = tokens(), row.rect
        if picked:
            draw_box(painter, rect, 6, t.soft(t.accent), t.soft_border(t.accent))
            size = cap_size("Enter")
            cap = QRectF(rect.right() - 10 - size.width(), rect.center().y() - 10, size.width(), 20)
            draw_cap(painter, cap, "Enter", on_accent=True)
        elif row.place == self._hovered:
            draw_box(painter, rect, 6, t.hover)
        name, place, value = self._columns(rect, bar)
        if not bar and not picked:
            value = QRectF(rect.right() - 10 - _VALUE, rect.y(), _VALUE, rect.height())
        if not bar:
            name.setWidth(value.x() - name.x() - 8)
        if choice.digit:
            draw_cap(painter, QRectF(rect.x() + 10, rect.center().y() - 10, 20, 20), choice.digit)
        draw_text(painter, name, choice.name, t.text, font(13))
        self._draw_value(painter, place, value, choice, t.line2, 4, t.text2)

    def _draw_value(
        self, painter: QPainter, place: QRectF, value: QRectF, choice: Choice, ink: QColor, thick: int, text: QColor
    ) -> None:
        if choice.likelihood != choice.likelihood:  # NaN: nothing known
            return
        if place.width() > 0:
            bar = QRectF(place.x(), place.y() - thick / 2, place.width(), thick)
            draw_bar(painter, bar, choice.likelihood, ink)
        draw_text(painter, value, f"{choice.likelihood:.2f}", text, font(13, figures=True), RIGHT)


def _roles() -> dict[Role, str]:
    return {Role.SUGGESTION: _("suggestion"), Role.GIVEN: _("given"), Role.BOTH: _("given = suggestion")}
