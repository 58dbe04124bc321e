"""Images in zips and tars beside the table that names them are read in place, and leave as those of a folder do."""

from __future__ import annotations

import csv
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from badcase.errors import BadcaseError
from badcase.export import export
from badcase.export.destination import Media
from badcase.importing import understand
from badcase.items.roots import FolderRoot, fingerprint
from badcase.progress import finish
from badcase.project import Project
from tests.badcase.importing.importing import imported, photo, write_tree

N = 8
NAMES = [f"{i}.jpg" for i in range(N)]
PHOTOS = {name: photo(i) for i, name in enumerate(NAMES)}


def table(cells: list[str], column: str = "file") -> bytes:
    return "\n".join([f"{column},label", *(f"{cell},{'ab'[i % 2]}" for i, cell in enumerate(cells))]).encode()


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return made.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as archive:  # type: ignore[call-overload]
        for name, raw in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return made.getvalue()


def under(folder: str, names: list[str] = NAMES) -> dict[str, bytes]:
    return {f"{folder}/{name}": PHOTOS[name] for name in names}


LAYOUTS: dict[str, dict[str, bytes]] = {
    "zip": {"labels.csv": table(NAMES), "images.zip": zipped(PHOTOS)},
    "tar": {"labels.csv": table(NAMES), "images.tar": tarred(PHOTOS)},
    "a folder in it": {"labels.csv": table(NAMES), "Archive.ZIP": zipped(under("images"))},
    "in a folder": {"labels.csv": table(NAMES), "raw/images.zip": zipped(PHOTOS)},
    "table in another folder": {"meta/labels.csv": table(NAMES), "images.zip": zipped(PHOTOS)},
    "ids": {"labels.csv": table([str(i) for i in range(N)], "id"), "images.zip": zipped(PHOTOS)},
    "paths of the archive": {"labels.csv": table([f"images/{name}" for name in NAMES]), "a.zip": zipped(under("images"))},
    "in parts": {"labels.csv": table(NAMES), "1.zip": zipped(under("x", NAMES[:5])), "2.tar": tarred(under("x", NAMES[5:]))},
    "partly unpacked": {"labels.csv": table(NAMES), "images.zip": zipped(under("images"))} | under("images", NAMES[:3]),
    "beside an archive of something else": {"labels.csv": table(NAMES), "i.zip": zipped(PHOTOS), "c.zip": zipped({"a.py": b"1"})},
}


