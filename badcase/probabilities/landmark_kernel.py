"""The Gaussian kernel of items and landmarks, walked block by block: held as far as memory allows, made anew beyond."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Features, Groups, Probs
from badcase.i18n import _
from badcase.progress import Job, Progress

Block: TypeAlias = tuple[NDArray[np.int64], NDArray[np.float32]]  # items and their rows

# The kernel of 70,000 items and 1,500 landmarks is held. That of a million would take 6 GB; most of it is made anew for each
# walk, which costs little beside what is done with it.
HELD = 400 << 20  # bytes
_ROWS = 2_048  # of a block
# Added to the diagonal of the landmarks' kernel, so that single precision is enough for what follows.
_JITTER = 1e-4
_FEW_APART = 1_000  # landmarks whose distances set the width of the kernel


class LandmarkKernel:
    """A Gaussian kernel as wide as the median distance of the landmarks, centred: its columns sum to 0.

    Attributes:
        among: (m, m) of the landmarks, not centred.
        gram: (m, m) K'K of the kernel K (n, m).
        answers: (m, k) K'Y of the targets that it was made for.
    """

    @classmethod
    def making(cls, features: Features, marks: Features, groups: Groups, targets: Probs) -> Job[LandmarkKernel]:
        """Walk along all items once, as a job.

        Args:
            features: (n, d) of the items.
            marks: (m, d) of the landmarks.
            groups: (n,) counted from 0; a block holds its groups whole.
            targets: (n, k) whose columns sum to 0.
        """
        kernel = cls(features, marks, groups)
        sums = np.zeros(len(marks))
        for items, block in kernel.blocks(keep=True):
            yield Progress(_("Comparing the items"))
            sums += block.sum(0, dtype=np.float64)
            kernel.gram += block.T @ block
            kernel.answers = kernel.answers + block.T.astype(np.float64) @ targets[items]
        kernel._centre_at(sums / len(features))
        return kernel

    def __init__(self, features: Features, marks: Features, groups: Groups) -> None:
        # exp(-|x - y|^2 / (2 s^2)), with s^2 the median squared distance of some pairs of landmarks.
        exact = marks.astype(np.float64)
        squares = _squared_distances(exact, exact)
        apart = squares[:_FEW_APART, :_FEW_APART][np.triu_indices(min(len(marks), _FEW_APART), 1)]
        self._square = float(np.median(apart) or apart.mean()) or 1.0  # more than half alike: of the others; all alike
        self.among = np.exp(squares / (-2 * self._square))
        self.among[np.diag_indices(len(self.among))] += _JITTER
        self.gram = np.zeros((len(marks), len(marks)))
        self.answers: NDArray[np.float64] = np.zeros(1)
        self._features, self._marks = features, marks
        self._centre = self.among.mean(0).astype(np.float32)  # nearly: the landmarks are drawn from the items
        self._parts = _parts(groups)
        self._held: list[NDArray[np.float32]] = []  # of the first blocks

    def blocks(
        self, columns: int | None = None, *, keep: bool = False
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Items and their rows (items, m) of the kernel, block by block; a block must not be written to.

        Args:
            columns: Only so many landmarks, the first ones.
            keep: Hold the blocks of this walk for the next ones, as far as that is allowed.
        """
        marks, size = self._marks[:columns], 0
        for number, items in enumerate(self._parts):
            if number < len(self._held):
                yield items, self._held[number][:, :columns]
                continue
            block = _squared_distances(self._features[items], marks)
            block /= np.float32(-2 * self._square)
            np.exp(block, out=block)
            block -= self._centre[:columns]
            size += block.nbytes
            if keep and size <= HELD:
                self._held.append(block)
            yield items, block

    def _centre_at(self, off: NDArray[np.float64]) -> None:
        """The means of the columns are known: take what they are off from everything."""
        self.gram -= len(self._features) * np.outer(off, off)
        less = off.astype(np.float32)
        self._centre += less
        for block in self._held:
            block -= less


def _parts(groups: Groups) -> list[NDArray[np.int64]]:
    """All items in parts of about _ROWS; a group (n,) is never divided, and its items stand side by side."""
    n = len(groups)
    if int(groups.max()) + 1 == n:  # each is alone
        return np.split(np.arange(n), np.arange(_ROWS, n, _ROWS))
    order = np.argsort(groups, kind="stable")
    ends = np.flatnonzero(np.diff(groups[order])) + 1
    cuts = np.searchsorted(ends, np.arange(_ROWS, n, _ROWS))
    return np.split(order, np.unique(ends[cuts[cuts < len(ends)]]))


def _squared_distances(rows: NDArray[Any], marks: NDArray[Any]) -> NDArray[Any]:
    """|x - y|^2 = |x|^2 - 2 x'y + |y|^2 for each row and mark; rounding below 0 is cut."""
    squares: NDArray[Any] = rows @ (-2 * marks).T
    squares += np.einsum("ij,ij->i", rows, rows)[:, None]
    squares += np.einsum("ij,ij->i", marks, marks)
    return np.maximum(squares, 0, out=squares)
