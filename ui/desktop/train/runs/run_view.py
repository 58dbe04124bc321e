"""The middle of the Train page: one run, training or over, with its curves and what they say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from badcase.i18n import _, plural
from badcase.items import Kind
from badcase.store.run_table import RunRow, RunState
from badcase.ui.desktop.train.runs.diagnosis_card import DiagnosisCard, RemedyShown
from badcase.ui.desktop.train.runs.history import RunHistory
from badcase.ui.desktop.train.runs.live_run import LiveRun
from badcase.ui.desktop.train.runs.progress_head import ProgressHead
from badcase.ui.desktop.train.runs.run_charts import ChartsPanel
from badcase.ui.desktop.train.runs.run_entries import again_of, best_mark, chip_of, measure_of
from badcase.ui.desktop.widgets import EmptyState
from badcase.ui.desktop.widgets.side_scroll import SideScroll

Reference: TypeAlias = "tuple[int, RunHistory] | None"
WIDEST, TALLEST = 1680, 860


class RunView(QWidget):
    """Takes data and gives intent: stop, go on with a run or repeat it, try a remedy, train for the first time."""

    stopped = Signal()
    again = Signal()
    tried = Signal(int)
    begun = Signal()

    def __init__(self, kind: Kind, task: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._task = task
        self.head, self.diagnosis = ProgressHead(), DiagnosisCard()
        self.charts = ChartsPanel(_("Images per second") if kind is Kind.IMAGE else _("Texts per second"))
        self.empty = EmptyState("model", "", _("Train"), "Ctrl+Enter")
        self._body = QWidget()
        column = QVBoxLayout(self._body)
        column.setContentsMargins(20, 14, 20, 16)
        column.setSpacing(16)
        column.addWidget(self.head)
        column.addWidget(self.charts, 1)
        column.addWidget(self.diagnosis)
        column.addStretch()
        self.charts.setMaximumHeight(TALLEST)
        self._stack = QStackedWidget()
        self._scroll = SideScroll(self._body)
        self._stack.addWidget(self._scroll)
        self._stack.addWidget(self.empty)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self.head.stopped.connect(self.stopped)
        self.head.again.clicked.connect(self.again)
        self.diagnosis.tried.connect(self.tried)
        self.empty.pressed.connect(self.begun)
        self.diagnosis.hide()

    def show_empty(self, sentence: str) -> None:
        """There is no run to draw: say why."""
        self.empty.set_sentence(sentence)
        self._stack.setCurrentWidget(self.empty)

    def show_run(self, run: RunRow, history: RunHistory, reference: Reference, live: LiveRun | None) -> None:
        """Draw a run; live while it trains."""
        epochs = int(run.recipe.get("epochs", math.ceil(history.epochs)))
        name = _("Run {n}").format(n=run.id)
        if live:
            self.head.show_training(name, live.step, live.epoch / max(1, epochs), live.pace, stopping=live.stopping)
        else:
            done = plural("{n} of {all} epoch", "{n} of {all} epochs", epochs)
            self.head.show_again(again_of(run))
            self.head.show_over(name, done.format(n=f"{round(history.epochs, 2):g}", all=epochs), chip_of(run), run.error)
            if run.state is RunState.DONE and history.epochs:  # what it left undone is no part of its curves
                epochs = math.ceil(history.epochs)
        mark = best_mark(run, history)
        self.charts.show_runs((run.id, history), reference, epochs=epochs, mark=mark, measure=measure_of(run, self._task))
        self._stack.setCurrentWidget(self._scroll)

    def show_finding(self, finding: tuple[str, str, Sequence[RemedyShown]] | None) -> None:
        """The most useful finding, or none."""
        self.diagnosis.setVisible(finding is not None)
        if finding:
            self.diagnosis.show_finding(*finding)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a very wide window the run stays in the middle and stops growing."""
        super().resizeEvent(event)
        side = max(20, (event.size().width() - WIDEST) // 2)
        layout = self._body.layout()
        assert layout is not None
        layout.setContentsMargins(side, 14, side, 16)
