"""Run a model over all items of a project and keep what it says as a prediction set."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from badcase.distributed.team import calling
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing import import_items
from badcase.items import Items
from badcase.items.kinds import Kind, Split
from badcase.items.label_sets import set_matrix
from badcase.models import Backbone, Head, LinearHead, Model, default_backbone, fit_head, load_model, relative_spec, stored_spec
from badcase.models.chargrams import CharGrams, CharGramsBackbone
from badcase.models.foreign.hub_access import cached
from badcase.models.loading import spec_for
from badcase.models.running import Runner
from badcase.prediction.inference import CHUNK, Made, follow_pieces, outputs
from badcase.prediction.kept_outputs import accuracy, keep_initial_run, write_cut_texts, write_neighbours
from badcase.prediction.preflight import Level, PreflightFinding, PreflightReport, preflight
from badcase.progress import Job, Notice, Progress
from badcase.store.array_shards import half_logits
from badcase.store.atomic_files import temporary_folder
from badcase.store.classes.class_view import ClassView
from badcase.store.prediction_sets import PredictionSet
from badcase.store.project_data import ASKED, ProjectData
from badcase.store.run_table import FROM_FILE, RunKind
from badcase.store.temperature import read_temperature
from badcase.store.thresholds import LogitThresholds, read_logit_thresholds, write_logit_thresholds
from badcase.store.verdicts import VerdictCode
from badcase.trust.gate import answers_for, take_over

ModelSource: TypeAlias = str | Path | dict[str, Any]


def predict(
    project: ProjectData,
    model: ModelSource | None = None,
    *,
    weights: str | Path | None = None,
    batch_size: int | None = None,
    device: str | None = None,
    trust_remote_code: bool = False,
    run: int | None = None,
    early: bool = False,
    exact: bool = False,
) -> Job[PredictionSet]:
    """Logits, embeddings and neighbours of all items, made the project's current prediction set.

    A packaged backbone gets a linear head on the labels that hold now. A prediction that was stopped goes on where it was.

    Args:
        project: The project.
        model: What `load_model` takes; without it the project's current model, else the one that was asked for and could not
            be run yet, else the packaged backbone that suits it.
        weights: As for `load_model`.
        batch_size: How many items at once; None for as many as suit the device.
        device: The device by name; None for the fastest.
        trust_remote_code: Whether the person vouches for code that comes with the model, as in `load_model`.
        run: The run that made the model, which is accepted by that; a model that comes from no run becomes a run of its own,
            `RunKind.INITIAL`.
        exact: Take none of the faster ways that `faster_ways.py` knows, which change outputs a little.
        early: Rank the first of many items on the way, which `Project.early_ranking` gives until the prediction is done.
    """
    model, weights = _asked(project, model, weights)
    known = run if run is not None else _known_run(project, model)
    view = project.taxonomy.view if known is None else project.journal.view_at(project.runs.get(known).revision)
    options: dict[str, Any] = {"weights": weights, "trust_remote_code": trust_remote_code, "device": device}
    options["classes"] = view.label_names
    runner, report = yield from _looked_at(project, model, options, batch_size, view)
    chosen = runner.model
    for note in chosen.notes:
        yield Notice(note)
    for finding in report.findings:
        if finding.level is not Level.FINE:
            yield Notice(finding.text, finding.hint)
    shelf = project.path / "predictions"
    with temporary_folder(shelf / "new") as folder:
        with calling(follow_prediction, project.path, model, options, answers_for(project.path)):
            made = yield from outputs(project, runner, folder, early=early, exact=exact)
        np.save(folder / "cuts.npy", _logit_thresholds(project, chosen, view.label_names))
        if isinstance(chosen, Backbone):
            yield Progress(_("Fitting a linear head on the features"))
            chosen = _with_head(project, chosen, folder)
            report = replace(report, accuracy=accuracy(project, folder, view))
        yield Progress(_("Finding the nearest items"))
        write_neighbours(folder)
        np.save(folder / "trained_on.npy", _trained_on(project, known))
        read = write_cut_texts(project, chosen.inputs, folder)
        with _initial_run(project, chosen) if known is None else nullcontext(known) as number:
            said = _keep_brought(project, number, chosen, folder, report) if known is None else {}
            if run is not None:
                said = {"accepted": datetime.now(UTC).isoformat(timespec="seconds")}
            meta = _meta(project, chosen, folder, report, made) | {"run": number, "tokens_read": read}
            meta |= {"classes": list(view.state.order), "accuracy": accuracy(project, folder, view)}
            with project.one_step():
                made_set = project.predictions.add(folder, meta)
                project.runs.use(number, meta["model"])
                project.set_setting(ASKED, None)
                if said:
                    project.runs.update(number, **said)
                project.predictions.void_unfinished(made_set.id)
    project.predictions.sweep()
    if names := [project.label_names[place] for place in made_set.untrained]:
        unsaid = _("The model says nothing of {names}, which it was never taught.").format(names=", ".join(names))
        yield Notice(unsaid, _("Train it: `badcase train PROJECT`."))
    return made_set


def check_before_import(
    data: str | Path,
    model: str | Path,
    project: Path,
    *,
    task: str = "multiclass",
    weights: str | Path | None = None,
    device: str | None = None,
    **how: Any,
) -> Job[PreflightReport]:
    """Look at what a model says of a few items of data that are not imported yet.

    Data that cannot be imported have nothing to look at: the import says why.

    Args:
        data: What `Project.create` takes.
        model: What `load_model` takes.
        project: The folder that is to be made, where the code of the model is trusted or not.
        task: Of the project.
        weights: As for `load_model`.
        device: The device by name; None for the fastest.
        how: As for `Project.create`.
    """
    with TemporaryDirectory(prefix="badcase-", ignore_cleanup_errors=True) as folder:
        try:
            imported = yield from import_items(data, Path(folder), task=task, few=True, **how)
        except BadcaseError:
            return PreflightReport(0)
        yield Progress(_("Loading the model"))
        items, several = Items.open(Path(folder)), imported.source.several
        names = imported.classes if several is None else several.names
        about = {"classes": names, "column": imported.source.columns["label"], "root": project}
        runner = Runner(_loaded(str(model), items, **about, weights=weights, device=device), items, None)
        yield Progress(_("Checking the model on a few items"))
        labels = items.given if several is None else set_matrix(names, imported.classes)[items.given]
        report = preflight(runner, labels, names)
        notes = [PreflightFinding(Level.NOTE, note) for note in runner.model.notes]
        return replace(report, findings=[*notes, *report.findings])


def _looked_at(
    project: ProjectData, model: ModelSource | None, options: dict[str, Any], batch_size: int | None, view: ClassView
) -> Job[tuple[Runner, PreflightReport]]:
    yield Progress(_("Loading the model"))
    runner = Runner(_load(project, model, options), project.items, batch_size)
    yield Progress(_("Checking the model on a few items"))
    return runner, preflight(runner, *_known_labels(project, view))


def _asked(
    project: ProjectData, model: ModelSource | None, weights: str | Path | None
) -> tuple[ModelSource | None, str | Path | None]:
    """The model to run, and its weights: the first that a person names stays the one to run until it or another has run.

    A name that the project has kept is a spec, which trusts no code and fetches nothing: somebody else may have written it.
    """
    if model is not None:
        if not isinstance(model, dict):
            project.set_setting(ASKED, {"model": str(model), "weights": None if weights is None else str(weights)})
        return model, weights
    asked = project.setting(ASKED)
    if asked is None or project.model_spec is not None:
        return model, weights
    return _kept_name(project, asked["model"]), weights or asked.get("weights")


def _kept_name(project: ProjectData, name: str) -> ModelSource:
    if name == "chargrams":
        return name
    spec = spec_for(name)
    if spec["kind"] == "hugging_face" and not Path(spec["source"]).exists() and not cached(spec["source"]):
        raise BadcaseError(
            _("the model that this project asks for is not on this machine"),
            where=str(project.path),
            got=name,
            hint=_("Name it, so that it is fetched: badcase predict {project} --model {name}").format(
                project=project.path, name=name
            ),
        )
    return spec


def follow_prediction(path: Path, model: ModelSource | None, options: dict[str, Any], answers: dict[str, str]) -> None:
    """The part of the other processes in a prediction, where several share it; `answers`: which code the person trusts."""
    take_over(path, answers)
    with ProjectData.attached(path) as project:
        follow_pieces(lambda: Runner(_load(project, model, options), project.items))


def _load(project: ProjectData, source: ModelSource | None, options: dict[str, Any]) -> Model:
    if source is None and (spec := project.model_spec):
        source = stored_spec(spec, project.path)
        project.runs.require_own(source["source"])
    about = {"column": project.taxonomy.column, "root": project.path}
    return _loaded(source or default_backbone(project), project.items, **about, **options)


def _loaded(source: ModelSource, items: Items, **options: Any) -> Model:
    """The model for these items; options as for `load_model`."""
    if source == "chargrams":
        model: Model = CharGramsBackbone(CharGrams.fit(items.texts()))
    else:
        model = load_model(source, kind=items.kind, **options)
    if model.kind is not items.kind:
        raise BadcaseError(
            _("the model reads another kind of item than the project holds"),
            where=model.name,
            expected=items.kind.value,
            got=model.kind.value,
            hint=_("Choose a model for images.") if items.kind is Kind.IMAGE else _("Choose a model for texts."),
        )
    return model


def _known_labels(project: ProjectData, view: ClassView) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    """Labels for the checks before a prediction, and what they are called: as they are told under the classes of the model."""
    labels = view.told(project.taxonomy.view.stored_of(project.labels))
    if project.task == "multilabel":
        return set_matrix(view.label_names, view.classes)[labels], view.label_names
    return labels.astype(np.int64), view.label_names


def _known_run(project: ProjectData, model: ModelSource | None) -> int | None:
    """The current run where it is its model that predicts again; what came from a file has no model."""
    current = project.runs.current
    return current.id if current is not None and model is None and current.start != FROM_FILE else None


# --- a head for a backbone ------------------------------------------------------------------------------------------


def _with_head(project: ProjectData, backbone: Backbone, folder: Path) -> LinearHead:
    embeddings = np.load(folder / "embeddings.npy", mmap_mode="r")
    train = (project.split == Split.TRAIN) & ~project.gold & (project.verdicts != VerdictCode.EXCLUDE) & project.labelled
    k = len(project.label_names)
    if project.labelled.any():
        head = fit_head(embeddings[train], project.taxonomy.answers(project.labels[train]), k)
    else:  # nothing is known of the classes yet
        head = Head(np.zeros((k, embeddings.shape[1]), np.float32), np.zeros(k, np.float32))
    rows = range(0, len(embeddings), CHUNK)
    logits = [half_logits(head.logits(embeddings[start : start + CHUNK]), project.task) for start in rows]
    np.save(folder / "logits.npy", np.concatenate(logits))
    return LinearHead.fitted(backbone, head, project.label_names)


def _logit_thresholds(project: ProjectData, model: Model, names: tuple[str, ...]) -> LogitThresholds:
    """(k,) the logits above which the model answers labels: tuned where its folder says so."""
    if project.task != "multilabel" or model.spec["kind"] in ("packaged", "factory", "chargrams"):
        return np.zeros(len(names))
    return read_logit_thresholds(Path(model.spec["source"]), names)


def _temperature(project: ProjectData, model: Model) -> float:
    """What its logits are divided by before people read them: fitted where its folder says so."""
    if project.task == "multilabel" or model.spec["kind"] in ("packaged", "factory", "chargrams"):
        return 1.0
    return read_temperature(Path(model.spec["source"]))


# --- what is kept ---------------------------------------------------------------------------------------------------


def _initial_run(project: ProjectData, model: Model) -> AbstractContextManager[int]:
    return project.runs.adding(kind=RunKind.INITIAL, title=model.name, revision=project.revision, start="brought")


def _keep_brought(project: ProjectData, run: int, model: Model, folder: Path, report: PreflightReport) -> dict[str, Any]:
    """The model that was brought, as a run: later trainings are compared with its logits; returns what concludes it."""
    place, logit_thresholds = project.runs.get(run).folder, np.load(folder / "cuts.npy")
    if isinstance(model, LinearHead):
        model.spec = model.save(place / "model")
        if logit_thresholds.any():
            write_logit_thresholds(place / "model", project.label_names, logit_thresholds)
    spec = relative_spec(model.spec, project.path)
    facts = {"model_spec": spec, "name": model.name, "revision": project.revision, "preflight": report.as_dict()}
    return keep_initial_run(project, run, folder, facts)


def _trained_on(project: ProjectData, run: int | None) -> npt.NDArray[np.bool_]:
    """(n,) what the model may have learnt; a run that divided the items anew has learnt of validation items too."""
    anew = run is not None and project.runs.get(run).recipe.get("validation", "project") != "project"
    parts = (project.split == Split.TRAIN) | (anew & (project.split == Split.VALIDATION))
    return np.asarray(parts & project.labelled, np.bool_)


def _meta(project: ProjectData, model: Model, folder: Path, report: PreflightReport, made: Made) -> dict[str, Any]:
    logits = np.load(folder / "logits.npy", mmap_mode="r")
    embeddings = np.load(folder / "embeddings.npy", mmap_mode="r")
    return {
        "model": relative_spec(model.spec, project.path),
        "name": model.name,
        "kind": model.spec["kind"],
        "embedding_id": model.embedding_id,
        "n": len(logits),
        "k": logits.shape[1],
        "d": embeddings.shape[1],
        "revision": project.revision,
        "temperature": _temperature(project, model),
        "preflight": report.as_dict(),
        "device": str(model.device),
        "precision": made.precision,
        "engine": made.engine,
        "reduced": made.reduced,
        "processes": made.processes,
        "batch_size": made.batch_size,
        "computed": made.computed,
        "seconds": round(made.seconds, 2),
        "unread": len(made.unread),
    }
