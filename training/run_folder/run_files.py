"""The files in the folder of a run: their names, and how they are read and written. numpy only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.out_of_memory import is_out_of_memory
from badcase.store.atomic_files import write_whole
from badcase.store.checks.json_shapes import misfit
from badcase.store.checks.stored_arrays import stored_array
from badcase.store.run_table import RunRow

HISTORY, CHECKPOINT, LOGITS, META, RECIPE, NOTES, MODEL = (
    "history.jsonl",
    "best.safetensors",
    "logits.npy",
    "meta.json",
    "recipe.toml",
    "notes.md",
    "model",
)
ENDED_AT = "ended_at"  # in META: the revision of the labels when the run ended, which may be newer than the one it learnt
STATE = "state.pt"  # what a run goes on from; gone when it has ended
WITHIN = "within.npy"  # the items of a run that was to see no others


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Name the file of a run that cannot be read for what is in it."""
    try:
        yield
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise _damaged(path, error.strerror or str(error)) from error
    except OSError:  # of the machine, which says itself what is wrong
        raise
    except Exception as error:  # json, numpy, torch and safetensors each have exceptions of their own for it
        if is_out_of_memory(error):
            raise
        raise _damaged(path, str(error).partition("\n")[0] or type(error).__name__) from error


def _damaged(path: Path, got: str) -> BadcaseError:
    recipe, hint = path.parent / RECIPE, _("Restore it from a copy, or start again.")
    if recipe.exists():
        hint = _("Restore it from a copy, or train again by the same recipe: `badcase train PROJECT --recipe {recipe}`.")
    return BadcaseError(_("this file of a run is damaged"), where=str(path), got=got, hint=hint.format(recipe=recipe))


def read_history(folder: Path, looks: int = 0) -> list[dict[str, float]]:
    """The epochs of a run; a last line that a killed program left half-written is passed over.

    Args:
        folder: Of the run.
        looks: So many lines there must be, since something else of the run speaks of them.
    """
    path = folder / HISTORY
    with reading(path):
        whole = path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []
        history = [json.loads(line) for line in whole if line]
        if (place := misfit(history, [{str: (float, None)}])) is not None:
            raise ValueError(place)
    if len(history) < looks:
        raise _damaged(path, _("{n} of {all} lines").format(n=len(history), all=looks))
    return history


def read_logits(folder: Path, shape: tuple[int | None, int | None] = (None, None)) -> npt.NDArray[np.floating]:
    """What a run predicted, (n, k) float16, NaN where it did not, as of items that came later; from the disk as it is needed.

    Args:
        folder: Of the run.
        shape: (n, k) of the project, None where any is right.
    """
    with reading(folder / LOGITS):
        made = stored_array(folder / LOGITS, kind="f", shape=(None, shape[1]), may_be_nan=True)
        if shape[0] is None or len(made) == shape[0]:
            return made
        if len(made) > shape[0]:
            raise ValueError(_("{n} rows in place of {m}").format(n=len(made), m=shape[0]))
        return np.concatenate([made, np.full((shape[0] - len(made), made.shape[1]), np.nan, made.dtype)])


def write_history(folder: Path, history: Iterable[dict[str, float]]) -> None:
    """Write the history of a run anew, a line for each entry."""
    write_text(folder / HISTORY, "".join(json.dumps(values) + "\n" for values in history))


def write_text(path: Path, text: str) -> None:
    with write_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_array(path: Path, values: npt.NDArray[Any]) -> None:
    with write_whole(path) as temporary, temporary.open("wb") as file:
        np.save(file, values)


def write_json(path: Path, values: dict[str, Any]) -> None:
    write_text(path, json.dumps(values, ensure_ascii=False, indent=1))


def read_json(path: Path) -> dict[str, Any]:
    """A run's meta.json, or nothing where the run did not come so far."""
    with reading(path):
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if not isinstance(values, dict):
            raise TypeError(type(values).__name__)
    return values


def glance_json(run: RunRow, name: str) -> dict[str, Any]:
    """The same, and nothing where it is damaged: for who looks through other runs than the one that is asked for."""
    try:
        return read_json(run.folder / name)
    except BadcaseError:
        return {}
