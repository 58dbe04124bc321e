"""The card that tells how far the new lie from the old, or what is missing to tell it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from badcase.drift.drift_words import drift_sentences
from badcase.drift.of_project import DataDrift, PartDrift
from badcase.i18n import _, plural
from badcase.ui import wording
from badcase.ui.desktop.update.drift_rows import DriftRows
from badcase.ui.desktop.widgets import Button, Card, Label

_LIKE_THE_OLD = 6  # classes that are shown beside those that stand out


class DriftCard(Card):
    """`opened` carries items and a title; `pressed` that the button was."""

    opened = Signal(object, str)
    pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setObjectName("drift_card")
        self.title, self.remark = Label(_("How far the new lie from the old"), bold=True), Label(ink="text2", px=12)
        self.words = Label(ink="text2", wrap=True)
        self.button = Button("", icon="bars")
        self.button.setObjectName("drift_button")
        self.rows, self.foot = DriftRows(), Label(ink="text2", px=12, wrap=True)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.remark)
        self.body.addLayout(head)
        self.body.addWidget(self.words)
        line = QHBoxLayout()
        line.addWidget(self.button)
        line.addStretch(1)
        self.body.addLayout(line)
        self.body.addWidget(self.rows)
        self.body.addWidget(self.foot)
        self.button.clicked.connect(self.pressed)
        self.rows.opened.connect(self._open)

    def show_missing(self, words: str, button: str = "", why: str = "") -> None:
        """Say what is missing to tell it, and what can be done about it; why: it cannot be done now."""
        self.words.setText(words)
        self.button.setText(button)
        self.button.set_why(why)
        self.button.setVisible(bool(button))
        self.remark.setText("")
        self.rows.hide()
        self.foot.hide()
        self.words.show()

    def show_drift(self, found: DataDrift) -> None:
        """Show what was found: what stands out, and a few classes that are like the old."""
        told = [one for one in found.classes if one.differs or one.moved]
        rest = [one for one in found.classes if one not in told and one.distance is not None]
        slices = [one for one in found.slices if one.differs or one.moved]
        self.words.setText(" ".join([*drift_sentences(found), *found.notes]))
        self.button.hide()
        n = found.tests
        words = plural("energy distance, 95 %, held for {n} test", "energy distance, 95 %, held for {n} tests", n)
        self.remark.setText(words.format(n=wording.count(n)))
        self.rows.show_rows([*told, *slices, *rest[:_LIKE_THE_OLD]])
        self.rows.show()
        n = len(found.classes) - len(told) - len(rest[:_LIKE_THE_OLD])
        more = plural(
            "{n} more class is like the old or too small to tell.", "{n} more classes are like the old or too small to tell.", n
        )
        filled = _("Filled: chance does not reach it.")
        self.foot.setText(f"{filled} {more.format(n=wording.count(n))}" if n else filled)
        self.foot.show()

    def _open(self, row: int) -> None:
        one: PartDrift = self.rows.rows[row]
        self.opened.emit(one.items, _("New: {title}").format(title=one.title))
