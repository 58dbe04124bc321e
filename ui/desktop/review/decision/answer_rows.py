"""The answers a person can give: the decision rows, then the classes by likelihood, or those that match the typing."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent

from badcase.i18n import _
from badcase.ui.desktop.look.theme import ROW_CLASS, font, tokens
from badcase.ui.desktop.review.decision.row_list import Row, RowList
from badcase.ui.desktop.review.state.class_choices import Choices, ClassChoice, Role
from badcase.ui.desktop.widgets.painting import (
    RIGHT,
    begin,
    cap_size,
    draw_bar,
    draw_box,
    draw_cap,
    draw_text,
    elide_mode,
    text_width,
)

_VALUE = 40
_SHORTEST = 44  # bar beside the names


class AnswerList(RowList[Choices]):
    """Painted answers with one class an item."""

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
        longest = max(longest, self._widest_role())
        room = self.width() - 40 - longest - 12 - 6 - _VALUE - 12 - cap_size("Space").width() - 10
        return float(min(92, room)) if room >= _SHORTEST else 0.0

    def _widest_role(self) -> int:
        """Of the words under the names of the decision rows; at most half the width, for others' names may be long."""
        heads = self._choices.heads() if self._choices is not None else []
        widest = max((text_width(self._role(head.role), font(12)) for head in heads), default=0)
        return min(widest, self.width() // 2)

    def _columns(self, rect: QRectF, bar: float) -> tuple[QRectF, QRectF, QRectF]:
        """Name, bar and value: the same columns in every row."""
        end = rect.right() - 10 - cap_size("Space").width() - 12
        value = QRectF(end - _VALUE, rect.y(), _VALUE, rect.height())
        place = QRectF(value.x() - 6 - bar, rect.center().y(), bar, 0)
        return QRectF(rect.x() + 40, rect.y(), place.x() - rect.x() - 52, rect.height()), place, value

    def _draw_head(self, painter: QPainter, row: Row, choice: ClassChoice, bar: float, typing: bool) -> None:
        t, rect = tokens(), row.rect
        first = choice.role is not Role.GIVEN
        live = first and not typing
        ink = t.ink("fixed") if choice.role is Role.DECIDED else t.accent if first else t.given
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
            start = name.x() + max(92, self._widest_role() + 12)
            place = QRectF(start, under.center().y() + 1, max(0.0, value.x() - 6 - start), 0)
            value = QRectF(value.x(), under.y(), value.width(), under.height())
            under.setWidth(start - under.x() - 8)
        heads = [head.name for head in self._choices.heads()] if self._choices is not None else []
        line = QRectF(name.x(), rect.y() + 5, name.width(), 22)
        draw_text(painter, line, choice.name, t.text, font(15, bold=True), mode=elide_mode(*heads))
        draw_text(painter, under, self._role(choice.role), ink, font(12))
        self._draw_value(painter, place, value, choice, ink, 8 if bar else 6, t.text)

    def _role(self, role: Role) -> str:
        if role is Role.DECIDED and self._choices is not None:
            return self._choices.said
        return _roles()[role]

    def _draw_class(self, painter: QPainter, row: Row, choice: ClassChoice, bar: float, picked: bool) -> None:
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
        self, painter: QPainter, place: QRectF, value: QRectF, choice: ClassChoice, ink: QColor, thick: int, text: QColor
    ) -> None:
        if choice.likelihood != choice.likelihood:  # NaN: nothing known
            return
        if place.width() > 0:
            bar = QRectF(place.x(), place.y() - thick / 2, place.width(), thick)
            draw_bar(painter, bar, choice.likelihood, ink)
        draw_text(painter, value, f"{choice.likelihood:.2f}", text, font(13, figures=True), RIGHT)


def _roles() -> dict[Role, str]:
    return {Role.SUGGESTION: _("suggestion"), Role.GIVEN: _("given"), Role.BOTH: _("given = suggestion")}
