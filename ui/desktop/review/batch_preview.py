"""What the batch panel says about a selection, computed from the list."""

from __future__ import annotations

import numpy as np

from ui.desktop.review.batch import BatchPanel
from ui.desktop.review.batch_parts import Change
from ui.desktop.review.cards import Faces
from ui.desktop.review.reviewer import Reviewer

_SHOWN = 12


def show_batch(panel: BatchPanel, reviewer: Reviewer, faces: Faces) -> None:
    """Count the selection and list the first labels that accepting would change."""
    items = reviewer.worklist.selected_items()
    items = items[~reviewer.facts.gold[items]]
    if not len(items):
        return
    told = reviewer.not_blind(items)
    changing = reviewer.worklist.changed_by_accepting(told) if reviewer.facts.ranked else items[:0]
    ranking = reviewer.ranking
    suggested = reviewer.facts.suggested
    changes = [
        Change(faces.face(int(item)), float("nan") if ranking is None else float(ranking.probs[item, suggested[item]]))
        for item in changing[:_SHOWN]
    ]
    panel.show_selection(
        [int(item) for item in items[:_SHOWN]],
        len(items),
        reviewer.batch_choices(),
        changes,
        len(changing),
        len(np.unique(suggested[items])),
    )
