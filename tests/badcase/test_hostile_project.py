"""A project that a stranger made names files of the person's: nothing of them is opened, waited for, removed or sent back."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from badcase.errors import BadcaseError
from badcase.items.items import FILE
from badcase.items.regular_files import read_regular
from badcase.items.roots import FolderRoot, inside
from badcase.progress import finish
from badcase.project import Project
from badcase.store.run_table import RunKind
from tests.projects import predict_from

SECRET = "-----BEGIN OPENSSH PRIVATE KEY-----"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file of the person's, beside an image of theirs."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "id_rsa").write_text(SECRET)
    Image.fromarray(np.random.default_rng(9).integers(0, 255, (24, 24, 3), np.uint8)).save(home / "passport.png")
    return home


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A project of six images in two class folders."""
    rng = np.random.default_rng(0)
    for i in range(6):
        file = tmp_path / "data" / ("cat", "dog")[i % 2] / f"{i}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (20, 20, 3), np.uint8)).save(file)
    with Project.create(tmp_path / "p", tmp_path / "data") as project:
        predict_from(project, np.eye(2)[np.arange(6) % 2])
    return tmp_path / "p"


def rename_items(project: Path, change: Callable[[str], str], root: Path | None = None) -> None:
    """Let items name other files than they did, as a person with an editor for Arrow could."""
    with pa.memory_map(str(project / FILE)) as source:
        table = pa.ipc.open_file(source).read_all()
    at = table.schema.get_field_index("content")
    names = pa.array([change(name) for name in table["content"].to_pylist()], table.schema.field("content").type)
    metadata = dict(table.schema.metadata)
    if root is not None:
        metadata[b"badcase"] = json.dumps(json.loads(metadata[b"badcase"]) | {"root": str(root), "beside": ""}).encode()
    changed = table.set_column(at, table.schema.field(at), names).replace_schema_metadata(metadata)
    fresh = project / "fresh"
    with pa.OSFile(str(fresh), "wb") as sink, pa.ipc.new_file(sink, changed.schema) as writer:
        writer.write_table(changed)
    fresh.replace(project / FILE)


def tell(project: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(project / "project.db") as connection:
        connection.execute(statement, values)


# --- reading ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../id", "a/../../id", "/etc/passwd", "..\\id", "C:/id", "c:\\id", "a\0b", "x/" * 3000, ".."])
def test_a_name_that_leads_out_of_its_folder_is_no_file_whoever_asks(name: str, tmp_path: Path) -> None:
    (tmp_path / "id").write_text(SECRET)
    (tmp_path / "data").mkdir()
    root = FolderRoot(tmp_path / "data")
    assert not root.has(name)
    for read in (root.read, root.path):
        with pytest.raises((OSError, BadcaseError, ValueError)):
            found = read(name)
            assert not isinstance(found, Path) or not found.exists()
            raise OSError("there is no such file")
    assert inside("", name) is None or name.startswith("x/")


def test_a_pipe_a_device_and_what_lies_in_proc_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    (tmp_path / "folder.png").mkdir()
    for name in ("pipe.png", "zero.png", "folder.png"):
        with pytest.raises(OSError):
            read_regular(tmp_path / name)
    assert read_regular(Path("/proc/self/environ")) == b""


def test_an_item_that_is_a_pipe_or_leads_out_is_told_and_the_project_goes_on(images: Path, secret: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "data" / "cat" / "pipe.png")
    names = ["cat/pipe.png", "../home/passport.png", str(secret / "passport.png"), "cat/\0.png", "/dev/zero", "..\\home\\id_rsa"]
    odd = iter(names)
    rename_items(images, lambda name: next(odd))
    with Project.open(images) as project:
        for item in range(6):
            with pytest.raises(BadcaseError):
                project.items.image(item)
            with pytest.raises(BadcaseError):
                project.items.media(item).path and project.items.image(item)


@pytest.mark.parametrize("folder", ["../..", "/tmp", "1/../../home", "", "a\0", "..", "one"])
def test_the_folder_of_predictions_is_a_number_in_its_place(folder: str, images: Path) -> None:
    tell(images, "UPDATE prediction_sets SET folder = ?", folder)
    with pytest.raises(BadcaseError, match="not its own"), Project.open(images) as project:
        project.predictions.current  # noqa: B018


def test_folders_that_are_links_are_neither_written_to_nor_removed(images: Path, secret: Path) -> None:
    """The next prediction set would have removed the person's folder that has its number."""
    (secret / "2").mkdir()
    (secret / "2" / "thesis.txt").write_text("four years")
    (images / "predictions").replace(images / "kept")
    (images / "predictions").symlink_to(secret)
    (images / "runs").rmdir() if (images / "runs").is_dir() else None
    (images / "runs").symlink_to(secret)
    made = images / "made"
    made.mkdir()
    with Project.open(images) as project:
        with pytest.raises(BadcaseError, match="not its own"):
            project.predictions.add(made, {})
        with pytest.raises(BadcaseError, match="not its own"):
            project.runs.add(kind=RunKind.TRAINING, title="x")
    assert (secret / "2" / "thesis.txt").read_text() == "four years" and len(list(secret.iterdir())) == 3


@pytest.mark.parametrize("place", ["predictions/1/logits.npy", "runs/notes.md", "items.arrow", "predictions/1/neighbours.npy"])
def test_a_pipe_in_the_place_of_a_file_is_refused_and_nobody_waits_for_it(place: str, images: Path) -> None:
    (images / place).unlink(missing_ok=True)
    (images / place).parent.mkdir(exist_ok=True)
    os.mkfifo(images / place)
    with pytest.raises(BadcaseError, match="neither a file nor a folder"):
        Project.open(images)


def test_a_source_that_is_a_pipe_ends_an_export_in_words(images: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with Project.open(images) as project:
        source = project.setting("source") | {"location": str(tmp_path / "pipe"), "lone": False}
        project.set_setting("source", source)
        project.set_setting("places", {"source": {"location": str(tmp_path / "pipe"), "beside": ""}})
    with Project.open(images) as project, pytest.raises((BadcaseError, OSError)):
        project.export(tmp_path / "out")


_ = (finish, Iterator)
