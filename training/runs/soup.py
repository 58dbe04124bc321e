"""A soup: the mean of the weights of trainings that differ in their seed alone, where it is better on the validation items.

Source: Wortsman et al. 2022, https://arxiv.org/abs/2203.05482, who take in one training after the other while that helps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from badcase.i18n import _
from badcase.progress import Job, Notice, Progress
from badcase.store.run_table import RunKind, RunRow, RunState
from badcase.training.comparison.seed_spread import siblings
from badcase.training.data.run_spec import RunSpec, digest_of, seen_by
from badcase.training.data.training_set import TrainingSet
from badcase.training.loop.own_state import kept_apart
from badcase.training.loop.reproducible import repeatable
from badcase.training.metrics.single_label import titles
from badcase.training.metrics.written import written
from badcase.training.run_folder.failures import closing_run
from badcase.training.run_folder.run import Run
from badcase.training.run_folder.run_files import META, MODEL, read_json, write_json
from badcase.training.runs.notes import write_notes
from badcase.training.runs.plan import plan
from badcase.training.runs.single_run import begin_run, predict_and_save

if TYPE_CHECKING:
    from badcase.models import Model
    from badcase.project import Project
    from badcase.training.network.setups import Setup

MADE_OF = "made_of"  # in meta.json: the runs whose mean it is


def soup_title(runs: Sequence[int]) -> str:
    return _("the mean of runs {runs}").format(runs=", ".join(map(str, runs)))


def soup_in_steps(project: Project, row: RunRow, *, device: str | None = None) -> Job[RunRow]:
    """The run to take for this one: the mean of it and its other seeds, as a run of its own, where that is better; else itself.

    Better is better by what the recipe keeps its checkpoint by, on validation items that no seed has learnt.
    """
    others = [one for one in siblings(project, row) if one.seed != row.seed and (one.folder / MODEL).exists()]
    if row.kind is not RunKind.TRAINING or not others:
        return row
    return (yield from kept_apart(_soup(project, row, others, device)))


def _soup(project: Project, row: RunRow, others: list[RunRow], device: str | None) -> Job[RunRow]:
    from badcase.training.network.setups import setup_for

    spec = RunSpec.of(project, row, device)
    training_set = spec.training_set(project)
    data = {read_json(one.folder / META).get("data") for one in (row, *others)}
    if data != {digest_of(training_set)}:  # a seed that dealt the items anew has learnt what another is judged on
        yield Notice(_("The seeds of run {n} learnt from different items, so nothing can judge their mean.").format(n=row.id))
        return row
    with repeatable(row.seed), TemporaryDirectory() as place:
        yield Progress(_("Getting ready"))
        setup = setup_for(spec, project, training_set)
        tried, chosen = Run.begin(Path(place) / "run", spec.recipe, project.label_names), [row]
        yield from _try(project, setup, tried, training_set, chosen)
        for other in others:
            yield from _try(project, setup, tried, training_set, [*chosen, other])
            if tried.best == len(tried.history) - 1:
                chosen.append(other)
        if len(chosen) > 1:
            return (yield from _kept(project, spec, setup, training_set, chosen))
    yield Notice(_("A mean of several seeds is no better on the validation items, so run {n} is taken.").format(n=row.id))
    return row


def _try(project: Project, setup: Setup, run: Run, training_set: TrainingSet, mix: list[RunRow]) -> Job[None]:
    """Give the setup the mean of some runs, and a run the record of what it measures."""
    from badcase.training.loop.fit import predict_shared

    setup.take(_models(project, mix))
    rows, name = training_set.validation, _("Averaging seeds")
    logits = yield from predict_shared(setup, rows, name)
    run.record(logits, rows.labels, epoch=float(len(mix)), train_loss=mix[0].metrics["train_loss"])


def _models(project: Project, runs: list[RunRow]) -> Iterator[Model]:
    """The models of finished runs, one at a time in memory."""
    from badcase.models import load_model, stored_spec

    for row in runs:
        spec = stored_spec(read_json(row.folder / META)["model_spec"], row.folder / META)
        yield load_model(spec, classes=project.label_names, column=project.taxonomy.column, kind=project.kind, root=project.path)


def _kept(project: Project, spec: RunSpec, setup: Setup, training_set: TrainingSet, chosen: list[RunRow]) -> Job[RunRow]:
    """The mean as a run of its own, with model, predictions and notes."""
    row, made_of = chosen[0], [one.id for one in chosen]
    same: dict[str, Any] = {"recipe": row.recipe, "start": row.start, "revision": row.revision, "seed": row.seed}
    number = project.runs.add(kind=RunKind.SOUP, title=soup_title(made_of), parent=row.id, **same)
    folder = project.runs.get(number).folder
    with closing_run(project, number):
        run = begin_run(project, folder, spec, setup, training_set)
        yield from _try(project, setup, run, training_set, chosen)
        metrics = run.metrics() | (yield from predict_and_save(project, spec, setup, training_set, run))
        write_json(folder / META, read_json(folder / META) | {MADE_OF: made_of})
        project.runs.update(number, state=RunState.DONE, metrics=metrics, error="")
    names = {"validation_loss": _("loss")} | titles(several=project.task == "multilabel")
    came = _("On the validation items: {measures}.").format(
        measures=", ".join(
            f"{title} {written(name, row.metrics[name])} → {written(name, metrics[name])}" for name, title in names.items()
        )
    )
    planned = plan(project, spec.recipe, spec.start, parent=row.id, revision=row.revision, **seen_by(row.folder))
    why = _("Seeds end in different places of one valley; their mean is often better than each.")
    write_notes(project, number, replace(planned, title=soup_title(made_of)), why, [came])
    said = _("The mean of runs {runs} is better on the validation items than run {n}, so it is taken, as run {made}.")
    yield Notice(said.format(runs=", ".join(map(str, made_of)), n=row.id, made=number), came)
    return project.runs.get(number)
