"""Several reviewers of the same items: how far they agree, what they say together, and how good each is.

>>> made = badcase.reviewers.consensus(labels, probs)
>>> made.label, made.quality
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from badcase.array_checks import check_probs
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.reviewers.crowdlab import crowdlab, dawid_skene
from badcase.reviewers.kappa import Agreement, Answers, agreement


@dataclass(frozen=True, slots=True)
class Consensus:
    """What m reviewers say together of n items, and how good each of them is.

    Attributes:
        label: (n,) the class that they speak for, always one that somebody gave; -1 where nobody has judged.
        confidence: (n,) in [0, 1], NaN where nobody has judged. It orders the items well; it is no calibrated chance, and too
            low where reviewers are weak.
        belief: (n, m) in each answer, in the light of all others; NaN where there is none.
        quality: (m,) about the share of right answers, near .8 from few; NaN without a shared item.
        agreement: How far they agree.
    """

    label: NDArray[np.int64]
    confidence: NDArray[np.float64]
    belief: NDArray[np.float64]
    quality: NDArray[np.float64]
    agreement: Agreement


def consensus(labels: ArrayLike, probs: ArrayLike | None = None) -> Consensus:
    """The label that the reviewers' answers, and the model's where it is given, speak for.

    With probs by CROWDLAB, without by Dawid and Skene's EM; see `badcase.reviewers.crowdlab`.

    Args:
        labels: (n, m) whole numbers: the class that reviewer j gave item i, -1 = not judged.
        probs: (n, k) out-of-sample, rows sum to 1.

    Raises:
        BadcaseError: For bad input; it names the argument and the first bad row.
    """
    given = None if probs is None else check_probs(probs)
    answers = _check_answers(labels, given)
    n, m = answers.shape
    rows = np.flatnonzero((answers >= 0).any(1))
    label, confidence = np.full(n, -1, np.int64), np.full(n, np.nan)
    belief, quality = np.full((n, m), np.nan), np.full(m, np.nan)
    if len(rows):
        if given is None:
            weighed, quality = dawid_skene(answers[rows], max(2, int(answers.max()) + 1))
        else:
            weighed, quality = crowdlab(answers[rows], given[rows])
        label[rows], confidence[rows], belief[rows] = weighed[:3]
    return Consensus(label, confidence, belief, quality, agreement(answers))


def disagreements(labels: Answers, confidence: NDArray[np.floating]) -> NDArray[np.int64]:
    """The items that reviewers gave different classes, those with the least sure consensus first; ties by id.

    Args:
        labels: (n, m) the class that reviewer j gave item i, -1 = not judged.
        confidence: (n,) of the consensus.

    Returns:
        Item ids.
    """
    asked = labels >= 0
    lowest = np.where(asked, labels, np.iinfo(np.int64).max).min(1)
    items = np.flatnonzero(asked.any(1) & (labels.max(1) != lowest))
    return items[np.argsort(confidence[items], kind="stable")]


def for_second(seen: NDArray[np.bool_], belief: NDArray[np.floating]) -> NDArray[np.int64]:
    """The items that one reviewer has seen, those first where a second would tell most; ties by id.

    First those without an answer, then those whose only answer has the lowest belief.

    Args:
        seen: (n, m) whether reviewer j has seen item i, who may have known no answer.
        belief: (n, m) in the answers, as in `Consensus`.

    Returns:
        Item ids.
    """
    items = np.flatnonzero(seen.sum(1) == 1)
    return items[np.argsort(np.nan_to_num(belief[items], nan=-1.0).max(1), kind="stable")]


def _check_answers(labels: ArrayLike, probs: NDArray[np.floating] | None) -> Answers:
    array = np.asarray(labels)
    if array.ndim != 2 or 0 in array.shape:
        raise BadcaseError(_("wrong shape"), where="labels", expected=_("(n items, m reviewers)"), got=array.shape)
    if array.dtype.kind not in "iu":
        raise BadcaseError(_("wrong type"), where="labels", expected=_("whole numbers from -1 on"), got=array.dtype)
    answers = array.astype(np.int64)
    if probs is not None and len(probs) != len(answers):
        raise BadcaseError(_("wrong length"), where="probs", expected=len(answers), got=len(probs))
    top = np.iinfo(np.int64).max if probs is None else probs.shape[1]
    bad = ((answers < -1) | (answers >= top)).any(1)
    if bad.any():
        row = int(bad.argmax())
        expected = _("-1 or more") if probs is None else _("-1 to {last}").format(last=top - 1)
        raise BadcaseError(
            _("label out of range"),
            where=_("{name}, row {row}").format(name="labels", row=row),
            expected=expected,
            got=answers[row].tolist(),
        )
    return answers
