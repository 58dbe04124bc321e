"""Fingerprints of all items, as one block of bytes: so many strings of their own would take three times the memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

DIGITS = 32  # of hex, of a BLAKE2b-128
_TOGETHER = 8_192


class Fingerprints(Sequence[str]):
    """Digests in hex, each a string when it is asked for."""

    def __init__(self, marks: NDArray[np.bytes_] | None = None) -> None:
        """marks: (n,) of `DIGITS` bytes each; none without."""
        self._marks = np.empty(0, f"S{DIGITS}") if marks is None else np.ascontiguousarray(marks)

    @classmethod
    def of(cls, digits: bytes | bytearray) -> Fingerprints:
        """Those that stand one behind the other in these bytes."""
        return cls(np.frombuffer(digits, f"S{DIGITS}"))

    @classmethod
    def joined(cls, several: Sequence[Fingerprints]) -> Fingerprints:
        """Some behind the others."""
        return cls(np.concatenate([one._marks for one in several])) if several else cls()

    def __len__(self) -> int:
        return len(self._marks)

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return self._marks[i].astype(str).tolist()
        return self._marks[i].decode("ascii")

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), _TOGETHER):
            yield from self[start : start + _TOGETHER]

    def part(self, places: Sequence[int]) -> Fingerprints:
        """Some of them, in this order."""
        return Fingerprints(self._marks[list(places)])

    def column(self) -> pa.Array:
        """The same as a column of text."""
        ends = pa.py_buffer(np.arange(0, DIGITS * len(self) + 1, DIGITS, dtype=np.int64))
        return pa.Array.from_buffers(pa.large_string(), len(self), [None, ends, pa.py_buffer(self._marks)])
