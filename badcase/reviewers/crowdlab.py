"""Consensus of several people's answers, weighed by how good each of them is: with a model (CROWDLAB) or without.

Both take answers (n, m) to items that somebody has judged, -1 where reviewer j has not. A quality is NaN for a reviewer
who shares no item with another.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Probs
from badcase.reviewers.kappa import Answers

# What a rate is worth before anything is seen, and as how many answers that counts: a reviewer with three answers
# in common with another is not perfect or worthless after them.
_PRIOR_RATE, _PRIOR_COUNT = 0.8, 4.0
_LEAST_WEIGHT = 0.01  # of a reviewer or model no better than always saying the commonest class
_STEPS, _STILL = 50, 1e-5  # of EM at most, and the change of the beliefs at which it has arrived
_CELLS = 8_000_000  # rows handled at once, in cells of (rows, classes)


class Weighed(NamedTuple):
    """A consensus.

    Attributes:
        label: (n,) class ids, each one that somebody gave.
        confidence: (n,) the belief in them.
        belief: (n, m) in each answer, NaN where there is none.
        posterior: (n, k) in each class.
    """

    label: NDArray[np.int64]
    confidence: NDArray[np.float64]
    belief: NDArray[np.float64]
    posterior: NDArray[np.float32]


def crowdlab(answers: Answers, probs: Probs) -> tuple[Weighed, NDArray[np.float64]]:
    """Consensus of people and a model by a weighted mean.

    A reviewer weighs by the agreement with the others, the model by the agreement with the majority, both set against always
    giving the commonest class.
    Source: CROWDLAB, Goh, Tkachenko and Mueller 2022, https://arxiv.org/abs/2210.06812; rates are drawn to a prior here.

    Args:
        answers: (n, m) class ids, -1 = not judged.
        probs: (n, k) out-of-sample.

    Returns:
        The consensus, and each reviewer's quality (m,) in [0, 1].
    """
    m = answers.shape[1]
    judged = answers >= 0
    count = judged.sum(1)
    shared = count > 1
    majority = _majority(answers, probs)
    alike = judged & (answers == majority[:, None])
    # `trust`: how often an answer is the majority's. `base`: how often always saying the commonest class would be wrong.
    trust = _rate(float((alike.sum(1) / count)[shared].sum()), float(shared.sum()))
    commonest = np.bincount(majority[shared]).argmax() if shared.any() else 0
    base = 1 - _rate(float((majority[shared] == commonest).sum()), float(shared.sum()))
    # Weights 1 - (share of errors) / base: of each reviewer by the agreement with the others, of the model by that with the
    # majority, times the square root of the answers an item.
    own = np.array([_with_others(answers, judged, count, j) for j in range(m)])
    weights = np.maximum(1 - (1 - own) / base, _LEAST_WEIGHT)
    right = _rate(float((probs.argmax(1) == majority)[shared].sum()), float(shared.sum()))
    model = max(1 - (1 - right) / base, _LEAST_WEIGHT) * float(np.sqrt(count.mean()))
    weighed = _mean_of_all(answers, probs, trust, weights, model)
    people = float((judged * weights).sum(1).mean())
    share = model / (model + people)
    quality = [_quality(weighed, answers, judged, shared, j, share) for j in range(m)]
    return weighed, np.array(quality)


def _rate(hits: float, of: float) -> float:
    return (hits + _PRIOR_RATE * _PRIOR_COUNT) / (of + _PRIOR_COUNT)


def _with_others(answers: Answers, judged: NDArray[np.bool_], count: NDArray[np.integer], j: int) -> float:
    """How often reviewer j answers as another does, over all answers that others gave to the same items."""
    rows = np.flatnonzero(judged[:, j] & (count > 1))
    same = (answers[rows] == answers[rows, j, None]).sum(1) - 1
    return _rate(float(same.sum()), float((count[rows] - 1).sum()))


def _majority(answers: Answers, probs: Probs) -> NDArray[np.int64]:
    """(n,) the answer that most gave; of those given equally often the one that the model gives the highest probability."""
    votes = np.stack([(answers == column[:, None]).sum(1) for column in answers.T], axis=1)
    liked = np.take_along_axis(probs, np.maximum(answers, 0), 1)
    best = np.where(answers >= 0, votes + 0.5 * liked, -1).argmax(1)
    return answers[np.arange(len(answers)), best]


def _mean_of_all(answers: Answers, probs: Probs, trust: float, weights: NDArray[np.float64], model: float) -> Weighed:
    """Each answer stands for its class with `trust` and evenly for the others; the model by its probabilities."""
    n, k = probs.shape
    belief, posterior = np.full(answers.shape, np.nan), np.empty((n, k), np.float32)
    rest = (1 - trust) / max(k - 1, 1)
    rows = max(1, _CELLS // k)
    for start in range(0, n, rows):
        here = answers[start : start + rows]
        mixed = model * probs[start : start + rows].astype(np.float64)
        total = np.full(len(here), model)
        for j, weight in enumerate(weights):
            said = np.flatnonzero(here[:, j] >= 0)
            mixed[said] += weight * rest
            mixed[said, here[said, j]] += weight * (trust - rest)
            total[said] += weight
        mixed /= total[:, None]
        posterior[start : start + rows] = mixed
        belief[start : start + rows] = _of_the_answers(here, mixed)
    return Weighed(*_likeliest(answers, belief), belief, posterior)


def _of_the_answers(answers: Answers, posterior: NDArray[np.floating]) -> NDArray[np.float64]:
    """(n, m) the belief in each answer; NaN where there is none."""
    return np.where(answers >= 0, np.take_along_axis(posterior, np.maximum(answers, 0), 1), np.nan)


def _likeliest(answers: Answers, belief: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(n,) the answer that is believed most, ties by class id, and the belief (n,) in it.

    What the model alone would say is never the consensus of people, however sure it is.
    """
    most = np.nanmax(belief, axis=1)
    label = np.where(belief == most[:, None], answers, np.iinfo(np.int64).max).min(1)
    return label, most


