"""Metrics where an item may have any number of labels: each label is a question of its own. numpy only."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]


def item_losses(logits: npt.ArrayLike, labels: npt.ArrayLike) -> Floats:
    """(n,) binary cross-entropy, the mean over an item's labels."""
    values, wanted = np.asarray(logits, np.float64), np.asarray(labels, np.bool_)
    return np.asarray(np.logaddexp(0, np.where(wanted, -values, values)).mean(1), np.float64)


def answered(logits: npt.ArrayLike, logit_thresholds: npt.ArrayLike = 0.0) -> npt.NDArray[np.bool_]:
    """(n, k) which labels are answered; logit_thresholds (k,), or one for all."""
    return np.asarray(np.asarray(logits, np.float64) > np.asarray(logit_thresholds, np.float64), np.bool_)


def wrong_labels(logits: npt.ArrayLike, labels: npt.ArrayLike, logit_thresholds: npt.ArrayLike = 0.0) -> npt.NDArray[np.int64]:
    """(n,) how many labels of each item are answered wrongly."""
    return np.asarray((answered(logits, logit_thresholds) != np.asarray(labels, np.bool_)).sum(1), np.int64)


def macro_f1(said: npt.ArrayLike, labels: npt.ArrayLike, counts: npt.ArrayLike | None = None) -> Floats:
    """(b,) mean F1 over the labels that some item has or is answered; a row of `counts` (b, n) is one resample."""
    hits, sizes = _tallies(said, labels, counts)
    f1 = np.divide(2 * hits, sizes, out=np.zeros_like(hits), where=sizes > 0)
    return np.asarray(f1.sum(1) / np.maximum((sizes > 0).sum(1), 1), np.float64)


def micro_f1(said: npt.ArrayLike, labels: npt.ArrayLike, counts: npt.ArrayLike | None = None) -> Floats:
    """(b,) F1 over all entries of all items at once; counts as in `macro_f1`."""
    hits, sizes = (tally.sum(1) for tally in _tallies(said, labels, counts))
    return np.asarray(np.divide(2 * hits, sizes, out=np.zeros_like(hits), where=sizes > 0), np.float64)


def _tallies(said: npt.ArrayLike, labels: npt.ArrayLike, counts: npt.ArrayLike | None) -> tuple[Floats, Floats]:
    """(b, k) each: entries that are answered rightly, and answered plus had."""
    made, have = np.asarray(said, np.float64), np.asarray(labels, np.float64)
    weights = np.ones((1, len(have))) if counts is None else np.asarray(counts, np.float64)
    return weights @ (made * have), weights @ (made + have)


def mean_average_precision(logits: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Mean over the labels that some item has of how well their logits put its items first; 0 where none has any.

    Equal to scikit-learn's macro average: items of one logit are taken together.
    """
    values, wanted = np.asarray(logits, np.float64), np.asarray(labels, np.bool_)
    each = [_average_precision(values[:, one], wanted[:, one]) for one in np.flatnonzero(wanted.any(0))]
    return float(np.mean(each)) if each else 0.0


def _average_precision(values: Floats, wanted: npt.NDArray[np.bool_]) -> float:
    order = np.argsort(-values, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(values[order]) != 0, True))  # the last item of each logit
    hits = np.cumsum(wanted[order])[ends]
    precision = hits / (ends + 1)
    return float((np.diff(hits, prepend=0) * precision).sum() / hits[-1])


def label_measures(logits: npt.ArrayLike, labels: npt.ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Recall, precision and F1 of each label from one half on, (k,) each; 0 where a label has nothing to count."""
    said, have = answered(logits), np.asarray(labels, np.bool_)
    hits, own, made = (tally.sum(0).astype(np.float64) for tally in (said & have, have, said))
    return hits / np.maximum(own, 1), hits / np.maximum(made, 1), 2 * hits / np.maximum(own + made, 1)


def answer_measures(said: npt.NDArray[np.bool_], labels: npt.ArrayLike) -> dict[str, float]:
    """Of answers (n, k): share of the items all of whose labels are right, F1 by label and over all entries."""
    return {
        "accuracy": float((said == np.asarray(labels, np.bool_)).all(1).mean()),
        "macro_f1": float(macro_f1(said, labels)[0]),
        "micro_f1": float(micro_f1(said, labels)[0]),
    }


def measure(logits: npt.ArrayLike, labels: npt.ArrayLike, logit_thresholds: npt.ArrayLike = 0.0) -> dict[str, float]:
    """Loss, what `answer_measures` gives, and mean average precision."""
    loss, ap = float(item_losses(logits, labels).mean()), mean_average_precision(logits, labels)
    return {"validation_loss": loss} | answer_measures(answered(logits, logit_thresholds), labels) | {"mean_ap": ap}
