"""The count by the random sample: what is known of the number of wrong labels from items that were drawn by chance.

In each stratum some number of labels is wrong. A draw meets one of those that had not been found by then with exactly their
share among the items that were open by then: nothing is taken for true of how errors and scores go together, so it holds on
data of any kind. Of the other verdicts only this is used: what they found and settled bounds the number. So a verdict on an
item that was not drawn moves the count by about one at most.
"""

from __future__ import annotations

from functools import cached_property
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from badcase.active_learning.count_prior import SHARES
from badcase.active_learning.evidence_model import Floats, sigmoid
from badcase.active_learning.learner_view import LearnerView
from badcase.active_learning.random_sample import Draw, plan
from badcase.probabilities.error_count import CountBelief, Estimate

ItemRows = NDArray[np.int64]

NEEDED = 25  # blind verdicts on items drawn at random, from which on there is a number
# Half of the interval, at most so many times all errors, found or left, or a few: of a weak model, 80 found and
# 20 (0 to 1,250) left say nothing.
_WIDEST, _FEW = 2.0, 10.0
_ENOUGH = 0.3  # of all items: a random sample of so many is one, however few they are
_LIKELY = 1e-2  # of the likeliest curve; what others say is left out
_NORMAL = np.array([NormalDist().inv_cdf((at + 0.5) / 20) for at in range(20)])  # points of equal weight
# Of the interval: a little more than the 90 % that it is to hold, as the prior is only nearly right; and where it may begin.
_LEVEL = 0.93
_BELOW = np.linspace(0, 1 - _LEVEL, 11)
_POINTS = 60  # of the count as a belief
_NOT_AGAINST = 1.35  # log likelihood ratio: half the 90 % quantile of chi square with one degree of freedom


