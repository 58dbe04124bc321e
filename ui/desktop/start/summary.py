"""What the start page's card shows of a project, taken down while the project is open."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import numpy as np

from badcase.active_learning.learner import Learner
from badcase.errors import BadcaseError
from badcase.export import known_image
from badcase.items import Kind
from badcase.items.label_sets import set_name
from badcase.project import Project
from badcase.ranking.any_ranking import AnyRanking
from badcase.ranking.multilabel.ranking import MultilabelRanking
from badcase.store.atomic_files import write_whole
from badcase.store.database import glance
from badcase.training.comparison.run_scores import run_scores
from badcase.ui.desktop.review.filtering.filters import class_words
from badcase.ui.desktop.start.recent import NEXT_IMAGES, NEXT_TEXTS, NextItem, Summary

THUMB = 112
_log = logging.getLogger(__name__)


def summarize(project: Project, learner: Learner | None) -> Summary:
    """What the card of an open project shows; small images of the next items go to the project's thumbs folder.

    learner: what the verdicts have taught, None before the first prediction.
    """
    counts, left = project.counts(), None if learner is None else learner.errors_left()
    return Summary(
        path=str(project.path),
        opened=datetime.now(UTC).isoformat(timespec="seconds"),
        kind=project.kind.value,
        items=project.items_now,
        classes=len(project.label_names),
        reviewed=counts.reviewed,
        to_review=counts.to_review,
        fixed=counts.fixed,
        round=max(0, len(project.predictions.all()) - 1),
        left=(left.value, left.low, left.high) if left is not None else None,
        left_known=left is not None and left.known,
        gold=_gold_accuracy(project),
        next=_next_items(project, _coming(project, learner)),
        stamp=glance(project.path),
        predicted=project.predictions.current is not None,
    )


def _coming(project: Project, learner: Learner | None) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The first of the items to review, in the order in which they would come."""
    waits = project.to_review()
    if learner is None or not len(waits):
        return waits
    among = np.zeros(len(project.items), np.bool_)
    among[waits] = True
    return learner.ranked(max(NEXT_IMAGES, NEXT_TEXTS), among.__getitem__)


def _gold_accuracy(project: Project) -> float | None:
    """Of the model in use, under the labels that hold now, as the list of runs has it."""
    run = project.runs.current
    scores = None if run is None else run_scores(project, [run])
    return scores.of.get(run.id, {}).get("accuracy") if run is not None and scores is not None and scores.on_gold else None


def _next_items(project: Project, items: np.ndarray[Any, np.dtype[np.int64]]) -> tuple[NextItem, ...]:
    ranking = project.any_ranking
    if ranking is None:
        return ()
    many = NEXT_IMAGES if project.kind is Kind.IMAGE else NEXT_TEXTS
    shown = []
    for place, item in enumerate(int(one) for one in items[:many]):
        if project.kind is Kind.IMAGE:
            content = _thumb(project, item, place)
        else:
            content = " ".join(project.items.text(item).split())[:200]
        shown.append(NextItem(content, project.classes[project.labels[item]], _suggested(project, ranking, item)))
    return tuple(shown)


def _suggested(project: Project, ranking: AnyRanking, item: int) -> str:
    if isinstance(ranking, MultilabelRanking):
        return set_name(project.label_names[one] for one in np.flatnonzero(ranking.suggested[item]).tolist())
    return class_words(project.classes, int(ranking.suggested_or_none[item]))


def _thumb(project: Project, item: int, place: int) -> str:
    """The file of a small image of an item, "" where it cannot be decoded or written."""
    file = project.path / "thumbs" / f"start-{place}.png"
    if file.parent.is_symlink():
        return ""
    try:
        known_image(project, item)  # who gets the project gets its thumbnails
        image = project.items.image(item, max_side=2 * THUMB)
        with write_whole(file, durable=False) as temporary:
            image.save(temporary, "PNG")
    except (BadcaseError, OSError) as error:
        _log.info("no small image of item %s: %s", item, error)
        return ""
    return str(file)
