"""One short function for each thing a person does to a project: which domain call runs. Each returns what changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from badcase.class_edits.class_edits import EditPlan
from badcase.export import OnConflict
from badcase.gold_check import blind_check
from badcase.gold_check.blind_check import BlindCheck, GoldChoice
from badcase.multilabel_matrix import LabelMatrix
from badcase.progress import Job
from badcase.project import Project
from badcase.proposals.taking import ProposalPlan, take
from badcase.store.changes import Changes
from badcase.store.verdicts import NONE_OF_THESE, Verdict

Shown = dict[str, Any]


def relabel(project: Project, *, items: Sequence[int], label: int | Sequence[int], shown: Shown | None = None) -> Changes:
    """Give items a class, one for all or one for each. Giving back the given class keeps it; none of these excludes."""
    return project.journal.record(items, *_answers(label, len(items)), shown=shown)


def _answers(label: int | Sequence[int], n: int) -> tuple[list[Verdict], list[int]]:
    """The verdicts that give so many items a class or none of these, and the classes."""
    labels = list(label) if isinstance(label, Sequence) else [label] * n
    return [Verdict.EXCLUDE if one == NONE_OF_THESE else Verdict.RELABEL for one in labels], labels


def relabel_sets(project: Project, *, items: Sequence[int], sets: LabelMatrix, shown: Shown | None = None) -> Changes:
    """Give each item its row (items, k) of labels. A row that is the given one keeps it."""
    with project.journal.one_action():
        return project.journal.record(items, Verdict.RELABEL, project.taxonomy.ids_of(sets).tolist(), shown=shown)


def judging(
    project: Project,
    *,
    items: Sequence[int],
    verdict: Verdict,
    label: int | Sequence[int] | None = None,
    sets: LabelMatrix | None = None,
    shown: Shown | None = None,
) -> Job[Changes]:
    """Any of these verdicts on many items, as a job: closed before its end it has changed nothing."""
    with project.journal.one_action():
        if sets is not None:
            label = project.taxonomy.ids_of(sets).tolist()
        elif label is not None:
            return (yield from project.journal.recording(items, *_answers(label, len(items)), shown=shown))
        return (yield from project.journal.recording(items, verdict, label, shown=shown))


def keep(project: Project, *, items: Sequence[int], shown: Shown | None = None) -> Changes:
    return project.journal.record(items, Verdict.KEEP, shown=shown)


def exclude(project: Project, *, items: Sequence[int], shown: Shown | None = None) -> Changes:
    return project.journal.record(items, Verdict.EXCLUDE, shown=shown)


def mark_unsure(project: Project, *, items: Sequence[int], shown: Shown | None = None) -> Changes:
    return project.journal.record(items, Verdict.UNSURE, shown=shown)


def undo(project: Project) -> Changes | None:
    return project.journal.undo()


def redo(project: Project) -> Changes | None:
    return project.journal.redo()


def accept_consensus(project: Project) -> Changes:
    """Take over what several reviewers say together, where something else stands."""
    return project.accept_consensus()


def take_proposals(project: Project, *, plan: ProposalPlan) -> Changes:
    """Make verdicts of what a machine proposes, in the name of the person who takes them."""
    return take(project, plan)


def change_classes(project: Project, *, plan: EditPlan, shown: Shown | None = None) -> Changes:
    """Do what was planned for the classes, with the labels that it brings."""
    return project.class_edits.apply(plan, shown=shown)


def apply_patch(project: Project, *, path: Path, chosen: Mapping[str, OnConflict]) -> Changes:
    """Take over what a patch says; chosen: which verdict holds on items where it contradicts what stands."""
    return project.apply(path, chosen=chosen)


def settle_conflicts(project: Project, *, keep: Sequence[int], take: Sequence[int]) -> Changes:
    """Let a verdict stand, or take the label that the data have now."""
    return project.settle(keep, take)


def begin_gold_check(project: Project, *, choice: GoldChoice) -> BlindCheck:
    """Begin a blind check of gold; until it is concluded it changes nothing."""
    return blind_check.begin_check(project, choice)


def answer_gold(project: Project, *, check: BlindCheck, label: int, seconds: float) -> BlindCheck:
    return blind_check.answer(project, check, label, seconds)


def answer_gold_with_labels(project: Project, *, check: BlindCheck, labels: Collection[int], seconds: float) -> BlindCheck:
    """Answer with the labels that an item has, in a project where it may have any number; the set may be a new class."""
    row = np.zeros((1, len(project.label_names)), np.bool_)
    row[0, list(labels)] = True
    return blind_check.answer(project, check, int(project.taxonomy.ids_of(row)[0]), seconds)


def take_gold_answer_back(project: Project, *, check: BlindCheck) -> BlindCheck:
    return blind_check.back(project, check)


def drop_gold_check(project: Project, *, check: BlindCheck) -> None:
    blind_check.drop_check(project, check)


def conclude_gold_check(project: Project, *, check: BlindCheck) -> Changes:
    """Record what the check found, as one batch."""
    return blind_check.conclude(project, check)
