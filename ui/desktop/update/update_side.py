"""The right of the Update page: what will happen, what training never saw, what contradicts, and the one button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from badcase.drift.of_project import DataDrift
from badcase.i18n import _
from badcase.ui import wording
from badcase.ui.desktop.look.theme import RADIUS_CARD, font, tokens
from badcase.ui.desktop.update.update_words import Said
from badcase.ui.desktop.widgets import Button, Hairline, IconLabel, Label, ListRow, PaintedButton, Panel, SectionTitle, SideScroll
from badcase.ui.desktop.widgets.emptying import empty
from badcase.ui.desktop.widgets.painting import RIGHT, begin, draw_box, draw_ring, draw_text, text_width

_MOST = 6  # clusters


class ClusterCard(PaintedButton):
    """A cluster that is new: its words, how many items, one of them."""

    def __init__(self, name: str, count: int, example: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count, self._example = wording.count(count), example
        self.setText(name)
        self.setAccessibleName(f"{name}, {self._count}: {example}")
        self.setFixedHeight(52)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(220, 52)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter, rect = tokens(), begin(self), QRectF(self.rect())
        draw_box(painter, rect, RADIUS_CARD, t.hover if self.underMouse() else t.surface, t.line)
        if self.rings:
            draw_ring(painter, rect, RADIUS_CARD)
        numbers = font(13, figures=True)
        wide = text_width(self._count, numbers) + 12
        draw_text(painter, QRectF(12, 6, self.width() - 24 - wide, 20), self.text(), t.text, font(13, True))
        draw_text(painter, QRectF(12, 6, self.width() - 24, 20), self._count, t.text2, numbers, RIGHT)
        draw_text(painter, QRectF(12, 27, self.width() - 24, 18), self._example, t.text2, font(12))
        painter.end()


class UpdateSide(Panel):
    """`opened` carries items and a title; `pressed` that the filled button was, `undone` that the update is to be taken back."""

    opened = Signal(object, str)
    pressed = Signal()
    undone = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self._said, self._found = QVBoxLayout(), QVBoxLayout()
        self._said.setSpacing(8)
        self._found.setSpacing(8)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addLayout(self._said)
        column.addLayout(self._found)
        column.addStretch(1)
        self.foot_words, self.foot_more = Label(ink="text2", px=12, wrap=True), Label(ink="text2", px=12, wrap=True)
        self.take = Button(_("Take it in"), keys="Ctrl+Enter", icon="check", primary=True)
        self.take.setObjectName("update_take")
        self.undo = Button(_("Take it back"), keys="Z", icon="undo")
        self.undo.setObjectName("update_undo")
        self.take.clicked.connect(self.pressed)
        self.undo.clicked.connect(self.undone)
        foot = QVBoxLayout()
        foot.setContentsMargins(16, 12, 16, 16)
        foot.setSpacing(8)
        for part in (self.foot_words, self.take, self.undo, self.foot_more):
            foot.addWidget(part)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(SideScroll(inner), 1)
        outer.addWidget(Hairline())
        outer.addLayout(foot)

    def show_said(self, title: str, said: Sequence[Said]) -> None:
        """A heading and sentences, each with an icon and what follows from it."""
        empty(self._said)
        self._said.addWidget(Label(title, px=15, bold=True))
        for icon, sentence, more in said:
            line, words = QWidget(), QVBoxLayout()
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(10)
            words.setSpacing(2)
            words.addWidget(Label(sentence, wrap=True))
            if more:
                words.addWidget(Label(more, ink="text2", px=12, wrap=True))
            row.addWidget(IconLabel(icon, "fixed" if icon == "check" else "text2", 14), 0, Qt.AlignmentFlag.AlignTop)
            row.addLayout(words, 1)
            self._said.addWidget(line)

    def show_found(self, found: DataDrift | None, examples: Sequence[str]) -> None:
        """Clusters that are new and contradictions; None for nothing yet. examples: a text of each cluster."""
        empty(self._found)
        if found is None:
            return
        clusters = found.clusters[:_MOST]
        if clusters:
            self._found.addWidget(SectionTitle(_("Clusters that training never saw")))
        for number, (one, example) in enumerate(zip(clusters, examples, strict=False), 1):
            name = ", ".join(one.words) or _("cluster {n}").format(n=number)
            card = ClusterCard(name, len(one.items), example)
            card.setObjectName(f"cluster_{number}")
            title = _("Never seen: {words}").format(words=name)
            card.clicked.connect(lambda _checked=False, items=one.items, title=title: self.opened.emit(items, title))
            self._found.addWidget(card)
        lists = (
            ("sheets", _("New twins labelled otherwise"), found.twins, "found_twins"),
            ("text", _("Edited after a verdict"), found.edited, "found_edited"),
        )
        if len(found.twins) or len(found.edited):
            self._found.addWidget(SectionTitle(_("Contradict old labels")))
        for icon, title, items, name in lists:
            if len(items):
                row = ListRow(icon, title, wording.count(len(items)))
                row.setObjectName(name)
                row.clicked.connect(lambda _checked=False, items=items, title=title: self.opened.emit(items, title))
                self._found.addWidget(row)

    def show_foot(self, words: str, more: str, *, take: str = "", undo: str = "") -> None:
        """What stands at the foot; an empty text hides a button."""
        for label, text in ((self.foot_words, words), (self.foot_more, more)):
            label.setText(text)
            label.setVisible(bool(text))
        for button, text in ((self.take, take), (self.undo, undo)):
            button.setText(text)
            button.setVisible(bool(text))
