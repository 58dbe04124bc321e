"""What a run has said so far, by name over epochs: read from history.jsonl and fed live while the run goes on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress

import numpy as np

from badcase.errors import BadcaseError
from badcase.store.run_table import RunRow
from badcase.training.run_folder.run_files import read_history
from badcase.ui.desktop.plots.curves import Values


class RunHistory:
    """Every value that a run reported, each with the epoch (a fraction inside one) at which it was true."""

    def __init__(self) -> None:
        self._points: dict[str, list[tuple[float, float]]] = {}
        self._loss = (0.0, 0.0)  # the epoch and the mean of the last report of a training loss

    @classmethod
    def read(cls, run: RunRow) -> RunHistory:
        """The history that a run left in its folder; empty where there is none, or it is damaged."""
        history = cls()
        with suppress(BadcaseError):  # the page shows all other runs; whoever needs this one's is told
            for values in read_history(run.folder):
                history.add(values)
        return history

    @classmethod
    def level(cls, values: Mapping[str, float], epochs: int) -> RunHistory:
        """A model that was not trained here: the same values from the first epoch to the last, or all along the only one."""
        history = cls()
        for epoch in (1, epochs) if epochs > 1 else (0, 1):
            history.add({**values, "epoch": epoch})
        return history

    def add(self, values: Mapping[str, float | None]) -> None:
        """Take in one report; one without an epoch says nothing about when and is left out."""
        epoch = values.get("epoch")
        if epoch is None:
            return
        for name, value in values.items():
            if name == "train_loss" and value is not None:
                self._add_loss(epoch, value, ended="validation_loss" in values)
            elif name != "epoch" and value is not None:
                self._add(name, epoch, value)

    def _add(self, name: str, epoch: float, value: float) -> None:
        points = self._points.setdefault(name, [])
        # A run that goes on repeats what came after its state. A rate is the mean since the last look at the validation
        # items, so the newest says all that the ones before it said.
        start = self._start(epoch)
        while points and (points[-1][0] >= epoch or (name == "rate" and points[-1][0] > start)):
            points.pop()
        points.append((epoch, float(value)))

    def _start(self, epoch: float) -> float:
        """Since when the means of a report count: the epoch, or the last look at the validation items inside it."""
        looks = (at for at, _value in reversed(self._points.get("validation_loss", [])) if at < epoch)
        return max(math.ceil(epoch) - 1.0, next(looks, 0.0))

    def _add_loss(self, epoch: float, mean: float, *, ended: bool) -> None:
        """A report is the mean since `_start`; the curve shows what came since the last report."""
        start = self._start(epoch)
        before, mean_before = self._loss if start < self._loss[0] <= epoch else (start, 0.0)
        if ended and before > start:
            return
        done, done_before = epoch - start, before - start
        if done > done_before:
            self._add("train_loss", epoch, (mean * done - mean_before * done_before) / (done - done_before))
        self._loss = (epoch, mean)

    def curve(self, name: str) -> tuple[Values, Values]:
        """Epochs and values of one name, both (n,); empty where the run never said it."""
        points = np.array(self._points.get(name, []), dtype=np.float64).reshape(-1, 2)
        return points[:, 0], points[:, 1]

    def values(self, name: str) -> list[float]:
        return [value for _epoch, value in self._points.get(name, []) if np.isfinite(value)]

    @property
    def epochs(self) -> float:
        """The epoch of the last look at the validation items, a fraction where that was inside one."""
        return max((epoch for epoch, _ in self._points.get("validation_loss", [])), default=0.0)
