"""What a person sees of an update before it is done: rows of each list, and what becomes of verdicts, gold and twins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from badcase.i18n import _
from badcase.store.project_data import ProjectData
from badcase.store.verdicts import VerdictCode
from badcase.updating.item_planning import ItemChanges

MOST = 200  # rows of a list that are shown; its count is told whole
_LETTERS = 200


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One item of a list.

    Attributes:
        key: Its key.
        text: The beginning of its text, or the path of its image.
        was: The label that it came with; "" of a new item.
        before: The label that holds.
        now: The label that the data have now; "" for none.
        item: Its id, -1 of a new item.
        locked: Whether it is gold, which no verdict changes.
        who: Of a conflict who judged it; "" for nobody.
        at: When.
    """

    key: str
    text: str
    was: str
    before: str
    now: str
    item: int
    locked: bool
    who: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class UpdatePreview:
    """An update before it is done.

    Attributes:
        rows: The first of each list.
        there: How many items there would be.
        same: How many items stay as they are.
        verdicts: How many verdicts stay with their items.
        set_aside: How many verdicts wait with items that are gone.
        twins: How many new items stand where their twin among the old stands.
        beside_gold: How many of these are twins of gold, and never learnt from.
        gold: How many items of gold there would be.
    """

    rows: Mapping[str, Sequence[PreviewRow]]
    there: int
    same: int
    verdicts: int
    set_aside: int
    twins: int
    beside_gold: int
    gold: int


def update_preview(project: ProjectData, changes: ItemChanges, new_sets: Sequence[str]) -> UpdatePreview:
    """What an update would do, from the items that it would make.

    Args:
        project: The project.
        changes: The next items.
        new_sets: Sets of labels that become classes.
    """
    table, n = changes.table, len(project.items)
    total = len(table)
    gone = np.asarray(table["gone"].to_numpy(), np.bool_) if "gone" in table.column_names else np.zeros(total, np.bool_)
    twins = np.asarray(table["twins"].to_numpy(), np.int64)
    old_sets, gold = twins[:n][~gone[:n]], twins[:n][project.drawn_gold & ~gone[:n]]
    new_twins = twins[n:][~gone[n:]]
    judged = project.verdicts != VerdictCode.NONE
    touched = {key for name in ("changed", "gone", "relabelled", "moved") for key in changes.listed[name]}
    stay = sum(key not in touched for key, out in zip(project.items.keys[:], gone[:n].tolist(), strict=True) if not out)
    return UpdatePreview(
        _rows(project, changes, gone, _namer(project, new_sets)),
        int((~gone).sum()),
        stay,
        int((judged & ~gone[:n]).sum()),
        int((judged & gone[:n]).sum()),
        int(np.isin(new_twins, old_sets).sum()),
        int(np.isin(new_twins, gold).sum()),
        len(gold),
    )


def _namer(project: ProjectData, new_sets: Sequence[str]) -> Callable[[int], str]:
    """From a stored class id, which may be one that the update brings, to its name; "" for none."""
    taxonomy, k = project.taxonomy, project.taxonomy.stored_count

    def name(stored: int) -> str:
        if stored >= k:
            return new_sets[stored - k]
        told = -1 if stored < 0 else taxonomy.view.told_one(stored)
        return "" if told < 0 else project.classes[told]

    return name


def _rows(
    project: ProjectData, changes: ItemChanges, gone: np.ndarray, name: Callable[[int], str]
) -> dict[str, list[PreviewRow]]:
    table, items, n = changes.table, project.items, len(project.items)
    said = table["said" if "said" in table.column_names else "given"]
    there = {key: at for at, key in enumerate(table["key"].to_pylist()) if not gone[at]}
    held, classes = project.checked_labels, project.classes
    excluded = project.checked_verdicts == VerdictCode.EXCLUDE

    def row(key: str, *, of_before: bool) -> PreviewRow:
        at = items.find(key) if of_before else there[key]
        text = str(table["content"][at].as_py())[:_LETTERS]
        known = at < n
        before = _("excluded") if known and excluded[at] else classes[int(held[at])] if known else ""
        now = "" if of_before else name(int(said[at].as_py()))
        was = name(int(items.kept_given[at])) if known else ""
        return PreviewRow(key, text, was, before, now, at if known else -1, bool(known and project.gold[at]))

    made = {kind: [row(key, of_before=kind == "gone") for key in keys[:MOST]] for kind, keys in changes.listed.items()}
    return made | {"conflicts": [_judged(project, one) for one in made["conflicts"]]}


def _judged(project: ProjectData, row: PreviewRow) -> PreviewRow:
    """The same with who judged it last, and when."""
    said = [one for one in project.journal.history(row.item) if one.decides and not one.undone]
    return replace(row, who=said[-1].who, at=said[-1].at) if said else row
