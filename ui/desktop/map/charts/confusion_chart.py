"""The confusion matrix in the middle of a page: which class was given, and what is suggested or holds now."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from badcase.groups.confusions import Matrix, alike_order, confusion_matrix
from badcase.i18n import _, pgettext, plural
from badcase.ui import wording
from badcase.ui.desktop.map.charts.counting import Passing
from badcase.ui.desktop.map.charts.matrix_view import MatrixView
from badcase.ui.desktop.review.filtering.filters import Facts, Filter
from badcase.ui.desktop.widgets import IconButton, Label, Segmented
from badcase.ui.desktop.widgets.tooltips import plain_tip

SUGGESTED, NOW = "suggested", "now"
COUNTS, RATES, EXPECTED = "counts", "rates", "expected"
ALIKE, NAMED = "alike", "named"


class ConfusionChart(QWidget):
    """`filtered` carries the filter that a click asks for."""

    filtered = Signal(object)

    def __init__(self, classes: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("confusions")
        self._classes, self._shown = classes, Filter()
        k = len(classes)
        self._counts: Matrix = np.zeros((k, k))
        self._expected = self._counts
        self._facts: Facts | None = None
        self._passing: Passing | None = None
        self._blind: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._orders: dict[str, tuple[Facts, list[int]]] = {}
        self.against = Segmented([(SUGGESTED, _("suggested")), (NOW, _("label now"))])
        self.measure = Segmented([(COUNTS, _("counts")), (RATES, _("rates")), (EXPECTED, _("errors"))])
        self.order = Segmented([(ALIKE, pgettext("order of classes", "alike")), (NAMED, _("as listed"))])
        self.view = MatrixView(classes)
        self._said = Label(ink="text2", px=12)
        self._said.setObjectName("matrix-said")
        named = (
            (self.against, _("What the given label stands against")),
            (self.measure, _("Counts, shares of what is given, or expected errors")),
            (self.order, _("Order of the classes")),
        )
        row = QHBoxLayout()
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(12)
        for part, words in named:
            part.setAccessibleName(words)
            part.setToolTip(plain_tip(words))
            part.setObjectName(f"matrix-{part.value}")
            part.chosen.connect(lambda _value: self._count())
            row.addWidget(part)
        row.addStretch(1)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 6, 12, 10)
        foot.addWidget(self._said, 1)
        for icon, words, run in (
            ("plus", _("Zoom in (+)"), lambda: self._zoom(1.5)),
            ("minus", _("Zoom out (−)"), lambda: self._zoom(1 / 1.5)),
            ("empty", _("Show all (F)"), self.view.fit),
        ):
            button = IconButton(icon, words)
            button.clicked.connect(run)
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.view, 1)
        column.addLayout(foot)
        self.view.chosen.connect(self._choose)
        self.view.pointed.connect(self._point)

    def show_facts(self, facts: Facts, shown: Filter, passing: Passing, blind: npt.NDArray[np.int64]) -> None:
        """What passes all of a filter but the cells that it asks for."""
        self._facts, self._shown, self._passing, self._blind = facts, shown, passing, blind
        self._count()

    def _other(self, facts: Facts) -> npt.NDArray[np.integer]:
        """(n,) what the given label stands against; where it must not be seen yet it is the given one."""
        if self.against.value == NOW and facts.fields is not None:
            return facts.fields.kinds("label").of
        other: npt.NDArray[np.integer] = np.array(facts.suggested)
        other[self._blind] = facts.given[self._blind]
        return other

    def _count(self) -> None:
        facts, passing = self._facts, self._passing
        if facts is None or passing is None:
            return
        k, other = len(self._classes), self._other(facts)
        chosen = passing.beside("became" if self.against.value == NOW else "pair").mask
        self._counts = confusion_matrix(facts.given[chosen], other[chosen], k)
        weight = facts.suspicion[chosen]
        self._expected = confusion_matrix(facts.given[chosen], other[chosen], k, weight=weight)
        asked = self._shown.became if self.against.value == NOW else self._shown.pairs
        self.view.show_values(self._values(), self._ordered(facts, other), asked, decimals=self._decimals)
        self.view.name_axes(_("given"), _("label now") if self.against.value == NOW else _("suggested"))
        self._point(-1, -1)

    def _values(self) -> Matrix:
        if self.measure.value == EXPECTED:
            return self._expected
        if self.measure.value == RATES:
            return 100 * self._counts / np.maximum(self._counts.sum(1, keepdims=True), 1)
        return self._counts

    @property
    def _decimals(self) -> int:
        return 0 if self.measure.value == COUNTS else 1

    def _ordered(self, facts: Facts, other: npt.NDArray[np.integer]) -> list[int]:
        """By the confusions of all items with the suggestion, so that no filter and no verdict moves a class."""
        if self.order.value == NAMED:
            return list(range(len(self._classes)))
        if ALIKE not in self._orders or self._orders[ALIKE][0] is not facts:
            of = other if self.against.value == SUGGESTED else facts.suggested
            self._orders[ALIKE] = facts, alike_order(confusion_matrix(facts.given, of, len(self._classes)))
        return self._orders[ALIKE][1]

    def _choose(self, given: int, other: int, add: bool) -> None:
        self.filtered.emit(self._shown.with_pair((given, other), add=add, now=self.against.value == NOW))

    def _zoom(self, factor: float) -> None:
        self.view.zoom(factor, self.view.rect().toRectF().center())

    def _point(self, given: int, other: int) -> None:
        """Say what a cell holds, or what the whole does."""
        if given < 0:
            n = int(self._counts.sum() - np.trace(self._counts))
            words = plural("{n} item where the two differ", "{n} items where the two differ", n).format(n=wording.count(n))
            self._said.setText("  •  ".join([words, _("a click filters, Ctrl-click adds, the wheel zooms")]))
            return
        n, of = int(self._counts[given, other]), int(self._counts[given].sum())
        items = plural("{n} item", "{n} items", n).format(n=wording.count(n))
        share = _("{percent} of what is given {name}").format(percent=f"{n / max(1, of):.1%}", name=self._classes[given])
        wrong = _("{n} expected to be wrong").format(n=f"{self._expected[given, other]:.1f}")
        words = "  •  ".join([f"{self._classes[given]} → {self._classes[other]}", items, share, wrong])
        self._said.setText(words)
        self.view.setAccessibleDescription(words)
