"""One half of the comparison: whose item it is, the item at full size, what it is given and what is suggested."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.review.item.image_view import ImageView
from badcase.ui.desktop.review.item.text_view import TextSheet
from badcase.ui.desktop.widgets import Panel
from badcase.ui.desktop.widgets.painting import CENTER, RIGHT, begin, draw_bar, draw_box, draw_text, text_width

HEAD, FOOT, TILE = 40, 84, 22


@dataclass(frozen=True, slots=True)
class HalfFacts:
    """What is written around one item. suggested: "" where nothing is, or may be, told; likelihood: NaN where not known; changed:
    the label is not the given one."""

    key: str
    split: str
    what: str
    label: str
    role: str
    source: str
    suggested: str = ""
    suggested_words: str = ""
    likelihood: float = float("nan")
    changed: bool = False


class _Head(QWidget):
    def __init__(self, letter: str) -> None:
        super().__init__()
        self._letter, self.facts = letter, HalfFacts("", "", "", "", "", "")
        self.setFixedHeight(HEAD)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        painter.fillRect(self.rect(), t.surface)
        tile = QRectF(16, (HEAD - TILE) / 2, TILE, TILE)
        draw_box(painter, tile, 4, t.accentfill if self._letter == "B" else t.text2)
        draw_text(painter, tile, self._letter, t.surface, font(12, bold=True), CENTER)
        chip = text_width(self.facts.split, font(12)) + 18
        what = min(text_width(self.facts.what, font(12)) + 2, self.width() * 0.35)
        room = self.width() - 48 - chip - what - 40
        taken = draw_text(
            painter, QRectF(48, 0, room, HEAD), self.facts.key, t.text, font(13, bold=True), mode=Qt.TextElideMode.ElideMiddle
        )
        if self.facts.split:
            box = QRectF(48 + taken + 10, (HEAD - 22) / 2, chip, 22)
            draw_box(painter, box, 11, t.hover)
            draw_text(painter, box, self.facts.split, t.text2, font(12), CENTER)
        draw_text(painter, QRectF(self.width() - 16 - what, 0, what, HEAD), self.facts.what, t.text2, font(12), RIGHT)
        painter.fillRect(QRectF(0, HEAD - 1, self.width(), 1), t.line)
        painter.end()


class _Foot(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.facts = HalfFacts("", "", "", "", "", "")
        self.setFixedHeight(FOOT)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        painter.fillRect(self.rect(), t.surface)
        painter.fillRect(QRectF(0, 0, self.width(), 1), t.line)
        wide, facts = self.width() - 32, self.facts
        source = text_width(facts.source, font(12)) + 2
        ink = t.fixed if facts.changed else t.given
        name = draw_text(painter, QRectF(16, 12, wide - source - 120, 30), facts.label, ink, font(20, bold=True))
        draw_text(painter, QRectF(16 + name + 12, 15, 100, 26), facts.role, t.text2, font(13))
        draw_text(painter, QRectF(16 + wide - source, 15, source, 26), facts.source, t.text3, font(12), RIGHT)
        if facts.suggested:
            words = facts.suggested_words
            taken = draw_text(painter, QRectF(16, 48, wide * 0.4, 22), words, t.text2, font(13)) + 6
            taken += draw_text(painter, QRectF(16 + taken, 48, wide * 0.3, 22), facts.suggested, t.accent, font(13, bold=True))
            if facts.likelihood == facts.likelihood:
                x = 16 + taken + 24
                bar = QRectF(x, 56, min(120.0, 16 + wide - x - 50), 8)
                if bar.width() > 20:
                    draw_bar(painter, bar, facts.likelihood, t.accent)
                    value = QRectF(bar.right() + 8, 48, 44, 22)
                    draw_text(painter, value, f"{facts.likelihood:.2f}", t.text2, font(13, figures=True))
        painter.end()


class Half(Panel):
    """A or B. `image` or `text` shows the item, whichever kind the project holds."""

    def __init__(self, letter: str, *, is_text: bool, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self.setObjectName(f"half_{letter.lower()}")
        self.image, self.text = ImageView(self), TextSheet(self)
        (self.image if is_text else self.text).hide()
        self._head, self._foot = _Head(letter), _Foot()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self.text if is_text else self.image, 1)
        column.addWidget(self._foot)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def facts(self) -> HalfFacts:
        return self._head.facts

    def show_facts(self, facts: HalfFacts) -> None:
        self._head.facts = self._foot.facts = facts
        self._head.setAccessibleName(f"{facts.key}, {facts.label}")
        self._head.update()
        self._foot.update()
