"""A hint at one item of a project, kept beside its prediction set. The window reads what is kept; the worker makes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from badcase.class_names import ClassNames
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import Kind
from badcase.progress import Job, Progress
from badcase.store.atomic_files import write_whole
from badcase.store.prediction_sets import PredictionSet

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

VERSION = 1  # of what a hint says: raise it with every change


class HintMethod(StrEnum):
    """How a hint is made; each has a file of its own."""

    OCCLUSION = "occlusion"
    GRAD_CAM = "grad-cam"
    LEFT_OUT_WORDS = "left-out-words"


def methods_for(kind: Kind) -> list[HintMethod]:
    """Those that there are for texts or for images, the one that works with every model first."""
    return [HintMethod.LEFT_OUT_WORDS] if kind is Kind.TEXT else [HintMethod.OCCLUSION, HintMethod.GRAD_CAM]


@dataclass(frozen=True, slots=True)
class Hint:
    """What speaks for the first class (above 0) over the second (below): a grid (h, w) over an image, or words of a text by
    their start, end and weight; the other is empty."""

    heat: NDArray[np.float32]
    words: tuple[tuple[int, int, float], ...]

    @classmethod
    def read(cls, kept: Any) -> Hint:
        """From JSON; ValueError where it is no hint."""
        if not isinstance(kept, dict) or kept.get("version") != VERSION:
            raise ValueError("version")
        heat, words = np.array(kept["heat"], np.float32), [(int(a), int(b), float(weight)) for a, b, weight in kept["words"]]
        heat = heat.reshape(0, 0) if not heat.size else heat
        if heat.ndim != 2 or not np.isfinite(heat).all() or not all(0 <= a < b and np.isfinite(weight) for a, b, weight in words):
            raise ValueError("shape")
        return cls(heat, tuple(words))

    def plain(self) -> dict[str, Any]:
        return {"version": VERSION, "heat": self.heat.tolist(), "words": [list(one) for one in self.words]}


def kept_hint(project: ProjectData, item: int, method: HintMethod, first: int, second: int) -> Hint | None:
    """What was found before for two classes; None where nothing was, or what is kept is damaged."""
    predictions = project.predictions.current
    if predictions is None:
        return None
    try:
        return Hint.read(json.loads(_path(project, predictions, item, method, first, second).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _path(project: ProjectData, predictions: PredictionSet, item: int, method: HintMethod, first: int, second: int) -> Path:
    one, other = project.taxonomy.view.stored[[first, second]].tolist()  # their ids never change, whatever becomes of the classes
    return predictions.folder / f"hint-{method}-{item}-{one}-{other}.json"


def _places(project: ProjectData, predictions: PredictionSet, *classes: int) -> tuple[ClassNames, list[int]]:
    """The classes of the model, and the places of some classes among them."""
    view = project.journal.view_at(project.runs.get(predictions.meta["run"]).revision)
    places = [view.told_one(int(project.taxonomy.view.stored[one])) for one in classes]
    for one, place in zip(classes, places, strict=True):
        if place < 0:
            never, remedy = _("the model was never taught this class"), _("Train it: `badcase train PROJECT`.")
            raise BadcaseError(never, where=project.classes[one], hint=remedy)
    return view.label_names, places


def hinting(project: ProjectData, item: int, method: HintMethod, first: int, second: int) -> Job[Hint]:
    """Look for what speaks for one class over another with the model of the prediction set in use, and keep it.

    first, second: classes now; the same twice asks what speaks for it over all others.

    Raises:
        BadcaseError: Nobody knows the model, it knows no such class, or the method does not suit it.
    """
    from badcase.models import load_model, stored_spec

    project.require_one_label(_("a hint"))
    predictions = project.predictions.current
    if predictions is None or not predictions.has_model:
        raise BadcaseError(
            _("no model is there that could be asked"),
            where=str(project.path),
            hint=_("Predict with a model: the predictions in use came from a file, or there are none."),
        )
    yield Progress(_("Loading the model"))
    spec = stored_spec(predictions.meta["model"], project.path)
    project.runs.require_own(spec["source"])
    names, (one, other) = _places(project, predictions, first, second)
    model = load_model(spec, kind=project.kind, root=project.path, classes=names, column=project.taxonomy.column)
    raw = project.items.for_model(item)
    yield Progress(_("Looking for what the answer hangs on"))
    found = _looked(method)(model, raw, one, other)
    heat = found if isinstance(found, np.ndarray) else np.empty((0, 0), np.float32)
    made = Hint(heat, () if isinstance(found, np.ndarray) else tuple(found))
    with write_whole(_path(project, predictions, item, method, first, second), durable=False) as path:
        path.write_text(json.dumps(made.plain()), encoding="utf-8")
    return made


def _looked(method: HintMethod) -> Callable[[Any, Any, int, int], Any]:
    """The function of a method, imported when it is asked for: all of them need torch."""
    from badcase.attribution.grad_cam import grad_cam
    from badcase.attribution.left_out_words import left_out_words
    from badcase.attribution.occlusion import occlusion

    made: dict[HintMethod, Callable[[Any, Any, int, int], Any]] = {
        HintMethod.OCCLUSION: occlusion,
        HintMethod.GRAD_CAM: grad_cam,
        HintMethod.LEFT_OUT_WORDS: left_out_words,
    }
    return made[method]
