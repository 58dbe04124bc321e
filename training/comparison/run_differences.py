"""Differences between two runs, in words: each is a cause that another result may have. numpy only."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from badcase.i18n import _, grouped, plural
from badcase.store.classes.class_edit import EditKind
from badcase.training.recipe import Recipe
from badcase.training.recipe.data import DataKnobs
from badcase.training.recipe.enums import Method, Start
from badcase.training.recipe.validation import ValidationKnobs
from badcase.training.run_folder.run_answers import untaught
from badcase.training.run_folder.run_files import ENDED_AT, META, read_json

if TYPE_CHECKING:
    from badcase.project import Project
    from badcase.store.journal_reader import ClassChange
    from badcase.store.run_table import RunRow

TEACHING = [one.name for knobs in (DataKnobs, ValidationKnobs) for one in fields(knobs)]  # they say what is learnt from


def differences(project: Project, a: RunRow, b: RunRow) -> list[str]:
    """What run b has otherwise than run a; more than one entry means that a difference has no single cause."""
    lines = []
    if judged := judged_between(project, a.revision, b.revision):
        lines.append(plural("{n} verdict", "{n} verdicts", judged).format(n=judged))
    lines += [_("classes: {what}").format(what=one.edit.title) for one in _class_changes(project, a, b)]
    for run in (a, b):
        if names := untaught(project, run):
            lines.append(_("run {n} never learnt {names}").format(n=run.id, names=", ".join(names)))
    if a.recipe and b.recipe:
        difference = Recipe().replace_from(a.recipe).difference(Recipe().replace_from(b.recipe))
        lines += [_("{knob} {old} → {new}").format(knob=knob, old=old, new=new) for knob, old, new in difference]
    if a.recipe:
        lines += _beginnings(project, a, b)
    if a.recipe and a.seed != b.seed:
        lines.append(_("seed {old} → {new}").format(old=a.seed, new=b.seed))
    return lines


def _class_changes(project: Project, a: RunRow, b: RunRow) -> list[ClassChange]:
    """The changes that made the classes of one run others than those of the other; none where only their words changed."""
    if project.journal.view_at(a.revision).mark == project.journal.view_at(b.revision).mark:
        return []
    kinds = (EditKind.ADD, EditKind.MERGE, EditKind.SPLIT, EditKind.DELETE, EditKind.RENAME)
    return [one for one in project.journal.edits_between(a.revision, b.revision) if one.edit.kind in kinds]


def unlearnt(project: Project, run: RunRow) -> str:
    """What was decided while a run was trained and it could not learn, in words; "" where there is nothing."""
    ended = read_json(run.folder / META).get(ENDED_AT, run.revision)
    n = judged_between(project, run.revision, ended)
    words = plural(
        "{n} verdict was given while run {run} was trained: it has not learnt it.",
        "{n} verdicts were given while run {run} was trained: it has not learnt them.",
        n,
    )
    return words.format(n=grouped(n), run=run.id) if n else ""


def judged_between(project: Project, first: int, second: int) -> int:
    """How many items that can teach a run have another label or verdict at one revision than at another; gold teaches none."""
    (labels_a, verdicts_a), (labels_b, verdicts_b) = project.journal.labels_at(first), project.journal.labels_at(second)
    return int((((labels_a != labels_b) | (verdicts_a != verdicts_b)) & ~project.gold).sum())


def _beginnings(project: Project, a: RunRow, b: RunRow) -> list[str]:
    """What no knob says: the model that was in use, as far as the runs took something of it, and the ranking of that day."""
    metas = [read_json(run.folder / META) for run in (a, b)]
    sets = {made.id: made.meta for made in project.predictions.all()}
    of_a, of_b = (sets.get(meta.get("prediction_set", 0), {}) for meta in metas)
    lines = []
    if a.start != b.start or (a.start == Start.CURRENT and of_a.get("model") != of_b.get("model")):
        lines.append(_("starting weights"))
    heads = a.recipe.get("method") == b.recipe.get("method") == Method.LINEAR_HEAD
    if heads and of_a.get("embedding_id") != of_b.get("embedding_id"):
        lines.append(_("features"))
    taught = [(run.revision, run.seed, *(run.recipe.get(name) for name in TEACHING)) for run in (a, b)]
    if taught[0] == taught[1] and metas[0].get("data") != metas[1].get("data"):
        lines.append(_("items or soft targets"))
    return lines
