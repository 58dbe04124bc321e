"""The prior of the number of wrong labels, before anybody has looked: a distribution, wide where little is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels

_CELLS = 500_000  # probabilities that the count looks at, at most
# Classifiers that learnt from labels of which half are wrong are as soft as the last ones.
_TEMPERATURES = (1.0, 1.25, 1.5, 1.8, 2.2, 2.7, 3.3, 4.0)
_STEPS = 3  # of EM for the noise matrix; 25 steps counted the same within 3 %
_PSEUDO_COUNTS = 20.0
_FIRST_RATE = 0.1
# Errors that no probability can tell from hard items, for each label that the model contradicts without the noise
# explaining it: the usual share, and the spread of its logarithm below and above. Over planted and human noise on four
# backbones they were 0 to 3.4.
_HIDDEN, _HIDDEN_SPREAD = 2.0, (2.4, 0.5)
# The same where it is known how often the model predicts something else for the most similar items: a border between
# classes is hard whatever the labels. A fifth as many contradictions are due to that alone, and each one beyond stands for
# more errors. Fitted on the sets of all backbones but one and tried on that one, in turn: the count .33 off and not .40,
# as the mean of the logarithm of its error.
_BEYOND, _OF_BORDER, _LEAST_BEYOND = 5.0, 0.22, 0.3
# Times the labels that the model contradicts: more errors than that there were once in 43 sets, where people were wrong alike.
_MOST = 1.2
# Spread of the logarithm of the explained errors; below it widens the less of the contradiction they explain.
_EXPLAINED_SPREAD, _UNEXPLAINED_SPREAD = 0.3, 1.2
_FEW_SPREAD = (7.0, 3.0)  # below and above, over the square root of n: few items say little
_CLEAN = 0.08  # belief that there is no error at all, where the noise explains nothing
_BY_CHANCE = 2.0  # standard errors that the probabilities may go with the labels by chance
_NONE = 0.3  # errors expected where there is none
_END = 0.08  # belief in each of the two ends: enough for the interval to reach there
_POINTS = 60
_NORMAL = np.array([-2.13, -1.44, -1.04, -0.73, -0.47, -0.23, 0, 0.23, 0.47, 0.73, 1.04, 1.44, 2.13])  # equal weights


@dataclass(frozen=True, slots=True)
class Estimate:
    """A count of errors with a 90 % interval.

    Attributes:
        value: The middle.
        low: The lower end.
        high: The upper end.
    """

    value: float
    low: float
    high: float

    def told(self) -> str:
        """In short: "12 (9 to 15)"."""
        return f"{self.value:.0f} ({self.low:.0f} to {self.high:.0f})"

    def __repr__(self) -> str:
        return f"Estimate(value={self.value:.4g}, low={self.low:.4g}, high={self.high:.4g})"


def weighted_quantiles(values: NDArray[np.float64], weights: NDArray[np.float64], at: tuple[float, ...]) -> list[float]:
    """The quantiles `at` of values with weights that sum to 1."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    return [float(values[order[min(int(np.searchsorted(below, q)), len(order) - 1)]]) for q in at]


@dataclass(frozen=True, slots=True)
class CountBelief:
    """The prior of the number of errors, from the labels and their out-of-sample probabilities."""

    points: NDArray[np.float64]  # (60,) counts of equal weight, ascending
    usual: float  # the count where the hidden errors are as many as they mostly are
    sharpness: float  # how fast p(wrong) rises in log odds, for one standard deviation of the log odds of suspicion

    @property
    def estimate(self) -> Estimate:
        """The usual count with the 90 % interval of the points."""
        low, high = np.quantile(self.points, (0.05, 0.95))
        low = max(0.0, low - 1.645 * np.sqrt(low))  # few are met or not by chance
        return Estimate(float(np.clip(self.usual, low, high)), float(low), float(high))


