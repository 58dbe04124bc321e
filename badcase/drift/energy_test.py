"""Whether two samples come from one distribution: the energy distance, tested by permutations, held for many tests at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Features

PERMUTATIONS = 999
ALPHA = 0.05  # that any of all tests calls alike what is alike a difference

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Distance:
    """How far two samples lie apart.

    Attributes:
        value: The energy distance over twice the mean distance between the samples: 0 where they are of one distribution, 1 where
            each is one point apart from the other. What chance adds is taken off, so that it may be a little below 0.
        reach: How far from 0 chance alone takes any of all tests in 95 of 100 divisions.
        chance: That any of all tests lies so far out by chance, held for their number.
    """

    value: float
    reach: float
    chance: float

    @property
    def differs(self) -> bool:
        """Whether chance does not explain it."""
        return self.chance <= ALPHA


def permuted_distances(new: Features, old: Features, rng: np.random.Generator) -> Floats:
    """(1 + PERMUTATIONS,) the energy distance of two samples, and of others of their sizes drawn from both together.

    Szekely and Rizzo 2004, "Testing for equal distributions in high dimension", InterStat 5; as a share of the mean distance
    between the samples, Rizzo and Szekely 2016, https://doi.org/10.1002/wics.1375

    Args:
        new: (m, d) one sample.
        old: (n, d) the other.
        rng: Where the randomness comes from.
    """
    m, n = len(new), len(old)
    both = np.concatenate([new, old]).astype(np.float32)
    lengths = np.einsum("ij,ij->i", both, both)
    apart = np.sqrt(np.maximum(lengths[:, None] - 2 * (both @ both.T) + lengths, 0))
    np.fill_diagonal(apart, 0)  # rounding leaves something of it
    # The distance of the first m from the others is a quadratic form in their weights; each column is a division of its own.
    weights = np.full((1 + PERMUTATIONS, m + n), np.float32(-1 / n))
    weights[:, :m] = 1 / m
    weights[1:] = rng.permuted(weights[1:], axis=1)
    between = float(apart[:m, m:].mean())
    values = -np.einsum("ib,ib->b", weights.T, apart @ weights.T, dtype=np.float64)
    return np.asarray(values / max(2 * between, 1e-12), np.float64)


def held_for_all(tests: Sequence[Floats]) -> list[Distance]:
    """What many tests found, so that with nothing to find any of them finds something in 5 of 100 cases at most.

    Each test is told in standard deviations of its own divisions, and compared with the largest of all tests in each division.
    Westfall and Young 1993, "Resampling-based multiple testing", single-step maxT. Of tests that share items it is on the
    safe side.

    Args:
        tests: For each (1 + PERMUTATIONS,), the first as it is, the others by chance.
    """
    if not tests:
        return []
    values = np.stack(tests)
    middle, spread = values.mean(1), np.maximum(values.std(1), 1e-12)
    out = (values - middle[:, None]) / spread[:, None]
    largest = out.max(0)
    limit = float(np.quantile(largest, 1 - ALPHA))
    chance = (largest >= out[:, :1]).mean(1)
    return [
        Distance(value, reach, held)
        for value, reach, held in zip((values[:, 0] - middle).tolist(), (limit * spread).tolist(), chance.tolist(), strict=True)
    ]
