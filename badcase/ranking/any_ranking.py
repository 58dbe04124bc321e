"""`badcase.rank` for one label an item and for any number, under one name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from numpy.typing import ArrayLike

from badcase.multilabel_matrix import is_matrix
from badcase.progress import finish
from badcase.ranking.multilabel.ranking import MultilabelRanking, rank_labels_in_steps
from badcase.ranking.rank_options import RankOptions
from badcase.ranking.ranking import Ranking, rank_in_steps

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

    From probabilities: the odds against each label in the light of how often classes are mistaken for each other. From
    features: the same from out-of-sample probabilities that are made of them, twice, the second time without what the
    first pass takes for wrong. From both: a mixture by how well they fit the labels. Where nothing speaks for or
    against a label, none is flagged. Time and memory grow linearly with n.

    Args:
        labels: (n,) class ids in [0, k); or (n, k) of 0 and 1, for items with any number of labels, see `label_matrix`.
        probs: (n, k) in [0, 1], from a model that did not train on the item. Of class ids, rows sum to 1; of a matrix, the
            columns are independent of each other.
        features: (n, d) from any frozen backbone. At least one of probs and features is needed.
        groups: (n,) items of one group are never evidence for each other: near-duplicates, frames of one video.
            It acts where there are features.
        verified: What a person found, of the shape of labels, -1 where nobody looked; learnt in place of the label. It
            needs features.
        seed: Decides all that is random: the same input gives the same queue.
        class_names: (k,) make the reasons readable and, without probs, say how many classes there are.

    Returns:
        A `Ranking` of class ids, a `MultilabelRanking` of a matrix: the same names, with a column for each label where it
        says so.

    Raises:
        BadcaseError: For bad input; it names the argument and the first bad row, what was expected and what came.
    """
    options = RankOptions(features=features, groups=groups, verified=verified, seed=seed, class_names=class_names)
    if is_matrix(labels):
        return finish(rank_labels_in_steps(labels, probs, options))
    return finish(rank_in_steps(labels, probs, options))
