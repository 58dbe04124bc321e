"""The measures of two runs over the same items, with the intervals of their differences. numpy only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from badcase.training.comparison.mcnemar import BELIEF, interval, mid_p, unseen
from badcase.training.metrics import multilabel as label_metrics
from badcase.training.metrics.single_label import Floats, item_losses, macro_f1, titles, wrong
from badcase.training.metrics.written import written, written_change

RESAMPLES = 2000
CHUNK = 4_000_000  # numbers of resampled counts held at once
Logits: TypeAlias = npt.NDArray[np.floating]
Labels: TypeAlias = npt.NDArray[Any]  # class ids (n,), or a matrix (n, k)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of both runs, the difference b - a, and its 95 % interval; `p` of the test that the interval turns round."""

    name: str
    title: str
    a: float
    b: float
    difference: float
    low: float
    high: float
    higher_is_better: bool = True
    p: float = 1.0

    @property
    def beyond_noise(self) -> bool:
        return self.low > 0 or self.high < 0

    @property
    def texts(self) -> tuple[str, str, str, str]:
        """Both values, their difference and its interval, for people: shares in percent and in points."""
        change, low, high = (written_change(self.name, one) for one in (self.difference, self.low, self.high))
        return written(self.name, self.a), written(self.name, self.b), change, f"{low} … {high}"


def paired_bootstrap(
    a: Logits,
    b: Logits,
    labels: Labels,
    *,
    logit_thresholds: tuple[npt.ArrayLike, npt.ArrayLike] = (0.0, 0.0),
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> list[Measure]:
    """Measures of two sets of logits, with 95 % intervals of b - a.

    Accuracy, macro-F1 and log loss; with several labels an item micro-F1 first, and accuracy where all are right. The
    intervals are percentiles over resamples of the items, the same for both, so that what is hard for both cancels out; that
    of accuracy is McNemar's. A share that no resample moves may differ by what n items can hide.
    Source: Efron & Tibshirani 1993, chapter 13

    Args:
        a: (n, k) logits of one.
        b: (n, k) logits of the other.
        labels: (n,) or (n, k).
        logit_thresholds: Of each: see `wrong`.
        resamples: How many.
        seed: Decides the resamples.
    """
    n, of_a, of_b = len(labels), _resampled(a, labels, logit_thresholds[0]), _resampled(b, labels, logit_thresholds[1])
    # A resample is a row of multinomial counts, how often it holds each item; many rows are measured at once.
    whole = np.ones((1, n))
    differences: dict[str, list[Floats]] = {name: [] for name in of_a}
    rng = np.random.default_rng(seed)
    step = max(1, min(resamples, CHUNK // n))
    for start in range(0, resamples, step):
        counts = rng.multinomial(n, np.full(n, 1 / n), min(step, resamples - start)).astype(np.float64)
        for name in of_a:
            differences[name].append(of_b[name](counts) - of_a[name](counts))
    rows, names = [], titles(several=labels.ndim == 2)
    for name in of_a:
        first, second = float(of_a[name](whole)[0]), float(of_b[name](whole)[0])
        title = names.get(name, names["validation_loss"])
        rows.append(_over(n, np.concatenate(differences[name]), Measure(name, title, first, second, second - first, 0.0, 0.0)))
        if name == "accuracy":
            right_a, right_b = (wrong(*one) == 0 for one in ((a, labels, logit_thresholds[0]), (b, labels, logit_thresholds[1])))
            fixed, broke = int((~right_a & right_b).sum()), int((right_a & ~right_b).sum())
            low, high = interval(fixed, broke, n)
            rows[-1] = replace(rows[-1], low=low, high=high, p=mid_p(fixed, broke))
    return rows


def _over(n: int, resampled: Floats, measure: Measure) -> Measure:
    """A measure with the percentile interval of its differences (b,), and the p that this interval has."""
    low = float(np.quantile(resampled, (1 - BELIEF) / 2, method="lower"))  # ends that are resamples agree with the p to the last
    high = float(np.quantile(resampled, (1 + BELIEF) / 2, method="higher"))
    share = measure.name != "log_loss"
    if share and not resampled.any():
        return replace(measure, low=-unseen(n), high=unseen(n))
    least = 1 / len(resampled)
    p = min(1.0, 2 * max(least, min(float((resampled <= 0).mean()), float((resampled >= 0).mean()))))
    return replace(measure, low=low, high=high, higher_is_better=share, p=p)


def _resampled(logits: Logits, labels: Labels, logit_thresholds: npt.ArrayLike) -> dict[str, Callable[[Floats], Floats]]:
    """The measures of one run, the one that decides first, each (b,) from how often (b, n) resamples have each item."""
    n, k = logits.shape
    right, losses = (wrong(logits, labels, logit_thresholds) == 0).astype(np.float64), item_losses(logits, labels)
    accuracy, log_loss = (lambda counts: counts @ right / n), (lambda counts: counts @ losses / n)
    if labels.ndim == 2:
        said = label_metrics.answered(logits, logit_thresholds)
        return {
            "micro_f1": partial(label_metrics.micro_f1, said, labels),
            "macro_f1": partial(label_metrics.macro_f1, said, labels),
            "accuracy": accuracy,
            "log_loss": log_loss,
        }
    return {"accuracy": accuracy, "macro_f1": partial(macro_f1, logits.argmax(1), labels, k), "log_loss": log_loss}
