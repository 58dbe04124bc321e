"""What the batch panel says about a selection, computed from the list."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from badcase.ui.desktop.review.decision.batch_panel import BatchPanel
from badcase.ui.desktop.review.decision.batch_parts import Change
from badcase.ui.desktop.review.grid.item_cards import Faces
from badcase.ui.desktop.review.state.filters import LabelChange
from badcase.ui.desktop.review.state.review_state import ReviewState

_SHOWN = 12


def show_batch(panel: BatchPanel, reviewer: ReviewState, faces: Faces) -> None:
    """Count the selection and list the first labels that accepting would change."""
    items = reviewer.worklist.selected_items()
    items = items[~reviewer.facts.gold[items]]
    if not len(items):
        return
    changes, changing, classes = (_of_sets if reviewer.facts.several else _of_classes)(reviewer, faces, items)
    panel.show_selection(
        [int(item) for item in items[:_SHOWN]],
        len(items),
        reviewer.batch_choices(),
        changes,
        changing,
        classes,
        edited=bool(reviewer.edit),
    )


def _of_classes(reviewer: ReviewState, faces: Faces, items: npt.NDArray[np.int64]) -> tuple[list[Change], int, int]:
    """The first changes, how many there are, and how many classes Enter gives."""
    told = reviewer.not_blind(items)  # Enter leaves the others: nobody has been shown a suggestion for them
    changing = reviewer.worklist.changed_by_accepting(told) if reviewer.facts.ranked else items[:0]
    ranking, suggested = reviewer.ranking, reviewer.facts.suggested
    changes = [
        Change(
            faces.face(int(item)),
            float("nan") if ranking is None or suggested[item] < 0 else float(ranking.probs[item, suggested[item]]),
        )
        for item in changing[:_SHOWN]
    ]
    return changes, len(changing), len(np.unique(suggested[told]))


def _of_sets(reviewer: ReviewState, faces: Faces, items: npt.NDArray[np.int64]) -> tuple[list[Change], int, int]:
    """The same of sets of labels; a change is as likely as the least likely label of it."""
    items = items if reviewer.edit else reviewer.not_blind(items)
    facts, ranking, wanted = reviewer.facts, reviewer.ranking, reviewer.wanted(items.tolist())
    differs = wanted != facts.given[items]
    rows = np.flatnonzero(differs.any(1))
    changes = []
    for row in rows[:_SHOWN]:
        item, likelihood = int(items[row]), float("nan")
        if ranking is not None:
            likelihood = float(np.abs(facts.given[item] - ranking.probs[item])[differs[row]].min())
        labels = LabelChange.of(facts.classes, facts.given[item], wanted[row])
        changes.append(Change(replace(faces.face(item), suggested=str(labels), labels=labels), likelihood))
    return changes, len(rows), len(np.unique(wanted, axis=0))
