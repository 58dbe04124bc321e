"""Conflicts: the data changed a label after somebody had judged it. 1 lets the verdict stand, 2 takes what the data say now."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter

from badcase.i18n import _
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.update.painted_rows import PaintedRows
from badcase.ui.desktop.widgets.painting import cap_size, draw_box, draw_cap, draw_text
from badcase.ui.reviewer_words import reviewer_name, since
from badcase.updating.update_preview import PreviewRow

KEEP, TAKE = 1, 2
_BUTTON = 232


class DataConflictRows(PaintedRows):
    """`decided` comes with every answer; `answers` has KEEP or TAKE by the id of the item."""

    decided = Signal()
    HIGH = 56

    def __init__(self) -> None:
        super().__init__("update_conflicts")
        self.rows: Sequence[PreviewRow] = []
        self.answers: dict[int, int] = {}
        self.head = 26
        self.setAccessibleName(_("Conflicts: 1 keeps the verdict, 2 takes what the data say"))

    def show_rows(self, rows: Sequence[PreviewRow]) -> None:
        self.rows, self.answers = sorted(rows, key=lambda one: one.locked), {}
        self.filled()

    def count(self) -> int:
        return len(self.rows)

    def answer(self, row: int, answer: int) -> None:
        """Decide for one row, or take the same answer back; the next one is current then. Gold is decided nowhere."""
        one = self.rows[row]
        if one.locked or (answer == TAKE and not one.now):
            return
        if self.answers.get(one.item) == answer:
            del self.answers[one.item]
        else:
            self.answers[one.item] = answer
            self.go(row + 1)
        self.update()
        self.decided.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        answers = {Qt.Key.Key_1: KEEP, Qt.Key.Key_2: TAKE}
        if event.key() in answers and self.rows and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.answer(self.current, answers[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def press(self, row: int, point: QPointF) -> None:
        for answer in (KEEP, TAKE):
            if self.button(row, answer).contains(point):
                self.answer(row, answer)
                return
        super().press(row, point)

    def button(self, row: int, answer: int) -> QRectF:
        """Where the answer of a row stands."""
        rect = self.row_rect(row)
        wide = min(float(_BUTTON), (rect.width() - 220) / 2)
        x = rect.right() - 8 - (3 - answer) * wide - (2 - answer) * 8
        return QRectF(x, rect.y() + 12, wide, 32)

    def paint_head(self, painter: QPainter) -> None:
        t, small = tokens(), font(12)
        for answer, words in ((KEEP, _("Your verdict")), (TAKE, _("The source now"))):
            draw_text(painter, QRectF(self.button(0, answer).x(), 0, _BUTTON, 20), words, t.text2, small)
        hint = QRectF(8, 0, self.button(0, KEEP).x() - 24, 20)
        draw_text(painter, hint, _("Up and down move, a digit decides"), t.text3, small)

    def paint_row(self, painter: QPainter, rect: QRectF, row: int) -> None:
        t, one = tokens(), self.rows[row]
        wide = self.button(row, KEEP).x() - 24
        text = " ".join(one.text.split()) or one.key
        draw_text(painter, QRectF(8, rect.y() + 8, wide, 20), text, t.text, font(13))
        if one.locked:
            draw_icon(painter, "lock", QRectF(8, rect.y() + 31, 12, 12), t.text2)
            draw_text(painter, QRectF(26, rect.y() + 28, wide - 18, 18), _("gold, locked: check it blind"), t.text2, font(12))
        else:
            words = _("was {label}").format(label=one.was or _("without a label"))
            if one.at:
                told = _("{was}; {who} judged it {when}")
                words = told.format(was=words, who=reviewer_name(one.who), when=since(one.at))
            draw_text(painter, QRectF(8, rect.y() + 28, wide, 18), words, t.given, font(12))
        for answer, name in ((KEEP, one.before), (TAKE, one.now or _("no label"))):
            self._paint_answer(painter, row, answer, name, chosen=self.answers.get(one.item) == answer)

    def _paint_answer(self, painter: QPainter, row: int, answer: int, name: str, *, chosen: bool) -> None:
        t, one, box = tokens(), self.rows[row], self.button(row, answer)
        usable = not one.locked and (answer == KEEP or bool(one.now))
        draw_box(painter, box, 6, t.soft(t.accent) if chosen else t.raised, t.accent if chosen else t.control)
        size = cap_size(str(answer))
        draw_cap(painter, QRectF(box.x() + 8, box.y() + 6, size.width(), size.height()), str(answer), enabled=usable)
        ink = t.accent if chosen else t.text if usable else t.disabled
        draw_text(painter, box.adjusted(size.width() + 18, 0, -8, 0), name, ink, font(13, chosen or answer == KEEP))
