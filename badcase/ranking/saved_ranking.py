"""The ranking of a project: which items take part, and the copy on disk that a window opens in milliseconds.

The copy is a cache: one that cannot be read, or that other code made, is as good as none.
"""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.out_of_memory import is_out_of_memory
from badcase.progress import Job, Notice
from badcase.ranking import project_ranking as of_classes
from badcase.ranking.any_ranking import AnyRanking
from badcase.ranking.multilabel import project_ranking as of_labels
from badcase.ranking.ranking import Ranking
from badcase.scorers import SCORERS
from badcase.store.atomic_files import write_folder_whole
from badcase.store.checks.json_shapes import misfit
from badcase.store.checks.stored_arrays import READ_WHOLE
from badcase.store.mapped_pages import let_go
from badcase.store.prediction_sets import PARTIAL
from badcase.store.training_dynamics import last_watched
from badcase.store.verdicts import VerdictCode

if TYPE_CHECKING:
    from badcase.store.prediction_sets import PredictionSet
    from badcase.store.project_data import ProjectData

# Of what a ranking says and of how it is kept. Raise it with every change of either: all saved rankings are made again then.
VERSION = 4
_REST = "rest.json"
_FEWEST = 5  # labelled items without which nothing can be judged by the others


def _is_finite(value: object) -> bool:
    """Whether numpy can count with a value: a float, or an integer of 64 bits."""
    most = 1 << 63 if isinstance(value, int) else 1e300
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < most


def _are_finite(values: object) -> bool:
    """Whether a value is a list of such numbers, and not empty."""
    return isinstance(values, list) and len(values) > 0 and all(map(_is_finite, values))


