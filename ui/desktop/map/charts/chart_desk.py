"""The charts of one page at work: they follow the list of the review, and one of them may have the middle of the page."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.map.charts.calibration_chart import CalibrationChart
from badcase.ui.desktop.map.charts.chart_panel import CONFUSIONS, ChartPanel
from badcase.ui.desktop.map.charts.confusion_chart import ConfusionChart
from badcase.ui.desktop.review.state.review_state import ReviewState
from badcase.ui.desktop.widgets import Hairline, IconButton, Label, Panel


class _Middle(Panel):
    """A chart that has the middle of a page: its name, and the way back. `closed` where a person wants it gone."""

    closed = Signal()

    def __init__(self, title: str, chart: QWidget, parent: QWidget | None = None) -> None:
        super().__init__("window", parent)
        head = Panel("surface")
        head.setFixedHeight(40)
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 0, 12, 0)
        row.addWidget(Label(title, bold=True))
        row.addStretch(1)
        close = IconButton("cross", _("Close (Esc)"))
        close.setObjectName("close-chart")
        close.clicked.connect(self.closed)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (head, Hairline()):
            column.addWidget(part)
        column.addWidget(chart, 1)


class ChartDesk(QObject):
    """`panel` belongs at a side of the page. `turned` where another chart, or none, has the `middle`."""

    turned = Signal()

    def __init__(self, reviewer: ReviewState, parent: QObject) -> None:
        super().__init__(parent)
        self._reviewer, self.panel = reviewer, ChartPanel()
        self._chart: ConfusionChart | CalibrationChart | None = None
        self._opened = ""
        self.middle: QWidget | None = None
        self.panel.filtered.connect(reviewer.show)
        self.panel.opened.connect(self.turn)

    def show_facts(self) -> None:
        """Take in another filter, other facts or other labels."""
        reviewer = self._reviewer
        facts, shown, blind = reviewer.facts, reviewer.worklist.filter, reviewer.all_blind()
        seen = reviewer.session.seen
        self.panel.show_facts(facts, shown, blind, seen.stamp, int(np.count_nonzero(seen.hidden())))
        passing = self.panel.passing
        if self._chart is None or passing is None:
            return
        if facts.several or not facts.ranked:
            self.close()
        elif isinstance(self._chart, ConfusionChart):
            self._chart.show_facts(facts, shown, passing, blind)
        else:
            self._chart.show_facts(facts, shown, passing)

    def turn(self, name: str) -> None:
        """Give a chart the middle, or take it away from it where it has it."""
        middle, again = self.middle, name == self._opened
        self._chart = self.middle = None
        self._opened = "" if again else name
        if not again:
            self._chart = chart = self._made(name)
            title = _("Confusion matrix") if name == CONFUSIONS else _("Calibration")
            self.middle = _Middle(title, chart)
            self.middle.closed.connect(self.close)
            chart.filtered.connect(self._reviewer.show)
            self.show_facts()
        self.panel.mark(self._opened)
        self.turned.emit()
        if middle is not None:
            middle.deleteLater()

    def _made(self, name: str) -> ConfusionChart | CalibrationChart:
        return ConfusionChart(self._reviewer.facts.classes) if name == CONFUSIONS else CalibrationChart()

    def close(self) -> bool:
        """Give the middle back to the page; False where it had it."""
        if self.middle is None:
            return False
        self.turn(self._opened)
        return True
