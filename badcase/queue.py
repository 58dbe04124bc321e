"""The queue of a review outside a project: each verdict moves what is like it, and sharpens the count."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from badcase.arrays import Labels
from badcase.errors import BadcaseError
from badcase.estimate import ErrorCurve, Estimate, contradiction
from badcase.language import _
from badcase.ranking import log_odds, rank

# Errors found and expected are compared after adding this many to both: few verdicts move little.
_PAIR_PRIOR, _CLASS_PRIOR = 5.0, 10.0


class Queue:
    """What to look at next, and how many errors are left.

    The order is that of `rank`. A verdict raises or lowers the items that share its (given, suggested) pair, and less
    so those that share its given class, by how many more or fewer errors were found there than the scores promised.
    """

    def __init__(
        self,
        labels: ArrayLike,
        probs: ArrayLike | None = None,
        *,
        features: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        seed: int = 0,
        class_names: Sequence[str] | None = None,
    ) -> None:
        self.ranking = rank(labels, probs, features=features, groups=groups, seed=seed, class_names=class_names)
        self._labels: Labels = self.ranking.labels
        self._k = self.ranking.probs.shape[1]
        self._odds = log_odds(self.ranking.suspicion)
        self._pair = self._labels * self._k + self.ranking.suggested
        self._curve = ErrorCurve(self._odds, contradiction(self._labels, self.ranking.probs))
        self._verdicts: dict[int, int] = {}
        self._waiting = np.ones(len(self._labels), np.bool_)

    def next(self, k: int = 1) -> NDArray[np.int64]:
        """The k items to look at next, most suspect first; fewer when the queue runs out, none recorded already."""
        if k < 1:
            raise BadcaseError(_("wrong number"), where="k", expected=_("1 or more"), got=k)
        waiting = np.flatnonzero(self._waiting)
        odds = self._odds[waiting] + self._learnt()[waiting]
        if k < len(waiting):  # all that reach the k-th value: a tie there is broken by id below
            kept = odds >= np.partition(odds, len(odds) - k)[len(odds) - k]
            waiting, odds = waiting[kept], odds[kept]
        return waiting[np.argsort(-odds, kind="stable")[:k]]

    def record(self, item: int, label: int) -> None:
        """Take the person's label for an item; equal to the given one it was right. A second verdict replaces the first."""
        if not 0 <= item < len(self._labels):
            raise BadcaseError(
                _("no such item"), where="i", expected=_("0 to {last}").format(last=len(self._labels) - 1), got=item
            )
        if not 0 <= label < self._k:
            raise BadcaseError(
                _("label out of range"), where="label", expected=_("0 to {last}").format(last=self._k - 1), got=label
            )
        if item in self._verdicts:
            self._curve.record(self._odds[item], self._verdicts[item] != self._labels[item], times=-1)
        self._curve.record(self._odds[item], label != self._labels[item])
        self._verdicts[int(item)] = int(label)
        self._waiting[item] = False

    def expected_errors(self) -> Estimate:
        """The wrong labels among the items without a verdict, with a 90 % interval."""
        return self._curve.errors_left()

    def _learnt(self) -> NDArray[np.float64]:
        """What the verdicts add to the log odds of each item (n,)."""
        if not self._verdicts:
            return np.zeros(len(self._labels))
        items = np.fromiter(self._verdicts, np.int64)
        wrong = np.fromiter(self._verdicts.values(), np.int64) != self._labels[items]
        expected = self._curve.chance_wrong(self._odds[items])
        by_pair = _surprise(self._pair, items, wrong, expected, self._k * self._k, _PAIR_PRIOR)
        by_class = _surprise(self._labels, items, wrong, expected, self._k, _CLASS_PRIOR)
        return by_pair + by_class


def _surprise(
    group: NDArray[np.int64], items: NDArray[np.int64], wrong: NDArray[np.bool_], expected: NDArray[np.float64],
    groups: int, prior: float,
) -> NDArray[np.float64]:  # fmt: skip
    """log((found + prior) / (expected + prior)) of the group of each item."""
    found = np.bincount(group[items], weights=wrong, minlength=groups)
    promised = np.bincount(group[items], weights=expected, minlength=groups)
    return np.log((found + prior) / (promised + prior))[group]
