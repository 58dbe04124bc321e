"""One name for both: `badcase.rank` for one label an item, and for any number."""

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

    labels (n,) in [0, k); probs (n, k), rows sum to 1, from a model that did not train on the item; features (n, d)
    from any frozen backbone; groups (n,): items that are never evidence for each other, see `out_of_sample` (without
    features none is).
    verified (n,): the class that a person found, -1 where nobody looked: the classifiers learn it in place of the
    label; `labels` stay the given ones, and suspicion is told of these. It needs features.
    `class_names` make the reasons readable and, without probs, say how many classes there are.

    A matrix (n, k) of 0 and 1, for items with any number of labels, with probs (n, k) that are independent of each
    other gives a `MultilabelRanking`: the same names, with a column for each label where it says so. verified is (n, k)
    then: the rows that a person found, of -1 where nobody looked.

    Where nothing speaks for or against a label (features or probabilities that are all alike, or go with the
    labels no more than by chance) none is flagged, and `expected_errors` goes from 0 to nearly all.
    Time and memory grow linearly with n. Bad input raises BadcaseError.
    """
    options = RankOptions(features=features, groups=groups, verified=verified, seed=seed, class_names=class_names)
    if is_matrix(labels):
        return finish(rank_labels_in_steps(labels, probs, options))
    return finish(rank_in_steps(labels, probs, options))
