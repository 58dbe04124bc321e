"""The right side of the comparison: what both can be, how alike they are, what speaks, what is near, the history."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.review.compare.alike_panel import AlikePanel
from badcase.ui.desktop.review.compare.pair_rows import PairRows
from badcase.ui.desktop.review.decision.class_field import ClassField
from badcase.ui.desktop.review.grid.item_cards import Faces
from badcase.ui.desktop.review.item.evidence_panel import EvidenceLine, EvidenceList, NearestItems
from badcase.ui.desktop.widgets import Button, Hairline, Panel, needed_height

# Lines of reasons and of history, and of what is near: in full, small, or not at all. The first for which there is room.
_EDGES = 20
_ROOMS = ((5, 4, 2), (4, 2, 2), (3, 2, 2), (3, 2, 1), (3, 1, 1), (3, 1, 0), (2, 1, 0))


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
        column.setContentsMargins(0, _EDGES - 4, 0, 4)
        column.setSpacing(0)
        self._nearest = _under_line(self.nearest)
        self._parts = [self._decisions(), *map(_under_line, (self.alike, self.why)), self._nearest, _under_line(self.history)]
        for part in self._parts:
            column.addWidget(part)
        column.addStretch(1)

    def fit_height(self, height: int) -> None:
        """As much as there is room for, so that the history stays in view."""
        for reasons, verdicts, near in _ROOMS:
            self.why.set_room(reasons)
            self.history.set_room(verdicts, newest=True)
            self.nearest.set_low(near == 1)
            self._nearest.setVisible(near > 0)
            if needed_height(part for part in self._parts if near or part is not self._nearest) + _EDGES <= height:
                break

    def _decisions(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(16, 0, 16, 12)
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
                button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # they share a narrow panel
                button.clicked.connect(partial(self.pressed.emit, keys))
                buttons.addWidget(button, 1)
            column.addLayout(buttons)
        return holder

    def show_pair(self, reasons: Sequence[EvidenceLine], history: Sequence[EvidenceLine]) -> None:
        self.why.show_lines(reasons, none=_("no sign of a wrong label"))
        self.history.show_lines(history)


def _under_line(part: QWidget) -> QWidget:
    """A part with a hairline over it."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 8)
    column.setSpacing(10)
    column.addWidget(Hairline())
    inner = QVBoxLayout()
    inner.setContentsMargins(16, 0, 16, 0)
    inner.addWidget(part)
    column.addLayout(inner)
    return holder
