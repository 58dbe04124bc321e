"""Odds against labels from probabilities alone: confusions count as far as other items repeat them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Probs
from badcase.probabilities.noise_matrix import PSEUDO_COUNTS, before_evidence, blocks, by_given, noise_matrix, posterior, sampled

# All chosen on 226 sets from five sources: made ones of 4 to 77 classes (junk of no class, labels confused one way, uniform and
# hard ones, .4 to 30 % wrong; strong and weak models) and published probabilities. Mean AP .530; the matrix trusted by its
# entropy alone, as `wrong_log_odds` does, .519; self-confidence .511, margin .406. Behind the better of these two by more than
# .03: 12 sets (by .08 at most), before 32 (.16). Chosen without the sets of one source it gained on these, for each source.
_STEPS = 4  # of EM, before each item is judged by the counts of the others
_REPEATED = (0.25, 0.4, 0.65)  # how well the other items foretell what is written for what
_TRUST = (0.0, 0.7, 1.0)  # the exponent of the noise matrix there
_EVEN = 3.0  # items a class by which its confusions are taken for even
# Two classes have one confusion each, so nothing can be foretold. Full trust finds what is written one way (AP .82, .61 without)
# and loses as much where one class is rare.
_TWO_CLASSES = 0.35
_TINY = np.float32(1e-12)


def log_odds_from_probs(probs: Probs, labels: Labels, *, trust: float | None = None) -> NDArray[np.float64]:
    """Log odds (n,) that each label is wrong, from given probabilities alone; they order well and are not calibrated.

    An item that is of no class at all confirms itself where it shapes the noise matrix that it is then judged by. So each
    item is judged by the counts of the others, and the matrix is trusted as far as these foretell which class is written:
    junk under random labels foretells nothing, and what remains is the plain odds against the label. The more the matrix is
    trusted, the more the likeliest other class speaks for all others.

    Args:
        probs: (n, k) out-of-sample, rows sum to 1.
        labels: (n,) the given classes.
        trust: The exponent of the noise matrix, 0 to 1; as far as confusions repeat where None.
    """
    n, k = probs.shape
    counted = sampled(n)
    confusions = _Confusions(probs[counted], labels[counted])
    if trust is None:
        trust = _TWO_CLASSES if k == 2 else float(np.interp(confusions.foretold(), _REPEATED, _TRUST))
    norm = np.float32(1 + trust)
    has_part = np.zeros((n, 1), np.float32)
    has_part[counted] = 1
    odds = np.empty(n)
    for rows, given in blocks(labels, k):
        likely = probs[rows] + _TINY
        if trust:
            likely *= confusions.by_others(probs, rows, given, has_part[rows]) ** np.float32(trust)
        at = np.arange(len(rows))
        right = likely[at, given]
        likely[at, given] = 0  # summed without it: 1 - right would round to 0 for sure labels
        others = (likely**norm).sum(1) ** (1 / norm) if trust else likely.sum(1)
        odds[rows] = np.log(others + _TINY) - np.log(right + _TINY)
    return odds


def foretold(probs: Probs, labels: Labels) -> float:
    """How well items foretell which class is written for another, see `log_odds_from_probs`: at most 1, 0 = not at all."""
    counted = sampled(len(labels))
    return _Confusions(probs[counted], labels[counted]).foretold()


class _Confusions:
    """Counts (given, true) of which class is written for which, by posteriors under a first noise matrix."""

    def __init__(self, probs: Probs, labels: Labels) -> None:
        """Count m items: probs (m, k), labels (m,)."""
        self._probs, self._labels = probs, labels
        k = probs.shape[1]
        self._columns = by_given(noise_matrix(probs, labels, steps=_STEPS))
        self._first = np.float32(PSEUDO_COUNTS) * by_given(before_evidence(k))
        self._counts = np.zeros((k, k), np.float32)
        for rows, given in blocks(labels, k):
            np.add.at(self._counts, given, posterior(probs, self._columns, rows, given))
        self._totals = self._counts.sum(0)

    def by_others(
        self, probs: Probs, rows: NDArray[np.int64], given: Labels, share: NDArray[np.float32] | float = 1.0
    ) -> NDArray[np.float32]:
        """p(given class | true class) of some rows (r,), for each true class (r, k), by the counts without the row itself.

        Args:
            probs: (n, k) that the rows are of.
            rows: (r,) of `probs`.
            given: (r,) their classes.
            share: (r, 1) 1 where a row is one of those that were counted, else 0.
        """
        own = posterior(probs, self._columns, rows, given) * np.float32(share)
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
        for rows, given in blocks(self._labels, len(self._counts)):
            true = self.by_others(self._probs, rows, given) * (self._probs[rows] + _TINY)
            true /= true.sum(1, keepdims=True)
            true[np.arange(len(rows)), given] = 0
            yield given, true
