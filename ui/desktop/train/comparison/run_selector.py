"""Chooses the run for one side of a comparison: a tile with its letter, and the runs to choose from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from badcase.ui.desktop.look import theme
from badcase.ui.desktop.train.recipe.choice_box import ChoiceBox
from badcase.ui.desktop.widgets.painting import CENTER, begin, draw_box, draw_text
from badcase.ui.desktop.widgets.tooltips import plain_tip

TILE = 22


class RunSelector(QWidget):
    """Tells the number of the run that a person chose."""

    chosen = Signal(int)

    def __init__(self, side: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = ChoiceBox()
        self.box.setObjectName(f"run_{side.lower()}")
        self.box.setAccessibleName(side)
        self.box.setFixedHeight(32)
        self.box.setMinimumContentsLength(12)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.box.activated.connect(lambda index: self.chosen.emit(self.box.itemData(index)))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(_Tile(side))
        row.addWidget(self.box, 1)
        self.setMaximumWidth(320)

    def show_runs(self, runs: Sequence[tuple[int, str]], chosen: int) -> None:
        """runs: (number, text) pairs."""
        self.box.clear()
        for number, text in runs:
            self.box.addItem(text, number)
        self.box.setCurrentIndex(self.box.findData(chosen))
        self.box.setToolTip(plain_tip(self.box.currentText()))


class _Tile(QWidget):
    def __init__(self, side: str) -> None:
        super().__init__()
        self._side = side
        self.setFixedSize(TILE, TILE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, tokens, rect = begin(self), theme.tokens(), QRectF(self.rect())
        draw_box(painter, rect, 4, tokens.accentfill if self._side == "B" else tokens.excluded)
        ink = tokens.window if tokens.dark and self._side == "A" else tokens.ink("white")
        draw_text(painter, rect, self._side, ink, theme.font(13, bold=True), CENTER)
        painter.end()
