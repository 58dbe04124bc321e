"""One name for both: `badcase.rank` for one label an item, and for any number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from numpy.typing import ArrayLike

from badcase.multilabel_matrix import is_matrix
from badcase.ranking.multilabel.ranking import MultilabelRanking, rank_labels
from badcase.ranking.ranking import Ranking
from badcase.ranking.ranking import rank as rank_classes

AnyRanking: TypeAlias = Ranking | MultilabelRanking


def rank(
    labels: ArrayLike,
    probs: ArrayLike | None = None,
    *,
    features: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    verified: ArrayLike | None = None,
    seed: int = 0,
    class_names: Sequence[str] | None = None,
) -> AnyRanking:
    """Rank labels by how likely they are wrong, from out-of-sample probabilities, from features, or from both.

    Class ids (n,) with probs (n, k) whose rows sum to 1 give a `Ranking`, see `badcase.ranking.rank` for the arguments.
    A matrix (n, k) of 0 and 1, for items with any number of labels, with probs (n, k) that are independent of each
    other gives a `MultilabelRanking`, see `rank_labels`: the same names, with a column for each label where it says so.
    """
    one = rank_labels if is_matrix(labels) else rank_classes
    return one(labels, probs, features=features, groups=groups, verified=verified, seed=seed, class_names=class_names)
