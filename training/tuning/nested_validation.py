"""Nested validation: the whole tuning within outer folds, so that what it promises is measured on what it never saw."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import Job, Notice, Progress
from badcase.store.run_table import RunKind, RunRow, RunState
from badcase.store.verdicts import VerdictCode
from badcase.training.data.label_trust import label_trust_of
from badcase.training.data.leakage import leaks
from badcase.training.data.run_spec import OuterFold, RunSpec
from badcase.training.data.splitting import Division
from badcase.training.data.training_set import outer_folds
from badcase.training.metrics.single_label import bounded_losses, wrong
from badcase.training.metrics.written import written
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Start
from badcase.training.run_folder.failures import closing_run
from badcase.training.run_folder.run_files import NOTES, glance_json, read_json, write_json, write_text
from badcase.training.runs.train_on_part import train_and_predict
from badcase.training.tuning.quasi_random import Space
from badcase.training.tuning.tune import FOLDS, find_best_trial, prepare_search
from badcase.training.tuning.tuning_folder import MEASURED, Tuning, nested_title, optimism

if TYPE_CHECKING:
    from badcase.project import Project


@dataclass(frozen=True, slots=True)
class OuterScore:
    """One outer fold: its tuning, and accuracy and log loss of the recipe that won there.

    The inner scores are on the parts it was chosen by, the outer ones on the held-out items, after a training on all that the
    fold may see.
    """

    tuning: int
    best: int
    inner_accuracy: float
    inner_loss: float
    outer_accuracy: float
    outer_loss: float
    items: int


@dataclass(frozen=True, slots=True)
class NestedResult:
    """The run, its folds, and in words how the outer score stands to the inner one."""

    run: RunRow
    folds: list[OuterScore]
    sentence: str


def tune_nested_in_steps(
    project: Project,
    outer: int,
    *,
    recipe: Recipe | None = None,
    start: Start | str | None = None,
    space: Space | None = None,
    seconds: float | None = None,
    trials: int | None = None,
    folds: int = FOLDS,
    seed: int = 0,
    device: str | None = None,
) -> Job[NestedResult]:
    """Measure `tune` by nested validation: for each of `outer` folds tune on the other items, and judge the winner on the fold.

    The score of a winner is the score it was chosen by, and so too hopeful; this one is not. It takes `outer` times as long
    and keeps no model. One that was stopped goes on when it is called with the same arguments.

    Args:
        outer: number of outer folds, two or more. The other arguments are those of each tuning, see `tune`.

    Source: Cawley and Talbot 2010, https://jmlr.org/papers/v11/cawley10a.html
    """
    project.require_writing()
    if outer < 2:
        raise BadcaseError(
            _("measuring a tuning needs at least two outer folds"), where="outer", expected=_("2 or more"), got=outer
        )
    recipe, start, asked = yield from prepare_search(project, recipe, start, space, seconds, trials, folds)
    work = _Work(project, _begin(project, recipe, start, seed, outer, asked), recipe, start, asked, device)
    with closing_run(project, work.number):
        found = yield from work.folds(outer)
    return _conclude(project, work.number, found)


def _begin(project: Project, recipe: Recipe, start: Start, seed: int, outer: int, asked: dict[str, Any]) -> int:
    """A new run, or the one with the same arguments that was stopped."""
    assert project.predictions.current is not None, "resolve_recipe() has seen to it"
    same: dict[str, Any] = {"recipe": recipe.values(), "start": start, "revision": project.revision, "seed": seed}
    told = asked | {"outer": outer, "prediction_set": project.predictions.current.id}
    for run in reversed(project.runs.all()):
        if (
            run.kind is RunKind.NESTED_TUNING
            and run.state is not RunState.DONE
            and glance_json(run, MEASURED).get("asked") == told
            and all(getattr(run, name) == value for name, value in same.items())
        ):
            project.runs.update(run.id, state=RunState.RUNNING, error="", finished=None)
            return run.id
    number = project.runs.add(kind=RunKind.NESTED_TUNING, title=nested_title(outer), **same)
    write_json(project.runs.get(number).folder / MEASURED, {"asked": told, "folds": []})
    return number


@dataclass(frozen=True, slots=True)
class _Work:
    project: Project
    number: int
    recipe: Recipe
    start: Start
    asked: dict[str, Any]
    device: str | None

    def folds(self, outer: int) -> Job[list[OuterScore]]:
        project, row = self.project, self.project.runs.get(self.number)
        parts = outer_folds(project, self.recipe.replace_from({"folds": outer}), seed=row.seed)
        for note in dict.fromkeys(note for part in parts for note in part.notes):
            yield Notice(note)
        kept = read_json(row.folder / MEASURED)
        for place, part in enumerate(parts):
            if place < len(kept["folds"]):
                continue
            yield Progress(_("Outer fold {n} of {all}").format(n=place + 1, all=outer), place, outer, _("folds"))
            made = yield from self._one(row, place, part)
            kept["folds"].append(asdict(made))
            write_json(row.folder / MEASURED, kept)
        return [OuterScore(**one) for one in kept["folds"]]

    def _one(self, row: RunRow, place: int, part: Division) -> Job[OuterScore]:
        project, origin = self.project, self.project.predictions.current
        assert origin is not None, "resolve_recipe() has seen to it"
        outer_fold = OuterFold(part.train, (yield from label_trust_of(project, origin, part.train)))
        tuning = self._tuning(row, place)
        left = float("inf") if self.asked["seconds"] is None else self.asked["seconds"] - tuning.asked["spent"]
        with closing_run(project, tuning.number):
            best = yield from find_best_trial(project, tuning, time.monotonic() + left, self.device, outer_fold)
        leak = leaks(project, best.recipe, self.start, origin)
        if leak:
            yield Notice(leak, _("The outer score is too optimistic as well."))
        spec = RunSpec(best.recipe, self.start, row.seed, row.revision, origin, self.device, within=part.train)
        held = part.held[project.verdicts[part.held] != VerdictCode.UNSURE]
        name = _("Outer fold {n}, the best of it").format(n=place + 1)
        logits, logit_thresholds, _history = yield from train_and_predict(project, spec, held, row.folder / "fold", name)
        tuning.clear()
        labels = project.taxonomy.answers(project.labels[held])
        accuracy = float((wrong(logits, labels, logit_thresholds) == 0).mean())
        loss = float(bounded_losses(logits, labels).mean())  # as trials are judged
        inner = best.metrics
        return OuterScore(tuning.number, best.run, inner["accuracy"], inner["validation_loss"], accuracy, loss, len(held))

    def _tuning(self, row: RunRow, place: int) -> Tuning:
        """The tuning of one fold, which may have been begun."""
        begun = [run.id for run in self.project.runs.all() if run.kind is RunKind.TUNING and run.part_of == row.id]
        if place < len(begun):
            self.project.runs.update(begun[place], state=RunState.RUNNING, error="", finished=None)
            return Tuning(self.project, begun[place])
        return Tuning.begin(self.project, self.recipe, self.start, row.seed, part_of=row.id, **self.asked)


def _conclude(project: Project, number: int, found: list[OuterScore]) -> NestedResult:
    columns = {name: np.array([getattr(one, name) for one in found]) for name in OuterScore.__slots__ if "_" in name}
    accuracy, inner = columns["outer_accuracy"], columns["inner_accuracy"]
    hope = float((inner - accuracy).mean())
    spread = float(accuracy.std(ddof=1))
    metrics = {
        "folds": len(found),
        "accuracy": float(accuracy.mean()),
        "accuracy_spread": spread,
        "hope": hope,
        "inner_accuracy": float(inner.mean()),
        "validation_loss": float(columns["outer_loss"].mean()),
        "inner_loss": float(columns["inner_loss"].mean()),
    }
    project.runs.update(number, state=RunState.DONE, metrics=metrics)
    row, sentence = project.runs.get(number), optimism(metrics)
    lines = ["# " + _("Run {n}: {title}").format(n=number, title=row.title), "", sentence, ""]
    line = _("- Fold {n}: run {best} won with accuracy {inner}, and has {outer} on {items} items it never saw.")
    lines += [
        line.format(
            n=place,
            best=one.best,
            inner=written("accuracy", one.inner_accuracy),
            outer=written("accuracy", one.outer_accuracy),
            items=one.items,
        )
        for place, one in enumerate(found, 1)
    ]
    write_text(row.folder / NOTES, "\n".join(lines) + "\n")
    return NestedResult(row, found, sentence)
