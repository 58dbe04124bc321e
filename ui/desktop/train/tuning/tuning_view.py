"""Looking for a better recipe: how long and in what way, the trials as they come, and what is left at the end."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.plots.trial_plot import TrialPlot, TrialRow
from badcase.ui.desktop.train.runs.notes_card import NotesCard
from badcase.ui.desktop.widgets import Button, Card, EmptyState, Label, Segmented

GUIDED, DRAWN = "guided", "drawn"
TRAIN, MEASURE = "train", "measure"
PADDING = 14
CHOICE = 340  # pixels


class TuningView(QWidget):
    """Gives intent, takes rows; it knows no project."""

    begun = Signal()
    resumed = Signal()
    stopped = Signal()
    closed = Signal()
    compared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        times = [("600", _("10 min")), ("1800", _("30 min")), ("7200", _("2 h")), ("28800", _("8 h"))]
        self.time = Segmented(times, "1800")
        self.time.setAccessibleName(_("Total time"))
        self.way = Segmented([(GUIDED, _("One change at a time")), (DRAWN, _("Random points"))])
        self.way.setAccessibleName(_("Search method"))
        self.way.setToolTip(_("Random points of the space around the recipe change several things at once"))
        self.aim = Segmented([(TRAIN, _("Train by the best")), (MEASURE, _("Measure the tuning"))])
        self.aim.setAccessibleName(_("Purpose"))
        self.aim.setToolTip(
            _(
                "Measuring keeps no model: a whole tuning runs in each of three outer folds, which shows by how much the best "
                "score is too optimistic. It takes three times as long"
            )
        )
        self.start = Button(_("Look for a better recipe"), keys="Enter", icon="play", primary=True)
        self.start.setObjectName("start_tuning")
        self.go_on = Button("", icon="play")
        self.go_on.setObjectName("resume_tuning")
        self.go_on.setToolTip(_("Uses the time above; judged trials are not trained again"))
        self.stop, self.close_it = Button(_("Stop")), Button(_("Back to the curves"), keys="Esc")
        self.compare = Button(_("Compare the trained run"), icon="bars", primary=True)
        self.sentence = Label(ink="text2", wrap=True)
        self.plot, self.notes = TrialPlot(), NotesCard()
        self.notes.hide()
        self._lay_out()
        self.start.clicked.connect(self.begun)
        self.aim.chosen.connect(lambda _aim: self._name_start())
        self.go_on.clicked.connect(self.resumed)
        self.stop.clicked.connect(self.stopped)
        self.close_it.clicked.connect(self.closed)
        self.compare.clicked.connect(self.compared)
        self.show_state(running=False, ended=False)

    def _lay_out(self) -> None:
        self._choices = QWidget()
        choices = QGridLayout(self._choices)
        choices.setContentsMargins(0, 0, 0, 0)
        choices.setHorizontalSpacing(12)
        choices.setVerticalSpacing(8)
        for row, (words, part) in enumerate(((_("Time"), self.time), (_("Method"), self.way), (_("Aim"), self.aim))):
            part.setFixedWidth(CHOICE)
            choices.addWidget(Label(words, ink="text2"), row, 0)
            choices.addWidget(part, row, 1)
        choices.setColumnStretch(2, 1)
        buttons = QHBoxLayout()
        for button in (self.start, self.go_on, self.compare, self.stop, self.close_it):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._none = EmptyState(
            "curve", _("No trial yet. Each appears here: what it changed, what it gained, and how certain that is.")
        )
        self._card, scroll = Card(padding=PADDING), QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        held = QWidget()
        inside = QVBoxLayout(held)
        inside.setContentsMargins(0, 0, 8, 0)
        inside.addWidget(self.plot)
        inside.addStretch(1)
        scroll.setWidget(held)
        self._card.body.addWidget(scroll)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 14, 20, 16)
        column.setSpacing(12)
        column.addWidget(Label(_("A better recipe"), px=15, bold=True))
        column.addWidget(self.sentence)
        column.addWidget(self._choices)
        column.addLayout(buttons)
        column.addWidget(self._card, 1)
        column.addWidget(self._none, 1)
        column.addWidget(self.notes)
        column.addStretch(0)

    @property
    def seconds(self) -> float:
        return float(self.time.value)

    def _name_start(self) -> None:
        measures = self.aim.value == MEASURE
        self.start.setText(_("Measure how optimistic the tuning is") if measures else _("Look for a better recipe"))

    def show_state(self, *, running: bool, ended: bool, waits: int | None = None) -> None:
        """Which buttons make sense now. waits: the tuning that can go on."""
        self.go_on.setVisible(waits is not None and not running and not ended)
        self.go_on.setText(_("Go on with tuning {n}").format(n=waits))
        self.start.setVisible(not running and not ended)
        self.compare.setVisible(ended)
        self.stop.setVisible(running)
        self._choices.setVisible(not running and not ended)

    def show_trials(self, rows: Sequence[TrialRow], sentence: str) -> None:
        self.plot.show_rows(rows)
        self._card.setMaximumHeight(self.plot.sizeHint().height() + 2 * PADDING)
        self.sentence.setText(sentence)
        self._card.setVisible(bool(rows))
        self._none.setVisible(not rows)
        self.notes.setVisible(self.notes.isVisibleTo(self) and bool(rows))
