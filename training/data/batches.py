"""Batches of a training: shuffled by the seed, prepared ahead in threads, moved to the device."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.training.data.training_set import TrainingRows

Inputs: TypeAlias = dict[str, Tensor]
Fetch: TypeAlias = Callable[[npt.NDArray[np.int64]], Inputs]
SHARE = 2  # items; batch norm needs two to have a spread


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch on the device.

    Attributes:
        inputs: By name.
        labels: (b,) int64 or (b, k) bool.
        weights: (b,) float32.
        places: (b,) of the items in their rows.
        targets: (b, k) float32 where the rows have soft targets.
        teacher: (b, k) float32 where the rows have a teacher.
        teacher_weight: (b,) or (b, k) float32, the same.
        whole: How many items the batch has in all the processes that share it; None where all are here.
    """

    inputs: Inputs
    labels: Tensor
    weights: Tensor
    places: npt.NDArray[np.int64]
    targets: Tensor | None = None
    teacher: Tensor | None = None
    teacher_weight: Tensor | None = None
    whole: int | None = None

    @property
    def size(self) -> int:
        return len(self.places) if self.whole is None else self.whole


@dataclass(frozen=True, slots=True)
class Batches:
    """Rows in batches of nearly equal size.

    Attributes:
        rows: The rows.
        fetch: Makes the inputs of some item ids, on the CPU.
        size: The most items of a batch.
        device: Where the batches go.
        seed: None keeps the order; otherwise each epoch has its own order, the same for the same seed.
        threads: 0 fetches in place, for inputs that lie in memory; more prepare that many batches ahead.
        chances: (n,) an epoch draws as many places as there are rows with these probabilities, some twice and some never.
        rank: Of each batch this process takes the rank-th of `world` shares; of a batch too small for all, maybe none.
        world: How many processes share the batches.
    """

    rows: TrainingRows
    fetch: Fetch
    size: int
    device: torch.device
    seed: int | None = None
    threads: int = 0
    chances: npt.NDArray[np.float64] | None = None
    rank: int = 0
    world: int = 1

    def __len__(self) -> int:
        # Nearly equal sizes rather than a short last batch: one of a single item would break batch norm.
        return -(-len(self.rows) // self.size)

    def epoch(self, number: int = 0, begin: int = 0, end: int | None = None) -> Iterator[Batch]:
        """The batches of an epoch, or of a part of it."""
        places = np.arange(len(self.rows))
        if self.seed is not None:
            rng = np.random.default_rng((self.seed, number))
            places = rng.permutation(places) if self.chances is None else rng.choice(places, len(places), p=self.chances)
        wholes = np.array_split(places, max(len(self), 1))[begin:end]
        parts = [(np.array_split(whole, self.world)[self.rank], len(whole)) for whole in wholes]
        parts = [(part, whole) for part, whole in parts if len(part)]
        if not self.threads:
            yield from (self._moved(part, whole, self._fetched(part)) for part, whole in parts)
            return
        with ThreadPoolExecutor(self.threads, thread_name_prefix="loader") as pool:
            ahead: deque[tuple[npt.NDArray[np.int64], int, Future[Inputs]]] = deque()
            try:
                for part, whole in parts:
                    ahead.append((part, whole, pool.submit(self._fetched, part)))
                    if len(ahead) > self.threads:
                        first, size, future = ahead.popleft()
                        yield self._moved(first, size, future.result())
                while ahead:
                    first, size, future = ahead.popleft()
                    yield self._moved(first, size, future.result())
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _fetched(self, places: npt.NDArray[np.int64]) -> Inputs:
        inputs = self.fetch(self.rows.items[places])
        if self.device.type == "cuda":
            return {name: value.pin_memory() for name, value in inputs.items()}
        return inputs

    def _moved(self, places: npt.NDArray[np.int64], whole: int, inputs: Inputs) -> Batch:
        return Batch(
            {name: value.to(self.device, non_blocking=True) for name, value in inputs.items()},
            torch.from_numpy(self.rows.labels[places]).to(self.device, non_blocking=True),
            torch.from_numpy(self.rows.weights[places]).to(self.device, non_blocking=True),
            places,
            self._floats(self.rows.targets(places)),
            self._floats(None if self.rows.teacher is None else self.rows.teacher[places]),
            self._floats(None if self.rows.teacher_weight is None else self.rows.teacher_weight[places]),
            whole,
        )

    def _floats(self, values: npt.NDArray[np.floating] | None) -> Tensor | None:
        if values is None:
            return None
        return torch.from_numpy(values.astype(np.float32, copy=False)).to(self.device, non_blocking=True)


@dataclass(frozen=True, slots=True)
class Splits:
    """What a training learns from, and what chooses its checkpoint."""

    train: Batches
    validation: Batches


def loader_threads() -> int:
    return max(1, min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1))


def require_shares(batches: Batches) -> None:
    """BadcaseError where a batch is too small to be split among the processes."""
    smallest = len(batches.rows) // max(len(batches), 1)  # batches are of nearly equal size
    if batches.world > 1 and smallest < SHARE * batches.world:
        raise BadcaseError(
            _("the batch is too small to be split among {n} processes").format(n=batches.world),
            where="batch_size",
            expected=_("{n} items or more").format(n=SHARE * batches.world),
            got=smallest,
            hint=_("Use fewer processes or a larger batch_size."),
        )
