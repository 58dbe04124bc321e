"""What a finder found: the sweep or the stopwatch as a curve with the pick marked, and a button that takes it over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.plots.curves import Curve, CurvePlot, EpochMark
from badcase.ui.desktop.train.recipe.recipe_fields import write_number
from badcase.ui.desktop.widgets import Button, Card, Label

TALLEST = 520


class FinderView(QWidget):
    """Takes the result of a finder and gives intent: take the pick into the recipe, or leave it."""

    taken = Signal(dict)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._changes: dict[str, Any] = {}
        self.title, self.sentence = Label(px=15, bold=True), Label(ink="text2", wrap=True)
        self.use = Button("", keys="Enter", icon="check", primary=True)
        self.use.setObjectName("take_found")
        self.close_it = Button(_("Leave it"), keys="Esc")
        self.plot, self._plotted = CurvePlot(), Label(bold=True)
        card = Card(padding=14)
        card.setMaximumHeight(TALLEST)
        card.body.setSpacing(6)
        card.body.addWidget(self._plotted)
        card.body.addWidget(self.plot, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.use)
        buttons.addWidget(self.close_it)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 14, 20, 16)
        column.setSpacing(12)
        for part in (self.title, self.sentence):
            column.addWidget(part)
        column.addWidget(card, 1)
        column.addLayout(buttons)
        column.addStretch(0)
        self.use.clicked.connect(self.take)
        self.close_it.clicked.connect(self.closed)

    def take(self) -> None:
        """Give the pick to the recipe."""
        self.taken.emit(self._changes)

    def show_rate(self, found: dict[str, Any]) -> None:
        """The sweeps of `find_rate`, one curve a seed, and the mean of its probes: loss against rate, the pick marked."""
        rates = [np.log10(sweep["rates"]) for sweep in found["sweeps"]]
        losses = [np.array(sweep["losses"]) for sweep in found["sweeps"]]
        self._say(_("Learning rate"), found, write_number(found["rate"]))
        curves = [Curve(x, y, "given", width=1.75) for x, y in zip(rates, losses, strict=True)]
        self._plotted.setText(_("Loss while the rate rises, one curve per seed"))
        if found["probes"]:
            seen = min(len(probe["losses"]) for probe in found["probes"])
            mean = np.mean([probe["losses"][:seen] for probe in found["probes"]], axis=0)
            curves.append(Curve(np.log10(found["probes"][0]["rates"][:seen]), mean, "accent", name=_("held out")))
            self._plotted.setText(
                _("Loss while the rate rises, one curve per seed; held out: loss at the end of a training at each rate")
            )
        # What blows up at the end would flatten the fall that matters.
        top = max(float(loss[0]) for loss in losses) * 1.3
        decades = range(int(np.floor(min(x[0] for x in rates))), int(np.ceil(max(x[-1] for x in rates))) + 1)
        self.plot.show_curves(
            [replace(curve, y=np.minimum(curve.y, top)) for curve in curves],
            mark=EpochMark(float(np.log10(found["rate"])), write_number(found["rate"])),
            floor=None,
            ticks=[(float(power), write_number(10.0**power)) for power in decades],
        )

    def show_batch(self, found: dict[str, Any]) -> None:
        """The sizes of `find_batch`: items a second against batch size, the pick marked."""
        sizes, speeds = np.log2(found["sizes"]), np.array(found["speeds"])
        self._say(_("Batch size"), found, str(found["size"]))
        fits = bool(speeds.all())
        self._plotted.setText(
            _("Items per second by batch size") if fits else _("Items per second by batch size; 0 where it did not fit")
        )
        self.plot.show_curves(
            [Curve(sizes, speeds)],
            mark=EpochMark(float(np.log2(found["size"])), str(found["size"])),
            ticks=[(float(at), str(size)) for at, size in zip(sizes, found["sizes"], strict=True)],
        )

    def _say(self, what: str, found: dict[str, Any], pick: str) -> None:
        self._changes = found["changes"]
        self.title.setText(_("{what}: {pick}").format(what=what, pick=pick))
        self.sentence.setText(found["sentence"])
        self.use.setText(_("Use {pick}").format(pick=pick))
        self.use.updateGeometry()
