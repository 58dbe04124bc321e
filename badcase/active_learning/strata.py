"""The strata of the random sample: the candidates by their log odds, in parts that are drawn from about equally often."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.active_learning.evidence_model import sigmoid

Floats = NDArray[np.float64]

_STRATA = 8
# The least chance of an error, and of none, that an item is drawn by: those that look sure are a tenth to a fifth as
# likely to be drawn as the doubtful ones, and no less, since a few errors among so many are what scores hide.
_LEAST_CHANCE = 0.02
_LEAST_COST = 0.15  # of a draw that surely meets an error; 1 is that of one that surely does not
_POINTS = 12  # log odds that stand for those of a stratum


class Strata:
    """Where the log odds of candidates are cut, how many items lie in each part, and how often they are drawn.

    An item is drawn in proportion to sqrt(p (1 - p) / cost), the rate that keeps the deviation least for what the draws
    cost (Neyman 1934); a draw that meets an error costs next to nothing, for it would have come up anyway. All items of a
    stratum are drawn alike, so that what a draw shows holds for its stratum whatever the scores are worth.

    Attributes:
        sizes: (strata,) how many items each has.
        rates: (strata,) how likely one of its items is drawn, beside one of another.
        points: (strata, 12) log odds that stand for those of its items.
    """

    def __init__(self, odds: Floats, weights: Floats) -> None:
        """Cut the candidates.

        Args:
            odds: (rows,) log odds that each is wrong, before any verdict.
            weights: (rows,) how many items each row stands for.
        """
        chance = np.clip(sigmoid(odds), _LEAST_CHANCE, 1 - _LEAST_CHANCE)
        rates = np.sqrt(chance * (1 - chance) / (1 - chance + _LEAST_COST))
        order = np.argsort(odds, kind="stable")
        reach = np.cumsum((weights * rates)[order])
        cuts = np.searchsorted(reach, reach[-1] * np.arange(1, _STRATA) / _STRATA)
        edges = np.unique(odds[order][cuts])
        self._edges = edges[edges > odds.min()]  # below each edge lies an item, so that no stratum is empty
        places = self.of(odds)
        self.sizes = np.bincount(places, weights=weights)
        self.rates = np.bincount(places, weights=weights * rates) / self.sizes
        middles = (np.arange(_POINTS) + 0.5) / _POINTS
        self.points = np.array([np.quantile(odds[places == one], middles) for one in range(len(self.sizes))])

    def of(self, odds: Floats) -> NDArray[np.int64]:
        """The stratum of each log odds, counted from the least suspect."""
        return np.searchsorted(self._edges, odds, side="right").astype(np.int64)
