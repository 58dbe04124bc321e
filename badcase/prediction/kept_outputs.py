"""What is kept beside the outputs of a model, whoever made them: neighbours, accuracy, and the run that stands for the model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from badcase.items.kinds import Split
from badcase.neighbours.search import nearest
from badcase.store.atomic_files import write_whole
from badcase.store.classes.class_view import ClassView
from badcase.store.project_data import ProjectData
from badcase.store.run_table import RunState
from badcase.store.thresholds import write_logit_thresholds
from badcase.store.verdicts import VerdictCode

NEIGHBOURS = 50
_ADDED, _TEXTS = 8, 1024


def write_neighbours(folder: Path) -> None:
    """Write neighbours.npy by embeddings.npy, unless it is there."""
    if (folder / "neighbours.npy").exists():
        return
    embeddings = np.load(folder / "embeddings.npy", mmap_mode="r")
    indices, _similarity = nearest(embeddings, min(NEIGHBOURS, len(embeddings) - 1))
    np.save(folder / "neighbours.npy", indices.astype(np.int32))


def write_cut_texts(project: ProjectData, inputs: Any, folder: Path) -> int | None:
    """Write cut.npy, (n,) bool: the texts of which the model has read the beginning alone.

    Args:
        project: The project.
        inputs: What prepares texts for the model; only `TextInputs` cut them.
        folder: Of the prediction set in the making.

    Returns:
        How many tokens it reads; None where nothing is cut, or it reads no tokens.
    """
    if not hasattr(inputs, "cuts"):
        return None
    texts = project.items.texts()
    # A text has no more tokens than bytes, but for the few that the tokenizer adds by itself.
    long = [i for i in range(len(texts)) if len(texts[i].encode()) + _ADDED > inputs.max_length]
    cut = np.zeros(len(project.items), np.bool_)
    for start in range(0, len(long), _TEXTS):
        part = long[start : start + _TEXTS]
        cut[part] = inputs.cuts([texts[i] for i in part])
    if not cut.any():
        return None
    np.save(folder / "cut.npy", cut)
    return inputs.max_length


def accuracy(project: ProjectData, folder: Path, view: ClassView | None = None) -> float | None:
    """Share of the items of the hold-out whose label the model agrees with, of several with all; gold stays out of it.

    view: The classes that the model was made for; None for those now.
    """
    logits, cuts = np.load(folder / "logits.npy", mmap_mode="r"), np.load(folder / "cuts.npy")
    told = None if view is None else project.taxonomy.told_columns(view.state.order)
    if told is not None:
        logits, cuts = told.logits(logits, cuts), told.thresholds(cuts)
    out = project.gold | (project.verdicts == VerdictCode.EXCLUDE) | ~project.labelled
    rows = np.flatnonzero((project.split != Split.TRAIN) & ~out)
    if project.task == "multilabel" and len(rows):
        said = logits[rows] > cuts
        return float((said == project.taxonomy.matrix(project.labels[rows])).all(1).mean())
    return float((logits[rows].argmax(1) == project.labels[rows]).mean()) if len(rows) else None


def keep_initial_run(project: ProjectData, run: int, folder: Path, meta: dict[str, Any]) -> dict[str, Any]:
    """Keep of the run of a model that was brought its logits, with which later trainings are compared, and facts.

    Returns:
        The columns of its row that conclude it, to be written in one step with its predictions.
    """
    place, logit_thresholds = project.runs.get(run).folder, np.load(folder / "cuts.npy")
    logits = np.load(folder / "logits.npy")
    logits[project.split == Split.TRAIN] = np.nan
    with write_whole(place / "logits.npy") as temporary, temporary.open("wb") as file:
        np.save(file, logits)
    with write_whole(place / "meta.json") as temporary:
        temporary.write_text(json.dumps(meta, ensure_ascii=False, indent=1), encoding="utf-8")
    if logit_thresholds.any():
        write_logit_thresholds(place, project.label_names, logit_thresholds)
    measured = accuracy(project, folder)
    return {"state": RunState.DONE, "metrics": {} if measured is None else {"accuracy": measured}}
