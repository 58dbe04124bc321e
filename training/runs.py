"""The folder of a run while it trains: history, best checkpoint, when to stop. No torch until weights are written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.files import write_whole
from badcase.language import _
from badcase.shards import to_half
from training.choices import SelectBy
from training.recipe import Recipe
from training.stages import last_start

if TYPE_CHECKING:
    from torch import nn

HISTORY, CHECKPOINT, LOGITS, META, RECIPE, NOTES, MODEL, ITEM_LOSS = (
    "history.jsonl", "best.safetensors", "logits.npy", "meta.json", "recipe.toml", "notes.md", "model", "item_loss.npy"
)  # fmt: skip


class Run:
    """One training as it happens. Every epoch is on the disk when `record` returns, and so is the best checkpoint."""

    def __init__(self, folder: Path, recipe: Recipe, history: list[dict[str, float]]) -> None:
        self.folder, self.recipe, self.history = folder, recipe, history
        self.best = max(range(len(history)), key=lambda i: self._score(history[i]), default=0)  # index in history
        self.item_loss: npt.NDArray[np.float32] | None = None  # of the last epoch, in the order of the training rows
        self.margins: list[npt.NDArray[np.float16]] = []  # of each epoch, likewise: logit of the label - best other

    @classmethod
    def begin(cls, folder: Path, recipe: Recipe) -> Run:
        folder.mkdir(parents=True, exist_ok=True)
        with write_whole(folder / RECIPE) as path:
            path.write_text(recipe.to_toml(), encoding="utf-8")
        (folder / HISTORY).write_text("", encoding="utf-8")
        return cls(folder, recipe, [])

    @classmethod
    def reopen(cls, folder: Path, recipe: Recipe) -> Run:
        """A run that ended, in whichever way."""
        return cls(folder, recipe, read_history(folder))

    def record(self, **values: float) -> dict[str, float]:
        """Append one epoch."""
        self.history.append(values)
        with (self.folder / HISTORY).open("a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")
        if self._score(values) > self._score(self.history[self.best]):
            self.best = len(self.history) - 1
        return values

    def watch(self, losses: npt.NDArray[np.float32], margins: npt.NDArray[np.float32]) -> None:
        """Take in what an epoch showed of each training item before it learnt from it."""
        self.item_loss = losses
        self.margins.append(to_half(margins))

    def _score(self, values: dict[str, float]) -> tuple[float, float]:
        """Higher is better; the loss decides between epochs of the same accuracy or F1."""
        by = SelectBy(self.recipe.select_by)
        return 0.0 if by is SelectBy.LOSS else values[by], -values["validation_loss"]

    def keep_if_best(self, network: nn.Module) -> None:
        """Write the weights where the epoch just recorded is the best so far."""
        if self.best == len(self.history) - 1:
            from safetensors.torch import save_file

            tensors = {name: value.detach().cpu().contiguous().clone() for name, value in network.state_dict().items()}
            with write_whole(self.folder / CHECKPOINT) as path:
                save_file(tensors, path)

    def should_stop(self) -> bool:
        """Whether patience has run out; epochs in which a part is frozen that joins later do not count."""
        recipe, epoch = self.recipe, len(self.history)
        if not recipe.patience or epoch < recipe.minimum_epochs:
            return False
        return epoch - max(self.best + 1, last_start(recipe) - 1) >= recipe.patience

    def metrics(self) -> dict[str, float]:
        """What the kept checkpoint measured, and in which of how many epochs."""
        kept = self.history[self.best]
        names = ("validation_loss", "accuracy", "macro_f1", "train_loss")
        counts = {"best_epoch": float(self.best + 1), "epochs": float(len(self.history))}
        return {name: kept[name] for name in names} | counts

    def restore(self, network: nn.Module) -> None:
        load_checkpoint(self.folder, network)


def load_checkpoint(folder: Path, network: nn.Module) -> None:
    """Put the best weights of a run, finished or not, into a network of the same shape."""
    from safetensors.torch import load_file

    path = folder / CHECKPOINT
    if not path.exists():
        raise BadcaseError(
            _("this run ended before its first checkpoint"),
            where=folder.name,
            hint=_("Train again; there is nothing to be kept."),
        )
    network.load_state_dict(load_file(path))


def read_history(folder: Path) -> list[dict[str, float]]:
    """The epochs of a run; a last line that a killed program left half-written is passed over."""
    path = folder / HISTORY
    if not path.exists():
        return []
    whole = [line for line in path.read_text(encoding="utf-8").split("\n")[:-1] if line]
    return [json.loads(line) for line in whole]


def write_json(path: Path, values: dict[str, Any]) -> None:
    with write_whole(path) as temporary:
        temporary.write_text(json.dumps(values, ensure_ascii=False, indent=1), encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """A run's meta.json, or nothing where the run did not come so far."""
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return values
