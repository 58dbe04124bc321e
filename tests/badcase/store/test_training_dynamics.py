"""What a training saw of the items helps a ranking, and never keeps one from being made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from badcase.importing import TASKS
from badcase.project import Project
from badcase.store.run_table import RunRow
from badcase.store.training_dynamics import read_label_dynamics, read_margins, write_dynamics, write_label_dynamics
from tests.projects import write_texts

FILE = "dynamics.npz"


@pytest.fixture(params=TASKS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Project]:
    write_texts(tmp_path / "texts.csv", 30)
    with Project.create(tmp_path / "project", tmp_path / "texts.csv", task=request.param, label="label") as made:
        yield made


def seen(project: Project, items: list[int]) -> RunRow:
    """A run that kept what it saw of some items."""
    run = project.runs.get(project.runs.add(kind="training", title="made", recipe={}, start="pretrained"))
    rows = np.array(items, np.int64)
    if project.task == "multilabel":
        labels = project.taxonomy.matrix(project.labels[rows % 30])
        zeros = np.zeros(labels.shape)
        write_label_dynamics(run.folder, rows, labels, zeros.astype(np.float16), zeros.astype(np.int32), 2)
    else:
        labels = project.labels[rows % 30].astype(np.int64)
        write_dynamics(run.folder, rows, labels, np.zeros((2, len(rows)), np.float16))
    return run


def read(project: Project, run: RunRow) -> object:
    return read_label_dynamics(project, run) if project.task == "multilabel" else read_margins(project, run)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-50])


def _text(path: Path) -> None:
    path.write_text("no arrays")


def _other_names(path: Path) -> None:
    np.savez(path, rows=np.zeros(3))


@pytest.mark.parametrize("damage", [_empty, _cut, _text, _other_names])
def test_a_damaged_record_says_nothing(project: Project, damage: Callable[[Path], None]) -> None:
    run = seen(project, [0, 1, 2])
    assert read(project, run) is not None
    damage(run.folder / FILE)
    assert read(project, run) is None


def test_a_record_of_items_that_are_not_there_says_nothing(project: Project) -> None:
    assert read(project, seen(project, [0, 1, 4000])) is None