@pytest.mark.parametrize("named", ["folder", "table"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_images_in_archives_beside_their_table_are_read(layout: str, named: str, tmp_path: Path) -> None:
    data = write_tree(tmp_path / "d", LAYOUTS[layout])
    if named == "table":
        data = next(data.rglob("labels.csv"))
        if layout == "table in another folder":
            data = data.rename(tmp_path / "d" / "labels.csv")
    items, result = imported(data, tmp_path / "p")
    assert items.n == N and result.set_aside == []
    for i in range(N):
        assert items.media(i).open_bytes() == photo(i), items.text(i)
    assert any(note.startswith(f"Images: {N} of {N} values") for note in result.notes)


@pytest.mark.parametrize("words", [("train", "test"), ("cats", "dogs")])
def test_each_table_takes_the_archive_that_is_called_as_it_is(words: tuple[str, str], tmp_path: Path) -> None:
    """Two archives hold files of the same names."""
    other = {name: photo(100 + i) for i, name in enumerate(NAMES)}
    files = {f"{words[0]}.zip": zipped(PHOTOS), f"{words[1]}.zip": zipped(other)}
    data = write_tree(tmp_path / "d", files | {f"{word}.csv": table(NAMES) for word in words})
    for at, place in enumerate((data / f"{words[0]}.csv", data / f"{words[1]}.csv")):
        items, _result = imported(place, tmp_path / f"p{at}")
        assert [items.media(i).open_bytes() for i in range(items.n)] == [photo(100 * at + i) for i in range(N)]
    if words == ("train", "test"):
        items, _result = imported(data, tmp_path / "p")
        seen = {items.key(i): items.fingerprint(i) for i in range(items.n)}
        for at, word in enumerate(words):
            assert [seen[f"{word}/{name}"] for name in NAMES] == [fingerprint(photo(100 * at + i)) for i in range(N)]


def test_two_archives_with_the_same_names_are_asked_about_and_the_remedy_works(tmp_path: Path) -> None:
    other = {f"old/{name}": photo(100 + i) for i, name in enumerate(NAMES)}
    for files in ({"a.zip": zipped(PHOTOS), "b.zip": zipped(other)}, {"a.zip": zipped(under("new") | other)}):
        data = write_tree(tmp_path / str(len(files)), files | {"labels.csv": table(NAMES)})
        with pytest.raises(BadcaseError, match="several folders hold images") as told:
            imported(data, tmp_path / "p")
        place = str(told.value.hint).rpartition("--images ")[2]
        items, result = imported(data, tmp_path / "p", images=place)
        assert items.n == N and not result.set_aside
        whole = [items.media(i).open_bytes() for i in range(N)]
        assert whole in ([photo(i) for i in range(N)], [photo(100 + i) for i in range(N)])


@pytest.mark.parametrize("name", ["images.tar.gz", "images.7z", "images.zip"])
def test_an_archive_that_cannot_be_read_in_place_is_named_with_what_to_do(name: str, tmp_path: Path) -> None:
    raw = {"images.tar.gz": tarred(PHOTOS, "w:gz"), "images.7z": b"7z\xbc\xaf\x27\x1c", "images.zip": b"PK no zip"}[name]
    data = write_tree(tmp_path / "d", {"labels.csv": table(NAMES), name: raw})
    with pytest.raises(BadcaseError) as told:
        imported(data, tmp_path / "p")
    assert f"not in {name}, which cannot be read in place: unpack that there" in str(told.value.hint)
    if name.endswith("gz"):
        with tarfile.open(data / name) as archive:
            archive.extractall(data, filter="data")
        assert imported(data, tmp_path / "p")[0].n == N


def test_texts_beside_an_archive_of_pictures_stay_texts(tmp_path: Path) -> None:
    lines = "\n".join(["text,label", *(f"the thing number {i} is here,{'ab'[i % 2]}" for i in range(N))])
    data = write_tree(tmp_path / "d", {"texts.csv": lines.encode(), "figures.zip": zipped(PHOTOS)})
    found = understand(data)
    assert found.kind == "text" and found.count == N


def test_what_leaves_a_project_of_an_archive_is_whole(tmp_path: Path) -> None:
    """Corrections in the table beside the untouched archive, and the images in every other format."""
    data = write_tree(tmp_path / "d", LAYOUTS["partly unpacked"])
    with Project.create(tmp_path / "p", data) as project:
        project.journal.record([6], "relabel", 1 - int(project.given[6]))
        project.journal.record([1], "exclude")
        marks = {project.items.key(i): project.items.fingerprint(i) for i in range(N) if i != 1}
        finish(export(project, tmp_path / "same", format="same"))
        finish(export(project, tmp_path / "out.csv", format="csv"))
        finish(export(project, tmp_path / "folders", format="folder"))
        with pytest.raises(BadcaseError, match="inside an archive"):
            finish(export(project, tmp_path / "none.csv", format="csv", media=Media.NONE))
    assert (tmp_path / "same" / "images.zip").read_bytes() == (data / "images.zip").read_bytes()
    before, after = (dict(csv.reader(io.StringIO((at / "labels.csv").read_text()))) for at in (data, tmp_path / "same"))
    assert after == {name: label for name, label in before.items() if name != "1.jpg"} | {"6.jpg": "b"}
    again, _result = imported(tmp_path / "same", tmp_path / "q")
    assert {again.key(i): again.fingerprint(i) for i in range(again.n)} == marks
    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["key"]: fingerprint((tmp_path / row["image"]).read_bytes()) for row in rows} == marks
    assert sorted(fingerprint(path.read_bytes()) for path in (tmp_path / "folders").rglob("*.jpg")) == sorted(marks.values())


def test_an_archive_that_changed_gives_no_other_picture_a_correction(tmp_path: Path) -> None:
    data = write_tree(tmp_path / "d", LAYOUTS["zip"])
    with Project.create(tmp_path / "p", data) as project:
        project.journal.record([2], "relabel", 1 - int(project.given[2]))
        (data / "images.zip").write_bytes(zipped({name: photo(500 + i) for i, name in enumerate(NAMES)}))
        with pytest.raises(BadcaseError, match="changed"):
            finish(export(project, tmp_path / "same", format="same"))
        (data / "images.zip").unlink()
        with pytest.raises(BadcaseError):
            project.items.media(2).open_bytes()


@pytest.mark.parametrize("into", ["", "images"])
def test_what_was_unpacked_after_the_import_is_found(into: str, tmp_path: Path) -> None:
    data = write_tree(tmp_path / "d", LAYOUTS["zip"])
    with Project.create(tmp_path / "p", data) as project:
        project.journal.record([2], "relabel", 1 - int(project.given[2]))
        with zipfile.ZipFile(data / "images.zip") as archive:
            archive.extractall(data / into)
        (data / "images.zip").unlink()
        assert [project.items.media(i).open_bytes() for i in range(N)] == [photo(i) for i in range(N)]
        assert project.items.media(0).path == data / into / "0.jpg"
        finish(export(project, tmp_path / "same", format="same"))
        finish(export(project, tmp_path / "out.csv", format="csv"))
    again, _result = imported(tmp_path / "same", tmp_path / "q")
    assert again.n == N and again.given.tolist() == [at % 2 if at != 2 else 1 for at in range(N)]


def test_no_name_leads_out_through_an_archive_that_is_gone(tmp_path: Path) -> None:
    write_tree(tmp_path, {"secret.jpg": photo(1), "d/x.jpg": photo(2)})
    root = FolderRoot(tmp_path / "d")
    assert root.has("gone.zip/x.jpg")
    for name in ("gone.zip/../secret.jpg", "gone.zip/../../secret.jpg", "a/gone.zip/../../secret.jpg", "gone.zip//secret.jpg"):
        assert not root.has(name)
        with pytest.raises(OSError):
            root.read(name)
