"""Data and projects that were moved are found again, and other data are not taken for them."""

from __future__ import annotations

import csv
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from badcase import BadcaseError, Project
from badcase.store.database import Store
from badcase.store.verdicts import Verdict
from tests.projects import write_texts


def draw(folder: Path, n: int = 12, seed: int = 0) -> Path:
    """Class folders of small images."""
    rng = np.random.default_rng(seed)
    for i in range(n):
        place = folder / ("cat" if i % 2 else "dog")
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (9, 9, 3), dtype=np.uint8)).save(place / f"{i}.png")
    return folder


def table_of(folder: Path) -> Path:
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    with (folder / "labels.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([("image", "label"), *((name, name.split("/")[0]) for name in names)])
    return folder / "labels.csv"


def texts_of(folder: Path) -> Path:
    write_texts(folder / "texts.csv", 30)
    return folder / "texts.csv"


def zipped(folder: Path) -> Path:
    return Path(shutil.make_archive(str(folder), "zip", folder))


SOURCES: dict[str, Callable[[Path], tuple[Path, Path]]] = {  # the data, and what is moved
    "class folders": lambda folder: (draw(folder / "photos"), folder / "photos"),
    "a zip": lambda folder: (zipped(draw(folder / "photos")), folder / "photos.zip"),
    "a table of images": lambda folder: (table_of(draw(folder / "photos")), folder / "photos"),
    "a folder with a table": lambda folder: (table_of(draw(folder / "photos")).parent, folder / "photos"),
    "a table of texts": lambda folder: (texts_of(folder), folder / "texts.csv"),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_moved_data_are_found_where_they_are_and_exported_from_there(kind: str, tmp_path: Path) -> None:
    data, moved = SOURCES[kind](tmp_path)
    shutil.rmtree(tmp_path / "photos", ignore_errors=True) if kind == "a zip" else None
    with Project.create(tmp_path / "p", data) as project:
        n = len(project.items)
        project.journal.record([0], Verdict.RELABEL, 1 - int(project.given[0]))
        (tmp_path / "elsewhere" / "deep").mkdir(parents=True)
        now = moved.rename(tmp_path / "elsewhere" / "deep" / ("renamed" + moved.suffix))
        with pytest.raises(BadcaseError, match="no longer at its path") as refused:
            project.export(tmp_path / f"early{data.suffix}")
        assert f"badcase relocate {project.path} PATH" in refused.value.hint
        found = project.relocate(now / data.name if kind == "a table of images" else now)
        assert (found.items, found.found, found.same) == (n, n, found.compared)
        assert found.sentences == (f"{n} of {n} items found",)
    with Project.open(tmp_path / "p") as project:
        project.export(tmp_path / f"out{data.suffix}")
        if project.kind == "image":
            assert project.items.missing_place is None
            assert project.items.image(3).size == (9, 9)
    with Project.create(tmp_path / "again", tmp_path / f"out{data.suffix}", **images_of(kind, now)) as again:
        assert len(again.items) == n


def images_of(kind: str, now: Path) -> dict[str, Path]:
    """A table of images that stands alone elsewhere needs them beside it."""
    if kind == "a table of images":
        for folder in ("cat", "dog"):
            shutil.copytree(now / folder, now.parent.parent.parent / folder)
    return {}


def test_the_folder_above_is_understood_too(tmp_path: Path) -> None:
    draw(tmp_path / "photos")
    with Project.create(tmp_path / "p", tmp_path / "photos") as project:
        (tmp_path / "disk").mkdir()
        (tmp_path / "photos").rename(tmp_path / "disk" / "photos")
        project.relocate(tmp_path / "disk")
        assert project.source.location == tmp_path / "disk" / "photos"
        assert project.items.image(0).size == (9, 9)


def test_a_folder_may_come_back_as_a_zip(tmp_path: Path) -> None:
    packed = zipped(draw(tmp_path / "photos"))
    with Project.create(tmp_path / "p", tmp_path / "photos") as project:
        shutil.rmtree(tmp_path / "photos")
        project.relocate(packed)
        assert project.items.image(5).size == (9, 9)
        project.export(tmp_path / "out.zip")
        assert len(zipfile.ZipFile(tmp_path / "out.zip").namelist()) >= 12


def test_other_data_are_refused_with_counts_unless_forced(tmp_path: Path) -> None:
    draw(tmp_path / "photos")
    draw(tmp_path / "fewer", 4)
    draw(tmp_path / "others", seed=1)
    write_texts(tmp_path / "texts.csv", 30)
    with Project.create(tmp_path / "p", tmp_path / "photos") as project:
        (tmp_path / "empty").mkdir()
        for place, words in (
            ("empty", "expected the 12 items of the project, got 0 of 12 items found"),
            ("fewer", "expected the 12 items of the project, got 4 of 12 items found"),
            ("others", "got 12 of 12 items found; 12 of 12 compared are not what they were"),
            ("nowhere", "there is nothing at this path"),
        ):
            with pytest.raises(BadcaseError, match=words):
                project.relocate(tmp_path / place)
            assert project.source.location == tmp_path / "photos"
        found = project.relocate(tmp_path / "fewer", force=True)
        assert (found.found, project.source.location) == (4, tmp_path / "fewer")
    with Project.create(tmp_path / "t", tmp_path / "texts.csv") as project:
        (tmp_path / "other.csv").write_text("text,label\n" + "".join(f"words {i},{'ab'[i % 2]}\n" for i in range(30)))
        with pytest.raises(BadcaseError, match="got 0 of 30 items found"):
            project.relocate(tmp_path / "other.csv")


def test_a_file_that_is_no_table_is_not_taken_for_the_one_that_names_the_images(tmp_path: Path) -> None:
    """The images were found where they had been, and the table was then looked for in a file of notes, or in their zip."""
    draw(tmp_path / "photos")
    names = sorted(path.relative_to(tmp_path).as_posix() for path in (tmp_path / "photos").rglob("*.png"))
    rows = [f"{name},{'ab'[i % 2]}" for i, name in enumerate(names)]
    (tmp_path / "list.csv").write_text("\n".join(["image,label", *rows]), encoding="utf-8")
    with Project.create(tmp_path / "p", tmp_path / "list.csv") as project:
        (tmp_path / "notes.txt").write_text("where everything is", encoding="utf-8")
        with pytest.raises(BadcaseError, match="this is not the data set of the project"):
            project.relocate(tmp_path / "notes.txt")
        with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
            for name in names:
                archive.write(tmp_path / name, name)
        project.relocate(tmp_path / "photos.zip")
        assert project.source.location == tmp_path and project.source.parts[0].name == "list.csv"
        (tmp_path / "list.csv").rename(tmp_path / "moved.csv")
        project.relocate(tmp_path / "moved.csv")
        assert project.source.parts[0].name == "moved.csv"


def test_a_few_items_that_are_gone_are_told(tmp_path: Path) -> None:
    draw(tmp_path / "photos")
    with Project.create(tmp_path / "p", tmp_path / "photos") as project:
        now = (tmp_path / "photos").rename(tmp_path / "now")
        (now / "cat" / "3.png").unlink()
        (now / "dog" / "2.png").write_bytes((now / "dog" / "4.png").read_bytes())
        told = project.relocate(now).sentences
    assert told == ("11 of 12 items found", "1 of 11 compared are not what they were")


def test_only_the_images_or_only_the_table_may_have_moved(tmp_path: Path) -> None:
    draw(tmp_path / "data")
    table = table_of(tmp_path / "data")
    with Project.create(tmp_path / "p", table) as project:
        (tmp_path / "big").mkdir()
        for folder in ("cat", "dog"):
            (tmp_path / "data" / folder).rename(tmp_path / "big" / folder)
        project.relocate(tmp_path / "big")
        assert project.items.image(0).size == (9, 9)
        assert project.source.location == tmp_path / "data"
        table.rename(tmp_path / "renamed.csv")
        told = project.relocate(tmp_path / "big").sentences
        assert told[-1] == f"only the images are here; the table is still looked for in {table}"
        assert project.relocate(tmp_path / "renamed.csv").found == 12
        assert (project.source.location, project.source.parts[0].name) == (tmp_path, "renamed.csv")
        assert project.items.image(0).size == (9, 9)


def test_images_in_a_table_are_compared_with_it(tmp_path: Path) -> None:
    draw(tmp_path / "photos")
    raws = [path.read_bytes() for path in sorted((tmp_path / "photos").rglob("*.png"))]
    pq.write_table(pa.table({"image": raws, "label": ["cat"] * 6 + ["dog"] * 6}), tmp_path / "images.parquet")
    with Project.create(tmp_path / "p", tmp_path / "images.parquet") as project:
        now = (tmp_path / "images.parquet").rename(tmp_path / "now.parquet")
        assert project.items.image(0).size == (9, 9)  # of the project's own
        assert project.relocate(now).found == 12
        project.export(tmp_path / "out.parquet")


def test_a_project_that_moved_with_its_data_needs_nothing(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    for name in ("texts.csv", "photos"):
        write_texts(tmp_path / "work" / name, 30) if name == "texts.csv" else draw(tmp_path / "work" / name)
        Project.create(tmp_path / "work" / f"p-{name}", tmp_path / "work" / name).close()
    moved = (tmp_path / "work").rename(tmp_path / "disk")
    for name in ("texts.csv", "photos"):
        with Project.open(moved / f"p-{name}") as project:
            assert project.source.location.is_relative_to(moved)
            project.export(tmp_path / f"out-{name}")
    with Project.open(moved / "p-photos") as project:
        assert project.items.image(0).size == (9, 9)


def test_a_project_made_before_places_were_kept_is_relocated_like_any_other(tmp_path: Path) -> None:
    draw(tmp_path / "photos")
    Project.create(tmp_path / "p", tmp_path / "photos").close()
    store = Store(tmp_path / "p" / "project.db")
    with store.transaction() as connection:
        connection.execute("DELETE FROM settings WHERE name = 'places'")
    store.close()
    with Project.open(tmp_path / "p") as project:
        assert project.source.location == tmp_path / "photos"
        project.relocate((tmp_path / "photos").rename(tmp_path / "now"))
        assert project.source.location == tmp_path / "now"


def test_the_command_says_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from badcase.ui.cli import app

    draw(tmp_path / "photos")
    Project.create(tmp_path / "p", tmp_path / "photos").close()
    now = (tmp_path / "photos").rename(tmp_path / "now")
    draw(tmp_path / "others", 4)

    def run(*words: object) -> int:
        with pytest.raises(SystemExit) as left:
            app([str(word) for word in words])
        return int(left.value.code or 0)

    assert run("relocate", tmp_path / "p", tmp_path / "others") == 1
    assert "this is not the data set of the project" in " ".join(capsys.readouterr().err.split())
    assert run("relocate", tmp_path / "p", now) == 0
    assert "12 of 12 items found" in capsys.readouterr().out
    assert run("relocate", tmp_path / "p", tmp_path / "others", "--force", "--json") == 0
    assert json.loads(capsys.readouterr().out)["found"] == 4


def test_a_relocation_is_recorded_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill between the new name of the table and its new place left a source that was nowhere."""
    table = texts_of(tmp_path)
    with Project.create(tmp_path / "p", table) as project:
        (tmp_path / "elsewhere").mkdir()
        table.rename(tmp_path / "elsewhere" / "moved.csv")
        write, names = Store.set_settings, []

        def ended(store: Store, settings: list[tuple[str, object]]) -> None:
            names.extend(name for name, _value in settings)
            write(store, settings)
            if "places" in names:
                raise KeyboardInterrupt

        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(Store, "set_settings", ended)
            project.relocate(tmp_path / "elsewhere" / "moved.csv")
    assert names == ["source", "places"]
    with Project.open(tmp_path / "p") as project:
        assert (project.source.location, project.source.parts[0].name) == (tmp_path, "texts.csv")
        project.relocate(tmp_path / "elsewhere" / "moved.csv")
        assert (project.source.location, project.source.parts[0].name) == (tmp_path / "elsewhere", "moved.csv")
