"""Whatever classes, keys and spellings are called, an export makes nothing outside of its place, and says how it called them."""

from __future__ import annotations

import csv
import os
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from badcase.errors import BadcaseError
from badcase.export.exporting import FORMATS, export
from badcase.export.file_names import FreeNames, safe_name, safe_path
from badcase.progress import finish
from badcase.project import Project

ODD = ["..", "../../up", "/etc/passwd", "a\0b", "con", "aux.txt", "COM1", "com¹", "CONIN$", "dots...", "blank ", "x" * 300]
ODD += ["é" * 200, "Cat", "cat", "CAT", "caf\u00e9", "cafe\u0301", "C:\\x", "a\\..\\..\\b", "\u202egnp.exe", "-rf", "~", "."]
ODD += ["", ".git", "a/b", "\x1b[2J"]
NAMES = st.one_of(st.sampled_from(ODD), st.text(st.characters(exclude_categories=("Cs",)), max_size=12))
RESERVED = {"con", "prn", "aux", "nul", "conin$", "conout$"} | {f"{one}{n}" for one in ("com", "lpt") for n in "123456789¹²³"}


def is_safe(part: str) -> bool:
    """Whether every system takes this for one name, by the rules of Windows, which has most."""
    odd = set(part) & set('<>:"/\\|?*') or any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in part)
    reserved = part.split(".")[0].strip().lower() in RESERVED
    return not (odd or reserved or part != part.rstrip(". ") or part in ("", ".", "..")) and len(part.encode()) <= 255


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(NAMES, st.text(max_size=30)), max_size=8))
@example(["/".join(["y" * 140] * 60)])
def test_every_part_of_every_name_is_one_that_all_systems_take(written: list[str]) -> None:
    names, folders = FreeNames(), FreeNames()
    for name in written:
        assert is_safe(folders.take(safe_name(name)))
        path = names.take(safe_path(name))
        assert all(is_safe(part) for part in path.split("/")) and len(path.encode()) < 1300


def tree(folder: Path) -> set[str]:
    """Every file below a folder, but those of the project, whose database comes and goes with its log."""
    paths = (os.path.relpath(Path(top) / name, folder) for top, _dirs, files in os.walk(folder) for name in files)
    return {path for path in paths if not path.startswith("p/")}


@cache
def base(kind: str, room: Path) -> Path:
    """A small project of this kind of source, its data beside it; classes cat, dog and up."""
    rng = np.random.default_rng(0)
    place = room / kind
    place.mkdir()
    if kind == "texts":
        rows = [[f"k{i}", f"some words {i}", ("cat", "dog", "up")[i % 3]] for i in range(6)]
        with (place / "data.csv").open("w", newline="") as file:
            csv.writer(file).writerows([["id", "text", "label"], *rows])
        data: Path = place / "data.csv"
    else:
        for i in range(6):
            file = place / "data" / ("cat", "dog", "up")[i % 3] / f"{i}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 255, (8, 8, 3), np.uint8)).save(file)
        data = place / "data"
        if kind == "zip":
            data = Path(shutil.make_archive(str(place / "packed"), "zip", place / "data"))
        if kind == "tar":
            data = Path(shutil.make_archive(str(place / "packed"), "tar", place / "data"))
    with Project.create(place / "p", data) as project:
        project.journal.record([0, 1, 2], "relabel", ["dog", "up", "cat"])
    return place


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("names")
    base.cache_clear()


class Renamed:
    """The items and classes of a project under other names, as its files could hold them."""

    def __init__(self, project: Project, classes: list[str], keys: list[str]) -> None:
        self._project = project
        taxonomy = project.taxonomy
        taxonomy.stored_classes = tuple(classes)
        object.__setattr__(taxonomy.imported, "written", dict.fromkeys(taxonomy.imported.written, classes))
        taxonomy._look()
        project.items.keys = keys


def different(names: list[str], count: int) -> list[str]:
    return list(dict.fromkeys([*names, *(f"plain{i}" for i in range(count))]))[:count]


CASES = [(kind, format) for kind in ("texts", "images") for format in FORMATS if kind == "images" or FORMATS[format].texts]
CASES += [("zip", "same"), ("tar", "same"), ("zip", "folder")]


@pytest.mark.parametrize(("kind", "format"), CASES)
def test_nothing_is_made_outside_of_out(kind: str, format: str, room: Path) -> None:
    place = base(kind, room)
    media = "copy" if kind != "texts" and "copy" in FORMATS[format].media else None
    outside = tree(place)

    @settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(NAMES, min_size=3, max_size=3), st.lists(NAMES, min_size=6, max_size=6))
    @example(["../../../up", "con", "x" * 300], ["/etc/passwd", "..", "a\0b", "é" * 200, "aux.txt", "../../k"])
    @example(["cat/../../..", "..", "a\0b"], ["K", "k", "k ", "k.", "caf\u00e9", "cafe\u0301"])
    def exported(classes: list[str], keys: list[str]) -> None:
        out = place / "made" / f"out{FORMATS[format].ending}"
        out.parent.mkdir()
        try:
            with Project.open(place / "p") as project:
                Renamed(project, different(classes, 3), different(keys, 6))
                try:
                    made = finish(export(project, out, format=format, media=media))
                except BadcaseError as error:  # of a hostile source, which no name can be made of: told, and nothing is left
                    assert format == "same" and str(error) and not out.exists()
                    return
                assert tree(place) - outside <= {f"made/{name}" for name in tree(out.parent)}
                tops = {path.name for path in out.parent.iterdir()}
                assert tops <= {out.name, f"{out.name}_media"}
                paths = tree(out.parent) if format != "same" else set()
                assert all(is_safe(part) for path in paths for part in path.split("/"))
                if format == "folder":
                    odd = [name for name in project.classes if not is_safe(name)]
                    assert all(any(name in note for note in made.notes) for name in odd)
        finally:
            shutil.rmtree(out.parent)

    exported()
    assert tree(place) == outside


def test_files_that_move_into_a_hostile_class_stay_inside_of_every_archive(room: Path) -> None:
    """The receiver of a zip or tar unpacks it where no name leads out."""
    for kind in ("images", "zip", "tar"):
        with Project.open(base(kind, room) / "p") as project:
            Renamed(project, ["cat", "../../dog", "/up"], [str(i) for i in range(6)])
            project.taxonomy.source.written["label"][:] = ["cat", "../../dog", "/up"]
            found = _names(project, room / f"moved-{kind}")
        assert not [name for name in found if name.startswith(("/", "..")) or ".." in name.split("/")]


def _names(project: Project, out: Path) -> list[str]:
    try:
        made = finish(export(project, out, format="same"))
    except BadcaseError:
        return []
    if zipfile.is_zipfile(made.path):
        return zipfile.ZipFile(made.path).namelist()
    if made.path.is_file():
        with tarfile.open(made.path) as tar:
            return tar.getnames()
    return sorted(tree(made.path))
