"""The facts of the list from a project and its ranking, and how reasons are called in the window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from badcase.labelling.label_queue import Why
from badcase.project import Project
from badcase.ranking.any_ranking import AnyRanking
from badcase.ranking.ranking import Ranking
from badcase.scorers import SCORERS
from badcase.store.prediction_sets import PredictionSet
from badcase.text_search import Sought, relevance
from badcase.ui.desktop.review.filtering.filters import Facts, ItemRows, Mask
from badcase.ui.desktop.review.filtering.item_fields import ItemFields
from badcase.ui.desktop.review.queue.reason_list import ReasonTitle
from badcase.ui.desktop.session.seen import Seen
from badcase.ui.reason_sentences import silent_reasons

_WORDS = 16  # that are remembered where they stand


WHY_ICONS = {Why.NEW: "plus", Why.ALIKE: "hub", Why.BETWEEN: "fork", Why.SHORT: "short"}


def reason_title(scorer: str) -> ReasonTitle:
    """How a scorer's reason is called in the window."""
    return ReasonTitle(SCORERS[scorer].title(), SCORERS[scorer].icon)


def reason_titles(facts: Facts) -> Mapping[str, ReasonTitle]:
    """Titles of all reasons of a project, in the order of the ranking."""
    return {name: reason_title(name) for name in facts.reasons}


def facts_of(project: Project, ranking: AnyRanking | None, predictions: PredictionSet | None, seen: Seen | None = None) -> Facts:
    """Arrays of one row an item. Verdicts are read live, what duplicates say with `follow`; everything else stands until
    there is a new ranking.

    Reads no database, so it may be called in any thread.

    Args:
        project: The project.
        ranking: What is thought of its labels; None where nothing is ranked.
        predictions: What the model says; None where it has said nothing.
        seen: What the one who reviews may see of verdicts and labels; all of it without.
    """
    n = len(project.items)

    @lru_cache(maxsize=_WORDS)  # the list, its counts and its confusions ask for the same ones, and so does every verdict
    def search(word: str) -> Mask:
        found = np.zeros(n, np.bool_)
        found[Sought.read(word).containing(project.items)] = True
        found.setflags(write=False)
        return found

    @lru_cache(maxsize=2)
    def match(words: tuple[str, ...]) -> npt.NDArray[np.float32]:
        ids = np.flatnonzero(np.logical_and.reduce([search(word) for word in words]))
        found = np.zeros(n, np.float32)
        found[ids] = relevance(project.items, [Sought.read(word) for word in words], ids)
        found.setflags(write=False)
        return found

    given = project.taxonomy.matrix(project.given) if project.task == "multilabel" else project.given
    bare = Facts(
        fields=ItemFields(project, ranking, predictions, seen or Seen(project)),
        classes=project.label_names,
        colours=[one.colour for one in project.class_edits.all()],
        given=given,
        suggested=given,
        suspicion=np.full(n, np.nan, np.float32),
        verdicts=project.verdicts,
        split=project.split,
        gold=project.gold,
        gone=project.gone if project.gone.any() else None,
        order=np.flatnonzero(~(project.gold | project.gone)),
        worth=np.zeros(n, np.bool_),
        flagged=np.zeros(n, np.bool_),
        search=search,
        match=match,
        ranked=False,
    )
    if ranking is None:
        return bare
    masks, worth = ranking.reason_masks(), ranking.worth()
    reasons = {name: mask for name, mask in masks.items() if mask.any()}
    ranked = replace(
        bare,
        suggested=_suggested(ranking, predictions),
        suspicion=ranking.suspicion,
        order=ranking.order,
        worth=worth,
        flagged=ranking.flagged,
        reasons=reasons,
        ranked=True,
    )
    if not isinstance(ranking, Ranking):
        return ranked
    return replace(ranked, silent=silent_reasons(ranking, project.kind), follow=_Following(ranking, masks, worth, reasons))


class _Following:
    """Takes over what the ranking says of duplicates since their labels changed; others' reasons stand as they were made."""

    def __init__(self, ranking: Ranking, masks: dict[str, Mask], worth: Mask, reasons: dict[str, Mask]) -> None:
        self._ranking, self._masks, self._worth, self._reasons = ranking, masks, worth, reasons
        self._seen = ranking.touched(0)[1]

    def __call__(self) -> ItemRows:
        items, self._seen = self._ranking.touched(self._seen)
        if not len(items):
            return items
        found = self._ranking.reason_masks(items)
        for name, mask in found.items():
            self._masks[name][items] = mask
            if mask.any():
                self._reasons.setdefault(name, self._masks[name])
        self._worth[items] = self._ranking.worth(items)
        return items


def _suggested(ranking: AnyRanking, predictions: PredictionSet | None) -> npt.NDArray[Any]:
    """What the ranking suggests, (n,) or (n, k); for gold and excluded items, which it leaves out, what the model says."""
    one = isinstance(ranking, Ranking)
    suggested: npt.NDArray[Any] = ranking.suggested_or_none if isinstance(ranking, Ranking) else np.array(ranking.suggested)
    absent = np.flatnonzero(np.isnan(ranking.suspicion))
    if len(absent) and predictions is not None:
        logits = predictions.logits[absent]
        suggested[absent] = logits.argmax(1) if one else logits > predictions.logit_thresholds
    return suggested
