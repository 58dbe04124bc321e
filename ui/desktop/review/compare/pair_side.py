"""The right side of the comparison: what both can be, how alike they are, what speaks, what is near, the history."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.review.compare.alike_panel import AlikePanel
from badcase.ui.desktop.review.compare.pair_rows import PairRows
from badcase.ui.desktop.review.decision.class_field import ClassField
from badcase.ui.desktop.review.grid.item_cards import Faces
from badcase.ui.desktop.review.item.evidence_panel import EvidenceLine, EvidenceList, NearestItems
from badcase.ui.desktop.widgets import Button, Hairline, Panel


class PairSide(Panel):
    """`chosen` tells the name of an answer, `pressed` the key of a button that was clicked."""

    chosen = Signal(str)
    pressed = Signal(str)

    def __init__(self, faces: Faces, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self.rows, self.field = PairRows(), ClassField()
        self.alike = AlikePanel(is_text=faces.is_text)
        self.why = EvidenceList(_("Why it is here"), "pair_why")
        self.nearest = NearestItems(faces, "pair_nearest", "text2", labelled=True)
        self.history = EvidenceList(_("History"), "pair_history", ink="text2")
        self.rows.chosen.connect(self.chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 16, 0, 16)
        column.setSpacing(12)
        column.addLayout(self._decisions())
        for part in (self.alike, self.why, self.nearest, self.history):
            column.addWidget(Hairline())
            held = QVBoxLayout()
            held.setContentsMargins(16, 0, 16, 0)
            held.addWidget(part)
            column.addLayout(held)
        column.addStretch(1)

    def _decisions(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setContentsMargins(16, 0, 16, 0)
        column.setSpacing(8)
        column.addWidget(self.rows)
        column.addWidget(self.field)
        for line in (
            ((_("Exclude A"), "Shift+E"), (_("Exclude B"), "E")),
            ((_("Unsure"), "U"), (_("Undo"), "Z"), (_("Swap"), "X")),
        ):
            buttons = QHBoxLayout()
            buttons.setSpacing(8)
            for words, keys in line:
                button = Button(words, keys=keys)
                button.setObjectName(f"pair_{keys}")
                button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
                button.clicked.connect(partial(self.pressed.emit, keys))
                buttons.addWidget(button, 1)
            column.addLayout(buttons)
        return column

    def show_pair(self, reasons: Sequence[EvidenceLine], history: Sequence[EvidenceLine]) -> None:
        self.why.show_lines(reasons, none=_("no sign of a wrong label"))
        self.history.show_lines(history)
