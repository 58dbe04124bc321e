"""Threshold tuning: from which probability on each label is answered, by the best F1 on the validation items. numpy only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from badcase.store.thresholds import LogitThresholds, write_logit_thresholds
from badcase.training.data.training_set import TrainingRows
from badcase.training.metrics.multilabel import answer_measures
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Thresholds

Logits = npt.NDArray[np.floating]
Labels = npt.NDArray[np.bool_]

# A label's own threshold and that of all labels together weigh its positives against this many.
_PRIOR = 20.0
_RESAMPLES = 20
_MARGIN = 0.01  # of a logit, by which a cut is below the lowest value where all are answered
_PARTS = 5  # of the items, each answered by the thresholds of the others


def tunes(recipe: Recipe, labels: npt.NDArray[Any]) -> bool:
    """Whether there are thresholds to tune: an item may have any number of labels, and the recipe wants it."""
    return labels.ndim == 2 and recipe.thresholds != Thresholds.HALF


def keep_logit_thresholds(
    folder: Path, names: Sequence[str], recipe: Recipe, rows: TrainingRows, logits: Logits
) -> dict[str, float]:
    """Tune the thresholds of a run and keep them in its folder; nothing with one label an item.

    Args:
        folder: Of the run.
        names: Of the labels.
        recipe: Says how thresholds are tuned.
        rows: (n,) the validation items.
        logits: (n, k) of these.

    Returns:
        What the answers measure then, each item by thresholds that it had no say in; nothing where all are one half.
    """
    if rows.labels.ndim == 1:
        return {}
    how = Thresholds(recipe.thresholds)
    write_logit_thresholds(folder, names, tuned_logit_thresholds(logits, rows.labels, how))
    if not tunes(recipe, rows.labels):
        return {}
    return answer_measures(answered_apart(logits, rows.labels, how), rows.labels)


def tuned_logit_thresholds(logits: npt.ArrayLike, labels: npt.NDArray[Any], how: Thresholds) -> LogitThresholds:
    """(k,) the logits above which labels are answered, from logits (n, k) and labels (n, k) of items nobody learnt from.

    Common: the one that gives the best F1 over all entries. Each: what gives a label the best F1, drawn to the common
    one where it has few positives; the mean over resamples of the items, since the best of one sample is mostly chance.
    """
    values, wanted = np.asarray(logits, np.float64), np.asarray(labels, np.bool_)
    k = values.shape[1]
    if how is Thresholds.HALF or not wanted.any():
        return np.zeros(k)
    common = _best(values.reshape(-1, 1), wanted.reshape(-1), 1)
    if how is Thresholds.COMMON:
        return np.full(k, common)
    # Shrinkage: of a label with h positives its own threshold counts h / (h + _PRIOR), the common one the rest.
    having = wanted.sum(0)
    own = np.array([_best(values[:, [j]], wanted[:, j], _RESAMPLES) if having[j] else common for j in range(k)])
    share = having / (having + _PRIOR)
    return np.asarray(share * own + (1 - share) * common, np.float64)


def answered_apart(logits: npt.ArrayLike, labels: npt.NDArray[Any], how: Thresholds) -> npt.NDArray[np.bool_]:
    """(n, k) which labels are answered, each item by thresholds that it had no say in: an out-of-sample gain."""
    values, wanted = np.asarray(logits, np.float64), np.asarray(labels, np.bool_)
    # Cross-fitting: the items of each part are answered by thresholds tuned on all others.
    part = np.random.default_rng(0).permutation(len(values)) % _PARTS
    said = np.empty(values.shape, np.bool_)
    for one in range(_PARTS):
        said[part == one] = values[part == one] > tuned_logit_thresholds(values[part != one], wanted[part != one], how)
    return said


def _best(values: Logits, wanted: Labels, resamples: int) -> float:
    """The cut of values (n, 1) with the best F1 against labels (n,): half-way between two values; the mean over resamples."""
    order = np.argsort(-values[:, 0], kind="stable")
    ordered, hit = values[order, 0], wanted[order].astype(np.float64)
    n = len(ordered)
    counts = np.ones((1, n))
    if resamples > 1:
        counts = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), resamples).astype(np.float64)
    hits, answered, having = np.cumsum(counts * hit, 1), np.cumsum(counts, 1), counts @ hit
    f1 = 2 * hits / np.maximum(answered + having[:, None], 1)
    f1[:, :-1][:, ordered[1:] == ordered[:-1]] = -1  # items of one logit are answered together
    last = f1.argmax(1)
    below = np.append(ordered[1:], ordered[-1] - 2 * _MARGIN)  # a cut at the lowest value would not answer that
    return float((ordered[last] + below[last]).mean() / 2)
