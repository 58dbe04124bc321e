"""A trial: a recipe, its run, and what it measured on the parts that judge it. Each part is kept until its tuning is over."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.store.atomic_files import write_whole
from badcase.store.checks.stored_arrays import stored_arrays
from badcase.store.run_table import RunKind, RunRow, RunState
from badcase.training.metrics.single_label import mean_and_error
from badcase.training.run_folder.run_files import reading

if TYPE_CHECKING:
    from badcase.training.recipe import Recipe
    from badcase.training.runs.plan import Plan

PARTS = "part-*.npz"


@dataclass(frozen=True, slots=True)
class PartResult:
    """What a trial measured on one part.

    Attributes:
        right: (m,) whether its held-out items were answered right.
        losses: The log loss of those that no one suspects.
        history: Of the training.
        seconds: What it took.
    """

    right: npt.NDArray[np.float64]
    losses: npt.NDArray[np.float64]
    history: list[dict[str, float]]
    seconds: float = 0.0

    def write(self, folder: Path, place: int) -> None:
        with write_whole(folder / PARTS.replace("*", str(place + 1))) as path, path.open("wb") as file:
            np.savez(file, right=self.right, losses=self.losses, history=json.dumps(self.history), seconds=self.seconds)

    @classmethod
    def read_all(cls, folder: Path) -> list[PartResult]:
        """The parts of a trial that are kept, in their order."""
        made = []
        for number in range(1, len(list(folder.glob(PARTS))) + 1):
            path = folder / PARTS.replace("*", str(number))
            with reading(path), stored_arrays(path) as kept:
                history = json.loads(str(kept["history"]))
                made.append(cls(kept["right"], kept["losses"], history, float(kept["seconds"])))
        return made


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a change stays, in words too. gain (and its standard error) is what it took off the mean of the measure."""

    stays: bool
    sentence: str
    gain: float = 0.0
    error: float = 0.0

    @property
    def values(self) -> dict[str, float | bool]:
        """As the run of the trial keeps it, whose sentence is in its notes."""
        return {"gain": self.gain, "gain_error": self.error, "stays": self.stays}

    @classmethod
    def of(cls, row: RunRow) -> Outcome | None:
        """What came of a trial that there is; None where it was not judged."""
        m = row.metrics
        return cls(m["stays"], "", m["gain"], m["gain_error"]) if "stays" in m else None


@dataclass(slots=True)
class Trial:
    """A recipe, its run, and what it measured on the first few parts; `outcome` is there where an earlier process judged it."""

    run: int
    recipe: Recipe
    planned: Plan
    why: str
    parts: list[PartResult] = field(default_factory=list)
    outcome: Outcome | None = None

    @property
    def metrics(self) -> dict[str, float]:
        """Means over all items that have judged it."""
        losses, right = (np.concatenate([getattr(part, name) for part in self.parts]) for name in ("losses", "right"))
        loss, error = mean_and_error(losses)
        return {"validation_loss": loss, "loss_error": error, "accuracy": float(right.mean()), "parts": len(self.parts)}


def is_judged(row: RunRow) -> bool:
    """Whether a trial that there is needs no more training: it had no rival and is done, or it lost or won."""
    return row.state is RunState.DONE or "stays" in row.metrics


def trials_of(runs: list[RunRow], tuning: int) -> list[RunRow]:
    """The trials of one tuning, oldest first."""
    return [run for run in runs if run.kind is RunKind.TRIAL and run.part_of == tuning]
