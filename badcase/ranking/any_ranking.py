"""`badcase.rank` for one label an item and for any number, under one name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from numpy.typing import ArrayLike

from badcase.given_arrays import GivenArrays, read_given
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

    All arguments may be numpy arrays, lists, tensors of any type and place, sparse matrices, or series and data frames of
    pandas, polars and pyarrow.

    Args:
        labels: (n,) class ids in [0, k) or class names. Names are those of the columns of probs, else `class_names`, else
            the categories of a categorical column, else in sorted order, as scikit-learn and image folders have them. For
            items with any number of labels (n, k) of 0 and 1, or lists of ids or names.
        probs: (n, k) in [0, 1], from a model that did not train on the item. Of class ids, rows sum to 1; (n,) or (n, 1) are
            the probabilities of the second of two classes. Of a matrix, the columns are independent of each other. The
            columns of a data frame name the classes.
        features: (n, d) from any frozen backbone. At least one of probs and features is needed.
        groups: (n,) items of one group are never evidence for each other: near-duplicates, frames of one video.
            It acts where there are features.
        verified: What a person found, of the shape of labels, -1 (of names also None) where nobody looked; learnt in place
            of the label. It needs features.
        seed: Decides all that is random: the same input gives the same queue.
        class_names: (k,) make the reasons readable and, without probs, say how many classes there are.

    Returns:
        A `Ranking` of class ids, a `MultilabelRanking` of a matrix: the same names, with a column for each label where it
        says so.

    Raises:
        BadcaseError: For bad input; it names the argument and the first bad row, what was expected and what came.
    """
    given = read_given(labels, probs, features, class_names=class_names)
    return rank_given(given, RankOptions(groups=groups, verified=verified, seed=seed))


def rank_given(given: GivenArrays, options: RankOptions) -> AnyRanking:
    """`rank` of arrays that are read already; the options tell the rest."""
    verified = None if options.verified is None else given.ids("verified", options.verified)
    options = replace(options, features=given.features, verified=verified, class_names=given.class_names)
    if given.several:
        return finish(rank_labels_in_steps(given.labels, given.probs, options))
    return finish(rank_in_steps(given.labels, given.probs, options))
