"""What the batch panel says about a selection, computed from the list."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from badcase.i18n import _, plural
from badcase.store.verdicts import VerdictCode
from badcase.ui import wording
from badcase.ui.desktop.review.decision.batch_panel import BatchPanel
from badcase.ui.desktop.review.decision.batch_parts import Change
from badcase.ui.desktop.review.filtering.filters import LabelChange, class_words
from badcase.ui.desktop.review.grid.item_cards import Faces
from badcase.ui.desktop.review.state.review_state import ReviewState
from badcase.ui.desktop.review.state.verdict_keys import Verdicts

_SHOWN = 12


def show_batch(panel: BatchPanel, reviewer: ReviewState, faces: Faces, verdicts: Verdicts) -> None:
    """Count the selection, and list the first labels that accepting would change and what machines propose."""
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
        proposed=_proposed(verdicts, reviewer),
    )


def _proposed(verdicts: Verdicts, reviewer: ReviewState) -> str:
    """How many of the selection machines propose a label for, and which labels."""
    found = Counter(one.label for one in verdicts.first_proposals().values())
    if not found:
        return ""
    n, names = found.total(), reviewer.facts.classes if not reviewer.facts.several else reviewer.session.project.classes
    parts = ", ".join(f"{wording.count(many)} {class_words(names, label)}" for label, many in found.most_common())
    return plural("for {n} item: {parts}", "for {n} items: {parts}", n).format(n=wording.count(n), parts=parts)


def _of_classes(reviewer: ReviewState, faces: Faces, items: npt.NDArray[np.int64]) -> tuple[list[Change], int, int]:
    """The first changes, how many there are, and how many classes Enter gives."""
    told = reviewer.not_blind(items)  # Enter leaves the others: nobody has been shown a suggestion for them
    ranking, suggested, labels = reviewer.ranking, reviewer.facts.suggested, _labels_shown(reviewer, told)
    changes = []
    changing = np.flatnonzero(suggested[told] != labels) if reviewer.facts.ranked else told[:0]
    for row in changing[:_SHOWN].tolist():
        item, label = int(told[row]), int(labels[row])
        given, instead = (class_words(reviewer.facts.classes, one) for one in (label, int(suggested[item])))
        face = replace(faces.face(item), given=given if label >= 0 else _("no label"), suggested=instead, state=None, new=False)
        likelihood = float("nan") if ranking is None or suggested[item] < 0 else float(ranking.probs[item, suggested[item]])
        changes.append(Change(face, likelihood))
    return changes, len(changing), len(np.unique(suggested[told]))


def _of_sets(reviewer: ReviewState, faces: Faces, items: npt.NDArray[np.int64]) -> tuple[list[Change], int, int]:
    """The same of sets of labels; a change is as likely as the least likely label of it."""
    items = items if reviewer.edit else reviewer.not_blind(items)
    facts, ranking, wanted = reviewer.facts, reviewer.ranking, reviewer.wanted(items.tolist())
    before = _labels_shown(reviewer, items)
    differs = wanted != before
    rows = np.flatnonzero(differs.any(1))
    changes = []
    for row in rows[:_SHOWN]:
        item, likelihood = int(items[row]), float("nan")
        if ranking is not None:
            likelihood = float(np.abs(before[row] - ranking.probs[item])[differs[row]].min())
        labels = LabelChange.of(facts.classes, before[row], wanted[row])
        changes.append(Change(replace(faces.face(item), suggested=str(labels), labels=labels), likelihood))
    return changes, len(rows), len(np.unique(wanted, axis=0))


def _labels_shown(reviewer: ReviewState, items: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """(items,) or (items, k) the labels that the person sees: as they stand, where no verdict is hidden from them."""
    shown, project = reviewer.facts.given[items], reviewer.session.project
    judged = np.flatnonzero(reviewer.facts.verdicts[items] != VerdictCode.NONE).tolist()
    seen = [row for row in judged if not reviewer.hidden(int(items[row]))]
    labels = project.labels[items[seen]]
    shown[seen] = project.taxonomy.matrix(labels) if reviewer.facts.several else labels
    return shown
