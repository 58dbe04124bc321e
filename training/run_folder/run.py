"""The folder of a run while it trains: history, best checkpoint, when to stop. No torch until weights are written."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.store.atomic_files import write_whole
from badcase.training.metrics.single_label import measure, titles
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import SelectBy
from badcase.training.recipe.unfreezing_stages import last_start
from badcase.training.run_folder.checkpoint_selection import SCORE, Selection
from badcase.training.run_folder.item_dynamics import ItemDynamics
from badcase.training.run_folder.run_files import (
    CHECKPOINT,
    HISTORY,
    RECIPE,
    STATE,
    read_history,
    reading,
    write_history,
    write_text,
)

if TYPE_CHECKING:
    from torch import Tensor, nn

    from badcase.training.run_folder.resume_state import Stateful

BY_SGD = "by_sgd"  # in the history of a recipe that switches: whether SGD trained the part
WRITING = 0.02  # share of the time that may go into checkpoints: short epochs do not each wait for the disk

# A plateau: validation within 2 % of its lowest on average, the training loss at least 1 % lower over the same epochs.
FLAT, FALLING = 0.02, 0.01


class Run:
    """One training as it happens. The history is on the disk when `record` returns.

    The best checkpoint and the state follow in `keep_state`: the first at once, and then as often as WRITING allows, and at
    last in `write_state`, which whoever stops the training calls.
    """

    def __init__(self, folder: Path, recipe: Recipe, history: list[dict[str, float]], classes: Sequence[str] = ()) -> None:
        self.folder, self.recipe, self.history = folder, recipe, history
        self.selection = Selection(recipe, tuple(classes))
        self.best = max(range(len(history)), key=lambda i: self._score(history[i]), default=0)  # index in history
        self.dynamics = ItemDynamics()
        self._state: dict[str, Any] | None = None  # what a resumed run goes on from, until it does
        self._unwritten: dict[str, Tensor] | None = None  # the best weights, where the disk has them not yet
        self._unsaved: dict[str, Any] | None = None  # what it could go on from, the same
        self._next_write = 0.0

    @classmethod
    def begin(cls, folder: Path, recipe: Recipe, classes: Sequence[str] = ()) -> Run:
        """A training that starts; `classes` are their names, for a rule that speaks of one."""
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / RECIPE, recipe.to_toml())
        (folder / HISTORY).write_text("", encoding="utf-8")
        run = cls(folder, recipe, [], classes)
        run.selection.require_function()
        return run

    @classmethod
    def reopen(cls, folder: Path, recipe: Recipe) -> Run:
        """A run that ended, in whichever way; its best epoch is that of the checkpoint on the disk."""
        if not (folder / CHECKPOINT).exists():
            return cls(folder, recipe, read_history(folder))
        from safetensors import safe_open

        run = cls(folder, recipe, read_history(folder, 1))
        with reading(folder / CHECKPOINT), safe_open(folder / CHECKPOINT, "pt") as file:
            epoch = int(file.metadata()["epoch"])
        run.best = min(epoch, len(run.history)) - 1  # one that went on from its state has forgotten what came after that
        return run

    @classmethod
    def resume(cls, folder: Path, recipe: Recipe, classes: Sequence[str] = ()) -> Run:
        """A run that goes on after the last part whose state it kept; what its history has beyond that is forgotten."""
        from safetensors import safe_open

        from badcase.training.run_folder.resume_state import read_state

        state = read_state(folder / STATE)
        if (folder / CHECKPOINT).exists():  # a damaged one is told now: whether the rest replaces it, nobody knows
            with reading(folder / CHECKPOINT), safe_open(folder / CHECKPOINT, "pt"):
                pass
        run = cls(folder, recipe, read_history(folder, state["looks"])[: state["looks"]], classes)
        run.best, run._state = state["best"], state
        run.dynamics = ItemDynamics.of(state)
        write_history(folder, run.history)
        return run

    def record(self, logits: npt.NDArray[Any], labels: npt.NDArray[Any], **learnt: float) -> dict[str, float]:
        """Append one part: what its training showed, and how the logits of the validation items measure."""
        measured = measure(logits, labels)
        values = learnt | measured | self.selection.score(measured, logits, labels)
        self.history.append(values)
        with (self.folder / HISTORY).open("a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")
        if self._score(values) > self._score(self.history[self.best]):
            self.best = len(self.history) - 1
        return values

    def watch(self, losses: npt.NDArray[np.float32], margins: npt.NDArray[np.float32]) -> None:
        """Take in what a part showed of each training item before it learnt from it, see `ItemDynamics.take`."""
        self.dynamics.take(losses, margins, begins=len(self.history) % self.recipe.checks == 0)

    def _score(self, values: dict[str, float]) -> tuple[float, float]:
        """Higher is better; the loss decides between epochs of the same accuracy or F1."""
        by = SelectBy(self.recipe.select_by)
        first = 0.0 if by is SelectBy.LOSS else values[SCORE if by is SelectBy.RULE else by]
        return first, -values["validation_loss"]

    def keep_if_best(self, network: nn.Module) -> None:
        """Keep the weights where the epoch just recorded is the best so far."""
        if self.best == len(self.history) - 1:
            weights = network.state_dict().items()
            self._unwritten = {name: value.detach().to("cpu", copy=True).contiguous() for name, value in weights}

    def keep_state(self, **parts: Stateful) -> None:
        """Keep what the run needs to go on from here: on the disk, or in memory until it is stopped or the disk may be used.

        parts: All that a step changes, by name.
        """
        from badcase.training.run_folder.resume_state import copied, state_of

        began = time.perf_counter()
        state = state_of({"looks": len(self.history), "best": self.best} | self.dynamics.state(), dict(parts))
        if began < self._next_write:
            self._unsaved = copied(state)
            return
        self._unsaved = state
        self.write_state()
        now = time.perf_counter()
        self._next_write = now + (now - began) / WRITING

    def write_state(self) -> None:
        """Put the newest state, and the best weights that belong to it, on the disk, if they are not there."""
        self.write_best()
        if self._unsaved is not None:
            from badcase.training.run_folder.resume_state import write_state

            write_state(self.folder / STATE, self._unsaved)
            self._unsaved = None

    def passed(self, number: int, **parts: Stateful) -> bool:
        """Whether a resumed run has this part behind it; the last such puts every part back as it was."""
        if self._state is None:
            return False
        if number == self._state["looks"]:
            from badcase.training.run_folder.resume_state import put_back

            put_back(self._state, dict(parts))
            self._state = None
        return True

    def write_best(self) -> None:
        """Put the best weights on the disk, if they are not there."""
        if self._unwritten is not None:
            from safetensors.torch import save_file

            with write_whole(self.folder / CHECKPOINT) as path:
                save_file(self._unwritten, path, {"epoch": str(self.best + 1)})
            self._unwritten = None

    @property
    def last_loss(self) -> float:
        """Of the validation items, at the last look; NaN before the first."""
        return self.history[-1]["validation_loss"] if self.history else float("nan")

    @property
    def waited(self) -> int:
        """How many looks at the validation items there were since the best one: epochs, where each has one."""
        return len(self.history) - (self.best + 1) if self.history else 0

    def should_stop(self) -> bool:
        """Whether patience has run out; epochs in which a part is frozen that joins later do not count."""
        recipe, looks = self.recipe, len(self.history)
        if not recipe.patience or looks < recipe.minimum_checks:
            return False
        waited = looks - max(self.best + 1, (last_start(recipe) - 1) * recipe.checks)
        if waited < recipe.patience:
            return False
        return waited >= 2 * recipe.patience or not (recipe.plateau_guard and self._on_plateau(recipe.patience))

    def _on_plateau(self, looks: int) -> bool:
        """Whether validation was flat at the last looks while the training loss went on falling."""
        window, before = self.history[-looks:], self.history[-looks - 1]
        lowest = min(one["validation_loss"] for one in self.history)
        flat = float(np.mean([one["validation_loss"] for one in window])) <= (1 + FLAT) * lowest
        return flat and window[-1]["train_loss"] < (1 - FALLING) * before["train_loss"]

    def metrics(self) -> dict[str, float]:
        """What the kept checkpoint measured, and in which of how many epochs."""
        kept = self.history[self.best]
        names = ["train_loss", *(name for several in (False, True) for name in titles(several=several) if name in kept)]
        counts = {"best_epoch": kept["epoch"], "epochs": self.history[-1]["epoch"]}
        return {name: kept[name] for name in names} | counts

    def restore(self, network: nn.Module) -> None:
        self.write_best()
        load_checkpoint(self.folder, network)


def load_checkpoint(folder: Path, network: nn.Module) -> None:
    """Put the best weights of a run, finished or not, into a network of the same shape."""
    from safetensors.torch import load_file

    path = folder / CHECKPOINT
    if not path.exists():
        raise BadcaseError(
            _("this run ended before its first checkpoint"), where=folder.name, hint=_("Train again; there is nothing to keep.")
        )
    with reading(path):
        weights = load_file(path)
    network.load_state_dict(weights)
