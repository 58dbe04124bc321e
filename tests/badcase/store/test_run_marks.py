"""The folder of a run carries a mark: one of another run or project is told as such wherever its files are wanted."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.mending.check_up import Soundness, check_up
from badcase.progress import finish
from badcase.project import Project
from badcase.store.run_table import RunKind
from tests.projects import predict_from, write_texts


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two closed projects of the same table, each with a run of its own."""
    place = tmp_path_factory.mktemp("runs")
    write_texts(place / "texts.csv", 30)
    for name, seed in (("one", 1), ("two", 2)):
        with Project.create(place / name, place / "texts.csv") as project:
            predict_from(project, np.random.default_rng(seed).normal(size=(30, 3)))
            number = project.runs.add(kind=RunKind.TRAINING, title="a run", state="done")
            (project.runs.get(number).folder / "history.jsonl").write_text(f'{{"epoch": {seed}}}\n')
            (project.runs.get(number).folder / "dynamics.npz").write_bytes(b"no arrays")
    return place


@pytest.fixture
def twins(made: Path, tmp_path: Path) -> tuple[Path, Path]:
    return tuple(shutil.copytree(made / name, tmp_path / name) for name in ("one", "two"))


def swap(one: Path, other: Path, number: str = "1") -> None:
    shutil.rmtree(one / "runs" / number)
    shutil.copytree(other / "runs" / number, one / "runs" / number)


def test_the_folder_of_a_run_of_another_project_is_refused_and_all_else_goes_on(twins: tuple[Path, Path]) -> None:
    swap(*twins)
    with Project.open(twins[0]) as project:
        (run,) = project.runs.all()
        with pytest.raises(BadcaseError, match="another run"):
            _ = run.folder
        with pytest.raises(BadcaseError, match="another run"):
            project.runs.require_own("runs/1/model")
        assert not run.has("history.jsonl"), "lists do without"
        project.rank()  # which reads what the last run saw
    (found,) = (part for part in finish(check_up(twins[0])) if part.state is not Soundness.SOUND)
    assert found.part == "run 1" and "another run" in found.found


def test_the_folder_of_another_run_of_the_same_project_is_refused(twins: tuple[Path, Path]) -> None:
    with Project.open(twins[0]) as project:
        first = project.runs.get(1)
        second = project.runs.get(project.runs.add(kind=RunKind.TRAINING, title="another"))
        shutil.copytree(first.folder, second.folder, dirs_exist_ok=True)
        assert second.place != first.folder
        with pytest.raises(BadcaseError, match="another run"):
            _ = second.folder


@pytest.mark.parametrize("mark", [None, b"", b"[]", b'{"run": ' + b"[" * 5000, b"\xff"], ids=range(5))
def test_a_run_without_its_mark_is_refused(twins: tuple[Path, Path], mark: bytes | None) -> None:
    path = twins[0] / "runs" / "1" / "belongs_to.json"
    path.unlink() if mark is None else path.write_bytes(mark)
    with Project.open(twins[0]) as project, pytest.raises(BadcaseError, match="another run"):
        _ = project.runs.get(1).folder


def test_a_copied_project_and_a_run_whose_folder_was_removed_work(twins: tuple[Path, Path], tmp_path: Path) -> None:
    with Project.open(shutil.copytree(twins[0], tmp_path / "elsewhere" / "copy")) as project:
        assert project.runs.get(1).has("history.jsonl")
        shutil.rmtree(project.runs.get(1).folder)
        assert not project.runs.get(1).folder.exists()


def test_a_new_run_takes_no_folder_that_a_restored_database_no_longer_knows(twins: tuple[Path, Path]) -> None:
    left = twins[0] / "runs" / "2" / "best.safetensors"
    left.parent.mkdir()
    left.write_bytes(b"weights")
    with Project.open(twins[0]) as project:
        assert project.runs.add(kind=RunKind.TRAINING, title="new") == 3
        assert not project.runs.get(3).has("best.safetensors")
    assert left.exists()


def test_the_runs_of_an_older_project_get_their_marks_once(twins: tuple[Path, Path]) -> None:
    old, mark = twins[0], twins[0] / "runs" / "1" / "belongs_to.json"
    mark.unlink()
    with closing(sqlite3.connect(old / "project.db")) as database, database:
        database.execute("DELETE FROM settings WHERE name = 'runs_marked'")
    with Project.open(old, read_only=True) as project:
        assert project.runs.get(1).has("history.jsonl") and not mark.exists()
    with Project.open(old) as project:
        assert project.runs.get(1).has("history.jsonl") and mark.exists()
    mark.unlink()
    with Project.open(old) as project, pytest.raises(BadcaseError, match="another run"):
        _ = project.runs.get(1).folder


def test_a_ranking_of_another_project_is_made_again(twins: tuple[Path, Path]) -> None:
    found = []
    for path in twins:
        with Project.open(path) as project:
            found.append(np.nan_to_num(project.rank().suspicion).tolist())
            (saved,) = project.predictions.current.folder.glob("ranking-*")
    assert found[0] != found[1]
    shutil.rmtree(twins[0] / "predictions" / "1" / saved.name)
    shutil.copytree(saved, twins[0] / "predictions" / "1" / saved.name)
    with Project.open(twins[0]) as project:
        assert np.nan_to_num(project.rank().suspicion).tolist() == found[0]


def test_what_a_killed_writer_of_weights_left_goes_with_its_run(tmp_path: Path) -> None:
    write_texts(tmp_path / "t.csv", 12)
    with Project.create(tmp_path / "p", data=tmp_path / "t.csv") as project:
        place = project.runs.get(project.runs.add(kind=RunKind.TRAINING, title="cut")).folder
        (place / "model").mkdir()
        for name in (".tmpout3rR", "model.safetensors"):
            (place / "model" / name).touch()
    with Project.open(tmp_path / "p"):
        assert [path.name for path in (place / "model").iterdir()] == ["model.safetensors"]
