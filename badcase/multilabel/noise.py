"""How often each label is forgotten and how often it is given wrongly, estimated from honest probabilities."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from badcase.arrays import Probs
from badcase.multilabel.matrix import LabelMatrix

# Where the classifiers are surest: of the items without the label the quarter with the lowest probability, and as many
# items with the highest as a tenth of those that have it. Chosen once on the sets of the multi-label benchmark.
_SURELY_ABSENT, _SURELY_PRESENT = 0.25, 0.1
# An invented label often stands where the classifiers are not sure, on an item with a label that resembles it; there one
# step of EM from these rates sees it. Its share of the logarithm: with it the same probabilities rank items no worse than
# cleanlab's scores by more than .08 on any set of the multi-label benchmark, without it by .13.
_FIRST_MISSING, _FIRST_EXTRA, _SHARE = 0.1, 0.02, 0.5
# What all labels together say counts as much for each as this many items of its own.
_MISSING_PRIOR, _EXTRA_PRIOR = 20.0, 200.0
_TINY = 1e-6
_ROWS = 65_536


class NoiseRates(NamedTuple):
    """For each label (k,): p(not given | present) and p(given | absent). They differ: people forget more than they invent."""

    missing: NDArray[np.float64]
    extra: NDArray[np.float64]


def noise_rates(probs: NDArray[np.floating], labels: LabelMatrix) -> NoiseRates:
    """Rates from the items whose probability leaves no doubt: what their labels say otherwise is noise. For the extra
    ones what the probabilities make likely on all items counts as well.

    probs, labels (n, k). Each label's rates are drawn to those of all labels, so that rare ones do not run wild.
    Source: Menon et al. 2015, Learning from corrupted binary labels via class-probability estimation (the extremes of
    the probability reveal both rates); the shares and the shrinkage are our own.
    """
    n, k = labels.shape
    missing, present, extra, absent, believed_extra, believed_absent = np.zeros((6, k))
    for label in range(k):
        given = labels[:, label]
        having = int(given.sum())
        column = np.ascontiguousarray(probs[:, label])
        lowest, highest = int(_SURELY_ABSENT * (n - having)), n - max(1, int(_SURELY_PRESENT * having))
        ordered = np.partition(column, (lowest, highest))
        low, high = column <= ordered[lowest], column >= ordered[highest]
        extra[label], absent[label] = (low & given).sum(), low.sum()
        missing[label], present[label] = (high & ~given).sum(), high.sum()
        believed_extra[label] = _absent(column[given], _FIRST_EXTRA, 1 - _FIRST_MISSING)
        believed_absent[label] = believed_extra[label] + _absent(column[~given], 1 - _FIRST_EXTRA, _FIRST_MISSING)
    sure, believed = _drawn(extra, absent, _EXTRA_PRIOR), _drawn(believed_extra, believed_absent, _EXTRA_PRIOR)
    return NoiseRates(_drawn(missing, present, _MISSING_PRIOR), sure ** (1 - _SHARE) * believed**_SHARE)


def _absent(probs: NDArray[np.floating], if_absent: float, if_present: float) -> float:
    """How many of the items lack a label with these probabilities, given how likely they would be as they are."""
    absent = (1 - probs) * if_absent
    return float((absent / (absent + probs * if_present + _TINY)).sum(dtype=np.float64))


def _drawn(count: NDArray[np.float64], of: NDArray[np.float64], prior: float) -> NDArray[np.float64]:
    overall = (count.sum() + 1) / (of.sum() + 10)
    rates: NDArray[np.float64] = (count + prior * overall) / (of + prior)
    return np.clip(rates, _TINY, 0.5)


def wrong_log_odds(probs: NDArray[np.floating], labels: LabelMatrix, rates: NoiseRates) -> NDArray[np.float32]:
    """Log odds (n, k) that an entry of the label matrix is wrong: a given label absent, a label not given present."""
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
