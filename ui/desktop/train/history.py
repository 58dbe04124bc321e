"""What a run has said so far, by name over epochs: read from history.jsonl and fed live while the run goes on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from training.runs import read_history
from ui.desktop.plots.curves import Values


class RunHistory:
    """Every value that a run reported, each with the epoch (a fraction inside one) at which it was true."""

    def __init__(self) -> None:
        self._points: dict[str, list[tuple[float, float]]] = {}

    @classmethod
    def read(cls, folder: Path) -> RunHistory:
        """The history that a run left in its folder; empty where there is none."""
        history = cls()
        for values in read_history(folder):
            history.add(values)
        return history

    def add(self, values: Mapping[str, float | None]) -> None:
        """Take in one report; one without an epoch says nothing about when and is left out."""
        epoch = values.get("epoch")
        if epoch is None:
            return
        for name, value in values.items():
            points = self._points.setdefault(name, [])
            if name == "epoch" or value is None or (points and points[-1][0] > epoch):
                continue
            if points and points[-1][0] == epoch:
                points.pop()
            points.append((epoch, float(value)))

    def curve(self, name: str) -> tuple[Values, Values]:
        """Epochs and values of one name, both (n,); empty where the run never said it."""
        points = np.array(self._points.get(name, []), dtype=np.float64).reshape(-1, 2)
        return points[:, 0], points[:, 1]

    def values(self, name: str) -> list[float]:
        return [value for _epoch, value in self._points.get(name, []) if np.isfinite(value)]

    @property
    def epochs(self) -> int:
        """The last whole epoch that ended with a look at the validation split."""
        return int(max((epoch for epoch, _ in self._points.get("validation_loss", [])), default=0))
