"""What a check of gold came to, told after its last item: as given, as checked, how many differed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from badcase.i18n import _, plural
from badcase.ui.desktop.widgets import Button, CardPage, Hairline, Label
from badcase.ui.desktop.widgets.emptying import empty

WIDE = 720


@dataclass(frozen=True, slots=True)
class ResultShown:
    """The result: a title, sentences, and for each row its name, the figure as given and the one as checked."""

    title: str
    sentences: Sequence[str]
    rows: Sequence[tuple[str, str, str]]
    differed: Sequence[int]
    runs: tuple[int, int] | None


class ResultView(CardPage):
    """`compared` leads to the comparison, `opened` carries the items that differ, `undone` takes the check back."""

    compared = Signal()
    opened = Signal()
    undone = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(WIDE, parent)
        self.title = Label(px=20, bold=True)
        self._sentences = Label(ink="text2", wrap=True)
        self._figures = QWidget()
        self.grid = QGridLayout(self._figures)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setColumnStretch(0, 1)
        self.grid.setHorizontalSpacing(24)
        self.compare = Button(_("See the comparison"), keys="Enter", primary=True)
        self.open = Button(_("Open those that differ"), keys="O")
        self.undo = Button(_("Take the check back"), keys="Z", icon="undo")
        self.back = Button(_("Back"), keys="Esc", flat=True)
        for name, button in (("compare", self.compare), ("open", self.open), ("undo", self.undo), ("leave", self.back)):
            button.setObjectName(f"gold-result-{name}")
        for part in (self.title, self._sentences, Hairline(), self._figures):
            self.card.body.addWidget(part)
        self.add_foot(self.back, self.undo, self.open, self.compare)
        self.compare.clicked.connect(self.compared)
        self.open.clicked.connect(self.opened)
        self.undo.clicked.connect(self.undone)
        self.back.clicked.connect(self.left)

    def show_result(self, shown: ResultShown) -> None:
        self.title.setText(shown.title)
        self._sentences.setText("\n".join(shown.sentences))
        empty(self.grid)
        for at, row in enumerate([("", _("as given"), _("as checked")), *shown.rows] if shown.rows else []):
            for column, words in enumerate(row):
                label = Label(words, bold=bool(at) and column > 0, ink="text" if at else "text2")
                self.grid.addWidget(label, at, column, Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft)
        self.open.set_why("" if shown.differed else _("No label differs"))
        words = plural("Open the {n} that differs", "Open the {n} that differ", len(shown.differed))
        self.open.setText(words.format(n=len(shown.differed)))
        self.compare.setVisible(shown.runs is not None)
        for button in (self.open, self.compare):
            button.updateGeometry()