def believed_count(labels: Labels, probs: NDArray[np.floating], border: float | None = None) -> CountBelief:
    """Estimate the number of wrong labels from out-of-sample probabilities of a model that learnt the labels as they are.

    Two parts: the errors that a noise matrix explains (`_explained`: within a tenth on evenly spread and on
    class-dependent noise), and a share of the labels that the model contradicts beyond them: hard items and the errors
    that hide among them look alike, so the interval is wide wherever these are many.
    Where the probabilities go with the labels no more than by chance, see `unknown_count`.

    Args:
        labels: (n,) class ids.
        probs: (n, k) out-of-sample, rows sum to 1.
        border: How often the model predicts another class for the most similar items of an item than for the item, 0 to 1;
            None where these are not known.
    """
    # On a sample of the items, since the count needs no more; scaled up to all at the end.
    n = len(labels)
    rows = _sample(n, probs.shape[1])
    y, p = labels[rows], probs[rows].astype(np.float32)
    if not _goes_with(y, p):
        return unknown_count(n)
    # The errors that the noise explains, and r_i, the posterior that each label is right.
    explained, right = _explained(y, p)
    # The contradiction c_i: the probability of the best class where that is not the given one. Its sum, and the part of it
    # that no noise explains, the sum of c_i r_i.
    best = p.max(1)
    against = np.where(p[np.arange(len(y)), y] < best, best, 0)
    scale = n / len(rows)
    contradicted, hidden = float(against.sum()), float((against * right).sum())
    share = min(1.0, explained / max(contradicted, 1e-9))  # of the contradiction that the noise explains
    # Explained errors: log-normal around the estimate, in 13 points of equal weight; wider below and for few items.
    few_below, few_above = (few / np.sqrt(n) for few in _FEW_SPREAD)
    below, above = _EXPLAINED_SPREAD + _UNEXPLAINED_SPREAD * (1 - share) + few_below, _EXPLAINED_SPREAD + few_above
    known = explained * np.exp(np.where(_NORMAL < 0, below, above) * _NORMAL)
    # Hidden errors: in proportion to the unexplained contradiction, log-normal as well.
    most = _MOST * np.count_nonzero(against)
    unseen = min(_unseen(hidden, border, len(rows)) * (1 - share), max(most - explained, 0.0))
    doubt = unseen * np.exp(np.where(_NORMAL < 0, *_HIDDEN_SPREAD) * _NORMAL)
    # The sum of two independent ones: every pair of points, and some points for "no error at all". Then 60 quantiles.
    counts = scale * (known[:, None] + doubt).reshape(-1)
    clean = round(_CLEAN * (1 - share) * len(counts) / (1 - _CLEAN))
    counts = np.concatenate([np.full(clean, _NONE), counts])
    # The ends: most of what the model contradicts may be wrong after all, items of no class under labels of chance among it,
    # and the fewer labels the model agrees with, the less it knows.
    low, high = np.quantile(counts, (0.05, 0.95))
    ends = [low * np.mean(against == 0) ** 2, max(high, scale * most)]
    counts = np.concatenate([counts, np.repeat(ends, round(_END * len(counts)))])
    points = np.quantile(counts, (np.arange(_POINTS) + 0.5) / _POINTS)
    usual = scale * (explained + unseen)
    return CountBelief(np.clip(points, 0, 0.98 * n), usual, 1.1 * float(np.exp(1.3 * share)))


def unknown_count(n: int) -> CountBelief:
    """The prior where nothing speaks for or against any label: even in the logarithm of the count, and no error named."""
    return CountBelief(np.geomspace(_NONE, max(0.98 * n, _NONE), _POINTS), 0.0, 1.1)


def _goes_with(labels: Labels, probs: NDArray[np.float32]) -> bool:
    """Whether the items' labels are likelier under their own probabilities than under those of other items."""
    if (labels == labels[0]).all():
        return True  # one class: nothing to compare with, so the probabilities are taken as they are
    # The mean over items of p_i(label) less its mean under a label drawn at random, against its standard error.
    shares = np.bincount(labels, minlength=probs.shape[1]) / len(labels)
    gain = probs[np.arange(len(labels)), labels] - probs @ shares
    return bool(gain.mean() > _BY_CHANCE * gain.std() / np.sqrt(len(labels)))


def _unseen(hidden: float, border: float | None, n: int) -> float:
    """The errors behind contradictions that no noise explains, as many as there mostly are."""
    if border is None:
        return _HIDDEN * hidden
    return max(_BEYOND * (hidden - _OF_BORDER * border * n), _LEAST_BEYOND * hidden)


def _sample(n: int, k: int) -> NDArray[np.int64]:
    """Ids of at most so many items, drawn at random, that their probabilities fit into _CELLS; ascending."""
    rows = max(1_000, _CELLS // k)
    if n <= rows:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, rows, replace=False))


def _explained(labels: Labels, probs: NDArray[np.float32]) -> tuple[float, NDArray[np.float32]]:
    """How many labels a noise matrix explains as wrong, and (n,) the posterior that each is right.

    The given label is taken for a draw from softmax(t log p) followed by the noise matrix. Temperature and matrix are
    the likeliest ones: too soft probabilities make a matrix of noise out of the model's own uncertainty, and one temperature
    for all items cannot imitate the labels that a sure model contradicts.
    """
    # Items sorted by their label, so that the sums of each given class are sums of stretches.
    k, at = probs.shape[1], np.arange(len(labels))
    order = np.argsort(labels, kind="stable")
    classes, starts = np.unique(labels[order], return_index=True)
    logs, given = np.log(probs[order] + np.float32(1e-6)), labels[order]
    likeliest, kept = -np.inf, np.ones(len(labels), np.float32)
    for temperature in _TEMPERATURES:
        sharp = np.exp(np.float32(temperature) * logs)
        sharp /= sharp.sum(1, keepdims=True)
        # EM: joint[i, j] = p_ij M[j, given_i]; new rows of M from the posterior counts plus pseudo-counts that spread the
        # present error rate evenly. The last round only computes the likelihood.
        matrix = _even(k, _FIRST_RATE)
        for step in range(_STEPS + 1):
            joint = sharp * matrix.T.astype(np.float32)[given]
            evidence = joint.sum(1)
            if step < _STEPS:
                joint /= evidence[:, None]
                counts = np.zeros((k, k))
                counts[:, classes] = np.add.reduceat(joint, starts, axis=0).T
                counts += _PSEUDO_COUNTS * _even(k, 1 - float(np.trace(counts)) / len(labels))
                matrix = counts / counts.sum(1, keepdims=True)
        likelihood = float(np.log(evidence).sum(dtype=np.float64))
        if likelihood > likeliest:
            likeliest = likelihood
            kept[order] = joint[at, given] / evidence
    return float((1 - kept).sum(dtype=np.float64)), kept


def _even(k: int, rate: float) -> NDArray[np.float64]:
    """The noise matrix of errors spread evenly: 1 - rate on the diagonal and rate / k everywhere."""
    return (1 - rate) * np.eye(k) + rate / k
