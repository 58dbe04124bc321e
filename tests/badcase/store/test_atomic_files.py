"""What is written is whole: at each moment a path is what it was or what it becomes, and what a kill left is mended."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from badcase.errors import BadcaseError
from badcase.store import atomic_files
from badcase.store.atomic_files import replace_whole, write_folder_whole, write_whole
from badcase.store.opening.lock import ProjectLock


class Killed(BaseException):
    """Stands for the end of the process: nothing after it runs that would tidy up."""


def make(path: Path, folder: bool, content: str) -> None:
    if folder:
        path.mkdir()
        (path / "inside").write_text(content)
    else:
        path.write_text(content)


def read(path: Path) -> str:
    return (path / "inside" if path.is_dir() else path).read_text()


@pytest.mark.parametrize("new", [False, True], ids=["file", "folder"])
@pytest.mark.parametrize("old", [False, True, None], ids=["of a file", "of a folder", "of nothing"])
def test_a_file_or_folder_takes_the_place_of_either(old: bool | None, new: bool, tmp_path: Path) -> None:
    path = tmp_path / "out"
    if old is not None:
        make(path, old, "old")
    with replace_whole(path) as (fresh,):
        make(fresh, new, "new")
        assert old is None or read(path) == "old"
    assert read(path) == "new" and path.is_dir() == new
    assert [one.name for one in tmp_path.iterdir()] == ["out"]


def test_a_link_is_replaced_and_not_what_it_leads_to(tmp_path: Path) -> None:
    make(tmp_path / "elsewhere", True, "kept")
    (tmp_path / "out").symlink_to(tmp_path / "elsewhere")
    with replace_whole(tmp_path / "out") as (fresh,):
        make(fresh, True, "new")
    assert read(tmp_path / "elsewhere") == "kept" and read(tmp_path / "out") == "new" and not (tmp_path / "out").is_symlink()


def test_a_folder_is_there_at_each_moment_while_it_is_replaced(tmp_path: Path) -> None:
    path, over, missed = tmp_path / "out", threading.Event(), []
    make(path, True, "0")
    if not atomic_files._swap(path, path):
        pytest.skip("this file system cannot exchange two names in one step")

    def look() -> None:
        while not over.is_set():
            try:
                read(path)
            except OSError as error:
                missed.append(error)

    looking = threading.Thread(target=look)
    looking.start()
    for i in range(200):
        with replace_whole(path) as (fresh,):
            make(fresh, True, str(i))
    over.set()
    looking.join()
    assert not missed and read(path) == "199"


@pytest.mark.parametrize("steps", [1, 2])
def test_where_two_names_cannot_be_exchanged_the_next_one_mends_what_a_kill_left(
    steps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out"
    make(path, True, "old")
    monkeypatch.setattr(atomic_files, "_swap", lambda _one, _other: False)
    moves, replace = [], Path.replace

    def killed_after(self: Path, target: Path) -> Path:
        if len(moves) == steps:
            raise Killed
        moves.append(self)
        return replace(self, target)

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(Path, "replace", killed_after)
        patched.setattr(atomic_files, "_remove", lambda _path: (_ for _ in ()).throw(Killed))
        with replace_whole(path) as (fresh,):
            make(fresh, True, "new")
    with pytest.raises(ZeroDivisionError), replace_whole(path):
        assert read(path) == ("old" if steps == 1 else "new")  # mended before anything is written
        raise ZeroDivisionError
    assert [one.name for one in tmp_path.iterdir()] == ["out"]


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    make(tmp_path / "file", False, "old")
    with pytest.raises(ZeroDivisionError), write_whole(tmp_path / "file") as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), write_folder_whole(tmp_path / "folder") as temporary:
        make(temporary / "part", False, "half")
        raise ZeroDivisionError
    assert read(tmp_path / "file") == "old" and [one.name for one in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("swaps", [True, False])
@pytest.mark.parametrize("fails", ["fresh", "t.csv"])
def test_of_several_all_take_their_places_or_none_does(
    fails: str, swaps: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make_new(folder: Path) -> None:
        folder.mkdir()
        (folder / "fresh").write_text("new")

    def contents(folder: Path) -> dict[str, str]:
        return {path.name: path.read_text() for path in folder.iterdir()}

    table, images, place = tmp_path / "t.csv", tmp_path / "images", atomic_files._place
    make(table, False, "old")
    make(images, True, "old")

    def failing(fresh: Path, path: Path) -> None:
        if path.name == fails:
            raise OSError("the disk has gone")
        place(fresh, path)

    if not swaps:
        monkeypatch.setattr(atomic_files, "_swap", lambda _one, _other: False)
    with monkeypatch.context() as patched, pytest.raises(OSError, match="the disk has gone"):
        patched.setattr(atomic_files, "_place", failing)
        with replace_whole(table, images) as (fresh, folder):
            make(fresh, False, "new")
            make_new(folder)
    assert read(table) == "old" and contents(images) == {"inside": "old"}
    with replace_whole(table, images) as (fresh, folder):
        make(fresh, False, "new")
        make_new(folder)
    assert read(table) == "new" and contents(images) == {"fresh": "new"}
    assert {one.name for one in tmp_path.iterdir()} == {"images", "t.csv"}


@pytest.mark.parametrize("kind", ["a link", "a second name", "another text", "a folder", "a pipe"])
def test_a_lock_that_is_none_is_refused_and_left_as_it_is(kind: str, tmp_path: Path) -> None:
    folder, other = tmp_path / "p", tmp_path / "precious"
    folder.mkdir()
    other.write_text("kept")
    lock = folder / "project.lock"
    match kind:
        case "a link":
            lock.symlink_to(other)
        case "a second name":
            lock.hardlink_to(other)
        case "another text":
            lock.write_text("kept")
        case "a folder":
            lock.mkdir()
        case "a pipe":
            os.mkfifo(lock)
    with pytest.raises(BadcaseError, match="not a lock of badcase"):
        ProjectLock(folder)
    assert other.read_text() == "kept" and (kind != "another text" or lock.read_text() == "kept")
    lock.rmdir() if lock.is_dir() else lock.unlink()
    ProjectLock(folder).release()
    ProjectLock(folder).release()  # over what the first one left
