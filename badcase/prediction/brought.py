"""Predictions that were made elsewhere, brought into a project as a prediction set like any other. No torch here."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from badcase.array_checks import refuse_not_finite
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.arrays.answers import answered, of_two_classes, only_the_best
from badcase.importing.arrays.array_source import ArraySource, load_source, source_name
from badcase.importing.arrays.class_columns import class_columns, few
from badcase.importing.arrays.loaded_array import LoadedArray
from badcase.plain_arrays import plain_values
from badcase.prediction.foreign_scale import logits_of_classes, logits_of_labels, logits_of_one_column
from badcase.prediction.item_rows import ItemRows, rows_of_items
from badcase.prediction.kept_outputs import accuracy, keep_initial_run, write_neighbours
from badcase.prediction.trained_on import TrainedOn, trained_on_items
from badcase.progress import Job, Notice, Progress
from badcase.store.array_shards import half_logits, to_half
from badcase.store.atomic_files import temporary_folder
from badcase.store.prediction_sets import PredictionSet
from badcase.store.run_table import FROM_FILE, RunKind

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

KIND = "file"
_SUM = 0.01
_SMALL, _LARGE = 1e-2, 6e4  # between them the largest of all features is stored as it is


def bring_predictions(
    project: ProjectData,
    probs: ArraySource,
    *,
    features: ArraySource | None = None,
    trained_on: TrainedOn | None = None,
    keys: Sequence[Any] | None = None,
    name: str = "",
) -> Job[PredictionSet]:
    """Make probabilities or logits that were computed elsewhere the project's current prediction set.

    Args:
        project: The project.
        probs: A file, a data frame or an array (n, k): a row for each item, a column for each class.
        features: (n, d) the same of embeddings; without them labels are ranked by the probabilities alone.
        trained_on: Which items the model had trained on, see `trained_on_items`.
        keys: (n,) of the rows of `probs`, and of `features` where they have none.
        name: What the run is called; the name of the file where empty.

    Raises:
        BadcaseError: Where an item has no row, a class no column, or there is no single reading.
    """
    yield Progress(_("Reading the predictions"))
    where = source_name(probs, "probs")
    loaded = load_source(probs, "probs", keys)
    found = rows_of_items(project, loaded, where)
    logits, notes = _logits(project, loaded, found, where)
    trained, said = trained_on_items(project, trained_on, loaded, found.rows)
    for note in [*found.notes, *notes, said]:
        yield Notice(note)
    embeddings = None
    if features is not None:
        yield Progress(_("Reading the features"))
        embeddings = yield from _embeddings(project, features, keys, loaded, found)
    elif trained.any():
        yield Notice(
            _("Without features the ranking goes by these probabilities, also where the model had trained on the label."),
            _("It finds fewer errors there: bring features too, or out-of-fold probabilities with --trained-on none."),
        )
    title = name or (Path(probs).name if isinstance(probs, str | Path) else _("predictions from elsewhere"))
    with temporary_folder(project.path / "predictions" / "new") as folder:
        np.save(folder / "logits.npy", logits)
        np.save(folder / "trained_on.npy", trained)
        np.save(folder / "cuts.npy", np.zeros(logits.shape[1]))
        if embeddings is not None:
            np.save(folder / "embeddings.npy", embeddings)
            yield Progress(_("Finding the nearest items"))
            write_neighbours(folder)
        with project.runs.adding(kind=RunKind.INITIAL, title=title, revision=project.revision, start=FROM_FILE) as run:
            done = keep_initial_run(project, run, folder, {"model_spec": None, "name": title, "revision": project.revision})
            with project.one_step():
                made = project.predictions.add(folder, _meta(project, folder, title, logits, embeddings) | {"run": run})
                project.runs.update(run, **done)
                project.runs.use(run, None)
    return made


def _meta(
    project: ProjectData, folder: Path, title: str, logits: npt.NDArray[np.float16], embeddings: npt.NDArray[np.float16] | None
) -> dict[str, Any]:
    return {
        "model": None,
        "name": title,
        "kind": KIND,
        "embedding_id": None if embeddings is None else hashlib.blake2b(embeddings.tobytes(), digest_size=16).hexdigest(),
        "n": len(logits),
        "k": logits.shape[1],
        "d": 0 if embeddings is None else embeddings.shape[1],
        "revision": project.revision,
        "accuracy": accuracy(project, folder),
        "unread": 0,
    }


# --- probabilities --------------------------------------------------------------------------------------------------


def _logits(project: ProjectData, loaded: LoadedArray, found: ItemRows, where: str) -> tuple[npt.NDArray[np.float16], list[str]]:
    """(n, k) in the order of the classes, and what was understood."""
    rows, columns = found.rows, loaded.columns
    values, names, keys = plain_values("probs", loaded.values), project.label_names, project.items.keys
    if values.dtype.kind == "O":
        with suppress(TypeError, ValueError):
            values = values.astype(np.float32)
    if values.dtype.kind not in "fiub":
        raise BadcaseError(_("wrong type"), where=where, expected=_("numbers"), got=values.dtype)
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim != 2:
        raise BadcaseError(
            _("wrong shape"), where=where, expected=_("a row for each item, a column for each class"), got=values.shape
        )
    if found.column is not None and columns is not None and found.column in columns:  # whole numbers that were the keys
        at = columns.index(found.column)
        values, columns = np.delete(values, at, 1), [*columns[:at], *columns[at + 1 :]]
    several = project.task == "multilabel"
    if values.shape[1] == 1 and not several:
        best = answered(loaded.beside, names, found.rows, but=found.column)
        if len(names) == 2:
            own = np.asarray(values[rows, 0], np.float32)
            refuse_not_finite(own[:, None], keys, where)
            of, own, note = of_two_classes(own, columns, best, names, where)
            logits, notes = logits_of_one_column(own, keys, where, of)
            return half_logits(logits, project.task), [note, *notes]
        if best is not None:
            raise only_the_best(where, _("numbers for all {k} classes").format(k=len(names)), best[0])
    spellings = [[str(one) for one in written] for written in project.source.written.values()] if not several else []
    spellings = [written for written in spellings if len(written) == len(names)]
    chosen = class_columns(columns, values.shape[1], names, where, spellings=spellings, texts=tuple(loaded.beside))
    own = np.asarray(values[rows][:, chosen.places], np.float32)
    refuse_not_finite(own, keys, where)
    if not several:
        _refuse_further_classes(values, rows, own, chosen.left_out, columns or [], where)
    logits, notes = (logits_of_labels if several else logits_of_classes)(own, keys, where)
    if chosen.left_out:
        notes.append(_("Columns that are no class were left out: {names}.").format(names=few(chosen.left_out)))
    return half_logits(logits, project.task), [*chosen.notes, *notes]


def _refuse_further_classes(
    values: npt.NDArray[Any],
    rows: npt.NDArray[np.int64],
    own: npt.NDArray[np.float32],
    left_out: Sequence[str],
    columns: Sequence[str],
    where: str,
) -> None:
    """BadcaseError where columns that are no class of the project hold a part of the probability."""
    for names in [*([name] for name in left_out), list(left_out)] if left_out else []:
        further = np.asarray(values[rows][:, [columns.index(name) for name in names]], np.float64)
        with_them = own.sum(1, dtype=np.float64) + further.sum(1)
        short = np.abs(own.sum(1, dtype=np.float64) - 1) > _SUM
        if short.any() and own.min() >= 0 and further.min() >= 0 and (np.abs(with_them - 1) <= _SUM).all():
            raise BadcaseError(
                _("the model knows classes that the project has not"),
                where=where,
                expected=_("probabilities of the project's classes that sum to 1"),
                got=few(names),
                hint=_("Leave their columns out and divide each row by its sum, or make the project with these classes."),
            )


# --- features -------------------------------------------------------------------------------------------------------


def _embeddings(
    project: ProjectData, features: ArraySource, keys: Sequence[Any] | None, probs: LoadedArray, found: ItemRows
) -> Job[npt.NDArray[np.float16]]:
    """(n, d), scaled where float16 cannot hold them."""
    where = source_name(features, "features")
    loaded = load_source(features, "features", keys if keys is not None and not isinstance(features, str | Path) else None)
    own = _rows_of_features(project, loaded, probs, found, where)
    values = np.asarray(loaded.values)
    if values.ndim != 2 or values.dtype.kind not in "fiub":
        raise BadcaseError(_("wrong shape"), where=where, expected=_("a row of numbers for each item"), got=values.shape)
    chosen = np.asarray(values[own.rows], np.float32)
    refuse_not_finite(chosen, project.items.keys, where)
    for note in own.notes:
        yield Notice(f"{where}: {note}")
    largest = float(np.abs(chosen).max(initial=0))
    if largest and not _SMALL < largest < _LARGE:  # one factor for all: directions and the order of distances stay
        chosen = chosen * (1 / largest)
    return to_half(chosen)


def _rows_of_features(project: ProjectData, loaded: LoadedArray, probs: LoadedArray, found: ItemRows, where: str) -> ItemRows:
    """By keys of their own; without them, by the row of the probabilities that they stand beside."""
    if loaded.beside or found.column is None:
        return rows_of_items(project, loaded, where)
    m, n = len(loaded.values), len(project.items)
    if m == len(probs.values) and (m != n or np.array_equal(found.rows, np.arange(n))):
        return ItemRows(found.rows, found.column, [_("There are no keys, so its rows are taken as those of the probabilities.")])
    if m == n == len(probs.values):
        raise BadcaseError(
            _("the features have no keys, and the probabilities are in another order than the items"),
            where=where,
            expected=_("a column of keys"),
            got=_("rows in the order of the items or of the probabilities, which nothing tells"),
            hint=_("Save the features with their keys, for instance np.savez(FILE, features=features, key=keys)."),
        )
    return rows_of_items(project, loaded, where)
