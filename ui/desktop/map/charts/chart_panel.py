"""The charts of a side panel: a histogram for each number, bars for each category, the ways to confusions and calibration."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from badcase.i18n import _, plural
from badcase.ui import wording
from badcase.ui.desktop.map.charts.counting import Counted, CountedMasks, Passing
from badcase.ui.desktop.map.charts.kind_chart import KindChart
from badcase.ui.desktop.map.charts.number_chart import Binned, NumberChart
from badcase.ui.desktop.map.colouring import Sort, class_sorts, colouring, colourings
from badcase.ui.desktop.review.filtering.filters import Facts, Filter
from badcase.ui.desktop.widgets import Label, ListRow, SectionTitle
from badcase.ui.desktop.widgets.emptying import empty
from badcase.ui.desktop.widgets.tooltips import plain_tip

CONFUSIONS, CALIBRATION = "confusions", "calibration"
_MOST_NUMBERS, _MOST_KINDS = 6, 16  # charts; a table with more columns has the others as colours and in the filter line
_STEADY = ("given", "split", "suggestion", "revision")  # no verdict changes them, nor what a column says

Bars = tuple[list[Sort], Counted | CountedMasks]


class ChartPanel(QWidget):
    """Every chart narrows all others: `filtered` carries the filter that a person asks for, `opened` the chart for the middle."""

    filtered = Signal(object)
    opened = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("charts")
        self._numbers: dict[str, tuple[Binned, NumberChart]] = {}
        self._kinds: dict[str, KindChart] = {}
        self._bars: dict[str, Bars] = {}
        self._ways: dict[str, ListRow] = {}
        self._facts: Facts | None = None
        self._shown = Filter()
        self._stamp: tuple[object, int] = None, 0
        self.passing: Passing | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 12, 16, 0)
        self._column.setSpacing(4)

    def show_facts(self, facts: Facts, shown: Filter, blind: npt.NDArray[np.int64], stamp: object, kept_back: int = 0) -> None:
        """What passes a filter, in every chart.

        Args:
            facts: Of the items; the charts are made anew where these are others.
            shown: The filter.
            blind: Items of which the model's view must not be seen yet.
            stamp: Another one where labels or verdicts, or what may be seen of them, are others.
            kept_back: Items whose verdict is another's and not seen: the charts tell them as not judged.
        """
        kinds = _kind_names(facts)
        if facts is not self._facts or kinds != {name: chart.accessibleName() for name, chart in self._kinds.items()}:
            self._facts, self._bars = facts, {}
            self._make(facts, kinds)
        words = plural("{n} decision of others is kept back", "{n} decisions of others are kept back", kept_back)
        self.kept_back.setText(words.format(n=wording.count(kept_back)))
        self.kept_back.setVisible(kept_back > 0)
        if (stamp, len(blind)) != self._stamp:
            self._stamp = stamp, len(blind)
            columns = facts.fields.column_kinds() if facts.fields is not None else []
            self._bars = {name: bars for name, bars in self._bars.items() if name in _STEADY or name in columns}
        self._shown, self.passing = shown, Passing(shown, facts)
        for name, (binned, number) in self._numbers.items():
            chosen = next(((low, high) for field, low, high in shown.ranges if field == name), None)
            ends = None if chosen is None else (max(chosen[0], binned.low), min(chosen[1], binned.high))
            number.show_counts(binned.among(self.passing.beside(name)), ends)
        for name, chart in self._kinds.items():
            if name not in self._bars:
                self._bars[name] = _bars_of(name, facts, blind)
                chart.show_kinds(self._bars[name][0], self._bars[name][1].whole)
            sorts, counted = self._bars[name]
            chart.show_counts(counted.among(self.passing.beside(name)), [one.chosen(shown) for one in sorts])

    def mark(self, opened: str) -> None:
        """Which chart stands in the middle, "" for none."""
        for name, row in self._ways.items():
            row.setChecked(name == opened)

    def _make(self, facts: Facts, kinds: dict[str, str]) -> None:
        empty(self._column)
        self._numbers, self._kinds, self._ways = {}, {}, {}
        self._column.addWidget(SectionTitle(_("Charts"), _("each narrows all")))
        self.kept_back = Label("", 12, ink="text3", wrap=True)
        self.kept_back.setObjectName("kept_back")
        self.kept_back.setToolTip(plain_tip(_("Until you have decided them too; Settings say whether")))
        self._column.addWidget(self.kept_back)
        if facts.fields is not None:
            for name in facts.fields.number_names()[:_MOST_NUMBERS]:
                binned = Binned(name, facts.fields.numbers(name))
                number = NumberChart(binned)
                number.brushed.connect(lambda low, high, name=name: self.filtered.emit(self._shown.with_range(name, low, high)))
                self._numbers[name] = binned, number
                self._column.addWidget(number)
        for name, title in kinds.items():
            chart = KindChart(name, title)
            chart.chosen.connect(lambda place, add, name=name: self._choose(name, place, add))
            self._kinds[name] = chart
            self._column.addWidget(chart)
        if facts.ranked and not facts.several:
            for name, title, icon in ((CONFUSIONS, _("Confusion matrix"), "grid"), (CALIBRATION, _("Calibration"), "curve")):
                row = ListRow(icon, title)
                row.setObjectName(f"open-{name}")
                row.clicked.connect(lambda _on=False, name=name: self.opened.emit(name))
                self._ways[name] = row
                self._column.addWidget(row)

    def _choose(self, name: str, place: int, add: bool) -> None:
        choose = self._bars[name][0][place].choose
        if choose is not None:
            self.filtered.emit(choose(self._shown, add))


def _kind_names(facts: Facts) -> dict[str, str]:
    """The categories that have a chart, and what the window calls them."""
    numbers = facts.fields.number_names() if facts.fields is not None else []
    classes = {"given": _("Given labels"), "suggested": _("Suggested labels")} if facts.several else {}
    if not facts.ranked:
        classes.pop("suggested", None)
    found = classes | {name: words for name, words in colourings(facts).items() if name not in numbers}
    if "reason" in found:
        found["reason"] = _("Reason")
    return dict(list(found.items())[:_MOST_KINDS])


def _bars_of(name: str, facts: Facts, blind: npt.NDArray[np.int64]) -> Bars:
    if facts.several and name in ("given", "suggested"):
        values = facts.given if name == "given" else facts.suggested
        return class_sorts(name, facts), CountedMasks([values[:, one] for one in range(values.shape[1])])
    made = colouring(name, facts, blind)
    if name == "reason":  # an item may have several, and the filter asks for any of them
        return list(made.sorts), CountedMasks(list(facts.reasons.values()))
    return list(made.sorts), Counted(made.of, len(made.sorts))
