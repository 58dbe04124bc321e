"""Accuracy, macro-F1 and log loss, for one set of predictions or for many resamples of it at once. numpy only.

Labels are class ids (n,), or a matrix (n, k) where an item may have any number of them, which `label_metrics` measures.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from badcase.i18n import _
from badcase.training.metrics import multilabel as label_metrics

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
AT_RANDOM = 0.1  # of labels that nobody has judged, as `bounded_losses` takes it


def log_softmax(logits: npt.ArrayLike) -> Floats:
    """(n, k) log probabilities in double precision."""
    values = np.asarray(logits, np.float64)
    values = values - values.max(-1, keepdims=True)
    return np.asarray(values - np.log(np.exp(values).sum(-1, keepdims=True)), np.float64)


def item_losses(logits: npt.ArrayLike, labels: npt.ArrayLike) -> Floats:
    """(n,) minus the log probability of each label, the mean over them where there are several."""
    if np.ndim(labels) == 2:
        return label_metrics.item_losses(logits, labels)
    losses = -log_softmax(logits)
    return np.asarray(losses[np.arange(len(losses)), np.asarray(labels)], np.float64)


def bounded_losses(logits: npt.ArrayLike, labels: npt.ArrayLike) -> Floats:
    """(n,) `item_losses` if each label were drawn at random once in ten: what a wrong one adds has a bound.

    Whoever knows nothing loses as much as by `item_losses`. Source: the forward correction of Patrini et al. 2017,
    https://arxiv.org/abs/1609.03683, for noise that is alike in all classes.
    """
    labels = np.asarray(labels)
    several = labels.ndim == 2
    probs = probabilities(logits, several=several)
    if several:
        right = np.where(labels, probs, 1 - probs)
        return np.asarray(-np.log((1 - AT_RANDOM) * right + AT_RANDOM / 2).mean(1), np.float64)
    right = probs[np.arange(len(labels)), labels]
    return np.asarray(-np.log((1 - AT_RANDOM) * right + AT_RANDOM / probs.shape[1]), np.float64)


def wrong(logits: npt.ArrayLike, labels: npt.ArrayLike, logit_thresholds: npt.ArrayLike = 0.0) -> Ints:
    """(n,) how much of each answer is wrong: 0 or 1, or so many labels where there are several,
    answered above `logit_thresholds`."""
    if np.ndim(labels) == 2:
        return label_metrics.wrong_labels(logits, labels, logit_thresholds)
    return np.asarray(np.asarray(logits).argmax(1) != np.asarray(labels), np.int64)


def sizes(labels: npt.ArrayLike, k: int) -> Ints:
    """(k,) how many items have each class or label."""
    labels = np.asarray(labels)
    return np.asarray(labels.sum(0) if labels.ndim == 2 else np.bincount(labels[labels >= 0], minlength=k), np.int64)


def macro_f1(predicted: npt.ArrayLike, labels: npt.ArrayLike, k: int, counts: npt.ArrayLike | None = None) -> Floats:
    """(b,) mean F1 over the classes that occur as a label or a prediction; one row of `counts` (b, n) is one resample.

    Without counts every item counts once and b is 1. Equal to scikit-learn's macro average.
    """
    predicted, labels = np.asarray(predicted), np.asarray(labels)
    weights = np.ones((1, len(labels))) if counts is None else np.asarray(counts, np.float64)
    truth, guess = np.eye(k)[labels], np.eye(k)[predicted]
    hits = weights @ (truth * guess)  # (b, k)
    sizes = weights @ (truth + guess)
    f1 = np.divide(2 * hits, sizes, out=np.zeros_like(hits), where=sizes > 0)
    return np.asarray(f1.sum(1) / np.maximum((sizes > 0).sum(1), 1), np.float64)


def class_measures(logits: npt.ArrayLike, labels: npt.ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Recall, precision and F1 of each class, (k,) each, from logits (n, k); 0 where a class has nothing to count."""
    if np.ndim(labels) == 2:
        return label_metrics.label_measures(logits, labels)
    logits, labels = np.asarray(logits), np.asarray(labels)
    k = logits.shape[1]
    predicted = logits.argmax(1)
    hits = np.bincount(labels[predicted == labels], minlength=k).astype(np.float64)
    own, said = np.bincount(labels, minlength=k), np.bincount(predicted, minlength=k)
    return hits / np.maximum(own, 1), hits / np.maximum(said, 1), 2 * hits / np.maximum(own + said, 1)


def measure(logits: npt.ArrayLike, labels: npt.ArrayLike, logit_thresholds: npt.ArrayLike = 0.0) -> dict[str, float]:
    """The measures of `titles`, and the loss, of logits (n, k); logit_thresholds as in `wrong`."""
    if np.ndim(labels) == 2:
        return label_metrics.measure(logits, labels, logit_thresholds)
    logits, labels = np.asarray(logits), np.asarray(labels)
    predicted = logits.argmax(1)
    return {
        "validation_loss": float(item_losses(logits, labels).mean()),
        "accuracy": float((predicted == labels).mean()),
        "macro_f1": float(macro_f1(predicted, labels, logits.shape[1])[0]),
    }


def titles(*, several: bool) -> dict[str, str]:
    """What `measure` gives and how it is called, the measure that decides first; several: of labels an item."""
    if several:
        return {
            "micro_f1": _("micro F1"),
            "macro_f1": _("macro F1"),
            "mean_ap": _("mean average precision"),
            "accuracy": _("all labels right"),
            "validation_loss": _("log loss"),
        }
    return {"accuracy": _("accuracy"), "macro_f1": _("macro F1"), "validation_loss": _("log loss")}


def probabilities(logits: npt.ArrayLike, *, several: bool) -> Floats:
    """(n, k) in double precision: of one class an item, or of each label by itself."""
    if several:
        return np.asarray(np.exp(-np.logaddexp(0, -np.asarray(logits, np.float64))), np.float64)
    return np.exp(log_softmax(logits))


def logits_of(probs: Floats, *, several: bool) -> Floats:
    """Logits (n, k) that give these probabilities back."""
    least = float(np.finfo(np.float32).tiny)
    made = np.log(np.maximum(probs, least))
    return np.asarray(made - np.log(np.maximum(1 - probs, least)) if several else made, np.float64)


def mean_and_error(values: Floats) -> tuple[float, float]:
    """The mean of values (n,) and its standard error."""
    return float(values.mean()), float(values.std() / np.sqrt(len(values)))
