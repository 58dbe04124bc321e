"""Files of which only a part is there, wherever a person or a project names one: told at once, and never read."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.export import apply_patch
from badcase.importing.arrays.loaded_array import LoadedArray
from badcase.importing.arrays.read_arrays import load_array
from badcase.models.foreign.weight_files import read_weights
from badcase.models.loading import load_model
from badcase.prediction.trained_on import trained_on_items
from badcase.project import Project
from badcase.ui.command_line.verdicts import read_verdicts
from tests.badcase.importing.test_spoilt_sources import LFS
from tests.projects import predict_from, write_texts

SIZE = 40 << 30
NPY = b"\x93NUMPY\x01\x00v\x00" + b"{'descr': '<f4', 'fortran_order': False, 'shape': (12, 894784853), }".ljust(117) + b"\n"
READS: dict[str, Callable[[Project, Path], object]] = {
    "a.patch": lambda project, path: apply_patch(project, path),
    "verdicts.csv": lambda project, path: read_verdicts(project, path),
    "probs.npy": lambda project, path: project.bring_predictions(path),
    "probs.csv": lambda project, path: project.bring_predictions(path),
    "probs.json": lambda project, path: load_array(path, "probs"),
    "trained.txt": lambda project, path: trained_on_items(project, str(path), LoadedArray(np.eye(12, 3)), None),
    "table.csv": lambda project, path: Project.create(path.with_name("made"), path),
    "model.pt2": lambda project, path: project.predict(path),
    "model.onnx": lambda project, path: load_model(path),
    "weights.bin": lambda project, path: read_weights(path, []),
    "transformers/model.safetensors": lambda project, path: load_model(path.parent),
    "ours/backbone.safetensors": lambda project, path: load_model({"kind": "shaped", "source": str(path.parent)}),
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("partial")
    write_texts(place / "texts.csv", 12)
    with Project.create(place / "p", place / "texts.csv") as project:
        predict_from(project, np.eye(3)[np.arange(12) % 3])
    return place


@pytest.fixture
def there(made: Path, tmp_path: Path) -> Path:
    for name in ("transformers/config.json", "ours/badcase.json"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("{}")
    shutil.copytree(made / "p", tmp_path / "p")
    return tmp_path


def write_holes(path: Path, head: bytes = b"") -> Path:
    with path.open("wb") as file:
        file.write(head)
        file.truncate(SIZE)
    return path


@pytest.mark.parametrize("name", READS)
def test_a_file_that_is_nearly_all_holes_is_refused_before_it_is_read(there: Path, name: str) -> None:
    path = write_holes(there / name, NPY if name.endswith(".npy") else b"PK\x03\x04" if name.endswith(".pt2") else b"")
    began = time.process_time()
    with Project.open(there / "p") as project, pytest.raises(BadcaseError, match="unfolds to more than is allowed"):
        READS[name](project, path)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("name", [name for name in READS if name != "table.csv"])
def test_a_note_of_git_lfs_is_told_as_one(there: Path, name: str) -> None:
    (there / name).write_bytes(LFS)
    with Project.open(there / "p") as project, pytest.raises(BadcaseError, match="Git LFS") as refused:
        READS[name](project, there / name)
    assert "git lfs pull" in refused.value.hint


def test_a_text_that_is_nearly_all_holes_is_set_aside(there: Path, tmp_path: Path) -> None:
    for number in range(6):
        path = tmp_path / "texts" / ("cat", "dog")[number % 2] / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"the text {number}")
    write_holes(tmp_path / "texts" / "cat" / "hole.txt")
    with Project.create(tmp_path / "of texts", tmp_path / "texts") as project:
        assert len(project.items) == 6 and [one.key for one in project.set_aside] == ["cat/hole.txt"]


@pytest.mark.parametrize("name", ["runs/1/history.jsonl", "predictions/1/meta.json", "predictions/1/logits.npy"])
def test_a_hole_in_a_project_is_told_and_never_read(there: Path, name: str) -> None:
    (there / "p" / name).parent.mkdir(parents=True, exist_ok=True)
    write_holes(there / "p" / name, NPY)
    began = time.process_time()
    with pytest.raises(BadcaseError), Project.open(there / "p") as project:
        project.predictions.current.check()
    assert time.process_time() - began < 5


def test_a_large_file_without_holes_is_read(there: Path) -> None:
    rows = np.zeros((12, 3), np.float32)
    rows[:, 0] = 1
    np.save(there / "large.npy", rows)
    with (there / "large.npy").open("r+b") as file:  # numbers stand in front; a hole of less than the bound does no harm
        file.truncate(60_000_000)
    assert load_array(there / "large.npy", "probs").values.shape == (12, 3)
