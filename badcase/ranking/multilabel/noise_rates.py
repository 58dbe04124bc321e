"""Noise rates: how often each label is forgotten and how often given wrongly, from out-of-sample probabilities."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Probs
from badcase.multilabel_matrix import LabelMatrix

# Where the classifiers are surest: as many of the items with the highest probability of a label as 4 % of those
# that have it, and of the items without it the twentieth with the lowest. Of a quarter and a tenth the rates came out half
# too high, since there the classifiers are often wrong themselves. Chosen on the sets of the multi-label benchmark.
_SURELY_ABSENT, _SURELY_PRESENT = 0.05, 0.04
# What all labels together say counts as much for each as so many items of its own, by how far the labels differ.
_MISSING_PRIOR, _EXTRA_PRIOR = (5.0, 200.0), (50.0, 5000.0)
_TINY = 1e-6
_ROWS = 65_536


class NoiseRates(NamedTuple):
    """p(not given | present) and p(given | absent) of each label (k,). They differ: people forget more than they invent."""

    missing: NDArray[np.float64]
    extra: NDArray[np.float64]


def noise_rates(probs: NDArray[np.floating], labels: LabelMatrix) -> NoiseRates:
    """Estimate the rates from the items whose probability leaves no doubt: what their labels say otherwise is noise.

    Each label's rates are drawn to those of all labels, the more the less the labels differ. A label that stands in the place
    of another lies where the classifiers are unsure, and no lowest probability shows it: that is what `_replaced` is for.
    Source: Menon et al. 2015, Learning from corrupted binary labels via class-probability estimation (the extremes of
    the probability reveal both rates); Kleinman 1973, Proportions with extraneous variance (how far they differ)

    Args:
        probs: (n, k) out-of-sample.
        labels: (n, k) the label matrix.
    """
    n, k = labels.shape
    missing, present, extra, absent = np.zeros((4, k))
    each = labels.sum(1)
    lacking, having = [], []  # of each label the number of labels of the items that surely have it
    for label in range(k):
        # The items that surely lack the label (the lowest probabilities) and those that surely have it (the highest).
        given = labels[:, label]
        count = int(given.sum())
        column = np.ascontiguousarray(probs[:, label])
        lowest, highest = int(_SURELY_ABSENT * (n - count)), n - max(1, int(_SURELY_PRESENT * count))
        ordered = np.partition(column, (lowest, highest))
        low, high = column <= ordered[lowest], column >= ordered[highest]
        # Given though surely absent, of how many; not given though surely present, of how many.
        extra[label], absent[label] = (low & given).sum(), low.sum()
        missing[label], present[label] = (high & ~given).sum(), high.sum()
        lacking.append(each[high & ~given])
        having.append(each[high & given] - 1)
    share = float(labels.mean())
    # As many entries as were replaced, for each that is absent.
    replaced = _replaced(lacking, having) * _overall(missing, present) * share / max(1 - share, _TINY)
    extras = np.clip(_drawn(extra, absent, _EXTRA_PRIOR), min(replaced, 0.5), 0.5)
    return NoiseRates(_drawn(missing, present, _MISSING_PRIOR), extras)


def _replaced(lacking: list[NDArray[np.int64]], having: list[NDArray[np.int64]]) -> float:
    """The share of the missing labels in whose place another is given, a standard error below what is seen.

    An item that lacks a label it surely has then carries one label more beside it than those that have it.
    """
    usual = [float(one.mean()) if len(one) else np.nan for one in having]
    more = np.concatenate([one - mean for one, mean in zip(lacking, usual, strict=True)])
    more = more[np.isfinite(more)]
    if len(more) < 2:
        return 0.0
    return float(np.clip(more.mean() - more.std() / np.sqrt(len(more)), 0, 1))


def _overall(count: NDArray[np.float64], of: NDArray[np.float64]) -> float:
    """The rate of all labels together, drawn a little to one tenth."""
    return float((count.sum() + 1) / (of.sum() + 10))


def _drawn(count: NDArray[np.float64], of: NDArray[np.float64], prior: tuple[float, float]) -> NDArray[np.float64]:
    """The rate (k,) of each label, drawn to that of all; `prior` holds the least and the most items that the latter counts."""
    # Beta-binomial by moments: within-label variance m (1 - m), between-label variance from the spread of the rates, and
    # the prior's strength, within / between - 1, in items.
    seen = of > 0
    rates, weights = count[seen] / of[seen], of[seen]
    mean = float((weights * rates).sum() / weights.sum())
    within, spare = max(mean * (1 - mean), _TINY), float(weights.sum() - (weights**2).sum() / weights.sum())
    between = (float((weights * (rates - mean) ** 2).sum()) - (len(rates) - 1) * within) / max(spare, _TINY)
    strength = prior[1] if between <= 0 else float(np.clip(within / between - 1, *prior))
    drawn: NDArray[np.float64] = (count + strength * _overall(count, of)) / (of + strength)
    return np.clip(drawn, _TINY, 0.5)


def wrong_log_odds(probs: NDArray[np.floating], labels: LabelMatrix, rates: NoiseRates) -> NDArray[np.float32]:
    """Log odds (n, k) that an entry of the label matrix is wrong: a given label absent, a label not given present.

    Args:
        probs: (n, k) out-of-sample.
        labels: (n, k) the label matrix.
        rates: From `noise_rates`.
    """
    # log p(given | absent) / p(given | present) and the like for "not given", plus or minus the log odds of presence.
    given = (np.log(rates.extra) - np.log1p(-rates.missing)).astype(np.float32)
    not_given = (np.log(rates.missing) - np.log1p(-rates.extra)).astype(np.float32)
    odds = np.empty(labels.shape, np.float32)
    for start in range(0, len(labels), _ROWS):
        rows = slice(start, start + _ROWS)
        p = np.clip(probs[rows].astype(np.float32), _TINY, 1 - _TINY)
        present = np.log(p) - np.log1p(-p)
        odds[rows] = np.where(labels[rows], given - present, present + not_given)
    return odds


def cleaned(probs: Probs, labels: LabelMatrix) -> Probs:
    """The posterior (n, k) that each label is present, given the item and its labels."""
    wrong = 1 / (1 + np.exp(-np.clip(wrong_log_odds(probs, labels, noise_rates(probs, labels)), -60, 60)))
    clean: Probs = np.where(labels, 1 - wrong, wrong).astype(np.float32)
    return clean
