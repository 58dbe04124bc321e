"""The curves of a run: loss and the chosen measure large, three small ones beneath; they append while it trains."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from badcase.i18n import _
from badcase.ui.desktop.plots.curves import Curve, CurvePlot, EpochMark
from badcase.ui.desktop.train.runs.history import RunHistory
from badcase.ui.desktop.widgets import Card, Label

SMALL_HEIGHT, ROOM_FOR_SMALL = 128, 380


class ChartsPanel(QWidget):
    """Draws one run, with a reference run behind it. Where there is little height the small charts go first."""

    def __init__(self, items_a_second: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loss, self.score = CurvePlot(decimals=3), CurvePlot(decimals=1)
        self._small = {
            "learning_rate": (_("Learning rate"), CurvePlot(intervals=2)),
            "gradient_norm": (_("Gradient norm"), CurvePlot(intervals=2)),
            "rate": (items_a_second, CurvePlot(intervals=2)),
        }
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(16)
        self._score_title = Label(bold=True)
        grid.addWidget(_card(Label(_("Loss"), bold=True), self.loss), 0, 0, 1, 3)
        grid.addWidget(_card(self._score_title, self.score), 0, 3, 1, 3)
        self._small_cards = [_card(Label(title, bold=True), plot) for title, plot in self._small.values()]
        for index, card in enumerate(self._small_cards):
            card.setFixedHeight(SMALL_HEIGHT)
            grid.addWidget(card, 1, 2 * index, 1, 2)
        for column in range(6):
            grid.setColumnStretch(column, 1)
        grid.setRowStretch(0, 1)

    def show_runs(
        self,
        run: tuple[int, RunHistory],
        reference: tuple[int, RunHistory] | None,
        *,
        epochs: int,
        mark: EpochMark | None,
        measure: tuple[str, str],
    ) -> None:
        """Draw a run of so many epochs, and a reference run dashed. measure: name in the history, and its title."""
        number, history = run
        name, title = measure
        self._score_title.setText(_("{measure}, validation, %").format(measure=title))
        x_end = max(epochs, math.ceil(reference[1].epochs) if reference else 0)
        training = Curve(*history.curve("train_loss"), "given", _("training"), 1.75)
        loss = [training, Curve(*history.curve("validation_loss"), "accent", _("validation"))]
        self.loss.show_curves([*_reference(reference, "validation_loss"), *loss], x_end=x_end, mark=mark)
        score = _in_percent(Curve(*history.curve(name), "accent", _("run {n}").format(n=number)))
        bare = EpochMark(mark.x, "") if mark else None
        self.score.show_curves([*map(_in_percent, _reference(reference, name)), score], x_end=x_end, mark=bare, floor=None)
        for small, (_title, plot) in self._small.items():
            plot.show_curves([Curve(*history.curve(small), width=1.75)], x_end=x_end)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for card in self._small_cards:
            card.setVisible(event.size().height() >= ROOM_FOR_SMALL)


def _in_percent(curve: Curve) -> Curve:
    return replace(curve, y=100 * curve.y)


def _reference(reference: tuple[int, RunHistory] | None, name: str) -> list[Curve]:
    if reference is None:
        return []
    number, history = reference
    return [Curve(*history.curve(name), "line2", _("run {n}").format(n=number), 1.5, dashed=True)]


def _card(title: Label, plot: CurvePlot) -> Card:
    card = Card(padding=14)
    card.body.setSpacing(6)
    card.body.addWidget(title)
    card.body.addWidget(plot, 1)
    card.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
    plot.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    plot.setAccessibleName(title.text())
    return card
