"""The prior of the count by the random sample: which shares of the strata may be wrong, before any draw.

Each stratum lies about a curve p = floor + (1 - floor) * sigmoid(shift + steepness * log odds), whose prior is that of the
number of errors and of its shape; around the curve each stratum has a share of its own, as curves are only nearly right.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.active_learning.evidence_model import sigmoid
from badcase.active_learning.strata import Strata
from badcase.probabilities.error_count import CountBelief

Floats = NDArray[np.float64]

# The shapes of the curves, every pair of a steepness and a floor. Steepness: a factor of the log odds; steep ones are where
# nearly all that is suspect is wrong and nothing else, none and negative ones where the scores say nothing or mislead.
# Floor: errors that no score sees, as a share.
_FACTORS = np.array([-0.7, -0.25, 0.0, 0.15, 0.37, 0.6, 1.0, 1.65, 2.7, 4.5, 7.4])
_FACTOR_BELIEF = np.array([0.05, 0.07, 0.08, 0.1, 0.12, 0.14, 0.14, 0.12, 0.09, 0.06, 0.03])
_UNSEEN, _UNSEEN_BELIEF = np.array([0.0, 0.004, 0.02]), np.array([0.5, 0.3, 0.2])
_STEEPER, _FLOOR = (grid.reshape(-1, 1) for grid in np.meshgrid(_FACTORS, _UNSEEN))
_SHAPE_BELIEF = np.log(np.outer(_UNSEEN_BELIEF, _FACTOR_BELIEF)).reshape(-1, 1)
_SHIFTS = 24  # of each shape: from next to nothing wrong anywhere to most of everything
_LEAST, _MOST = -9.0, 3.0  # log odds of the most suspect, then of the least
_SURPRISE = 0.8  # probability that the first count is of no use: the less of it, the more alike the interval holds on all sets
_SPREAD = 0.8  # of the strata around their curve, in log odds
_EDGE, _SUREST = 1e-6, 0.97  # nothing is so suspect that one right label among it is a surprise
_UNLIKELY = 14.0  # in logarithms, below the likeliest curve: such are left out

SHARES = sigmoid(np.linspace(-12.0, 6.0, 61))  # the shares of a stratum that are told apart


class CountPrior:
    """The curves and the shares of the strata under each.

    Attributes:
        curves: (curves,) logarithm of the prior of each.
        shares: (strata, curves, 61) probability of each of `SHARES` in each stratum; its mean is what the curve says.
    """

    def __init__(self, strata: Strata, belief: CountBelief, gone: float) -> None:
        """Lay the grid of curves.

        Args:
            strata: The strata.
            belief: The prior of the number of errors.
            gone: Errors that were found on items that belong to no stratum any more; the belief counts them.
        """
        ends = _STEEPER * [strata.points[0, 0], strata.points[-1, -1]]
        shifts = np.linspace(_LEAST - ends.max(1), _MOST - ends.min(1), _SHIFTS, axis=1)
        seen = sigmoid(shifts[:, :, None, None] + _STEEPER[:, :, None, None] * strata.points).mean(-1)
        p = np.clip(_FLOOR[:, :, None] + (1 - _FLOOR[:, :, None]) * seen, _EDGE, _SUREST)  # (shapes, shifts, strata)
        # The expected errors rise with the shift: each shift gets the share of the belief between the middles to its
        # neighbours. The prior of the shape comes on top.
        total = p @ strata.sizes
        ends = np.concatenate([total[:, :1], (total[:, 1:] + total[:, :-1]) / 2, total[:, -1:]], axis=1)
        below = _share_below(ends + gone, belief, float(strata.sizes.sum()) + gone)
        curves = (np.log(np.diff(below, axis=1) + 1e-9) + _SHAPE_BELIEF).reshape(-1)
        kept = curves > curves.max() - _UNLIKELY
        self.curves = curves[kept]
        self.shares = _around(p.reshape(-1, len(strata.sizes))[kept].T)


def _share_below(counts: Floats, belief: CountBelief, most: float) -> Floats:
    """The prior distribution function of the number of errors: the belief, or one that is even in its logarithm."""
    points = belief.points
    below = np.interp(counts, points, (np.arange(len(points)) + 0.5) / len(points), left=0.0, right=1.0)
    mixed: Floats = (1 - _SURPRISE) * below + _SURPRISE * np.log1p(counts) / np.log1p(most)
    return mixed


def _around(p: Floats) -> Floats:
    """(strata, curves, 61) the shares around p (strata, curves): in log odds by Student's t with 4 degrees of freedom, since a
    stratum may lie far from the curve of the others; their mean is p.

    With p for the median the strata of next to no errors would together promise many.
    """
    odds = np.log(SHARES / (1 - SHARES))
    wanted = middle = np.log(p / (1 - p))
    for _step in range(3):
        inside = 1 + ((odds - middle[:, :, None]) / _SPREAD) ** 2 / 4
        shares = 1 / (inside**2 * np.sqrt(inside))
        shares /= shares.sum(2, keepdims=True)
        mean = shares @ SHARES
        middle = middle + wanted - np.log(mean / (1 - mean))
    return shares
