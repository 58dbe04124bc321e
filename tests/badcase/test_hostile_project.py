"""A project that a stranger made names files of the person's: nothing of them is opened, waited for, removed or sent back."""

from __future__ import annotations

import base64
import csv
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from badcase.errors import BadcaseError
from badcase.export import export
from badcase.items.items import FILE
from badcase.items.regular_files import read_regular
from badcase.items.roots import FolderRoot, inside
from badcase.mending.journal_backups import back_up_journal
from badcase.progress import finish
from badcase.project import Project
from badcase.store.own_folders import own_folder
from badcase.store.run_table import RunKind
from badcase.training.reporting.report import report
from badcase.ui.desktop.start.summary import _thumb
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
    with pytest.raises(BadcaseError, match=r"not its own|which is its folder"), Project.open(images) as project:
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


# --- what would be sent back --------------------------------------------------------------------------------------------


def holds_secret(folder: Path, marks: tuple[bytes, ...]) -> list[str]:
    """The files made by an export or report that hold one of these, packed or in base64, or that lead to the person's."""
    found = []
    for path in [folder, *folder.rglob("*")] if folder.is_dir() else [folder]:
        if path.is_symlink() or (path.is_file() and path.stat().st_nlink > 1):
            found.append(f"{path} is a link")
        elif path.is_file():
            raw = path.read_bytes()
            found += [str(path) for mark in marks if mark in raw or base64.b64encode(mark)[4:-4] in raw]
    return found


@pytest.mark.parametrize(
    ("format", "media"),
    [
        ("folder", "copy"),
        ("folder", "link"),
        ("csv", "link"),
        ("parquet", "embed"),
        ("hf", "embed"),
        ("labelstudio", "embed"),
        ("coco", "copy"),
        ("fiftyone", "copy"),
        ("same", None),
    ],
)
def test_an_export_takes_no_image_of_the_persons_that_a_stranger_named(
    format: str, media: str | None, images: Path, secret: Path, tmp_path: Path
) -> None:
    """Its items name images of the person's home as theirs; what they held at the import they cannot know."""
    passport = (secret / "passport.png").read_bytes()
    rename_items(images, lambda name: "passport.png", secret)
    with Project.open(images) as project:
        source = {"location": str(secret), "beside": ""}
        project.set_setting("places", {"source": source, "media": source})
    with Project.open(images) as project:
        out = tmp_path / "out"
        out.mkdir()
        with pytest.raises(BadcaseError) as refused:
            finish(export(project, out / "made", format=format, media=media))
        assert "badcase relocate" in refused.value.hint or "not" in str(refused.value)
        assert not holds_secret(out, (passport, SECRET.encode()))
        project.journal.record([0, 1], "relabel", ["dog", "cat"])
        page = report(project, tmp_path / "out.html")
        assert _thumb(project, 0, 0) == ""
    assert "data:image" not in page.read_text()
    assert not (images / "thumbs").exists()


def test_the_same_export_takes_no_file_that_a_stranger_cannot_know(images: Path, secret: Path, tmp_path: Path) -> None:
    """The images are the stranger's own, put where the person has other files; these would have come along."""
    shutil.copytree(tmp_path / "data", secret, dirs_exist_ok=True)
    for packed in (False, True):
        place = Path(shutil.make_archive(str(tmp_path / "all"), "zip", secret)) if packed else secret
        with Project.open(images) as project:
            project.set_setting("places", {name: {"location": str(place), "beside": ""} for name in ("source", "media")})
        with Project.open(images) as project:
            with pytest.raises(BadcaseError, match="on this computer") as refused:
                project.export(tmp_path / "sent")
            assert f"badcase relocate {images} {place}" in refused.value.hint
            assert not (tmp_path / "sent").exists()
            project.relocate(place)  # the person says that they are the data
            assert project.export(tmp_path / f"own-{packed}").path.exists()


def test_a_table_of_the_persons_that_a_stranger_named_is_not_written_again(tmp_path: Path, secret: Path) -> None:
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text", "label"], *[[f"some words {i}", "ab"[i % 2]] for i in range(8)]])
    (secret / "t.csv").write_text((tmp_path / "t.csv").read_text() + f"{SECRET},a\n")
    with Project.create(tmp_path / "p", tmp_path / "t.csv") as project:
        project.set_setting("places", {"source": {"location": str(secret), "beside": ""}})
    with Project.open(tmp_path / "p") as project:
        with pytest.raises(BadcaseError, match="on this computer"):
            project.export(tmp_path / "sent.csv")
        assert not (tmp_path / "sent.csv").exists()


def test_links_of_a_data_set_bring_no_file_of_the_persons_along(tmp_path: Path, images: Path, secret: Path) -> None:
    """A person imports a folder that a stranger packed, with a link in it beside the images."""
    (tmp_path / "data" / "notes.txt").symlink_to(secret / "id_rsa")
    with Project.create(tmp_path / "q", tmp_path / "data") as project:
        made = project.export(tmp_path / "sent")
    assert (made.path / "cat" / "0.png").is_file()
    assert holds_secret(made.path, (SECRET.encode(),)) == [f"{made.path / 'notes.txt'} is a link"]


def test_what_a_person_changed_in_their_own_data_is_exported_as_before(images: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "README").write_text("read me")
    with Project.open(images) as project:
        assert (project.export(tmp_path / "out").path / "README").read_text() == "read me"
        assert Path(_thumb(project, 0, 0)).is_file()


@pytest.mark.parametrize("place", ["backups", "runs/1/notes.md", "predictions/1/meta.json"])
def test_links_inside_a_project_lead_to_nothing_of_the_persons(place: str, images: Path, secret: Path) -> None:
    left = secret / f".kept.{'0' * 16}.tmp"
    left.write_text("the person's, though it looks like one of ours")
    before = sorted(secret.rglob("*"))
    where = images / place
    where.parent.mkdir(parents=True, exist_ok=True)
    where.unlink(missing_ok=True)
    where.symlink_to(secret if place == "backups" else secret / "id_rsa")
    if place == "backups":
        with Project.open(images) as project:
            project.journal.record([0], "keep")
        assert back_up_journal(images, at_once=True) is None
    else:
        with pytest.raises(BadcaseError, match="link"):
            own_folder(where.parent.parent, 1)
    assert sorted(secret.rglob("*")) == before
