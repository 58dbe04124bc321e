"""Run a model over all items of a project and keep what it says as a prediction set."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.files import write_whole
from badcase.items import Kind
from badcase.items.kinds import Split
from badcase.journal import VerdictCode
from badcase.language import _, plural
from badcase.models import Backbone, LinearHead, Model, default_backbone, fit_head, load_model, relative_spec
from badcase.models.chargrams import CharGrams, CharGramsBackbone
from badcase.models.model import digest_of
from badcase.models.running import Runner
from badcase.neighbours import nearest
from badcase.predictions import PredictionSet
from badcase.preflight import Level, PreflightReport, preflight
from badcase.progress import Job, Notice, Progress
from badcase.runs import RunState
from badcase.shards import Shards, to_half

if TYPE_CHECKING:
    from badcase.project import Project

ModelSource: TypeAlias = str | Path | dict[str, Any]
NEIGHBOURS = 50
CHUNK = 65_536
PARTIAL = ".partial-"


@dataclass(frozen=True, slots=True)
class _Made:
    """How the outputs in a folder came about."""

    seconds: float
    computed: int
    batch_size: int
    precision: str
    unread: dict[int, str]


def predict(
    project: Project,
    model: ModelSource | None = None,
    *,
    weights: str | Path | None = None,
    batch_size: int | None = None,
    device: str | None = None,
    trust_remote_code: bool = False,
    run: int | None = None,
) -> Job[PredictionSet]:
    """Logits, embeddings and neighbours of all items, made the project's current prediction set.

    model: what `load_model` takes; without it the project's current model, else the packaged backbone that suits it.
    A packaged backbone gets a linear head on the labels that hold now. run: the run that made the model; a model that
    comes from no run becomes a run of its own, kind "initial". A prediction that was stopped goes on where it was.
    """
    yield Progress(_("Loading the model"))
    options = {"weights": weights, "trust_remote_code": trust_remote_code, "device": device}
    chosen = _load(project, model, options)
    for note in chosen.notes:
        yield Notice(note)
    yield Progress(_("Checking the model on a few items"))
    runner = Runner(chosen, project.items, batch_size)
    report = preflight(runner, project.labels, project.classes)
    for finding in report.findings:
        if finding.level is not Level.FINE:
            yield Notice(finding.text, finding.hint)
    run = run if run is not None else _known_run(project, model)
    shelf = project.path / "predictions"
    with _temporary_folder(shelf) as folder:
        made = yield from _outputs(project, runner, folder)
        if isinstance(chosen, Backbone):
            yield Progress(_("Fitting a linear head on the features"))
            chosen = _with_head(project, chosen, folder)
            report = replace(report, accuracy=_accuracy(project, np.load(folder / "logits.npy", mmap_mode="r")))
        yield Progress(_("Finding the nearest items"))
        _write_neighbours(folder)
        np.save(folder / "trained_on.npy", project.split == Split.TRAIN)
        if run is None:
            run = _add_initial_run(project, chosen, folder, report)
        meta = _meta(project, chosen, folder, report, made) | {"run": run}
        made_set = project.add_prediction_set(folder, meta)
    _make_current(project, run)
    for partial in shelf.glob(f"{PARTIAL}*"):
        shutil.rmtree(partial, ignore_errors=True)
    return made_set


def _load(project: Project, source: ModelSource | None, options: dict[str, Any]) -> Model:
    source = source or project.model_spec or default_backbone(project)
    if source == "chargrams":
        model: Model = CharGramsBackbone(CharGrams.fit(project.items.texts()))
    else:
        model = load_model(source, classes=project.classes, kind=project.kind, root=project.path, **options)
    if model.kind is not project.kind:
        raise BadcaseError(
            _("the model reads another kind of item than the project holds"),
            where=model.name,
            expected=project.kind.value,
            got=model.kind.value,
            hint=_("Choose a model for {kind}s.").format(kind=project.kind.value),
        )
    return model


def _known_run(project: Project, model: ModelSource | None) -> int | None:
    """The current run where it is its model that predicts again."""
    current = project.current_run
    return current.id if current is not None and model is None else None


@contextmanager
def _temporary_folder(shelf: Path) -> Iterator[Path]:
    """A folder for new files; what a killed program left in such folders goes with it."""
    shelf.mkdir(parents=True, exist_ok=True)
    for old in shelf.glob(".new-*"):
        shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=shelf))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# --- outputs --------------------------------------------------------------------------------------------------------


def _outputs(project: Project, runner: Runner, folder: Path) -> Job[_Made]:
    """Write logits.npy and embeddings.npy: from an earlier set with the same embeddings, else by running the model."""
    started, model = time.monotonic(), runner.model
    earlier = _same_embeddings(project, model)
    if earlier is not None and model.head_logits(earlier.embeddings[:1]) is not None:
        yield Notice(_("The features of prediction set {n} are used again; only the head is new.").format(n=earlier.id))
        _reuse(earlier, model, folder)
        return _Made(time.monotonic() - started, 0, 0, "", {})
    return (yield from _compute(project, runner, folder, started))


def _same_embeddings(project: Project, model: Model) -> PredictionSet | None:
    wanted = model.embedding_id
    whole = [made for made in project.prediction_sets() if not made.meta.get("unread")]
    same = [made for made in whole if made.meta.get("embedding_id") == wanted]
    return same[-1] if same else None


def _reuse(earlier: PredictionSet, model: Model, folder: Path) -> None:
    for name in ("embeddings.npy", "neighbours.npy"):
        if (earlier.folder / name).exists():
            shutil.copyfile(earlier.folder / name, folder / name)
    rows = range(0, len(earlier.embeddings), CHUNK)
    parts = [model.head_logits(earlier.embeddings[start : start + CHUNK]) for start in rows]
    np.save(folder / "logits.npy", np.concatenate([to_half(part) for part in parts if part is not None]))


def _compute(project: Project, runner: Runner, folder: Path, started: float) -> Job[_Made]:
    n = len(project.items)
    shards = Shards(_partial(project, runner.model), n)
    missing = _order(project, np.flatnonzero(~shards.done))
    if len(missing) < n:
        text = plural("{n} item was finished before; it is not run again.",
                      "{n} items were finished before; they are not run again.", n - len(missing))  # fmt: skip
        yield Notice(text.format(n=n - len(missing)))
    unread: dict[int, str] = {}
    halved = 0  # a batch that the check above could not hold is told of here
    done = n - len(missing)
    try:
        for piece in runner.pieces(missing):
            read = np.array([int(i) not in piece.unread for i in piece.ids])  # the others are tried again next time
            shards.add(piece.ids[read], piece.logits[read], piece.embeddings[read])
            unread |= piece.unread
            done += len(piece.ids)
            if runner.halved > halved:
                halved = runner.halved
                yield Notice(_("Memory ran out; the batch size is {n} from here on.").format(n=runner.batch_size))
            yield Progress(_("Predicting"), done, n, "items")
    finally:
        shards.write()
    if unread:
        if len(unread) == n:
            raise BadcaseError(
                _("no item of the project can be read"),
                where=project.items.key(0),
                got=next(iter(unread.values())),
                hint=_("Put the data back where it was when the project was made."),
            )
        yield _unread_notice(project, unread)
    shards.assemble(folder)
    precision = str(runner.precision or "float32").removeprefix("torch.")
    return _Made(time.monotonic() - started, len(missing), runner.batch_size, precision, unread)


def _partial(project: Project, model: Model) -> Path:
    """Where the shards of this model lie; a model with other weights or another order of classes has another folder."""
    facts = f"{digest_of(model.network, model.inputs)} {model.order} {len(project.items)}"
    name = hashlib.blake2b(facts.encode(), digest_size=8).hexdigest()
    return project.path / "predictions" / f"{PARTIAL}{name}"


def _order(project: Project, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Long texts first and together: batches need little padding, and memory runs out at once or never."""
    if project.kind is Kind.IMAGE:
        return ids
    texts = project.items.texts()
    lengths = np.array([len(texts[int(i)]) for i in ids])
    return ids[np.argsort(-lengths, kind="stable")]


