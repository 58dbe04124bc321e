"""Item dynamics: what a training showed of each item before it learnt from it, epoch by epoch. Torch only to be resumed."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from badcase.out_of_memory import is_out_of_memory
from badcase.store.array_shards import to_half
from badcase.store.training_dynamics import write_dynamics, write_label_dynamics
from badcase.training.run_folder.run_files import write_array

if TYPE_CHECKING:
    from torch import Tensor

    from badcase.training.data.training_set import TrainingRows

ITEM_LOSS = "item_loss.npy"
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class LabelMargins:
    """Margins of items with any number of labels, summed: a row an epoch would be a hundred times as much.

    Attributes:
        total: (n, k) the sum of the margins.
        wrong: (n, k) how many were at 0 or below.
        met: (n,) how often each item was met.
    """

    total: npt.NDArray[np.float32]
    wrong: npt.NDArray[np.int32]
    met: npt.NDArray[np.int32]


class ItemDynamics:
    """The last loss (n,) and the margins of each item, in the order of the training rows."""

    def __init__(self) -> None:
        self.losses: npt.NDArray[np.float32] | None = None
        self.margins: list[npt.NDArray[np.float16]] = []  # of each epoch (n,), where each item has one class
        self.labels: LabelMargins | None = None

    def take(self, losses: npt.NDArray[np.float32], margins: npt.NDArray[np.float32], *, begins: bool) -> None:
        """Take in what a part of an epoch showed, NaN of items not met.

        With one class an item, all parts of an epoch have one row of margins together, and of an item not met the last.

        Args:
            losses: (n,).
            margins: (n,), or of each label (n, k).
            begins: Whether it is the first part of its epoch.
        """
        met = ~np.isnan(losses)
        if margins.ndim == 2:
            self._add(met, margins)
        else:
            if self.margins:
                margins = np.where(met, margins, self.margins[-1])
            if not begins:
                self.margins.pop()
            self.margins.append(to_half(np.nan_to_num(margins)))  # 0 where a row has not been met yet
        self.losses = losses if self.losses is None else np.where(met, losses, self.losses)

    def _add(self, met: npt.NDArray[np.bool_], margins: npt.NDArray[np.float32]) -> None:
        if self.labels is None:
            n, k = margins.shape
            self.labels = LabelMargins(np.zeros((n, k), np.float32), np.zeros((n, k), np.int32), np.zeros(n, np.int32))
        self.labels.total[met] += margins[met]
        self.labels.wrong[met] += margins[met] <= 0
        self.labels.met[met] += 1

    def write(self, folder: Path, rows: TrainingRows) -> None:
        """Keep it in the folder of a run; nothing where no epoch was seen."""
        if self.losses is None:
            return
        met = np.isfinite(self.losses)
        write_array(folder / ITEM_LOSS, np.stack([rows.items[met].astype(np.float64), self.losses[met]]))
        if self.labels is None:
            write_dynamics(folder, rows.items, rows.labels, np.stack(self.margins))
        else:
            times = np.where(self.labels.met, self.labels.met, np.nan)[:, None]
            area = to_half(np.nan_to_num(self.labels.total / times).astype(np.float32))  # 0 where a row was never met
            write_label_dynamics(folder, rows.items, rows.labels, area, self.labels.wrong, int(self.labels.met.max()))

    def state(self) -> dict[str, Tensor]:
        """All of it, for `of` in a run that goes on."""
        import torch

        assert self.losses is not None, "there is no state before the first part"
        kept: dict[str, npt.NDArray[Any]] = {"item_loss": self.losses}
        if self.labels is None:
            kept["margins"] = np.stack(self.margins)
        else:
            kept |= {name: getattr(self.labels, name) for name in LabelMargins.__slots__}
        return {name: torch.from_numpy(values) for name, values in kept.items()}

    @classmethod
    def of(cls, state: dict[str, Tensor]) -> ItemDynamics:
        made = cls()
        made.losses = state["item_loss"].numpy()
        if "margins" in state:
            made.margins = list(state["margins"].numpy())
        else:
            made.labels = LabelMargins(*(state[name].numpy() for name in LabelMargins.__slots__))
        return made


def read_losses(folder: Path, n: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The items (m,) of n that a run met and the mean loss (m,) of each; none where that was not kept, or is damaged."""
    try:
        with (folder / ITEM_LOSS).open("rb") as file:  # numpy leaves a broken one open
            items, losses = np.load(file)
        kept = items.astype(np.int64)
        if len(kept) and not 0 <= kept.min() <= kept.max() < n:
            raise ValueError("no such item")
    except FileNotFoundError:
        return np.empty(0, np.int64), np.empty(0)
    except Exception as error:  # a damaged file fails in many ways, and all mean the same here
        if is_out_of_memory(error):
            raise
        _log.warning("the losses in %s cannot be read: %s", folder, error)
        return np.empty(0, np.int64), np.empty(0)
    return kept, losses
