"""Odds against labels, where confusions count as far as other items repeat them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Probs
from badcase.probabilities.noise_matrix import (
    PSEUDO_COUNTS,
    before_evidence,
    blocks,
    by_given,
    noise_matrix,
    sampled,
    true_classes,
)

_STEPS = 4  # of EM, before each item is judged by the counts of the others
_EVEN = 3.0  # items a class by which its confusions are taken for even
# Two classes have one confusion each, so nothing can be foretold. Full trust finds what is written one way (AP .82, .61 without)
# and loses as much where one class is rare.
_TWO_CLASSES = 0.35
_TINY = np.float32(1e-12)


@dataclass(frozen=True, slots=True)
class Trust:
    """The exponent of the noise matrix, by how well other items foretell what is written for what: linear between points."""

    foretold: tuple[float, ...]
    exponent: tuple[float, ...]

    def at(self, foretold: float) -> float:
        return float(np.interp(foretold, self.foretold, self.exponent))


# Chosen on 226 sets from five sources: made ones of 4 to 77 classes (junk of no class, labels confused one way, uniform and hard
# ones, .4 to 30 % wrong; strong and weak models) and published probabilities. Mean AP .530; the matrix trusted by the entropy of
# its confusions, .519; self-confidence .511, margin .406. Behind the better of these two by more than .03: 12 sets (by .08 at
# most), before 32 (.16). Chosen without the sets of one source it gained on these, for each source.
ALONE = Trust((0.25, 0.4, 0.65), (0.0, 0.7, 1.0))
# On the twelve sets of the ranking benchmark .850 as by the entropy, on 102 of the made ones .550 against .522: all kinds of junk
# gain (blends .68 against .63), a few labels confused one way lose (.25 against .28). On fifteen others .769 against .760.
FROM_FEATURES = Trust((0.05, 0.25, 0.55, 0.65), (0.0, 0.2, 0.2, 1.0))


def wrong_log_odds(
    probs: Probs, labels: Labels, verified: Labels | None = None, *, trust: Trust | float = ALONE
) -> NDArray[np.float64]:
    """Log odds (n,) that each label is wrong; they order well and are not calibrated.

    An item that is of no class at all confirms itself where it shapes the noise matrix that it is then judged by. So each
    item is judged by the counts of the others, and the matrix is trusted as far as these foretell which class is written:
    junk under random labels foretells nothing, and what remains is the plain odds against the label. The more the matrix is
    trusted, the more the likeliest other class speaks for all others.

    Args:
        probs: (n, k) out-of-sample, rows sum to 1.
        labels: (n,) the given classes.
        verified: (n,) the true class of an item where it is known, else -1; it shapes the counts only.
        trust: How far the matrix is trusted, or its exponent, 0 to 1.
    """
    n, k = probs.shape
    counted = sampled(n)
    confusions = _Confusions(probs, labels, verified, counted)
    if isinstance(trust, Trust):
        trust = _TWO_CLASSES if k == 2 else trust.at(confusions.foretold())
    norm = np.float32(1 + trust)
    has_part = np.zeros((n, 1), np.float32)
    has_part[counted] = 1
    odds = np.empty(n)
    for rows, given in blocks(labels, k):
        likely = probs[rows].astype(np.float32, copy=False) + _TINY
        if trust:
            likely *= confusions.by_others(rows, given, has_part[rows]) ** np.float32(trust)
        at = np.arange(len(rows))
        right = likely[at, given]
        likely[at, given] = 0  # summed without it: 1 - right would round to 0 for sure labels
        others = (likely**norm).sum(1) ** (1 / norm) if trust else likely.sum(1)
        odds[rows] = np.log(others + _TINY) - np.log(right + _TINY)
    return odds


def foretold(probs: Probs, labels: Labels) -> float:
    """How well items foretell which class is written for another, see `wrong_log_odds`: at most 1, 0 = not at all."""
    return _Confusions(probs, labels, None, sampled(len(labels))).foretold()


class _Confusions:
    """Counts (given, true) of which class is written for which, by posteriors under a first noise matrix."""

    def __init__(self, probs: Probs, labels: Labels, verified: Labels | None, counted: NDArray[np.int64]) -> None:
        """Count some items (m,) of probs (n, k), labels (n,) and verified classes (n,)."""
        self._probs, self._labels, self._verified, self._counted = probs, labels, verified, counted
        k = probs.shape[1]
        known = None if verified is None else verified[counted]
        self._columns = by_given(noise_matrix(probs[counted], labels[counted], verified=known, steps=_STEPS))
        self._first = np.float32(PSEUDO_COUNTS) * by_given(before_evidence(k))
        self._counts = np.zeros((k, k), np.float32)
        for rows, given in self._blocks():
            np.add.at(self._counts, given, true_classes(probs, self._columns, rows, given, verified))
        self._totals = self._counts.sum(0)

    def by_others(self, rows: NDArray[np.int64], given: Labels, share: NDArray[np.float32] | float = 1.0) -> NDArray[np.float32]:
        """p(given class | true class) of some rows (r,), for each true class (r, k), by the counts without the row itself.

        Args:
            rows: (r,)
            given: (r,) their classes.
            share: (r, 1) 1 where a row is one of those that were counted, else 0.
        """
        own = true_classes(self._probs, self._columns, rows, given, self._verified) * np.float32(share)
        return (self._counts[given] - own + self._first[given]) / (self._totals - own + np.float32(PSEUDO_COUNTS))

    def foretold(self) -> float:
        """How well the other items foretell which class is written where it is not the true one: at most 1, 0 = not at all.

        The mean log likelihood of the wrong classes by the counts of the others, above that of even confusions, as a share of
        what knowing them would be.
        """
        k = len(self._counts)
        counts = np.zeros((k, k), np.float32)
        for given, wrong in self._contradicted():
            np.add.at(counts, given, wrong)
        totals, told = counts.sum(0), 0.0
        for given, wrong in self._contradicted():
            chance = (counts[given] - wrong + np.float32(_EVEN / (k - 1))) / (totals - wrong + np.float32(_EVEN))
            told += float((wrong * np.log(chance * (k - 1))).sum(dtype=np.float64))
        return told / (max(float(totals.sum(dtype=np.float64)), 1e-12) * float(np.log(max(k - 1, 2))))

    def _contradicted(self) -> Iterator[tuple[Labels, NDArray[np.float32]]]:
        """Given classes (r,), and how likely each other class (r, k) is the true one, by the other items."""
        for rows, given in self._blocks():
            true = self.by_others(rows, given) * (self._probs[rows] + _TINY)
            true /= true.sum(1, keepdims=True)
            true[np.arange(len(rows)), given] = 0
            yield given, true

    def _blocks(self) -> Iterator[tuple[NDArray[np.int64], Labels]]:
        """Rows that are counted, and their classes, ascending by class."""
        for rows, given in blocks(self._labels[self._counted], len(self._counts)):
            yield self._counted[rows], given