def _unread_notice(project: Project, unread: dict[int, str]) -> Notice:
    first, why = next(iter(unread.items()))
    text = plural(
        "{n} item could not be read and has no prediction: {key} ({why})",
        "{n} items could not be read and have no prediction, the first: {key} ({why})",
        len(unread),
    )
    return Notice(
        text.format(n=len(unread), key=project.items.key(first), why=why),
        _("Put the files back where they were and predict again."),
    )


# --- a head for a backbone ------------------------------------------------------------------------------------------


def _with_head(project: Project, backbone: Backbone, folder: Path) -> LinearHead:
    embeddings = np.load(folder / "embeddings.npy", mmap_mode="r")
    train = (project.split == Split.TRAIN) & ~project.gold & (project.verdicts != VerdictCode.EXCLUDE)
    head = fit_head(embeddings[train], project.labels[train], len(project.classes))
    logits = [to_half(head.logits(embeddings[start : start + CHUNK])) for start in range(0, len(embeddings), CHUNK)]
    np.save(folder / "logits.npy", np.concatenate(logits))
    return LinearHead.fitted(backbone, head, project.classes)


def _accuracy(project: Project, logits: npt.NDArray[Any]) -> float | None:
    """Share of the labels of the hold-out that the model agrees with; gold stays out of it."""
    rows = np.flatnonzero((project.split != Split.TRAIN) & ~project.gold & (project.verdicts != VerdictCode.EXCLUDE))
    return float((logits[rows].argmax(1) == project.labels[rows]).mean()) if len(rows) else None


