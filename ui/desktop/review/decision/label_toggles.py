"""The labels of an item as toggles: what Enter writes and Space keeps, then every label with what speaks for it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip

from badcase.i18n import _
from badcase.ui import wording
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import ROW_CLASS, ROW_DECISION, font, tokens
from badcase.ui.desktop.review.decision.batch_parts import IN_SIGHT, ClassPairs
from badcase.ui.desktop.review.decision.row_list import AFTER_HEADS, GAP, RowList
from badcase.ui.desktop.review.filtering.filters import set_words
from badcase.ui.desktop.review.state.label_choices import BatchLabels, LabelChoice, LabelChoices
from badcase.ui.desktop.widgets.painting import CENTER, RIGHT, begin, cap_size, draw_bar, draw_box, draw_cap, draw_text
from badcase.ui.desktop.widgets.tooltips import plain_tip

_CAPTIONS = 22
_VALUE, _GIVEN = 34, 30
_LEAST_NAME, _BAR = 96, 44
ACCEPT, KEEP = "accept", "keep"


class LabelList(RowList[LabelChoices]):
    """`chosen` tells a label to turn over, `decided` what a click on a decision means: `ACCEPT` or `KEEP`."""

    decided = Signal(str)

    def show_choices(self, choices: LabelChoices | None) -> None:
        """The labels of an item; while they are turned the list stays where it was scrolled to, as far as it shows the turned."""
        before, scroll = self._choices, self._scroll
        super().show_choices(choices)
        if choices is not None and before is not None and choices.item == before.item:
            self._scroll = scroll
            for label in np.flatnonzero(before.wanted != choices.wanted).tolist():
                place = choices.order.index(label)
                self._scroll = min(max(self._scroll, place - self._room() + 1), place)

    # --- geometry -----------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return super().sizeHint() + QSize(0, _CAPTIONS + ROW_CLASS)

    def _below(self) -> float:
        return 2 * (ROW_DECISION + GAP) - GAP + AFTER_HEADS + _CAPTIONS

    def head_rect(self, decision: str) -> QRectF:
        """Where a decision stands."""
        return QRectF(0, (ROW_DECISION + GAP) * (decision == KEEP), self.width(), ROW_DECISION)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._choices is not None:
            for decision in (ACCEPT, KEEP):
                if self.head_rect(decision).contains(event.position()):
                    self.decided.emit(decision)
                    return
        super().mouseReleaseEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self._choices is not None:
            for decision, row in ((ACCEPT, self._choices.wanted), (KEEP, self._choices.given)):
                if self.head_rect(decision).contains(QPointF(event.pos())):
                    QToolTip.showText(event.globalPos(), plain_tip(set_words(self._choices.names, row)), self)
                    return True
        return super().event(event)

    def _columns(self, rect: QRectF) -> tuple[QRectF, QRectF, QRectF, QRectF, QRectF]:
        """Name, given, bar, probability and suspicion: the same columns in every row."""
        doubt = QRectF(rect.right() - 6 - _VALUE, rect.y(), _VALUE, rect.height())
        value = doubt.translated(-_VALUE - 4, 0)
        bar = _BAR if value.x() - _BAR - _GIVEN - 66 >= _LEAST_NAME else 0
        place = QRectF(value.x() - bar, rect.center().y() - 2, bar, 4)
        given = QRectF(place.x() - _GIVEN - 4, rect.y(), _GIVEN, rect.height())
        return QRectF(rect.x() + 58, rect.y(), given.x() - rect.x() - 62, rect.height()), given, place, value, doubt

    # --- painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        choices = self._choices
        if choices is None:
            return
        t, painter, typing = tokens(), begin(self), self._found is not None
        self._draw_head(painter, ACCEPT, set_words(choices.names, choices.wanted), _role(choices), typing)
        self._draw_head(painter, KEEP, set_words(choices.names, choices.given), _("given"), typing)
        self._draw_captions(painter)
        for row in self._rows():
            picked = typing and self._found is not None and row.place == self._found[self._picked]
            self._draw_label(painter, row.rect, choices.choice(row.place), picked, row.place == self._hovered)
        if typing and not self._found:
            line = QRectF(58, self._below(), self.width() - 58, ROW_CLASS)
            draw_text(painter, line, _("no label has this in its name"), t.text3, font(13))
        painter.end()

    def _draw_head(self, painter: QPainter, decision: str, words: str, role: str, typing: bool) -> None:
        t, rect, first = tokens(), self.head_rect(decision), decision == ACCEPT
        live = first and not typing and role != _untouched()
        plain = t.raised if t.dark else t.surface
        draw_box(painter, rect, 6, t.soft(t.accent) if live else plain, t.soft_border(t.accent) if live else t.line)
        keys = "Enter" if first else "Space"
        size = cap_size(keys)
        cap = QRectF(rect.right() - 10 - size.width(), rect.center().y() - 10, size.width(), 20)
        draw_cap(painter, cap, keys, on_accent=live, enabled=live if first else not typing)
        room = cap.x() - rect.x() - 24
        draw_text(painter, QRectF(rect.x() + 12, rect.y() + 5, room, 22), words, t.text, font(15, bold=True))
        ink = t.accent if first else t.given
        draw_text(painter, QRectF(rect.x() + 12, rect.y() + 26, room, 18), role, ink, font(12))

    def _draw_captions(self, painter: QPainter) -> None:
        t, face = tokens(), font(11)
        line = QRectF(0, self._below() - _CAPTIONS, self.width(), _CAPTIONS - 2)
        _name, given, bar, value, doubt = self._columns(line)
        draw_text(painter, given.adjusted(-8, 0, 8, 0), _("given"), t.text3, face, CENTER)
        draw_text(painter, QRectF(bar.x(), line.y(), value.right() - bar.x(), line.height()), _("model"), t.text3, face, RIGHT)
        draw_text(painter, doubt.adjusted(-4, 0, 0, 0), _("doubt"), t.text3, face, RIGHT)

    def _draw_label(self, painter: QPainter, rect: QRectF, one: LabelChoice, picked: bool, hovered: bool) -> None:
        t = tokens()
        if picked:
            draw_box(painter, rect, 6, t.soft(t.accent), t.soft_border(t.accent))
        elif hovered:
            draw_box(painter, rect, 6, t.hover)
        if one.digit:
            draw_cap(painter, QRectF(rect.x() + 4, rect.center().y() - 10, 20, 20), one.digit)
        draw_tick(painter, QRectF(rect.x() + 33, rect.center().y() - 8, 16, 16), one.wanted)
        name, given, bar, value, doubt = self._columns(rect)
        changes, doubted = one.wanted != one.given, one.suggested is not None and one.suggested != one.given
        sign = "" if not changes else "+ " if one.wanted else "− "  # what Enter writes, which a person may have turned
        draw_text(painter, name, sign + one.name, t.accent if changes else t.text, font(13, bold=changes))
        if one.given:
            dot = QRectF(given.center().x() - 4, given.center().y() - 4, 8, 8)
            draw_box(painter, dot, 4, t.given)
        if one.probability == one.probability:  # not NaN
            if bar.width():
                draw_bar(painter, bar, one.probability, t.line2)
            draw_text(painter, value, f"{one.probability:.2f}", t.text2, font(13, figures=True), RIGHT)
        if one.suspicion == one.suspicion:
            ink = t.given if doubted else t.text3
            draw_text(painter, doubt, f"{one.suspicion:.2f}", ink, font(13, figures=True, bold=doubted), RIGHT)


class LabelPairs(ClassPairs[BatchLabels]):
    """The likeliest labels of a selection: how many have each, and what was turned on or off for all."""

    def narrow(self, typed: str) -> None:
        """Those that were turned are in sight also where others are likelier."""
        super().narrow(typed)
        choices = self._choices
        if choices is not None and not self._typing:
            turned = [place for place in self._places if choices.edit.turned(choices.order[place]) is not None]
            rest = [place for place in self._places if place not in turned]
            sight = sorted([*turned, *rest[: max(0, IN_SIGHT - len(turned))]])
            self._places = [*sight, *(place for place in self._places if place not in sight)]

    def _draw_name(self, painter: QPainter, cell: QRectF, choices: BatchLabels, place: int) -> None:
        t, label = tokens(), choices.order[place]
        turned, count = choices.edit.turned(label), wording.count(int(choices.having[label]))
        words = count if turned is None else "+" if turned else "−"
        taken = draw_text(painter, cell, words, t.text3 if turned is None else t.accent, font(12, bold=turned is not None), RIGHT)
        name = cell.adjusted(0, 0, -taken - 6, 0)
        draw_text(painter, name, choices.names[label], t.text if turned is None else t.accent, font(13, bold=turned is not None))


def draw_tick(painter: QPainter, box: QRectF, on: bool) -> None:
    """A box that is ticked or not."""
    t = tokens()
    fill: QColor = t.accentfill if on else t.surface
    draw_box(painter, box, 4, fill, None if on else t.control, 1.2)
    if on:
        draw_icon(painter, "check", box.adjusted(3, 3, -3, -3), t.ink("white"))


def _role(choices: LabelChoices) -> str:
    """Where the labels come from that Enter writes."""
    same = (choices.wanted == choices.given).all()
    if choices.suggested is not None and (choices.wanted == choices.suggested).all():
        return _("given = suggestion") if same else _("suggestion")
    if same and choices.suggested is None:
        return _untouched()
    return _("your choice, as given") if same else _("your choice")


def _untouched() -> str:
    """Instead of where the labels come from, while no suggestion is shown and Enter would write nothing."""
    return _("turn labels on or off, then Enter")
