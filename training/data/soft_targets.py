"""Soft targets, and the answers of the model before: what items teach besides their hard labels. numpy only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from badcase.reviewers.of_project import votes_of
from badcase.store.verdicts import ItemLabels, VerdictCode
from badcase.training.data.label_trust import LabelTrust, hard_targets
from badcase.training.metrics.single_label import wrong
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Suspects, Unsure

if TYPE_CHECKING:
    from badcase.project import Project
    from badcase.store.prediction_sets import PredictionSet

Ids: TypeAlias = npt.NDArray[np.int64]
Codes: TypeAlias = npt.NDArray[np.int8]
ROWS = 65_536


def soft_targets(
    project: Project, recipe: Recipe, labels: ItemLabels, verdicts: Codes, revision: int, within: Ids, trust: LabelTrust
) -> tuple[Ids, npt.NDArray[np.floating]]:
    """The items whose target is no single class, and their distributions; of each label by itself where an item may have several.

    With soft_labels: the weighed consensus, where two or more reviewers answered. With unsure = soft: half the label and half
    what reviewers answered, or the out-of-sample probabilities in `trust` where nobody did; an unsure item for which neither is
    known has none. With suspects = soft: the targets in `trust`.

    Args:
        project: The project.
        recipe: Says which of these are wanted.
        labels: (n,) the labels of all items.
        verdicts: (n,) the verdicts on all items.
        revision: Of the labels.
        within: The items that are learnt from; reviewers count by what they said of these.
        trust: How far labels are trusted.

    Returns:
        Items (m,), rising, and their distributions (m, k).
    """
    n, k = len(project.items), len(project.label_names)
    doubtful = verdicts == VerdictCode.UNSURE if recipe.unsure == Unsure.SOFT else np.zeros(n, np.bool_)
    if recipe.soft_labels or doubtful.any():
        judged = _judged(project, recipe, labels, doubtful, revision, within, trust)
    else:
        judged = np.empty(0, np.int64), np.empty((0, k), np.float32)
    if recipe.suspects != Suspects.SOFT:
        return judged
    unsaid = ~np.isin(trust.items, judged[0])
    items = np.concatenate([judged[0], trust.items[unsaid]])
    rows, order = np.concatenate([judged[1], trust.rows[unsaid]]), np.argsort(items)
    return items[order], rows[order]


def _judged(
    project: Project,
    recipe: Recipe,
    labels: ItemLabels,
    doubtful: npt.NDArray[np.bool_],
    revision: int,
    within: Ids,
    trust: LabelTrust,
) -> tuple[Ids, npt.NDArray[np.float32]]:
    """The soft targets of items that reviewers have judged."""
    n, k = len(project.items), len(project.label_names)
    votes = votes_of(project, _honest(project, trust), within, until=revision)
    of_vote, of_honest = np.full(n, -1), np.full(n, -1)
    of_vote[votes.items] = np.arange(len(votes.items))
    of_honest[trust.unsure] = np.arange(len(trust.unsure))
    several = np.zeros(n, np.bool_)
    if recipe.soft_labels:
        several[votes.items[votes.answered > 1]] = True
    shares, consensus = _by_label(project, votes.shares), _by_label(project, votes.consensus)
    items, rows = [], []
    for item in np.intersect1d(np.flatnonzero(several | doubtful), within):
        vote = of_vote[item]
        if several[item]:
            row = consensus[vote]
        elif vote < 0 and of_honest[item] < 0:
            continue
        else:
            said = shares[vote] if vote >= 0 else trust.honest[of_honest[item]].astype(np.float32)
            row = 0.5 * said + 0.5 * hard_targets(project.taxonomy.answers(labels[[item]]), k)[0]
        items.append(item)
        rows.append(row)
    return np.array(items, np.int64), np.array(rows, np.float32).reshape(-1, k)


def _honest(project: Project, trust: LabelTrust) -> npt.NDArray[np.float32] | None:
    """(n, k) the out-of-sample probabilities in `trust`, NaN where it has none; None of several labels an item."""
    if project.task == "multilabel" or not len(trust.unsure):
        return None
    probs = np.full((len(project.items), trust.honest.shape[1]), np.nan, np.float32)
    probs[trust.unsure] = trust.honest
    return probs


def _by_label(project: Project, shares: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Shares (j, classes) of each class as they are; of each set of labels as shares (j, k) of its labels."""
    sets = project.taxonomy.answers(np.arange(len(project.classes), dtype=np.int32))
    return shares @ sets.astype(np.float32) if sets.ndim == 2 else shares


def teacher(
    predictions: PredictionSet, items: Ids, labels: npt.NDArray[Any], verdicts: Codes
) -> tuple[npt.NDArray[np.float16], npt.NDArray[np.float32]]:
    """The logits of the model before, and how much each counts in distillation.

    Source: focal distillation of Yan et al. 2021, Positive-Congruent Training, https://arxiv.org/abs/2011.09161, with
    no weight at all where the old model is wrong: there it has nothing to keep.

    Args:
        predictions: Of the model before.
        items: (n,) ids.
        labels: (n,) that hold, or (n, k) with several labels an item.
        verdicts: (n,) on these items.

    Returns:
        Logits (n, k), and weights (n,): 1 where it is right under the label that holds and no person has changed that label,
        else 0. With several labels an item: weights (n, k), of each label.
    """
    logits = np.asarray(predictions.logits[items], np.float16)
    untouched = verdicts != VerdictCode.RELABEL
    if labels.ndim == 2:
        return logits, (((logits > predictions.logit_thresholds) == labels) & untouched[:, None]).astype(np.float32)
    return logits, ((logits.argmax(1) == labels) & untouched).astype(np.float32)


def hard_cases(project: Project, labels: ItemLabels, verdicts: Codes, revision: int) -> npt.NDArray[np.bool_]:
    """(n,): kept by a person although the model whose predictions they had before them answered otherwise.

    That is the newest prediction set made before the item's verdict.
    """
    hard = np.zeros(len(labels), np.bool_)
    kept = np.flatnonzero(verdicts == VerdictCode.KEEP)
    if not len(kept):
        return hard
    judged_at = np.zeros(len(labels), np.int64)
    for one in project.journal.standing(revision):
        if one.decides:
            judged_at[one.item] = one.seq
    for made in project.predictions.all():  # oldest first: a newer one that was there already replaces the older
        rows = kept[(judged_at[kept] > made.meta.get("revision", 0)) & (kept < made.n)]
        for start in range(0, len(rows), ROWS):
            part = rows[start : start + ROWS]
            hard[part] = wrong(made.logits[part], project.taxonomy.answers(labels[part]), made.logit_thresholds) > 0
    return hard