# --- what is kept ---------------------------------------------------------------------------------------------------


def _write_neighbours(folder: Path) -> None:
    if (folder / "neighbours.npy").exists():
        return
    embeddings = np.load(folder / "embeddings.npy", mmap_mode="r")
    indices, _similarity = nearest(embeddings, min(NEIGHBOURS, len(embeddings) - 1))
    np.save(folder / "neighbours.npy", indices.astype(np.int32))


def _add_initial_run(project: Project, model: Model, folder: Path, report: PreflightReport) -> int:
    """The model that was brought, as a run: later trainings are compared with its logits."""
    run = project.add_run(
        kind="initial", title=model.name, state=RunState.RUNNING, revision=project.revision, start="brought"
    )
    place = project.run(run).folder
    if isinstance(model, LinearHead):
        model.spec = model.save(place / "model")
    logits = np.load(folder / "logits.npy")
    logits[project.split == Split.TRAIN] = np.nan
    with write_whole(place / "logits.npy") as temporary, temporary.open("wb") as file:
        np.save(file, logits)
    spec = relative_spec(model.spec, project.path)
    with write_whole(place / "meta.json") as temporary:
        values = {"model_spec": spec, "name": model.name, "revision": project.revision, "preflight": report.as_dict()}
        temporary.write_text(json.dumps(values, ensure_ascii=False, indent=1), encoding="utf-8")
    metrics = {"accuracy": _accuracy(project, np.load(folder / "logits.npy", mmap_mode="r"))}
    project.update_run(run, state=RunState.DONE, metrics={k: v for k, v in metrics.items() if v is not None})
    return run


def _make_current(project: Project, run: int) -> None:
    meta = project.predictions.meta if project.predictions is not None else {}
    if meta.get("model"):
        project.set_model_spec(meta["model"])
    project.set_current_run(run)


def _meta(project: Project, model: Model, folder: Path, report: PreflightReport, made: _Made) -> dict[str, Any]:
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
        "accuracy": _accuracy(project, logits),
        "preflight": report.as_dict(),
        "device": str(model.device),
        "precision": made.precision,
        "batch_size": made.batch_size,
        "computed": made.computed,
        "seconds": round(made.seconds, 2),
        "unread": len(made.unread),
    }
