"""Probabilities of all items from the few labels that there are, as sure as they have a right to be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Features, Labels, Probs
from badcase.probabilities.linear_head import LinearFolds
from badcase.progress import Job

FOLDS = 5
_STEPS = 40
# Labels that are learnt from: thousands more change the order of what to label next by little, and cost seconds.
_MOST = 5_000
_TEMPERATURES = np.geomspace(0.3, 3.0, 24)
_PRIOR = 2.0  # that the temperature is 1: as much as a few labels say
_TINY = 1e-9


def probs_from_labels(features: Features, labels: Labels, k: int, rng: np.random.Generator) -> Job[Probs | None]:
    """A linear head on the items with a label, as a job; None where fewer than two classes have one.

    Its temperature is the one that is likeliest for what each label turned out to be, where the head had not seen it.

    Args:
        features: (n, d) centred, of root mean squared length 1.
        labels: (n,) class ids, -1 where there is none.
        k: How many classes.
        rng: Where the randomness comes from.

    Returns:
        (n, k) rows sum to 1; of an item that was learnt from, its label.
    """
    known = rng.permutation(np.flatnonzero(labels >= 0))[:_MOST]
    if len(np.unique(labels[known])) < 2:
        return None
    # What is learnt from is in no fold, all the rest in the only one.
    held, targets = np.zeros(len(labels), np.int64), np.zeros((len(labels), k), np.float32)
    held[known], targets[known, labels[known]] = -1, 1
    said = targets.copy()
    if len(known) < len(labels):
        answers = yield from LinearFolds(features, held, k).probs_in_steps(targets, _STEPS)
        said[held == 0] = answers[held == 0]
    if len(known) >= 2 * FOLDS:
        folds = np.arange(len(known)) % FOLDS
        unseen = yield from LinearFolds(features[known], folds, k).probs_in_steps(targets[known], _STEPS)
        said = _at(said, _temperature(unseen, labels[known]))
    return said


def _temperature(probs: Probs, labels: Labels) -> float:
    """The temperature that is likeliest for labels (n,) of items that the probabilities (n, k) have not seen."""
    rows = np.arange(len(labels))
    likely = [float(np.log(_at(probs, t)[rows, labels] + _TINY).sum()) - _PRIOR * np.log(t) ** 2 for t in _TEMPERATURES.tolist()]
    return float(_TEMPERATURES[int(np.argmax(likely))])


def _at(probs: Probs, temperature: float) -> Probs:
    powers = np.log(probs + np.float32(_TINY)) / np.float32(temperature)
    powers -= powers.max(1, keepdims=True)
    np.exp(powers, out=powers)
    powers /= powers.sum(1, keepdims=True)
    return powers


def chance_wrong(probs: Probs) -> NDArray[np.float32]:
    """(n,) that the likeliest class is not the right one."""
    return 1 - probs.max(1)
