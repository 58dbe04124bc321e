"""Images that other processes look at: the same is seen, whatever becomes of them, and none of them is left."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from badcase.importing import import_items
from badcase.items import seen_images
from badcase.items.items import FILE
from badcase.parallel import kept_process
from badcase.progress import finish
from tests.badcase.importing.importing import photo, write_tree

N = 240
Processes = list[subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of two classes and several formats, and five files that are none."""
    files = {f"{'ab'[i % 2]}/{i:03}.x": photo(i, format=("JPEG", "PNG", "GIF", "WEBP")[i % 4]) for i in range(N)}
    files |= {"a/empty.jpg": b"", "a/cut.jpg": photo(1)[:300], "b/phone.heic": photo(2)[:300], "b/text.png": b"no image"}
    files["b/note.jpg"] = b"version https://git-lfs.github.com/spec/v1\n"
    return write_tree(tmp_path_factory.mktemp("images"), {name.replace(".x", ".jpg"): raw for name, raw in files.items()})


@pytest.fixture(scope="module")
def seen_here(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return imported(folder, tmp_path_factory.mktemp("here"))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[Processes]:
    """The processes that are started, for however few images."""
    processes: Processes = []
    start = kept_process.start

    def noted(module: str) -> subprocess.Popen[bytes] | None:
        process = start(module)
        processes.extend([process] if process else [])
        return process

    monkeypatch.setattr(kept_process, "start", noted)
    monkeypatch.setattr(seen_images, "_MANY", 0)
    monkeypatch.setattr(seen_images, "cores", lambda: 2)
    yield processes
    assert all(process.returncode is not None for process in processes), "none is left"


def imported(folder: Path, into: Path) -> Any:
    """The table of items, without the mark of this import, and what was set aside."""
    made = finish(import_items(folder, into))
    assert made.n == N and len(made.set_aside) == 5
    return pa.ipc.open_file(into / FILE).read_all().replace_schema_metadata(), made.set_aside


def test_other_processes_see_what_this_one_sees(
    folder: Path, seen_here: Any, tmp_path: Path, started: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_here: list[str] = []
    look = seen_images.look

    def noted(images: Any) -> Any:
        looked_here.extend(name for name, _raw in images)
        return look(images)

    monkeypatch.setattr(seen_images, "look", noted)
    assert imported(folder, tmp_path) == seen_here
    assert started and sorted(looked_here) == ["a/cut.jpg", "a/empty.jpg", "b/note.jpg", "b/phone.heic", "b/text.png"]


def test_a_process_that_is_killed_loses_nothing(folder: Path, seen_here: Any, tmp_path: Path, started: Processes) -> None:
    job = import_items(folder, tmp_path)
    made = None
    try:
        while True:
            next(job)
            for process in started:
                process.kill()
    except StopIteration as end:
        made = end.value
    assert started and made.set_aside == seen_here[1]
    assert pa.ipc.open_file(tmp_path / FILE).read_all().replace_schema_metadata() == seen_here[0]


def test_images_are_seen_where_no_process_can_be_started(
    folder: Path, seen_here: Any, tmp_path: Path, started: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/bin/true")
    assert imported(folder, tmp_path) == seen_here
    assert not started


def test_an_import_that_is_stopped_ends_its_processes(folder: Path, tmp_path: Path, started: Processes) -> None:
    job = import_items(folder, tmp_path)
    while not started:
        next(job)
    job.close()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_process_leaves_when_the_one_that_keeps_it_is_killed() -> None:
    script = (
        "import os\nfrom badcase.parallel import kept_process\n"
        "print(kept_process.start('badcase.items.seen_images').pid, flush=True)\nos.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    status, ends = Path(f"/proc/{int(done.stdout)}/stat"), time.monotonic() + 20
    while status.exists() and ") Z " not in status.read_text():  # a zombie, where nobody takes its status
        assert time.monotonic() < ends
        time.sleep(0.01)
