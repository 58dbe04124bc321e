"""The line over the pair: which one it is of how many, and what the keys do to both images."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui import wording
from badcase.ui.desktop.widgets import Button, Hairline, Label, Panel


class PairHeader(Panel):
    """`pressed` tells the key of a button that was clicked."""

    pressed = Signal(str)

    def __init__(self, *, is_text: bool, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self.setFixedHeight(40)
        self.title, self.place = Label(bold=True), Label(ink="text2")
        self._hint = None if is_text else Label(_("Zoom and pan move both"), ink="text2")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(self._button(_("Back"), "Esc", "compare_back"))
        row.addWidget(Hairline(standing=True))
        row.addWidget(self.title)
        row.addWidget(self.place)
        row.addStretch(1)
        if self._hint is not None:
            row.addWidget(self._hint)
            row.addWidget(Hairline(standing=True))
            row.addWidget(self._button(_("Pixels"), "P", "compare_pixels"))
            row.addWidget(self._button(_("Over each other"), "D", "compare_over"))
        row.addWidget(self._button(_("Fit"), "F", "compare_fit"))

    def _button(self, words: str, keys: str, name: str) -> Button:
        button = Button(words, keys=keys, flat=True, height=28)
        button.setObjectName(name)
        button.clicked.connect(partial(self.pressed.emit, keys))
        return button

    def show_place(self, title: str, number: int, count: int) -> None:
        self.title.setText(title)
        self.place.setText(_("{n} of {all}").format(n=wording.count(number), all=wording.count(count)))

    def show_hint(self, shown: bool) -> None:
        """Whether there is room to say that both move."""
        if self._hint is not None:
            self._hint.setVisible(shown)