def _quality(
    weighed: Weighed, answers: Answers, judged: NDArray[np.bool_], shared: NDArray[np.bool_], j: int, share: float
) -> float:
    both = np.flatnonzero(judged[:, j] & shared)
    if not len(both):
        return float("nan")
    alike = _rate(float((answers[both, j] == weighed.label[both]).sum()), len(both))
    believed = _rate(float(np.nansum(weighed.belief[:, j])), float(judged[:, j].sum()))
    return share * believed + (1 - share) * alike


def dawid_skene(answers: Answers, k: int) -> tuple[Weighed, NDArray[np.float64]]:
    """Consensus of people alone: a confusion matrix for each reviewer by EM.

    Each matrix is drawn to that of all reviewers together, and that to being right four times in five: two reviewers
    with a few answers a class have no matrix of their own yet. Of two reviewers nobody can tell who errs: both get the
    matrix of all, and one quality.
    Source: Dawid and Skene 1979, https://doi.org/10.2307/2346806

    Args:
        answers: (n, m) class ids, -1 = not judged.
        k: How many classes there are.

    Returns:
        The consensus, and each reviewer's quality (m,).
    """
    n, m = answers.shape
    judged = answers >= 0
    # Begin with the shares of the answers, then EM: matrices from the posterior, and the posterior from them.
    posterior = np.full((n, k), 1e-9)
    for j in range(m):
        rows = np.flatnonzero(judged[:, j])
        posterior[rows, answers[rows, j]] += 1
    posterior /= posterior.sum(1, keepdims=True)
    for _step in range(_STEPS):
        before = posterior
        posterior = _expect(answers, _matrices(answers, posterior), posterior.mean(0))
        if np.abs(posterior - before).max() < _STILL:
            break
    belief = _of_the_answers(answers, posterior)
    shared = judged.sum(1) > 1
    overlaps = (judged & shared[:, None]).sum(0)
    believed = np.nansum(belief[shared], axis=0)
    quality = np.array([_rate(believed[j], overlaps[j]) if overlaps[j] else np.nan for j in range(m)])
    if m == 2:
        quality[:] = quality.mean()
    return Weighed(*_likeliest(answers, belief), belief, posterior.astype(np.float32)), quality


def _matrices(answers: Answers, posterior: NDArray[np.float64]) -> NDArray[np.float64]:
    """log p(answer | class) of each reviewer: (m, k, k)."""
    k = posterior.shape[1]
    counts = np.stack([_confusions(answers[:, j], posterior) for j in range(answers.shape[1])])
    first = np.eye(k) * _PRIOR_RATE + (1 - np.eye(k)) * (1 - _PRIOR_RATE) / max(k - 1, 1)
    pooled = counts.sum(0) + _PRIOR_COUNT * first
    pooled /= pooled.sum(1, keepdims=True)
    own = _PRIOR_COUNT * pooled + counts * (len(counts) > 2)
    return np.log(own / own.sum(2, keepdims=True))


def _confusions(said: NDArray[np.int64], posterior: NDArray[np.float64]) -> NDArray[np.float64]:
    k = posterior.shape[1]
    counts = np.zeros((k, k))
    rows = np.flatnonzero(said >= 0)
    if len(rows):
        order = rows[np.argsort(said[rows], kind="stable")]
        given, starts = np.unique(said[order], return_index=True)
        counts[:, given] = np.add.reduceat(posterior[order], starts).T
    return counts


def _expect(answers: Answers, matrices: NDArray[np.float64], prior: NDArray[np.float64]) -> NDArray[np.float64]:
    log_odds = np.tile(np.log(prior + 1e-12), (len(answers), 1))
    for j, matrix in enumerate(matrices):
        rows = np.flatnonzero(answers[:, j] >= 0)
        log_odds[rows] += matrix[:, answers[rows, j]].T
    log_odds -= log_odds.max(1, keepdims=True)
    powers = np.exp(log_odds)
    return powers / powers.sum(1, keepdims=True)
