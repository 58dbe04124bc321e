"""The one door: a project appears whole, is held by one program at a time, and survives whatever ends that program."""

from __future__ import annotations

import gc
import shutil
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.project import Project
from badcase.store.opening.lock import ProjectLock
from badcase.store.run_table import RunKind
from badcase.store.verdicts import Verdict
from tests.projects import write_texts


@pytest.fixture
def table(tmp_path: Path) -> Path:
    write_texts(tmp_path / "texts.csv")
    return tmp_path / "texts.csv"


def test_a_new_project_opens_again_with_the_same_items_classes_and_gold(table: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "project", table) as made:
        assert made.classes == ("animals", "food", "weather")
        assert len(made.items) == 90
        assert 0 < made.gold.sum() < 30
        gold, given = made.gold.copy(), made.given.copy()
    with Project.open(tmp_path / "project") as opened:
        assert (opened.gold == gold).all()
        assert (opened.labels == given).all()
        assert opened.items.key(0) == "t0"


def test_a_project_is_not_made_over_something_that_exists(table: Path, tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    with pytest.raises(BadcaseError, match="something at this path already"):
        Project.create(tmp_path / "project", table)


def test_an_import_that_is_cancelled_leaves_nothing(table: Path, tmp_path: Path) -> None:
    job = Project.creating(tmp_path / "project", table)
    next(job)
    job.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["texts.csv"]


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be held there")
def test_a_new_project_removes_what_a_killed_import_of_its_name_left_but_nothing_else(table: Path, tmp_path: Path) -> None:
    """A hidden folder beside the project stayed for ever."""
    script = """
import os, signal, sys
from badcase.project import Project
making = Project.creating(sys.argv[1], sys.argv[2])
next(making)
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "project"), str(table)], check=False)
    (left,) = tmp_path.glob(".project.*.tmp")
    (tmp_path / ".project.mine.tmp").mkdir()
    running = Project.creating(tmp_path / "project", table)
    next(running)
    (held,) = tmp_path.glob(".project.????????????????.tmp")
    assert held != left
    Project.create(tmp_path / "project", table).close()
    assert held.exists()
    running.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".project.mine.tmp", "project", "texts.csv"]


def test_a_second_program_gets_a_clear_message_and_the_first_goes_on(table: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "project", table) as first:
        lock = tmp_path / "project" / "project.lock"
        with pytest.raises(BadcaseError, match="this program has the project open already"):
            ProjectLock(tmp_path / "project")
        lock.write_text("4711")  # what another process would have written
        with pytest.raises(BadcaseError, match=r"another program has this project open .*process 4711"):
            ProjectLock(tmp_path / "project")
        with Project.open(tmp_path / "project", attached=True) as worker:
            assert worker.classes == first.classes
        first.journal.record([0], Verdict.EXCLUDE)
    with Project.open(tmp_path / "project") as after:
        assert after.journal.counts().excluded == 1


def test_a_project_that_is_opened_twice_is_the_same_and_closes_with_its_last_closing(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cell of a notebook that was run again was told that another program, its own process, has the project open."""
    path = tmp_path / "project"
    first = Project.create(path, table)
    (tmp_path / "link").symlink_to(path)
    monkeypatch.chdir(tmp_path)
    assert Project.open(path) is Project.open("project") is Project.open(tmp_path / "link") is first
    for _closing in range(3):
        first.close()
        assert not first.closed and first.journal.counts().reviewed == 0
    first.close()
    assert first.closed
    first.close()  # once more does no harm
    with Project.open(path) as again:
        assert again is not first


def test_a_project_whose_name_was_given_to_something_else_is_let_go(table: Path, tmp_path: Path) -> None:
    path = tmp_path / "project"
    project = Project.create(path, table)
    del project
    gc.collect()
    ProjectLock(path).release()  # nobody holds it
    changes = Project.open(path).journal.record([0], Verdict.EXCLUDE)  # a noun keeps its project open
    assert changes.items == {0}
    gc.collect()
    ProjectLock(path).release()


def test_a_project_made_anew_at_the_path_of_a_removed_one_is_another(table: Path, tmp_path: Path) -> None:
    left_open = Project.create(tmp_path / "project", table)
    shutil.rmtree(tmp_path / "project")
    with Project.create(tmp_path / "project", table) as made:
        assert made is not left_open
    left_open.close()


def test_a_closed_project_and_one_of_another_thread_say_so(table: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "project", table) as project, ThreadPoolExecutor(1) as pool:
        for use in (lambda: project.journal.counts() and project.runs.all(), lambda: Project.open(project.path)):
            with pytest.raises(BadcaseError, match=r"another thread|open already"):
                pool.submit(use).result()
    for use in (
        lambda: project.predict("chargrams"),
        project.rank,
        lambda: project.journal.record([0], Verdict.EXCLUDE),
        lambda: project.journal.history(0),
        lambda: project.predictions.current,
        lambda: project.runs.all(),
        lambda: project.set_setting("name", 1),
        lambda: project.export(tmp_path / "out.csv"),
    ):
        with pytest.raises(BadcaseError, match="the project is closed") as refused:
            use()
        assert "badcase.Project.open" in refused.value.hint


def test_a_folder_that_is_no_project_and_one_of_a_newer_program_are_refused_untouched(table: Path, tmp_path: Path) -> None:
    with pytest.raises(BadcaseError, match="not a badcase project"):
        Project.open(tmp_path)
    Project.create(tmp_path / "project", table).close()
    database = sqlite3.connect(tmp_path / "project" / "project.db")
    database.execute("PRAGMA user_version = 999")
    database.close()
    with pytest.raises(BadcaseError, match="made by a newer badcase"):
        Project.open(tmp_path / "project")


def test_a_damaged_database_is_reported_in_words(table: Path, tmp_path: Path) -> None:
    Project.create(tmp_path / "project", table).close()
    (tmp_path / "project" / "project.db").write_bytes(b"this was a database once" * 500)
    with pytest.raises(BadcaseError, match="not a readable project database"):
        Project.open(tmp_path / "project")


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files")
def test_a_full_disk_is_not_told_as_a_damaged_database(table: Path, tmp_path: Path) -> None:
    """The advice was to restore the file from a copy, which would have thrown verdicts away."""
    Project.create(tmp_path / "project", table).close()
    script = (
        "import resource, sys\n"
        "from badcase.project import Project\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    Project.open(sys.argv[1])\n"
        "except ValueError as error:\n"
        "    print(error, error.hint)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "project")], capture_output=True, text=True, check=True)
    assert "cannot be opened now (got disk I/O error)" in done.stdout
    assert "Make room on the disk" in done.stdout
    Project.open(tmp_path / "project").close()


def test_kill_9_loses_no_verdict_that_was_acknowledged(table: Path, tmp_path: Path) -> None:
    Project.create(tmp_path / "project", table).close()
    script = (
        "import sys\n"
        "from badcase.project import Project\n"
        "project = Project.open(sys.argv[1])\n"
        "for item in range(80):\n"
        "    project.journal.record([item], 'relabel', (int(project.given[item]) + 1) % 3)\n"
        "    print(item, flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "project")], stdout=subprocess.PIPE, stdin=subprocess.PIPE
    ) as program:
        assert program.stdout is not None
        acknowledged = [int(program.stdout.readline()) for _ in range(37)]
        program.send_signal(signal.SIGKILL)
    with Project.open(tmp_path / "project") as after:
        assert (after.verdicts[acknowledged] == 1).all()
        assert (after.labels[acknowledged] == (after.given[acknowledged] + 1) % 3).all()
        assert after.journal.undo() is not None


def test_undo_and_redo_go_on_after_a_restart(table: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "project", table) as project:
        project.journal.record([0, 1], Verdict.KEEP)
        project.journal.record([2], Verdict.EXCLUDE)
        project.journal.undo()
    with Project.open(tmp_path / "project") as project:
        assert (project.journal.undo_title, project.journal.redo_title) == ("2 kept", "excluded")
        project.journal.redo()
        project.journal.undo()
        project.journal.undo()
        assert project.journal.undo() is None
        assert not project.verdicts.any()


def test_a_run_whose_program_was_killed_is_marked_when_the_project_opens_again(table: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "project", table) as project:
        number = project.runs.add(kind=RunKind.TRAINING, title="plain")
        assert project.runs.get(number).state == "running"
    with Project.open(tmp_path / "project") as project:
        assert project.runs.get(number).state == "failed"
        assert "ended before" in project.runs.get(number).error
        with pytest.raises(BadcaseError, match="no such run"):
            project.runs.get(99)


def test_a_prediction_set_is_whole_or_not_there(table: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "project", table) as project:
        assert project.predictions.current is None
        made = project.path / "made"
        made.mkdir()
        logits = np.random.default_rng(0).normal(size=(90, 3)).astype(np.float16)
        np.save(made / "logits.npy", logits)
        number = project.predictions.add(made, {"k": 3}).id
    with Project.open(tmp_path / "project") as project:
        assert project.predictions.current is not None
        assert project.predictions.current.id == number
        np.testing.assert_allclose(project.predictions.current.probabilities().sum(1), 1, atol=1e-5)
        with pytest.raises(BadcaseError, match="cannot be read"):
            _ = project.predictions.current.embeddings
