"""The small projects that actions are killed on, each made once and copied for every kill."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from badcase.project import Project
from tests.projects import SUBJECTS, predict_from, write_texts

N = 36
QUICK = {"epochs": 2, "head_epochs": 1, "batch_size": 16}


def media_of(format: str) -> dict[str, Any]:
    return {"media": "copy"} if format in ("csv", "coco", "fiftyone") else {}


def make_bases(folder: Path, wanted: set[str]) -> None:
    """Make the folders that actions begin in, each in a process of its own: this one stays without threads."""
    for name in sorted(wanted):
        child = os.fork()
        if not child:
            try:
                (folder / name).mkdir(parents=True)
                BASES[name](folder / name)
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        if os.waitpid(child, 0)[1]:
            raise RuntimeError(f"the base {name} cannot be made")


def _texts(place: Path, *, model: bool = False) -> Project:
    truth = write_texts(place / "subjects.csv", N, wrong=3)
    project = Project.create(place / "project", place / "subjects.csv")
    (place / "out").mkdir()
    if model:
        project.predict("chargrams")
        project.rank()
    else:
        classes = np.array([list(SUBJECTS).index(truth[key]) for key in project.items.keys])
        predict_from(project, np.eye(3)[classes] + np.random.default_rng(0).normal(0, 0.3, (N, 3)))
    return project


def _plain(place: Path) -> None:
    _texts(place).close()


def _judged(place: Path) -> None:
    """Two reviewers who agree in much, a patch of other verdicts, and exports of an earlier state."""
    with _texts(place) as project:
        for item in range(24):
            kind = ("relabel", "keep", "exclude", "unsure")[item % 4]
            label = (int(project.given[item]) + 1) % 3 if kind == "relabel" else None
            project.journal.record(item, kind, label, who=("ann", "ben", "cem")[item % 3])
        project.export(place / "all.patch", format="patch")
        while project.journal.undo():
            pass
        for item in range(10, 20):
            for who in ("ann", "ben"):
                project.journal.record(item, "relabel", (int(project.given[item]) + 1) % 3, who=who)
            project.journal.record(item, "keep", who="cem")
        for format in ("same", "csv", "jsonl", "parquet", "hf", "labelstudio", "patch"):
            project.export(place / "out" / format, format=format)
        project.journal.record(0, "exclude")
        project.journal.record(1, "relabel", (int(project.given[1]) + 1) % 3)


def _images(place: Path) -> None:
    rng = np.random.default_rng(0)
    for number in range(12):
        path = place / "images" / ("cat", "dog")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (16, 16, 3), np.uint8)).save(path)
    with Project.create(place / "project", place / "images") as project:
        (place / "out").mkdir()
        for format in ("same", "csv", "folder", "hf", "coco", "fiftyone", "parquet"):
            project.export(place / "out" / format, format=format, **media_of(format))
        project.journal.record(0, "exclude")
        project.journal.record(1, "relabel", 0)


def _modelled(place: Path) -> None:
    _texts(place, model=True).close()


def _trained(place: Path) -> None:
    from badcase.training import train

    with _texts(place, model=True) as project:
        train(project, QUICK)


BASES: dict[str, Callable[[Path], None]] = {
    "plain": _plain,
    "judged": _judged,
    "images": _images,
    "modelled": _modelled,
    "trained": _trained,
}
