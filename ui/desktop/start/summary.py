"""What the start page's card shows of a project, taken down while the project is open."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import numpy as np

from badcase.active_learning.errors_left import ErrorsLeft
from badcase.errors import BadcaseError
from badcase.export import known_image
from badcase.items import Kind
from badcase.items.label_sets import set_name
from badcase.project import Project
from badcase.ranking.any_ranking import AnyRanking
from badcase.ranking.multilabel.ranking import MultilabelRanking
from badcase.store.atomic_files import write_whole
from badcase.store.thresholds import read_logit_thresholds
from badcase.store.verdicts import VerdictCode
from badcase.training.comparison.gold import gold_labels
from badcase.training.run_folder.run_files import LOGITS, read_logits
from badcase.ui.desktop.start.recent import NEXT_IMAGES, NEXT_TEXTS, NextItem, Summary

THUMB = 112
_log = logging.getLogger(__name__)


def summarize(project: Project, left: ErrorsLeft | None) -> Summary:
    """What the card of an open project shows; small images of the next items go to the project's thumbs folder."""
    counts, ranking = project.journal.counts(), project.any_ranking
    to_review = np.zeros(0, np.int64)
    if ranking is not None:
        pending = project.verdicts[ranking.order] == VerdictCode.NONE
        wrong = ranking.flagged[ranking.order]
        to_review = ranking.order[pending & wrong]
    return Summary(
        path=str(project.path),
        opened=datetime.now(UTC).isoformat(timespec="seconds"),
        kind=project.kind.value,
        items=len(project.items),
        classes=len(project.label_names),
        reviewed=counts.reviewed,
        to_review=len(to_review),
        fixed=counts.fixed,
        round=max(0, len(project.predictions.all()) - 1),
        left=(left.value, left.low, left.high) if left is not None else None,
        left_known=left is not None and left.known,
        gold=_gold_accuracy(project),
        next=_next_items(project, to_review),
    )


def _gold_accuracy(project: Project) -> float | None:
    """Of the model in use, under the labels that hold now, as a comparison of runs counts it."""
    run, (rows, held) = project.runs.current, gold_labels(project)
    if run is None or not len(rows) or not (run.folder / LOGITS).exists():
        return None
    try:
        logits = read_logits(run.folder, project.output_shape)[rows]
    except BadcaseError:  # damaged; whoever compares is told
        return None
    if project.task == "multilabel":  # right is an item all of whose labels are
        logit_thresholds = read_logit_thresholds(run.folder, project.label_names)
        return float(((logits > logit_thresholds) == project.taxonomy.matrix(held)).all(1).mean())
    return float((logits.argmax(1) == held).mean())


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
    return project.classes[int(ranking.suggested[item])]


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