class SampledCount:
    """The random draws in the light of the verdicts as they stand; made anew where these change."""

    def __init__(
        self,
        look: LearnerView,
        draws: list[Draw],
        told: Floats,
        open_items: NDArray[np.bool_],
        settled: ItemRows,
        before: NDArray[np.integer],
    ) -> None:
        """Take over how things stand.

        Args:
            look: The ranking as the learner looks at it.
            draws: The random sample, judged or not.
            told: (n,) 1 where a label was found wrong, 0 where right, NaN where nothing is known.
            open_items: (n,) items that take part and have no verdict.
            settled: (m,) the items with a verdict.
            before: (m,) how many draws were made before each verdict.
        """
        self._look, self._told, self._open = look, told, open_items
        self._draws, self._items, self._before = draws, settled, before
        self.judged = sum(bool(np.isfinite(told[one.item])) for one in draws)
        self.found = float(np.nansum(told[settled]))  # the wrong labels that were found

    @property
    def known(self) -> bool:
        """Whether enough items that were drawn by chance have been judged to tell a number that is of use."""
        if not self._open.any():
            return True
        judged = len({one.item for one in self._draws if np.isfinite(self._told[one.item])})
        if judged < min(NEEDED, _ENOUGH * float(np.count_nonzero(self._look.takes_part))):
            return False
        told = self.errors_left()
        return told.high - told.low <= 2 * _WIDEST * max(self.found + told.value, _FEW)

    # --- the strata as they stand -----------------------------------------------------------------------------------

    @cached_property
    def _settled(self) -> tuple[ItemRows, ItemRows, Floats]:
        """Of each judged item that takes part: its stratum, the draws before its verdict, and whether its label was
        wrong; NaN where nothing is known."""
        part = self._look.takes_part[self._items]
        items = self._items[part]
        return self._look.strata_of(items), self._before[part].astype(np.int64), self._told[items]

    @cached_property
    def _standing(self) -> tuple[Floats, Floats, Floats]:
        """(strata,) the wrong labels found in each, its open items, and the items of it that tell of labels: open or told."""
        strata, _before, wrong = self._settled
        sizes = self._look.strata.sizes
        found: Floats = np.bincount(strata, weights=np.nan_to_num(wrong), minlength=len(sizes)).astype(np.float64)
        left: Floats = np.maximum(sizes - np.bincount(strata, minlength=len(sizes)), 0)
        return found, left, left + np.bincount(strata[np.isfinite(wrong)], minlength=len(sizes))

    @cached_property
    def _left(self) -> Floats:
        """(strata, 61) the wrong labels left in each stratum under each of `SHARES`."""
        found, left, sizes = self._standing
        return np.clip(sizes[:, None] * SHARES - found[:, None], 0, left[:, None])

    # --- what speaks for each share ---------------------------------------------------------------------------------

    def _of_draws(self) -> tuple[Floats, float]:
        """(strata, 61) log likelihood of the draws, and of all draws if no wrong label is left anywhere."""
        strata, before, wrong = self._settled
        found, _left, _sizes = self._standing
        likelihood = np.zeros((len(found), len(SHARES)))
        places = [k for k, one in enumerate(self._draws) if np.isfinite(self._told[one.item])]
        places = [k for k in places if self._look.takes_part[self._draws[k].item]]
        if not places:
            return likelihood, 0.0
        items = np.array([self._draws[k].item for k in places])
        of, hit = self._look.strata_of(items), self._told[items] > 0
        # What had been judged, and found wrong, in the stratum of each draw when it was made.
        then = np.zeros((2, len(found), len(self._draws) + 1))
        np.add.at(then[0], (strata, before), 1)
        np.add.at(then[1], (strata, before), np.nan_to_num(wrong))
        judged_then, found_then = then.cumsum(2)[:, of, places]
        open_then = np.maximum(self._look.strata.sizes[of] - judged_then, 1)
        # Draws that were made under another ranking were not alike within a stratum of this one: each has the weight of
        # the items that it stood for, and together they count for as many draws as such weights are worth (Kish 1965).
        scale = np.array([self._draws[k].scale for k in places])
        sums, squares = (np.bincount(of, weights=scale**power, minlength=len(found)) for power in (1, 2))
        weights = scale * (sums / np.maximum(squares, 1e-300))[of]

        def told(left_now: Floats) -> Floats:
            """Log likelihood of each draw if so many wrong labels (draws, ...) are left now."""
            least = 0.2 / open_then[:, None]  # strata are counted in whole items
            share = np.clip((left_now + (found[of] - found_then)[:, None]) / open_then[:, None], least, 1 - least)
            return weights[:, None] * np.where(hit[:, None], np.log(share), np.log1p(-share))

        np.add.at(likelihood, of, told(self._left[of]))
        return likelihood, float(told(np.zeros((len(of), 1))).sum())

    def _of_bounds(self) -> Floats:
        """(strata, 61) log probability that the wrong labels of a stratum are at least those found, and no more than can be."""
        found, left, sizes = self._standing
        expected = sizes[:, None] * SHARES
        spread = np.sqrt(expected * (1 - SHARES) + 0.25)
        low, high = (
            sigmoid(1.702 * (end[:, None] - expected) / spread) for end in (found - 0.5, found + left + 0.5)
        )  # which is nearly the normal distribution
        return np.log(np.maximum(high - low, 1e-300))

    # --- the count --------------------------------------------------------------------------------------------------

    @cached_property
    def _posterior(self) -> tuple[Floats, Floats, bool]:
        """The weights of the curves that are likely (curves,), the first three moments of the wrong labels left in each stratum
        under each (strata, curves, 3), and whether the draws leave it open that no wrong label is left."""
        draws, none_left = self._of_draws()
        spoken = draws + self._of_bounds()
        likelihood = np.exp(spoken - spoken.max(1, keepdims=True))
        # Given its share the count of a stratum is binomial: E[x], E[x^2] and E[x^3] under each share, then under each curve.
        mean = self._left
        other = 1 - mean / np.maximum(self._standing[1], 1)[:, None]
        spread = mean * other
        powers = [np.ones_like(mean), mean, spread + mean**2, spread * (2 * other - 1) + 3 * mean * spread + mean**3]
        sums = self._look.prior.shares @ (likelihood[:, :, None] * np.stack(powers, axis=2))  # (strata, curves, 4)
        weights = self._look.prior.curves + np.log(sums[:, :, 0] + 1e-300).sum(0)
        weights = np.exp(weights - weights.max())
        kept = weights > _LIKELY
        moments = sums[:, kept, 1:] / np.maximum(sums[:, kept, :1], 1e-300)
        return weights[kept] / weights[kept].sum(), moments, none_left - draws.max(1).sum() > -_NOT_AGAINST

    @cached_property
    def _distribution(self) -> tuple[Floats, Floats]:
        """Numbers of wrong labels left, ascending, and the probability of fewer than each.

        The strata of a curve add up, and their sum is about a gamma distribution with its mean, deviation and skewness
        (quantiles by Wilson and Hilferty 1931); the curves are mixed.
        """
        weights, moments, _none = self._posterior
        first, second, third = np.moveaxis(moments, 2, 0)
        mean, variance = first.sum(0), np.maximum((second - first**2).sum(0), 1e-9)
        skewness = np.clip((third - 3 * first * second + 2 * first**3).sum(0) / variance**1.5, 1e-3, 6.0)
        shape = (4 / skewness**2)[:, None]
        gamma = shape * np.maximum(1 - 1 / (9 * shape) + _NORMAL / (3 * np.sqrt(shape)), 0) ** 3
        counts = mean[:, None] + np.sqrt(variance / shape[:, 0])[:, None] * (gamma - shape)
        counts = np.clip(counts, 0, self._standing[1].sum()).reshape(-1)
        order = np.argsort(counts, kind="stable")
        each = np.repeat(weights / len(_NORMAL), len(_NORMAL))[order]
        return counts[order], each.cumsum() - each / 2

    def _quantiles(self, at: Floats) -> Floats:
        counts, below = self._distribution
        quantiles: Floats = np.interp(at, below, counts)
        return quantiles

    def errors_left(self) -> Estimate:
        """The wrong labels among the items without a verdict, with a 90 % interval; from none where no draw speaks against it."""
        lows, highs = self._quantiles(_BELOW), self._quantiles(_BELOW + _LEVEL)
        one = int(np.argmin(highs - lows))
        low, high = float(round(lows[one])), float(round(highs[one]))
        value = float(np.clip(self._quantiles(np.array([0.5]))[0], low, high))
        return Estimate(value, 0.0 if self._posterior[2] else low, high)

    def belief(self, before: CountBelief) -> CountBelief:
        """The number of all errors, found ones among them, in the light of the draws."""
        points = self.found + self._quantiles((np.arange(_POINTS) + 0.5) / _POINTS)
        return CountBelief(points, float(points[_POINTS // 2]), before.sharpness)

    def plan(self, width: float) -> tuple[int, float]:
        """How many more items to draw, and about half of the interval then; width: of the present one, end to end."""
        _found, left, _sizes = self._standing
        if not self._open.any() or not left.any():
            return 0, 0.0
        weights, moments, _none = self._posterior
        share = moments[:, :, 0] @ weights / np.maximum(left, 1)
        rates = self._look.strata.rates
        deviation = float(np.sqrt((left @ rates) * (left @ (share * (1 - share) / rates))))
        return plan(deviation, self.judged, width, int(np.count_nonzero(self._open)))
