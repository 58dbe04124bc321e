"""Labels that nobody has judged, believed as far as the ranking and the verdicts let them be. numpy only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.journal import ItemLabels, VerdictCode
from badcase.learning import Learner

if TYPE_CHECKING:
    from badcase.project import Project

Ids = npt.NDArray[np.int64]
LEAST = 0.02  # doubt below it changes nothing worth its memory
FLAGGED = 0.5  # chance that a flag is right, where nothing more is known of it: on real sets half to nine tenths are
ROWS = 65_536


def doubted(
    project: Project, labels: ItemLabels, verdicts: npt.NDArray[np.int8], within: Ids | None = None,
    flagged: npt.NDArray[np.bool_] | None = None,
) -> tuple[Ids, npt.NDArray[np.float32]]:
    """The items (m,), rising, that nobody has judged and that may well be wrong, and what each may be: rows (m, k).

    A label has the probability that it is right, as the queue has learnt it from the verdicts; the rest goes to the other
    classes by the honest probabilities of the ranking. Where only the items `within` may be seen it is spread evenly, since
    these probabilities have learnt from all labels; flagged (n,): then, who is suspected by a ranking that saw no more, each
    with a chance of FLAGGED. Of several labels each is mixed with its own probability.
    Source: soft bootstrapping of Reed et al. 2014, https://arxiv.org/abs/1412.6596, with the belief of each item its own.
    """
    if flagged is None:
        items, chance = _chances(project, verdicts)
    else:
        items = np.flatnonzero(flagged & (verdicts == VerdictCode.NONE))
        chance = np.full(len(items), FLAGGED)
    hard = _hard(project.answers(labels[items]), len(project.label_names))
    ranking = project.any_ranking
    probs = None if ranking is None or within is not None else np.asarray(ranking.probs[items], np.float32)
    return items, believed(hard, chance, probs, several=project.task == "multilabel")


def believed(
    hard: npt.NDArray[np.float32], chance: npt.NDArray[np.floating], probs: npt.NDArray[np.float32] | None, *,
    several: bool = False,
) -> npt.NDArray[np.float32]:  # fmt: skip
    """(m, k) what items may be whose labels, hard (m, k), are wrong with a chance (m,); probs (m, k), None for no idea.

    Rows sum to 1, but for several labels an item, where each entry is a probability of its own.
    """
    doubt = chance.astype(np.float32)[:, None]
    if several:
        return np.asarray((1 - doubt) * hard + doubt * (0.5 if probs is None else probs), np.float32)
    other = (1 - hard) * (1 if probs is None else probs + 1e-9)  # where the label alone has any, all others alike
    rows = (1 - doubt) * hard + doubt * other / np.maximum(other.sum(1, keepdims=True), 1e-12)
    return np.asarray(rows / rows.sum(1, keepdims=True), np.float32)


def _chances(project: Project, verdicts: npt.NDArray[np.int8]) -> tuple[Ids, npt.NDArray[np.float64]]:
    """The items without a verdict whose given label is wrong with a chance of LEAST or more, and that chance."""
    ranking = project.any_ranking
    if ranking is None:
        return np.empty(0, np.int64), np.empty(0)
    learner = Learner(ranking, blind=False)
    learner.update(verdicts)
    open_ones = np.flatnonzero(np.isfinite(ranking.suspicion) & (verdicts == VerdictCode.NONE) & ~project.gold)
    chance = np.concatenate([np.empty(0), *(
        learner.chance_wrong(open_ones[start : start + ROWS]) for start in range(0, len(open_ones), ROWS)
    )])  # fmt: skip
    return open_ones[chance >= LEAST], chance[chance >= LEAST]


def _hard(labels: npt.NDArray[np.generic], k: int) -> npt.NDArray[np.float32]:
    return np.asarray(labels if labels.ndim == 2 else np.eye(k)[labels], np.float32)
