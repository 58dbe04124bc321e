"""The worker's verbs: each opens what it needs, runs one job of the domain, and returns a value that JSON can carry."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import Job, Notice, Progress, in_stage
from badcase.project import Project
from badcase.store.prediction_sets import PredictionSet
from badcase.store.run_table import RunRow

if TYPE_CHECKING:
    from badcase.training.recipe import Recipe
    from badcase.training.tuning.tune import TuningResult


@contextmanager
def _opened(path: str, *, reading: bool = False) -> Iterator[Project]:
    """The window holds the lock of the project, unless it is only read; the worker works beside it."""
    project = Project.open(path, attached=True, read_only=reading)
    try:
        yield project
    finally:
        project.close()


def _warm() -> Job[dict[str, Any]]:
    """Import what is slow, in pieces, so that a request that comes meanwhile does not wait long."""
    yield Progress(_("Loading {name}").format(name="torch"))
    import torch  # noqa: F401

    yield Progress(_("Loading {name}").format(name="transformers"))
    import transformers  # noqa: F401

    yield Progress(_("Loading the models"))
    import badcase.training.network.setups  # noqa: F401

    return {}


def _understand(data: str, **columns: Any) -> Job[dict[str, Any]]:
    from badcase.importing.importer import understand

    yield Progress(_("Reading the data"))
    found = understand(Path(data), **columns)
    return {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}


def _create(path: str, data: str, **columns: Any) -> Job[dict[str, Any]]:
    project = yield from in_stage("import", Project.creating(path, data, **columns))
    with project:
        return {"path": str(project.path), "items": len(project.items), "classes": list(project.classes)}


def _predict(project: str, packaged: bool = False, **options: Any) -> Job[dict[str, Any]]:
    """packaged: the network that suits the data, whatever model was asked for before."""
    with _opened(project) as opened:
        if packaged:
            opened.forget_asked_model()
        made = yield from in_stage("predict", opened.predicting(early=True, **options))
        yield from in_stage("rank", opened.ranking_anew())
        return {"prediction_set": made.id}


def _check_model(path: str, data: str, model: str, **options: Any) -> Job[dict[str, Any]]:
    """Look at data that are not imported yet with a model; path: of the project that is to be made."""
    from badcase.prediction.predict import check_before_import

    report = yield from in_stage("check", check_before_import(data, model, Path(path), **options))
    return report.as_dict()


def _bring(project: str, probs: str, **options: Any) -> Job[dict[str, Any]]:
    """probs: a file of predictions that were computed elsewhere; options: features, trained_on.

    What was understood of the file is told at once, at the end: one toast takes the place of the other.
    """
    with _opened(project) as opened:
        job, notes = in_stage("bring", opened.bringing_predictions(probs, **options)), []
        while True:
            try:
                event = next(job)
            except StopIteration as stop:
                made: PredictionSet = stop.value
                break
            if isinstance(event, Notice):
                notes.append(event.text)
            else:
                yield event
        yield from in_stage("rank", opened.ranking_anew())
        yield Notice(" ".join(notes))
        return {"prediction_set": made.id}


def _rank(project: str) -> Job[dict[str, Any]]:
    with _opened(project) as opened:
        ranking = yield from in_stage("rank", opened.ranking_anew())
        return {"suspects": len(ranking.order)}


def _lay_out(project: str, predictions: int) -> Job[dict[str, Any]]:
    """The map of a prediction set by UMAP, kept beside it."""
    from badcase.maps.umap_places import laying_out

    with _opened(project) as opened:
        places = yield from in_stage("lay_out", laying_out(opened.predictions.get(predictions)))
        return {"items": len(places)}


def _embed(project: str, asked: str) -> Job[dict[str, Any]]:
    """What the model sees in a picture (its path) or in a text that is no item."""
    from badcase.prediction.asked_items import embedding

    with _opened(project, reading=True) as opened:
        found = yield from in_stage("embed", embedding(opened, asked))
        return {"embedding": found.tolist()}


def _hint(project: str, item: int, method: str, first: int, second: int) -> Job[dict[str, Any]]:
    """What the answer of one item hangs on, kept beside the prediction set."""
    from badcase.attribution.of_item import HintMethod, hinting

    with _opened(project, reading=True) as opened:
        made = yield from in_stage("hint", hinting(opened, item, HintMethod(method), first, second))
        return made.plain()


def _refit(project: str) -> Job[dict[str, Any]]:
    """What verdicts teach: a ranking in the light of them, and what a retraining would gain."""
    from badcase.training.comparison.measure_retrain_gain import expected_gain

    with _opened(project) as opened:
        yield from opened.ranking_anew()
        gain = yield from expected_gain(opened)
        return {"revision": opened.revision, "gain": gain}


def _train(
    project: str, recipe: Mapping[str, Any] | None = None, set: Mapping[str, Any] | None = None, seeds: int = 1, **options: Any
) -> Job[dict[str, Any]]:
    """recipe: a whole recipe as values by name; set: changes of it, or of the default; seeds: a run under each of so many.

    Returns the last run.
    """
    from badcase.training.runs.train_seeds import train_seeds_in_steps

    with _opened(project) as opened:
        rows = yield from train_seeds_in_steps(opened, _recipe(opened, recipe, set, **options), seeds=seeds, **options)
        return _row(rows[-1])


def _recipe(
    project: Project,
    recipe: Mapping[str, Any] | None,
    set: Mapping[str, Any] | None = None,
    start: str | None = None,
    **_options: Any,
) -> Recipe:
    """A whole recipe by its values, else the default; with changes."""
    from badcase.training.recipe import Recipe, changed, default_for

    suited = default_for(project.model_spec or {}, project.kind, start, project.task)
    return changed(suited if recipe is None else Recipe().replace_from(recipe), set or {}, project.kind, start, project.task)


def _resume(project: str, run: int, device: str | None = None) -> Job[dict[str, Any]]:
    from badcase.training.runs.resume import resume_in_steps

    with _opened(project) as opened:
        row = yield from resume_in_steps(opened, run, device=device)
        return _row(row)


def _repeat(project: str, run: int, device: str | None = None) -> Job[dict[str, Any]]:
    from badcase.training.runs.resume import repeat_in_steps

    with _opened(project) as opened:
        row = yield from repeat_in_steps(opened, run, device=device)
        return _row(row)


def _find(
    project: str, what: str, recipe: Mapping[str, Any] | None = None, set: Mapping[str, Any] | None = None, **options: Any
) -> Job[dict[str, Any]]:
    """what: rate or batch; recipe and set as in `train`. The changes are what the recipe gets from it."""
    from badcase.training.tuning.finders import FINDERS

    if what not in FINDERS:
        raise BadcaseError(_("there is no such finder"), where="what", expected=" | ".join(FINDERS), got=what)
    with _opened(project) as opened:
        found = yield from FINDERS[what](opened, _recipe(opened, recipe, set, **options), **options)
        return dataclasses.asdict(found) | {"changes": found.changes}


def _recover(project: str, run: int, device: str | None = None) -> Job[dict[str, Any]]:
    from badcase.training.runs.resume import recover_in_steps

    with _opened(project) as opened:
        row = yield from recover_in_steps(opened, run, device=device)
        return _row(row)


def _accept(project: str, run: int, device: str | None = None) -> Job[dict[str, Any]]:
    from badcase.training.runs.accept import accept_in_steps

    with _opened(project) as opened:
        made = yield from in_stage("predict", accept_in_steps(opened, run, device=device))
        yield from in_stage("rank", opened.ranking_anew())
        return {"run": made.meta["run"], "prediction_set": made.id}


def _tune(
    project: str,
    recipe: Mapping[str, Any] | None = None,
    search: bool = False,
    resume: int | None = None,
    outer: int | None = None,
    **options: Any,
) -> Job[dict[str, Any]]:
    """search: quasi-random points around the recipe instead of one change at a time; resume: the tuning to go on with;
    outer: train nothing, but measure the tuning in so many outer folds."""
    from badcase.training.tuning.nested_validation import tune_nested_in_steps
    from badcase.training.tuning.quasi_random import Space
    from badcase.training.tuning.tune import resume_tuning_in_steps, tune_in_steps

    with _opened(project) as opened:
        if resume is not None:
            return _tuned((yield from resume_tuning_in_steps(opened, resume, **options)))
        base = _recipe(opened, recipe, **options)
        space = Space.around(base) if search else None
        if outer is not None:
            measured = yield from tune_nested_in_steps(opened, outer, recipe=base, space=space, **options)
            return {"measured": measured.run.id, "sentence": measured.sentence}
        return _tuned((yield from tune_in_steps(opened, recipe=base, space=space, **options)))


def _tuned(found: TuningResult) -> dict[str, Any]:
    trials = [_row(row) for row in found.trials]
    return {"run": found.run.id, "tuning": found.tuning.id, "best": found.best.id, "trials": trials}


def _row(row: RunRow) -> dict[str, Any]:
    return {"run": row.id, "state": str(row.state), "title": row.title, "parent": row.parent, "metrics": row.metrics}


def _export(
    project: str, out: str, format: str = "same", overwrite: bool = False, media: str | None = None, allow_changed: bool = False
) -> Job[dict[str, Any]]:
    from badcase.export import export

    with _opened(project, reading=True) as opened:
        made = yield from export(opened, Path(out), format=format, overwrite=overwrite, media=media, allow_changed=allow_changed)
        return dataclasses.asdict(made)


def _relocate(project: str, path: str, force: bool = False) -> Job[dict[str, Any]]:
    with _opened(project) as opened:
        made = yield from opened.relocating(Path(path), force=force)
        return {"path": str(made.path), "found": made.found, "items": made.items, "sentences": list(made.sentences)}


def _update(
    project: str, data: str | None = None, unlabelled: str = "", dry_run: bool = False, reviewer: str = ""
) -> Job[dict[str, Any]]:
    """reviewer: in whose name it is noted."""
    with _opened(project) as opened:
        opened.journal.reviewer = reviewer
        made = yield from opened.updating(data, unlabelled=unlabelled or (), dry_run=dry_run)
        preview = None if made.preview is None else dataclasses.asdict(made.preview)
        return {"revision": made.revision, "counts": made.counts, "notes": list(made.notes), "preview": preview}


def _undo_update(project: str, reviewer: str = "") -> Job[dict[str, Any]]:
    yield Progress(_("Writing"))
    with _opened(project) as opened:
        opened.journal.reviewer = reviewer
        made = opened.undo_update()
        return {"revision": None if made is None else made.revision}


def _drift(project: str) -> Job[dict[str, Any]]:
    from badcase.drift.plain_drift import as_plain

    with _opened(project, reading=True) as opened:
        found = yield from opened.drifting()
        return as_plain(found)


def _report(project: str, out: str) -> Job[dict[str, Any]]:
    from badcase.training.reporting.report import report

    with _opened(project, reading=True) as opened:
        yield Progress(_("Writing the report"))
        return {"path": str(report(opened, Path(out)))}


def _demo(path: str, kind: str = "image", seed: int = 0) -> Job[dict[str, Any]]:
    from badcase.training.demo.make_demo import make_demo

    project = yield from make_demo(Path(path), kind, seed=seed)
    with project:
        return {"path": str(project.path)}


def _doctor() -> Job[dict[str, Any]]:
    from badcase.doctor import examine

    yield Progress(_("Checking this machine"))
    return {"findings": list(examine())}


VERBS: dict[str, Callable[..., Job[dict[str, Any]]]] = {
    "warm": _warm,
    "understand": _understand,
    "create": _create,
    "predict": _predict,
    "check_model": _check_model,
    "bring": _bring,
    "rank": _rank,
    "lay_out": _lay_out,
    "embed": _embed,
    "hint": _hint,
    "refit": _refit,
    "train": _train,
    "resume": _resume,
    "repeat": _repeat,
    "find": _find,
    "recover": _recover,
    "accept": _accept,
    "tune": _tune,
    "export": _export,
    "relocate": _relocate,
    "update": _update,
    "undo_update": _undo_update,
    "drift": _drift,
    "report": _report,
    "demo": _demo,
    "doctor": _doctor,
}
