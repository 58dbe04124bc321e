"""The bar over an item of gold: why nothing can be decided here, and where it can be checked."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.look.theme import BUTTON_BAR
from badcase.ui.desktop.widgets import Button, Hairline, IconLabel, Label, Panel


class GoldBar(Panel):
    """A padlock, one sentence, and the way to the blind check."""

    pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self.setObjectName("gold-bar")
        self.check = Button(_("Check gold"), height=BUTTON_BAR)
        self.check.setObjectName("check_gold")
        self.check.clicked.connect(self.pressed)
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(16, 6, 8, 6)
        row.setSpacing(10)
        row.addWidget(IconLabel("lock", "given", 14))
        row.addWidget(Label(_("Gold is locked: every comparison stands on it"), elide=True), 1)
        row.addWidget(self.check)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(line)
        column.addWidget(Hairline())

    def tell_way(self, why_not: str) -> None:
        """Why gold cannot be checked in this project; "" where it can."""
        self.check.set_why(why_not)
