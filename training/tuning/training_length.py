"""Training length: the rate under which a whole training ends where the loss on held-out items is lowest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from badcase.training.loop.schedules import rate_at
from badcase.training.recipe import Recipe
from badcase.training.recipe.unfreezing_stages import last_start, stages

FOLDS = 3  # parts of the training items; each probe holds another one out
FEWEST = 5 * FOLDS  # training items; with fewer a held-out part says nothing
AHEAD = 3.0  # a probe goes at so many times the rate of the sweep, so that it comes as far in a third of the steps
LOOKS, FIRST_LOOK = 20, 1 / 64  # looks at the held-out items, by equal factors from this share of the way on
RISING = 1 / 16  # share of the way over which the rate of a probe rises
SURE, BEYOND = 2.0, 1.5  # standard errors, and the factor of the distance, by which a loss must have risen to end a probe
LOWEST = 0.02  # of the rate of the sweep: what no distance helps must not make a training stand still


@dataclass(frozen=True, slots=True)
class Probe:
    """One training at a steady rate, looked at now and then.

    Attributes:
        seed: Of the division into parts and of the order of the items.
        rates: (m,) the rate under which a whole training goes as far as the probe had gone at each look.
        losses: (m,) on held-out items.
    """

    seed: int
    rates: list[float]
    losses: list[float]


def reach(recipe: Recipe, steps: int) -> float:
    """How far a probe has to go at rate 1 for what a whole training does at rate 1, with so many steps an epoch.

    To first order the sum of the rates is how far a training has gone, however it is divided among the steps: gradient
    descent follows the same path at every rate that is not too large (Barrett and Dherin 2021,
    https://arxiv.org/abs/2009.11162). What a training learns by heart it learns by meeting the same items again, so that is
    counted in epochs: a probe, which has fewer items, is as far in fewer steps.
    """
    epochs, _head_only = stages(recipe)[last_start(recipe)]
    total = epochs * steps
    return (1 - 1 / FOLDS) * sum(rate_at(number, total, epochs, recipe) for number in range(total))


@dataclass(frozen=True, slots=True)
class ProbeSchedule:
    """What a probe does: the rate of each step (s,), and the numbers of steps after which it looks (m,)."""

    rates: npt.NDArray[np.float64]
    looks: npt.NDArray[np.int64]

    @classmethod
    def of(cls, rate: float, distance: float) -> ProbeSchedule:
        """So far at this rate, once it has risen."""
        # The rates rise linearly over the first steps, which costs half of their distance; looks are evenly spread by ratio.
        steps = max(2, round(distance / rate / (1 - RISING / 2)))
        rising = max(1, round(RISING * steps))
        rates = rate * np.minimum(1, (np.arange(steps) + 1) / rising)
        looks = np.unique(np.geomspace(max(1, FIRST_LOOK * steps), steps, LOOKS).round().astype(np.int64))
        return cls(rates, looks)

    @property
    def distances(self) -> npt.NDArray[np.float64]:
        """(m,) gone at each look."""
        return np.asarray(self.rates.cumsum()[self.looks - 1])


def turned(losses: Sequence[npt.NDArray[np.float32]], distances: npt.NDArray[np.float64]) -> bool:
    """Whether the loss of the held-out items has surely risen since it was lowest.

    Args:
        losses: Of each look (h,), of the items.
        distances: (m,) how far the probe had gone at each look.
    """
    # A paired difference against the best look, over its standard error.
    best = int(np.argmin([look.mean() for look in losses]))
    worse = losses[-1].astype(np.float64) - losses[best]  # one that blows up has no variance in single precision
    error = float(worse.std(ddof=1)) / np.sqrt(len(worse)) if len(worse) > 1 else np.inf
    return bool(distances[len(losses) - 1] >= BEYOND * distances[best] and worse.mean() > SURE * error)


def best_rate(probes: Sequence[Probe], swept: float, bound: float) -> float:
    """The rate at which the mean of the probes is lowest, at most the bound and no lower than LOWEST of that of the sweep."""
    mean = _mean(probes)
    return float(np.clip(probes[0].rates[int(np.argmin(mean))], LOWEST * swept, bound))


def still_falls(probes: Sequence[Probe]) -> bool:
    """Whether the mean of the probes is lowest where all of them end, so that what lies beyond may be better."""
    if len({len(probe.losses) for probe in probes}) != 1:
        return False
    mean = _mean(probes)
    return bool(np.argmin(mean) == len(mean) - 1)


def lowest(probes: Sequence[Probe]) -> float:
    """The lowest mean of the probes."""
    return float(_mean(probes).min())


def _mean(probes: Sequence[Probe]) -> npt.NDArray[np.float64]:
    """(m,) of the looks that all of them have."""
    seen = min(len(probe.losses) for probe in probes)
    return np.asarray(np.mean([probe.losses[:seen] for probe in probes], axis=0))


def parts(units: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.int64]:
    """(n,) which of the FOLDS each item is held out in; items of one unit (n,) together, all much the same size."""
    found, unit = np.unique(units, return_inverse=True)
    place = np.random.default_rng(seed).permutation(len(found)) % FOLDS
    return np.asarray(place[unit.reshape(-1)], np.int64)
