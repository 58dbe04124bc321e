"""Accuracy, macro-F1 and log loss, for one set of predictions or for many resamples of it at once. numpy only."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]


def log_softmax(logits: npt.ArrayLike) -> Floats:
    """(n, k) log probabilities in double precision."""
    values = np.asarray(logits, np.float64)
    values = values - values.max(-1, keepdims=True)
    return np.asarray(values - np.log(np.exp(values).sum(-1, keepdims=True)), np.float64)


def item_losses(logits: npt.ArrayLike, labels: npt.ArrayLike) -> Floats:
    """(n,) minus the log probability of each label."""
    losses = -log_softmax(logits)
    return np.asarray(losses[np.arange(len(losses)), np.asarray(labels)], np.float64)


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
    logits, labels = np.asarray(logits), np.asarray(labels)
    k = logits.shape[1]
    predicted = logits.argmax(1)
    hits = np.bincount(labels[predicted == labels], minlength=k).astype(np.float64)
    own, said = np.bincount(labels, minlength=k), np.bincount(predicted, minlength=k)
    return hits / np.maximum(own, 1), hits / np.maximum(said, 1), 2 * hits / np.maximum(own + said, 1)


def measure(logits: npt.ArrayLike, labels: npt.ArrayLike) -> dict[str, float]:
    """Loss, accuracy and macro-F1 of logits (n, k) on labels (n,)."""
    logits, labels = np.asarray(logits), np.asarray(labels)
    predicted = logits.argmax(1)
    return {
        "validation_loss": float(item_losses(logits, labels).mean()),
        "accuracy": float((predicted == labels).mean()),
        "macro_f1": float(macro_f1(predicted, labels, logits.shape[1])[0]),
    }
