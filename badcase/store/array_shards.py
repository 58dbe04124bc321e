"""Shards: the unfinished part of a prediction on the disk, so that one that was killed goes on where it was."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from badcase.out_of_memory import is_out_of_memory
from badcase.store.atomic_files import write_whole
from badcase.store.checks.stored_arrays import stored_arrays
from badcase.store.new_arrays import new_array

EVERY = 5.0  # seconds between shards: what a kill costs at most
ROWS = 8192
_log = logging.getLogger(__name__)
HALF = float(np.finfo(np.float16).max)
_COARSE = 32.0  # above it float16 is coarser than 1/64


class Shards:
    """Outputs by item, written a few seconds' worth at a time, each file whole or not there."""

    def __init__(self, folder: Path, n: int) -> None:
        self.folder, self.n = folder, n
        if folder.is_symlink():  # not ours; what is written would lie elsewhere
            folder.unlink()
        folder.mkdir(parents=True, exist_ok=True)
        self.done = np.zeros(n, np.bool_)
        self._paths = sorted(folder.glob("shard-*.npz"))
        for path in list(self._paths):
            try:
                self.done[_whole_ids(path, n)] = True
            except Exception as error:  # a damaged file fails in many ways; its items are predicted again
                if is_out_of_memory(error):
                    raise
                _log.warning("%s cannot be read and is dropped: %s", path, error)
                self._paths.remove(path)
                path.unlink()
        self._next = 1 + max((int(path.stem.split("-")[1]) for path in self._paths), default=-1)
        self._waiting: list[tuple[npt.NDArray[Any], ...]] = []
        self._rows, self._since = 0, time.monotonic()

    def add(self, ids: npt.NDArray[np.int64], logits: npt.NDArray[Any], embeddings: npt.NDArray[Any]) -> None:
        """Keep the outputs of some items; they are safe after the next `write`, which comes by itself."""
        self._waiting.append((ids, to_half(logits), to_half(embeddings)))
        self.done[ids] = True
        self._rows += len(ids)
        if self._rows >= ROWS or time.monotonic() - self._since >= EVERY:
            self.write()

    def write(self) -> None:
        """Put what is waiting on the disk."""
        if self._waiting:
            ids, logits, embeddings = (np.concatenate(part) for part in zip(*self._waiting, strict=True))
            path = self.folder / f"shard-{self._next:05d}.npz"
            self._next += 1
            with write_whole(path) as temporary, temporary.open("wb") as file:
                np.savez(file, ids=ids, logits=logits, embeddings=embeddings)
            self._paths.append(path)
        self._waiting, self._rows, self._since = [], 0, time.monotonic()

    def embeddings(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float16]:
        """(m, d) of some items (m,) that are on the disk."""
        rows: npt.NDArray[np.float16] | None = None
        place = np.full(self.n, -1, np.int64)
        place[ids] = np.arange(len(ids))
        for path in self._paths:
            with np.load(path) as shard:
                at, values = place[shard["ids"]], shard["embeddings"]
            if rows is None:
                rows = np.zeros((len(ids), values.shape[1]), np.float16)
            rows[at[at >= 0]] = values[at >= 0]
        return np.zeros((len(ids), 0), np.float16) if rows is None else rows

    def assemble(self, into: Path) -> None:
        """Write logits.npy (n, k) and embeddings.npy (n, d), float16, row i for item i; zeros where none came."""
        self.write()
        arrays: dict[str, npt.NDArray[Any]] = {}
        for path in self._paths:
            with stored_arrays(path) as shard:
                for name in ("logits", "embeddings"):
                    if name not in arrays:
                        shape = (self.n, shard[name].shape[1])
                        arrays[name] = new_array(into / f"{name}.npy", shape, np.float16)
                    arrays[name][shard["ids"]] = shard[name]
        for array in arrays.values():
            array.flush()  # type: ignore[attr-defined]


def _whole_ids(path: Path, n: int) -> npt.NDArray[np.int64]:
    """The items of a shard, all of which is read: a checksum of each array stands behind it."""
    with stored_arrays(path) as shard:
        ids, rows = shard["ids"], {len(shard[name]) for name in ("ids", "logits", "embeddings")}
    if len(rows) != 1 or (len(ids) and not 0 <= ids.min() <= ids.max() < n):
        raise ValueError("rows that do not belong together")
    kept: npt.NDArray[np.int64] = ids
    return kept


def to_half(values: npt.NDArray[Any]) -> npt.NDArray[np.float16]:
    """float16, with what is beyond its range at its ends; NaN stays NaN."""
    return np.clip(values, -HALF, HALF).astype(np.float16)


def half_logits(logits: npt.NDArray[Any], task: str) -> npt.NDArray[np.float16]:
    """Logits (n, k) as float16. Large ones, which float16 would round or cut to ties, keep their differences.

    A softmax is the same where the largest of a row is taken from all of it; sigmoids are not, but say 0 or 1 long before.
    """
    if task == "multilabel" or not logits.size:
        return to_half(logits)
    top = logits.max(1, keepdims=True)
    large = np.abs(logits).max(1, keepdims=True) > _COARSE
    return to_half(np.where(large, logits - top, logits))
