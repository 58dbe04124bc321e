"""Cross-validation: a model for each fold, measured on the items it never saw, and out-of-sample predictions of all."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from badcase.i18n import _, plural
from badcase.progress import Job, Notice, Progress
from badcase.store.array_shards import half_logits
from badcase.store.atomic_files import temporary_folder, write_whole
from badcase.store.checks.stored_arrays import stored_arrays
from badcase.store.prediction_sets import PredictionSet
from badcase.store.run_table import RunKind, RunRow, RunState
from badcase.store.thresholds import LogitThresholds, write_logit_thresholds
from badcase.store.verdicts import VerdictCode
from badcase.training.data.leakage import leaks
from badcase.training.data.run_spec import RunSpec
from badcase.training.data.splitting import Division
from badcase.training.data.training_set import CROSS_VALIDATED_BY, outer_folds
from badcase.training.metrics.single_label import logits_of, measure, probabilities, titles
from badcase.training.metrics.written import written
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Start
from badcase.training.run_folder.failures import closing_run
from badcase.training.run_folder.run_files import (
    ENDED_AT,
    LOGITS,
    META,
    RECIPE,
    glance_json,
    read_json,
    reading,
    write_array,
    write_json,
    write_text,
)
from badcase.training.runs.notes import write_notes
from badcase.training.runs.plan import Plan
from badcase.training.runs.train_on_part import train_and_predict

if TYPE_CHECKING:
    from badcase.project import Project

SCRATCH = "fold"  # where the model of the fold at hand lies while it trains


@dataclass(frozen=True, slots=True)
class _Work:
    """One cross-validation: its run, the recipe of each fold, where it starts, and what the folds are."""

    number: int
    folder: Path
    recipe: Recipe
    start: Start
    seed: int
    revision: int
    device: str | None
    origin: PredictionSet
    folds: list[Division]
    predicted_by: npt.NDArray[np.int64]  # (n,) the fold that predicts each item; -1 where all do, as for gold


def cross_validate_in_steps(
    project: Project, planned: Plan, *, seed: int = 0, device: str | None = None, why: str = ""
) -> Job[RunRow]:
    """Cross-validate a planned recipe: train a model for each fold, and measure it on the items that the fold holds out.

    The predictions become the current set: each item is predicted by the model that did not train on it; gold, and what
    else no fold holds out, by the mean of all models. The model in use stays. One that was stopped goes on from its last
    finished fold when it is called with the same arguments.

    Args:
        planned: from `plan`, with a recipe of two folds or more.
        seed: of the division into folds and of each training.
        device: the best there is where None.
        why: goes into the notes.

    Returns:
        The run, of kind `RunKind.CROSS_VALIDATION`, with the mean of each measure and its standard deviation over folds.
    """
    project.require_writing()
    folds = outer_folds(project, planned.recipe, seed=seed)
    for note in dict.fromkeys(note for fold in folds for note in fold.notes):
        yield Notice(note)
    work = _begin(project, planned, seed, device, folds)
    with closing_run(project, work.number):
        began = time.monotonic()
        for place in range(len(folds)):
            if not _kept(work, place).exists():
                yield from _train_fold(project, work, place)
        metrics = yield from _conclude(project, work)
    project.runs.update(work.number, state=RunState.DONE, metrics=metrics | {"seconds": time.monotonic() - began})
    for place in range(len(folds)):
        _kept(work, place).unlink(missing_ok=True)
    row = project.runs.get(work.number)
    write_notes(project, work.number, planned, why, _came(project, row))
    return row


def _begin(project: Project, planned: Plan, seed: int, device: str | None, folds: list[Division]) -> _Work:
    """A new run, or the one with the same arguments that was stopped."""
    origin = project.predictions.current
    assert origin is not None, "plan() has seen to it"
    same: dict[str, Any] = {"recipe": planned.recipe.values(), "start": planned.start, "revision": project.revision, "seed": seed}
    stopped = [
        run
        for run in project.runs.all()
        if run.kind is RunKind.CROSS_VALIDATION
        and run.state is not RunState.DONE
        and all(getattr(run, name) == value for name, value in same.items())
        and glance_json(run, META).get("prediction_set") == origin.id
    ]
    if stopped:
        number = stopped[-1].id
        project.runs.update(number, state=RunState.RUNNING, error="")
    else:
        number = project.runs.add(kind=RunKind.CROSS_VALIDATION, title=planned.title, parent=planned.parent, **same)
    folder = project.runs.get(number).folder
    write_json(folder / META, read_json(folder / META) | {"prediction_set": origin.id, "revision": project.revision})
    write_text(folder / RECIPE, planned.recipe.to_toml())
    return _Work(
        number,
        folder,
        planned.recipe.replace_from({"folds": 1}),
        planned.start,
        seed,
        project.revision,
        device,
        origin,
        folds,
        _predicting_folds(project.items.twins, folds),
    )


def _predicting_folds(twins: npt.NDArray[np.int64], folds: list[Division]) -> npt.NDArray[np.int64]:
    """(n,) the fold that holds an item out; of an item that none does, the one that holds a near-duplicate of it out."""
    held, near = np.full(len(twins), -1), np.full(len(twins), -1)
    for place, fold in enumerate(folds):
        held[fold.held] = near[twins[fold.held]] = place
    return np.where(held < 0, near[twins], held)


def _kept(work: _Work, place: int) -> Path:
    return work.folder / f"fold-{place + 1}.npz"


def _train_fold(project: Project, work: _Work, place: int) -> Job[None]:
    """Train the model of one fold and keep what it predicts; the model itself goes."""
    name = _("Fold {number} of {folds}").format(number=place + 1, folds=len(work.folds))
    yield Progress(name, place, len(work.folds), _("folds"))
    within = work.folds[place].train
    spec = RunSpec(work.recipe, work.start, work.seed, work.revision, work.origin, work.device, within=within)
    items = np.flatnonzero((work.predicted_by == place) | (work.predicted_by < 0))
    logits, logit_thresholds, _history = yield from train_and_predict(project, spec, items, work.folder / SCRATCH, name)
    with write_whole(_kept(work, place)) as path, path.open("wb") as file:
        np.savez(file, items=items, logits=logits, cuts=logit_thresholds)


def _conclude(project: Project, work: _Work) -> Job[dict[str, float]]:
    """The measures of each fold, and the prediction set of all."""
    yield Progress(_("Combining the folds"))
    n, k, several = len(project.items), len(project.label_names), project.task == "multilabel"
    all_of_them = work.predicted_by < 0
    logits, mean = np.zeros((n, k), np.float32), np.zeros((int(all_of_them.sum()), k))
    labels, verdicts = project.journal.labels_at(work.revision)
    measures, logit_thresholds = [], []
    for place, fold in enumerate(work.folds):
        with reading(_kept(work, place)), stored_arrays(_kept(work, place)) as kept:
            own = np.zeros((n, k), np.float32)
            own[kept["items"]] = kept["logits"]
            logit_thresholds.append(kept["cuts"])
        logits[work.predicted_by == place] = own[work.predicted_by == place]
        mean += probabilities(own[all_of_them], several=several) / len(work.folds)
        judged = fold.held[verdicts[fold.held] != VerdictCode.UNSURE]
        if len(judged):
            measured = measure(own[judged], project.taxonomy.answers(labels[judged]), logit_thresholds[-1])
            measures.append(measured | {"items": len(judged)})
    logits[all_of_them] = logits_of(mean, several=several)
    write_array(work.folder / LOGITS, half_logits(logits, project.task))
    together = np.mean(logit_thresholds, axis=0)
    if together.any():
        write_logit_thresholds(work.folder, project.label_names, together)
    told = {"folds": measures, ENDED_AT: project.journal.newest()}
    write_json(work.folder / META, read_json(work.folder / META) | told)
    leak = leaks(project, work.recipe, work.start, work.origin)
    if leak:
        yield Notice(leak, _("The ranking will not treat its probabilities as out-of-sample."))
    summary = _summary(measures)
    if not any(made.meta.get(CROSS_VALIDATED_BY) == work.number for made in project.predictions.all()):
        _add_predictions(project, work, logits, together, leaky=bool(leak), accuracy=summary["accuracy"])
    return summary


def _summary(measures: Sequence[dict[str, float]]) -> dict[str, float]:
    """Mean of each measure over the folds, and its standard deviation as NAME_spread."""
    made: dict[str, float] = {"folds": float(len(measures))}
    for name in (name for name in measures[0] if name != "items"):
        values = np.array([one[name] for one in measures])
        made[name] = float(values.mean())
        made[f"{name}_spread"] = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    return made


def _add_predictions(
    project: Project,
    work: _Work,
    logits: npt.NDArray[np.float32],
    logit_thresholds: LogitThresholds,
    *,
    leaky: bool,
    accuracy: float,
) -> None:
    trained_on = np.zeros(len(project.items), np.bool_)
    trained_on[np.concatenate([fold.train for fold in work.folds])] = True
    if not leaky:
        trained_on &= work.predicted_by < 0
    with temporary_folder(project.path / "predictions" / "new") as folder:
        for name in ("embeddings.npy", "neighbours.npy"):
            if (work.origin.folder / name).exists():
                _link(work.origin.folder / name, folder / name)
        np.save(folder / "logits.npy", half_logits(logits, project.task))
        np.save(folder / "trained_on.npy", trained_on)
        np.save(folder / "cuts.npy", logit_thresholds)
        changed: dict[str, Any] = {"revision": work.revision, CROSS_VALIDATED_BY: work.number, "accuracy": accuracy}
        project.predictions.add(folder, work.origin.meta | changed)


def _link(source: Path, target: Path) -> None:
    """The same file under a second name where the disk can do that, else a copy: no prediction set is ever rewritten."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _came(project: Project, row: RunRow) -> list[str]:
    """What each fold measured, and the mean of all, in words."""
    names, folds = titles(several=project.task == "multilabel"), read_json(row.folder / META)["folds"]
    line = _("Fold {number}: {measures} on {n} items")
    came = []
    for place, one in enumerate(folds, 1):
        measures = ", ".join(f"{title} {written(name, one[name])}" for name, title in names.items())
        came.append("- " + line.format(number=place, measures=measures, n=one["items"]))
    m, n, (first, title) = row.metrics, len(folds), next(iter(names.items()))
    words = plural("Mean of {n} fold: {title} {a} ± {s}.", "Mean of {n} folds: {title} {a} ± {s}.", n)
    return [*came, words.format(n=n, title=title, a=written(first, m[first]), s=written(first, m[f"{first}_spread"]))]
