"""A project is read where nothing can be written, and beside a program that writes."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.project import Project
from badcase.store.opening.lock import ProjectLock
from badcase.store.run_table import RunKind, RunState
from badcase.store.verdicts import VerdictCode
from tests.projects import SUBJECTS, predict_from, write_texts
from tests.unwritable import read_only, small_disk

NAMES = list(SUBJECTS)


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("read")
    truth = write_texts(folder / "subjects.csv", 48, wrong=3)
    with Project.create(folder / "project", folder / "subjects.csv") as project:
        classes = np.array([NAMES.index(truth[key]) for key in project.items.keys])
        predict_from(project, np.eye(3)[classes] + np.random.default_rng(0).normal(0, 0.3, (48, 3)))
        project.journal.record([0, 1], "exclude")
        project.runs.add(kind=RunKind.TRAINING, title="killed")
    return folder


@pytest.fixture
def folder(_made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(_made, tmp_path / "all"))


def files(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*")}


def cut_off(folder: Path) -> None:
    """Leave a database as a program that was killed did: verdicts in its log alone, and no file for its index."""
    with Project.open(folder) as project:
        for item in range(5, 9):
            project.journal.record(item, "keep")
        for name in ("project.db", "project.db-wal"):
            shutil.copy(folder / name, folder / f"{name}.kept")
    for name in ("project.db", "project.db-wal"):
        (folder / f"{name}.kept").replace(folder / name)


def test_reading_works_where_nothing_can_be_written(folder: Path, tmp_path: Path) -> None:
    before = files(folder)
    with read_only(folder) as shown:
        with pytest.raises(BadcaseError, match=r"only be read|cannot be written to"):
            Project.open(shown / "project")
        with Project.open(shown / "project", read_only=None) as project:
            assert project.read_only is not None
            assert len(project.rank().order) and project.journal.counts().excluded == 2
            assert project.groups("confusions") is not None and project.reviewers().names
            project.export(tmp_path / "out.csv", format="csv")
            (run,) = project.runs.all()
            assert run.state is RunState.FAILED and "ended before" in run.error
            for record in (
                lambda: project.journal.record(4, "keep"),
                project.journal.undo,
                project.accept_consensus,
                lambda: project.set_setting("a", 1),
                project.predict,
                lambda: project.relocate(tmp_path),
                lambda: project.apply(tmp_path / "none.patch"),
            ):
                with pytest.raises(BadcaseError, match="nothing can be recorded") as told:
                    record()
                assert told.value.hint
            assert project.revision == 2
    assert (tmp_path / "out.csv").is_file() and files(folder) == before


def test_a_ranking_that_cannot_be_saved_is_made_in_memory(folder: Path) -> None:
    (ranking,) = folder.glob("project/predictions/*/ranking-*")
    shutil.rmtree(ranking)
    with read_only(folder) as shown, Project.open(shown / "project", read_only=True) as project:
        assert project.ranking is None
        made = project.rank()
        assert project.ranking is made and len(made.order) == 46 - int(project.gold.sum())
    held = ProjectLock(folder / "project")
    with Project.open(folder / "project", read_only=True) as project:
        project.rank()
    held.release()
    assert not list(folder.glob("project/predictions/*/ranking-*"))
    with Project.open(folder / "project", read_only=True) as project:
        project.rank()
    assert list(folder.glob("project/predictions/*/ranking-*")), "it can be saved, so it is"


@pytest.mark.parametrize("index", [False, True])
def test_verdicts_that_stand_in_the_log_alone_are_read_too(folder: Path, index: bool) -> None:
    cut_off(folder / "project")
    if index:
        (folder / "project" / "project.db-shm").write_bytes(bytes(32768))
    before = files(folder)
    with read_only(folder) as shown, Project.open(shown / "project", read_only=True) as project:
        assert np.count_nonzero(project.verdicts == VerdictCode.KEEP) == 4
    assert files(folder) == before


def test_a_log_that_cannot_be_read_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_off(folder / "project")

    def refused(*_paths: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("badcase.store.opening.read_only.shutil.copyfile", refused)
    with (
        read_only(folder) as shown,
        pytest.raises(BadcaseError, match=r"project\.db-wal: the newest changes .* older state .*No space left"),
    ):
        Project.open(shown / "project", read_only=True)


def test_readers_beside_a_writer_see_one_state(folder: Path) -> None:
    with Project.open(folder / "project") as writer:
        first = Project.open(folder / "project", read_only=True)
        writer.journal.record(7, "keep")
        second = Project.open(folder / "project", read_only=True)
        assert first is not second and first is not writer
        assert (first.journal.counts().kept, second.journal.counts().kept) == (0, 1)
        writer.journal.record(8, "keep")
        assert second.journal.history(8) == [] and len(second.journal.history(7)) == 1
        with pytest.raises(BadcaseError, match=r"nothing can be recorded: another program has this project open"):
            second.journal.record(9, "keep")
        assert second.runs.all()[0].state is RunState.FAILED, "the writer closed what was abandoned"
        first.close()
        second.close()
        writer.journal.record(9, "keep")
    with pytest.raises(BadcaseError, match="opened for reading alone"), Project.open(folder / "project", read_only=True) as one:
        one.journal.record(9, "exclude")


def test_a_run_of_a_program_that_is_at_work_is_running(folder: Path) -> None:
    with Project.open(folder / "project") as writer:
        writer.runs.add(kind=RunKind.TRAINING, title="at work")
        with Project.open(folder / "project", read_only=True) as reader:
            assert [run.state for run in reader.runs.all()] == [RunState.FAILED, RunState.RUNNING]


@pytest.mark.parametrize("locked", [False, True])
def test_a_full_disk_is_read(folder: Path, tmp_path: Path, locked: bool) -> None:
    """locked: the lock lies there since an earlier day, and can be taken."""
    with small_disk(tmp_path / "disk") as disk:
        shutil.copytree(folder / "project", disk / "project")
        shutil.copy(folder / "subjects.csv", disk)
        if not locked:
            (disk / "project" / "project.lock").unlink()
        with (disk / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError, match="No space"):
            while True:
                filler.write(bytes(4096))
        with Project.open(disk / "project", read_only=None) as project:
            assert project.read_only is not None
            assert len(project.rank().order)
            with pytest.raises(BadcaseError, match="nothing can be recorded") as told:
                project.journal.record(4, "keep")
            assert "no room left on the disk" in str(told.value) and "Make room" in told.value.hint


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOLCK, "no file locks"),
        (errno.EOPNOTSUPP, "no file locks"),
        (errno.ENOSYS, "no file locks"),
        (errno.EAGAIN, "another program"),
    ],
)
def test_locks_that_fail_are_told_as_what_they_are(folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, says: str) -> None:
    def refuse(_descriptor: int, *, shared: bool = False) -> None:
        raise OSError(number, os.strerror(number))

    (folder / "project" / "project.lock").write_text("4711")
    monkeypatch.setattr("badcase.store.opening.lock._lock", refuse)
    with pytest.raises(BadcaseError, match=says) as told:
        Project.open(folder / "project")
    assert told.value.hint
    with Project.open(folder / "project", read_only=True) as project:
        assert len(project.rank().order)


@pytest.mark.parametrize(
    ("number", "says"), [(errno.EROFS, "only be read"), (errno.EACCES, "cannot be written to"), (errno.ENOSPC, "no room left")]
)
def test_a_lock_that_cannot_be_made_is_told_as_what_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, says: str
) -> None:
    real = os.open

    def opens(path: str | Path, flags: int, *rest: int, **more: int) -> int:
        if Path(path).name == "project.lock" and flags & os.O_RDWR:
            raise OSError(number, os.strerror(number), str(path))
        return real(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", opens)
    with pytest.raises(BadcaseError, match=says):
        Project.open(folder / "project")
    with Project.open(folder / "project", read_only=None) as project:
        assert project.read_only is not None and says in project.read_only.what


def test_a_database_alone_that_cannot_be_written_is_noticed_when_it_is_opened(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda place, _mode: Path(place).name != "project.db")
    with pytest.raises(BadcaseError, match="cannot be written to"):
        Project.open(folder / "project")
    with Project.open(folder / "project", read_only=None) as project, pytest.raises(BadcaseError, match="cannot be written to"):
        project.journal.record(4, "keep")


def test_an_older_project_is_read_as_it_would_be_migrated(folder: Path) -> None:
    connection = sqlite3.connect(folder / "project" / "project.db")
    connection.executescript(
        "ALTER TABLE runs DROP COLUMN part_of; ALTER TABLE journal DROP COLUMN opinion;"
        "ALTER TABLE journal DROP COLUMN classes;"
        "DROP TABLE proposals; PRAGMA application_id = 0; PRAGMA user_version = 1;"
    )
    connection.close()
    with read_only(folder) as shown, Project.open(shown / "project", read_only=True) as project:
        assert project.runs.all()[0].part_of is None
    assert sqlite3.connect(folder / "project" / "project.db").execute("PRAGMA user_version").fetchone() == (1,)
