"""Out-of-sample probabilities of every label in seconds from frozen features, over the folds that all labels share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Features, Groups, Probs
from badcase.i18n import _
from badcase.multilabel_matrix import LabelMatrix, rarest_label
from badcase.neighbours.search import Nearest
from badcase.probabilities.kernel_ridge import KernelRidge, by_sigmoid
from badcase.probabilities.linear_head import LinearFolds, sigmoid
from badcase.probabilities.neighbour_vote import vote_probs
from badcase.probabilities.out_of_sample import FOLDS, components, voters
from badcase.probabilities.stratified_folds import row_keys, stratified_folds
from badcase.progress import Job, Progress
from badcase.ranking.multilabel.noise_rates import cleaned

_FIRST_STEPS, _MORE_STEPS = 25, 8
# A classifier weighs exp(5 * its log-likelihood for each given label). On the sets of the multi-label benchmark mean AP
# .537; evenly weighed .522, twice as sharply .535.
_SHARPNESS = 5.0
_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class OutOfSampleLabelProbs:
    """Out-of-sample probabilities of every label, and what else was computed on the way."""

    mean: Probs  # (n, k) weighted mean of the classifiers
    sharp: Probs  # (n, k) their mean on the scale of log odds
    nearest: Nearest  # (n, 50)
    together: Groups  # (n,) items that were no evidence for each other: the given groups, or exact copies
    lonely: NDArray[np.bool_]  # (k,) at most one group has an item with this label


def out_of_sample_labels(
    features: Features, labels: LabelMatrix, groups: Groups | None, *, seed: int, verified: NDArray[np.int8] | None = None
) -> Job[OutOfSampleLabelProbs]:
    """A job that makes probabilities (n, k) from classifiers that saw neither an item's labels nor its group's.

    The three classifiers of `badcase.out_of_sample`, with a sigmoid for each label in place of a softmax over all; folds,
    neighbours and matrix inverses are the same for all labels. A second pass learns the posterior of each entry that the
    first one gives.

    Args:
        features: (n, d).
        labels: (n, k) the label matrix.
        groups: (n,) items of one group are never on both sides; without it, exact copies of a row are one group.
        seed: Decides the folds, the landmarks and the voters.
        verified: (n, k) what a person found, rows of -1 where nobody looked; it is learnt in both passes.
    """
    yield Progress(_("Preparing the features"))
    keys = row_keys(features, seed)
    together = np.unique(keys if groups is None else groups, return_inverse=True)[1].reshape(-1).astype(np.int64)
    folds = stratified_folds(rarest_label(labels), together, keys, FOLDS)
    by_key = np.argsort(keys, kind="stable")
    plain, x = components(features)
    near = yield from voters(x, by_key, None if int(together.max()) + 1 == len(labels) else together)
    targets = _trusted(labels.astype(np.float32), verified)
    if folds.max() == 0:  # one group, or so few that they met in one fold: nothing to train on
        members = [vote_probs(near, targets)]
    else:
        yield Progress(_("Learning from the labels"))
        linear = LinearFolds(x, folds, labels.shape[1], sigmoid)
        kernel = yield from KernelRidge.making(plain, targets, together, by_key)
        for steps in (_FIRST_STEPS, _MORE_STEPS):
            said = yield from linear.probs_in_steps(targets, steps)
            members = [said, vote_probs(near, targets), (yield from kernel.probs_in_steps(targets, by_sigmoid))]
            targets = _trusted(cleaned(_means(members, labels)[0], labels), verified)
    lonely = np.array([len(np.unique(together[having])) < 2 for having in labels.T])
    return OutOfSampleLabelProbs(*_means(members, labels), near, together, lonely)


def _trusted(targets: Probs, verified: NDArray[np.int8] | None) -> Probs:
    if verified is None:
        return targets
    known: Probs = np.where(verified >= 0, verified, targets).astype(np.float32)
    return known


def share_of_given(given: NDArray[np.floating], made: Probs, labels: LabelMatrix) -> float:
    """How much given probabilities count beside those made from features, 0 to 1, by the rule that weighs classifiers."""
    gain = _SHARPNESS * (_log_likelihood(given, labels) - _log_likelihood(made, labels))
    return float(1 / (1 + np.exp(-np.clip(gain, -60, 60))))


def _means(members: list[Probs], labels: LabelMatrix) -> tuple[Probs, Probs]:
    """The mean of the classifiers, and their mean on the scale of log odds, each weighted by exp(5 * log likelihood)."""
    fit = np.array([_log_likelihood(probs, labels) for probs in members])
    weights = np.exp(_SHARPNESS * (fit - fit.max())).astype(np.float32)
    weights /= weights.sum()
    mean = np.zeros_like(members[0])
    odds = np.zeros_like(members[0])
    for weight, probs in zip(weights, members, strict=True):
        mean += weight * probs
        p = np.clip(probs, _TINY, 1 - _TINY)
        odds += weight * (np.log(p) - np.log1p(-p))
    return mean, sigmoid(odds)


def _log_likelihood(probs: NDArray[np.floating], labels: LabelMatrix) -> float:
    """The log likelihood of all entries, divided by how many labels are given."""
    right = np.where(labels, probs, 1 - probs)
    return float(np.log(np.maximum(right, _TINY)).sum(dtype=np.float64) / max(int(labels.sum()), 1))