_SHAPE = {  # of what is not an array
    "expected_errors": {str: _is_finite},
    "scores": [str],
    "kept?": [str],
    "arrays?": [str],
    "belief?": ({"points": _are_finite, str: _is_finite}, None),
    "epochs?": int,
    "verdicts?": int,
    "identity?": str,
    "classes?": str,
    "data?": int,
    "kinds?": {str: list},
}
_SHARES = ("probs", "suspicion", "label_suspicion")  # arrays whose numbers are from 0 to 1, or NaN, as all scores
_HALF = 0.501  # how far a share may be from one half, as far as its kind of number tells
_OF_ITEMS = ("order", "near", "near_items", "twins", "copies")  # numbers of items; -1 is none
_OF_CLASSES = ("labels", "answers", "suggested")
_NAME = re.compile(r"ranking-(\d+)-(\d+)(?:-(\d+))?")  # revision, run, version; without one it is the first
_TEACH = (*of_classes.ANSWERED, VerdictCode.EXCLUDE)
_EARLY = "early-"  # of how many items
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is different for each task."""

    make: Callable[..., Job[Any]]
    make_early: Callable[..., Job[Any]]
    take_apart: Callable[[Any], tuple[dict[str, NDArray[Any]], dict[str, Any]]]
    put_together: Callable[[Any, dict[str, NDArray[Any]], dict[str, Any]], AnyRanking]


_KINDS = {
    "multiclass": _Kind(of_classes.make, of_classes.make_early, of_classes.take_apart, of_classes.put_together),
    "multilabel": _Kind(of_labels.make, of_labels.make_early, of_labels.take_apart, of_labels.put_together),
}


def ranking_project(project: ProjectData) -> Job[AnyRanking]:
    """Rank the given labels in the light of the verdicts; gold and excluded items take no part.

    Saved beside the prediction set, where it can be.
    """
    predictions = project.predictions.current
    if predictions is None:
        raise BadcaseError(
            _("there is nothing to rank by yet"),
            where=str(project.path),
            expected=_("a prediction set"),
            hint=_("Run the model first: `badcase predict PROJECT`."),
        )
    run = last_watched(project)
    key = project.revision, run.id if run else 0
    saved = _saved(predictions).get(key)
    ranking = None if saved is None else _read(project, saved)
    if saved is not None and ranking is not None:
        if project.read_only is None:
            _remove_older(predictions, saved, key)  # which a program that was killed had no time for
        return ranking
    made = yield from _KINDS[project.task].make(project, predictions, run, _enough(project, rankable(project)))
    with project.caching() as may_keep:
        if not may_keep:
            return made
        try:
            return _kept(project, made, predictions, key)
        except OSError as error:
            yield Notice(_("The ranking could not be kept on the disk: {why}.").format(why=error.strerror), _("Make room on it."))
            return made


def _kept(project: ProjectData, made: AnyRanking, predictions: PredictionSet, key: tuple[int, int]) -> AnyRanking:
    """A ranking of this revision and run on the disk, in the place of those before it."""
    folder = predictions.folder / f"ranking-{key[0]}-{key[1]}-{VERSION}"
    shutil.rmtree(folder, ignore_errors=True)  # one of this name cannot be read
    _write(project, made, folder)
    _remove_older(predictions, folder, key)
    ranking = _read(project, folder)
    if ranking is None:
        raise BadcaseError(
            _("the saved ranking cannot be read"),
            where=str(folder),
            hint=_("Delete this folder and rank again; verdicts and labels are not affected."),
        )
    return ranking


def _remove_older(predictions: PredictionSet, folder: Path, key: tuple[int, int]) -> None:
    newer = {one for later, one in _saved(predictions).items() if later > key}  # of a program that wrote meanwhile
    for older in predictions.folder.glob("ranking-*"):
        if older != folder and older not in newer and _NAME.fullmatch(older.name):
            shutil.rmtree(older, ignore_errors=True)


def ranking_early(project: ProjectData, embeddings: NDArray[np.floating], part: NDArray[np.int64], folder: Path) -> Job[None]:
    """Rank some items while the model still looks at the others, in the place of earlier such rankings.

    Args:
        project: The project.
        embeddings: (m, d) of the part.
        part: (m,) ids of items that take part, ascending.
        folder: Of the prediction under way, where it is kept.
    """
    ranking = yield from _KINDS[project.task].make_early(project, embeddings, part)
    earlier = list(folder.glob(f"{_EARLY}*"))
    _write(project, ranking, folder / f"{_EARLY}{len(ranking.order)}")
    for one in earlier:
        shutil.rmtree(one, ignore_errors=True)


def early_ranking(project: ProjectData) -> AnyRanking | None:
    """What is known while a prediction is under way; None where nothing is, or it was damaged."""
    found = sorted((project.path / "predictions").glob(f"{PARTIAL}*/{_EARLY}*"), key=lambda folder: folder.stat().st_mtime)
    return _read(project, found[-1]) if found else None


def rankable(project: ProjectData) -> NDArray[np.int64]:
    """The items that a ranking learns from: all but gold, what was excluded and what has no label."""
    return np.flatnonzero(~project.gold & (project.verdicts != VerdictCode.EXCLUDE) & project.labelled)


def _enough(project: ProjectData, part: NDArray[np.int64]) -> NDArray[np.int64]:
    """The items that take part; BadcaseError while most wait for a label and too few have one."""
    known = len(np.unique(project.labels[part]))
    if not project.labelled.all() and (len(part) < _FEWEST or known < 2):
        raise BadcaseError(
            _("too few items have a label yet to look for wrong ones"),
            where=str(project.path),
            expected=_("{n} labelled items, of two classes").format(n=_FEWEST),
            got=_("{n} labelled items, of {k} classes").format(n=len(part), k=known),
            hint=_("Label some first: `badcase rank PROJECT --queue label` lists which teach most."),
        )
    return part


def saved_ranking(project: ProjectData) -> AnyRanking | None:
    """The ranking that was made last for the current prediction set, memory-mapped; None where there is none to be used."""
    newest = _newest(project)
    return None if newest is None else _read(project, newest)


def unreadable_rankings(project: ProjectData, predictions: PredictionSet) -> list[Path]:
    """The folders of saved rankings that are damaged; one of other classes or an earlier revision of the data is only old."""
    found = []
    for folder in _saved(predictions).values():
        with suppress(Exception):  # whatever is wrong with it, it is read below
            if _is_old(project, _rest(folder)):
                continue
        if _read(project, folder) is None:
            found.append(folder)
    return found


def _is_old(project: ProjectData, rest: dict[str, Any]) -> bool:
    """Whether a ranking is of other classes, or of the data as they were before an update."""
    return bool(rest.get("classes", "") != project.taxonomy.view.mark or rest.get("data", 1) != project.items.revision)


def verdicts_ranked(project: ProjectData) -> int:
    """How many verdicts the saved ranking has learnt from; 0 where it does not say."""
    newest = _newest(project)
    try:
        return 0 if newest is None else int(_rest(newest).get("verdicts", 0))
    except Exception as error:  # as in `_read`
        if is_out_of_memory(error):
            raise
        return 0


def _saved(predictions: PredictionSet) -> dict[tuple[int, int], Path]:
    """The folders of rankings that this code made, by revision and run."""
    found = [(_NAME.fullmatch(folder.name), folder) for folder in predictions.folder.glob("ranking-*")]
    return {(int(name[1]), int(name[2])): folder for name, folder in found if name is not None and int(name[3] or 1) == VERSION}


def _newest(project: ProjectData) -> Path | None:
    saved = {} if project.predictions.current is None else _saved(project.predictions.current)
    return saved[max(saved)] if saved else None


def _write(project: ProjectData, ranking: AnyRanking, folder: Path) -> None:
    arrays, rest = _KINDS[project.task].take_apart(ranking)
    rest["kinds"] = {name: [values.dtype.str, *values.shape] for name, values in arrays.items() if values.dtype.names is None}
    rest["identity"], rest["data"] = project.items.identity, project.items.revision
    rest["classes"] = project.taxonomy.view.mark
    rest["verdicts"] = int(np.isin(project.verdicts, _TEACH).sum())
    with write_folder_whole(folder, durable=False) as making:
        for name, values in arrays.items():
            np.save(making / f"{name}.npy", values)
        (making / _REST).write_text(json.dumps(rest), encoding="utf-8")


def _read(project: ProjectData, folder: Path) -> AnyRanking | None:
    """A saved ranking; None where it is old or damaged, or lacks something or has more than this code knows."""
    try:
        rest = _rest(folder)
        if _is_old(project, rest):
            return None
        arrays = {path.stem: np.load(path, mmap_mode="r") for path in folder.glob("*.npy")}
        if rest.get("identity", project.items.identity) != project.items.identity:
            raise ValueError("of other items")
        for name, (kind, *shape) in rest.get("kinds", {}).items():
            if [arrays[name].dtype.str, *arrays[name].shape] != [kind, *shape]:
                raise ValueError(f"{name} is {arrays[name].dtype} {arrays[name].shape}")
        ranking = _KINDS[project.task].put_together(project, arrays, rest)
        _check(ranking, arrays, len(project.items), len(project.label_names))
        for values in arrays.values():
            let_go(values)
    except Exception as error:  # a damaged file fails in many ways, and all mean the same here
        if is_out_of_memory(error):
            raise
        _log.warning("the saved ranking in %s cannot be read and is made again: %s", folder, error)
        return None
    return ranking.standing() if isinstance(ranking, Ranking) else ranking


def _check(ranking: AnyRanking, arrays: dict[str, NDArray[Any]], n: int, k: int) -> None:
    """Every array has a row for each of n items, of k classes; only the order leaves those out that take no part."""
    order = ranking.order
    if unknown := ranking.scores.keys() - SCORERS.keys():
        raise ValueError(f"unknown scorers {sorted(unknown)}")
    if {f"score_{name}" for name in ranking.scores} != {name for name in arrays if name.startswith("score_")}:
        raise ValueError("scores without their names")
    if any(len(array) != n for name, array in arrays.items() if name != "order") or len(order) > n:
        raise ValueError("wrong number of rows")
    for name, values in arrays.items():
        plain = name.removeprefix("evidence_")
        is_share = name.startswith("score_") or plain in _SHARES
        if is_share and values.nbytes <= READ_WHOLE and (np.abs(values - np.float32(0.5)) > _HALF).any():
            raise ValueError(f"numbers in {name} that are no shares")
        most = n if plain in _OF_ITEMS else k if plain in _OF_CLASSES and values.dtype.kind == "i" else None
        if most is not None and values.size and not -(name != "order") <= int(values.min()) <= int(values.max()) < most:
            raise ValueError(f"no such item or class in {name}")


def _rest(folder: Path) -> dict[str, Any]:
    """What is not an array."""
    rest: dict[str, Any] = json.loads((folder / _REST).read_text(encoding="utf-8"))
    if (place := misfit(rest, _SHAPE)) is not None:
        raise ValueError(f"{_REST}: {place}")
    return rest
