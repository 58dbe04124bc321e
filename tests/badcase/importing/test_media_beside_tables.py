"""A table and its files are joined by what fits, whatever the table calls them, and never to another's file."""

from __future__ import annotations

import base64
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase.errors import BadcaseError
from badcase.export import export
from badcase.importing import understand
from badcase.importing.media.media_finder import MediaFinder
from badcase.items.roots import FolderRoot
from badcase.items.source import SourcePart
from badcase.progress import finish
from badcase.project import Project
from tests.badcase.importing.importing import class_folders, imported, photo, write_tree

N = 8


def table(names: list[str], *, columns: str = "image_id,dx") -> bytes:
    return "\n".join([columns, *(f"{name},{'ab'[i % 2]}" for i, name in enumerate(names))]).encode()


def pictures(names: list[str]) -> dict[str, bytes]:
    return {name: photo(i) for i, name in enumerate(names)}


def check(data: Path, tmp_path: Path, files: list[str], **how: str) -> list[str]:
    """Import; every row has the bytes of its own file. Returns the notes."""
    items, result = imported(data, tmp_path / "p", **how)
    assert items.n == len(files) and result.set_aside == []
    for i in range(items.n):
        assert items.media(i).open_bytes() == photo(i), items.text(i)
    return result.notes


SPELLED: dict[str, tuple[list[str], list[str]]] = {
    "a drive of Windows": (
        [f"images/img{i}.jpg" for i in range(N)],
        [f"C:\\Users\\me\\data\\images\\img{i}.jpg" for i in range(N)],
    ),
    "a share of Windows": ([f"images/{i}.jpg" for i in range(N)], [rf"\\server\share\set\images\{i}.jpg" for i in range(N)]),
    "another machine": ([f"pics/x{i % 2}/{i}.jpg" for i in range(N)], [f"/home/me/set/pics/x{i % 2}/{i}.jpg" for i in range(N)]),
    "an address": ([f"in/a b{i}.jpg" for i in range(N)], [f"file:///data/in/a%20b{i}.jpg" for i in range(N)]),
    "an encoded path": ([f"in/ä {i}.jpg" for i in range(N)], [quote(f"in/ä {i}.jpg") for i in range(N)]),
    "a leading slash": ([f"in/{i}.jpg" for i in range(N)], [f"/in/{i}.jpg" for i in range(N)]),
    "blanks and quotes": ([f"in/{i}.jpg" for i in range(N)], [f" 'in/{i}.jpg' " for i in range(N)]),
    "a point": ([f"in/{i}.jpg" for i in range(N)], [f"./in/{i}.jpg" for i in range(N)]),
    "another case": ([f"In/IMG_{i}.JPG" for i in range(N)], [f"in/img_{i}.jpg" for i in range(N)]),
    "ids in two folders": ([f"part_{i // 4 + 1}/ISIC_{i}.jpg" for i in range(N)], [f"ISIC_{i}" for i in range(N)]),
    "numbers without zeros": ([f"all/{i:06}.jpg" for i in range(N)], [str(i) for i in range(N)]),
    "floats": ([f"all/{i + 1000}.jpg" for i in range(N)], [f"{i + 1000}.0" for i in range(N)]),
    "deep": ([f"a/b/c/d/{i:03}.jpg" for i in range(N)], [f"{i:03}.jpg" for i in range(N)]),
}


@pytest.mark.parametrize("kind", SPELLED)
@pytest.mark.parametrize("named", ["folder", "table", "zip"])
def test_a_table_names_its_files_as_other_machines_wrote_them(kind: str, named: str, tmp_path: Path) -> None:
    files, written = SPELLED[kind]
    data = write_tree(tmp_path / "d", pictures(files) | {"labels.csv": table(written)})
    if named == "zip":
        with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
            for name, content in (pictures(files) | {"labels.csv": table(written)}).items():
                archive.writestr(name, content)
    place = {"folder": data, "table": data / "labels.csv", "zip": tmp_path / "d.zip"}[named]
    notes = check(place, tmp_path, files)
    if kind not in ("an encoded path", "a point", "blanks and quotes"):
        assert any(note.startswith("Images: 8 of 8 values of image_id are files in") for note in notes)


@pytest.mark.parametrize(
    ("tables", "folder", "columns"),
    [
        ({"train.csv": [f"{i:05}" for i in range(N)]}, "train", "id,label"),
        ({"labels.csv": [f"{i:05}" for i in range(N)]}, "train", "id,breed"),
        ({"train.csv": [f"{i:05}.jpg" for i in range(N)]}, "train_images", "image_id,label"),
    ],
)
def test_the_tables_of_contests_find_the_folder_of_their_split(
    tables: dict[str, list[str]], folder: str, columns: str, tmp_path: Path
) -> None:
    files = [f"{folder}/{i:05}.jpg" for i in range(N)]
    others = {f"test{folder.removeprefix('train')}/{i:05}.jpg": photo(100 + i) for i in range(N)}
    made = {name: table(rows, columns=columns) for name, rows in tables.items()}
    made["sample_submission.csv"] = "\n".join([columns, *(f"{i:05},a" for i in range(N))]).encode()
    data = write_tree(tmp_path / "d", pictures(files) | made | (others if "train.csv" in tables else {}))
    notes = check(data, tmp_path, files)
    assert any(note.startswith("sample_submission.csv was left out:") for note in notes)


@pytest.mark.parametrize("absolute", [False, True])
def test_paths_that_lead_out_of_the_folder_of_the_table_are_read(absolute: bool, tmp_path: Path) -> None:
    files = pictures([f"pics/{i}.jpg" for i in range(N)])
    paths = [f"{tmp_path}/pics/{i}.jpg" if absolute else f"../pics/{i}.jpg" for i in range(N)]
    write_tree(tmp_path, files | {"lists/a.csv": table(paths, columns="image_path,class")})
    items, _result = imported(tmp_path / "lists" / "a.csv", tmp_path / "p")
    assert [items.media(i).open_bytes() for i in range(items.n)] == list(files.values()) and items.key(3) == paths[3]
    assert not any(name.startswith(("/", "..")) for name in items.texts()), "every name lies under the root of the images"


def test_the_folder_of_the_images_can_be_named(tmp_path: Path) -> None:
    files = {f"elsewhere/deep/{i}.jpg": photo(i) for i in range(N)}
    write_tree(tmp_path, files | {"t/a.csv": table([str(i) for i in range(N)])})
    with pytest.raises(BadcaseError) as refusal:
        imported(tmp_path / "t" / "a.csv", tmp_path / "none", image="image_id")
    assert "--images" in refusal.value.hint and str(tmp_path / "t") in refusal.value.hint
    check(tmp_path / "t" / "a.csv", tmp_path, list(files), images=str(tmp_path / "elsewhere"))
    with pytest.raises(BadcaseError, match="nothing at this path"):
        imported(tmp_path / "t" / "a.csv", tmp_path / "q", images=str(tmp_path / "nowhere"))


def test_the_images_of_a_table_may_lie_in_a_zip_that_is_named(tmp_path: Path) -> None:
    files = pictures([f"deep/{i}.jpg" for i in range(N)])
    (tmp_path / "a.csv").write_bytes(table([str(i) for i in range(N)]))
    with zipfile.ZipFile(tmp_path / "i.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    check(tmp_path / "a.csv", tmp_path, list(files), images=str(tmp_path / "i.zip"))


def test_a_table_in_the_folder_of_annotations_finds_the_images_beside_that_folder(tmp_path: Path) -> None:
    files = [f"pics/{i}.jpg" for i in range(N)]
    write_tree(tmp_path / "d", pictures(files) | {"annotations/a.csv": table([f"{i}.jpg" for i in range(N)])})
    check(tmp_path / "d" / "annotations" / "a.csv", tmp_path, files)


def test_two_folders_that_fit_are_asked_about_with_their_counts(tmp_path: Path) -> None:
    files = pictures([f"images/{i}.jpg" for i in range(N)]) | {f"masks/{i}.png": photo(50 + i, format="PNG") for i in range(N)}
    data = write_tree(tmp_path / "d", files | {"labels.csv": table([str(i) for i in range(N)], columns="image,label")})
    with pytest.raises(BadcaseError, match=r"several folders.*images \(8 of 8\), masks \(8 of 8\)") as refusal:
        understand(data)
    assert refusal.value.hint.endswith(f"--images {data}/images")
    check(data, tmp_path, [f"images/{i}.jpg" for i in range(N)], images=str(data / "images"))


def test_two_tables_that_tell_labels_are_asked_about_with_their_counts(tmp_path: Path) -> None:
    names = [f"{i}.jpg" for i in range(N)]
    files = pictures(names) | {
        "first.csv": table(names, columns="file,label"),
        "second.csv": table(names[::-1], columns="file,label"),
    }
    data = write_tree(tmp_path / "d", files)
    with pytest.raises(BadcaseError, match=r"several tables.*first.csv \(8 of 8 rows\), second.csv \(8 of 8 rows\)") as refusal:
        understand(data)
    option = refusal.value.hint.partition("--data ")[2].split(" --images ")
    check(Path(option[0]), tmp_path, names, images=option[1])
    (data / "second.csv").write_bytes(table(names, columns="file,label"))
    assert "second.csv was left out: it says the same as first.csv." in understand(data).sentences


@pytest.mark.parametrize("broken", ["labels.json", "labels.csv", "labels.parquet"])
def test_a_table_beside_class_folders_that_cannot_be_used_is_named_with_why(broken: str, tmp_path: Path) -> None:
    data = class_folders(tmp_path / "d")
    (data / broken).write_bytes(b'{"never": closed' if broken.endswith("json") else b"")
    items, result = imported(data, tmp_path / "p")
    assert items.n == 12 and any(broken in note for note in result.notes), result.notes


def test_a_column_that_a_table_beside_images_lacks_is_told_with_those_that_it_has(tmp_path: Path) -> None:
    data = write_tree(tmp_path / "d", pictures([f"train/{i}.jpg" for i in range(N)]) | {"labels.csv": b"id,breed\n0,a\n1,b\n"})
    with pytest.raises(BadcaseError, match=r"labels\.csv: it has no column label among id, breed"):
        understand(data, image="id", label="label")


@pytest.mark.parametrize("name", ["labels.jsonl", "labels.csv"])
def test_a_table_of_labels_wins_over_the_folders_that_store_the_images(name: str, tmp_path: Path) -> None:
    data = class_folders(tmp_path / "d")
    files = [f"{folder}/{i}.jpg" for folder in ("cat", "dog") for i in range(6)]
    lines = [f'{{"file": "{file}", "label": "{["red", "blue"][i % 2]}"}}' for i, file in enumerate(files)]
    rows = ["file,label", *(f"{file},{['red', 'blue'][i % 2]}" for i, file in enumerate(files))]
    (data / name).write_text("\n".join(lines if name.endswith("l") else rows))
    assert understand(data).classes == ("blue", "red")


def test_class_folders_and_a_table_with_another_column_of_few_values_are_asked_about(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "d")
    rows = [f"{folder}/{i}.jpg,{'xy'[i % 2]}" for folder in ("cat", "dog") for i in range(6)]
    (data / "metadata.csv").write_text("\n".join(["file_name,camera", *rows]))
    with pytest.raises(BadcaseError, match=r"the column camera of metadata.csv .*or the folders cat, dog"):
        understand(data)
    assert understand(data, label="camera").classes == ("x", "y")
    assert understand(data, label="label").classes == ("cat", "dog")


def test_rows_without_a_file_are_set_aside_with_where_was_looked(tmp_path: Path) -> None:
    files = [f"in/{i}.jpg" for i in range(N)]
    data = write_tree(tmp_path / "d", pictures(files) | {"labels.csv": table([str(i) for i in range(N)] + ["gone"])})
    _items, result = imported(data, tmp_path / "p")
    (bad,) = result.set_aside
    assert bad.what == "the image is missing (got gone)" and f"{data} and the folders in it (8 images)" in bad.remedy
    assert any("8 of 9 values" in note for note in result.notes)


def test_unlabelled_tables_are_left_out_and_cost_no_labelled_row(tmp_path: Path) -> None:
    train = "\n".join(["id,keyword,text,target", *(f"{i},{'kl'[i % 2]},some words {i},{i % 2}" for i in range(N))])
    test = "\n".join(["id,keyword,text", *(f"{i},{'kl'[i % 2]},other words {i}" for i in range(N))])
    empty = "\n".join(["id,keyword,text,target", *(f"{i},k,more words {i}," for i in range(N))])
    data = write_tree(tmp_path / "d", {"train.csv": train.encode(), "test.csv": test.encode()})
    items, result = imported(data, tmp_path / "p")
    assert items.n == N and result.set_aside == [] and "test.csv was left out: it has no column target." in result.notes
    (data / "test.csv").write_text(empty)
    items, result = imported(data, tmp_path / "q")
    assert items.n == N and "test.csv was left out: its column target is empty." in result.notes


def test_ids_that_begin_anew_in_each_table_are_told_apart_by_the_table(tmp_path: Path) -> None:
    files = {
        f"{split}.csv": "\n".join(["id,text,label", *(f"{i + 4 * at},{split} words {i},{i % 2}" for i in range(N))]).encode()
        for at, split in enumerate(("train", "test"))
    }
    items, result = imported(write_tree(tmp_path / "d", files), tmp_path / "p")
    assert items.n == 2 * N and result.set_aside == []
    assert items.text(items.find("train/5")) == "train words 5" and items.text(items.find("test/5")) == "test words 1"
    assert items.text(items.find("0")) == "train words 0", "an id that only one table has stays as it is"
    assert any(note.startswith("4 ids occur in several tables") and "test/4" in note for note in result.notes)


def test_images_of_the_same_name_in_the_folders_of_two_tables_are_two_items(tmp_path: Path) -> None:
    names = [f"{i:03}" for i in range(N)]
    files = {
        f"{split}/{name}.jpg": photo(i + 100 * at) for at, split in enumerate(("train", "test")) for i, name in enumerate(names)
    }
    files |= {f"{split}.csv": table(names, columns="id,label") for split in ("train", "test")}
    items, result = imported(write_tree(tmp_path / "d", files), tmp_path / "p")
    assert items.n == 2 * N and result.set_aside == []
    assert items.media(items.find("test/003")).open_bytes() == photo(103)
    assert items.media(items.find("train/003")).open_bytes() == photo(3)


def struct_of_bytes(raw: list[bytes]) -> pa.Array:
    return pa.array([{"bytes": one} for one in raw], pa.struct([("bytes", pa.binary())]))


def as_base64(raw: list[bytes]) -> pa.Array:
    return pa.array([base64.b64encode(one).decode() for one in raw])


def as_addresses(raw: list[bytes]) -> pa.Array:
    return pa.array([f"data:image/jpeg;base64,{base64.b64encode(one).decode()}" for one in raw])


@pytest.mark.parametrize("form", [struct_of_bytes, as_base64, as_addresses])
@pytest.mark.parametrize("named", [{}, {"image": "image"}])
def test_images_inside_a_table_are_read_in_every_form(
    form: Callable[[list[bytes]], pa.Array], named: dict[str, str], tmp_path: Path
) -> None:
    raw = [photo(i) for i in range(N)]
    parquet.write_table(pa.table({"image": form(raw), "label": [f"{i % 2}" for i in range(N)]}), tmp_path / "t.parquet")
    items, result = imported(tmp_path / "t.parquet", tmp_path / "p", **named)
    assert [items.media(i).open_bytes() for i in range(items.n)] == raw and result.set_aside == []


def test_a_column_that_can_hold_no_image_is_refused_by_its_type_and_never_printed(tmp_path: Path) -> None:
    lists = pa.array([[{"bytes": photo(i)}] for i in range(N)])
    parquet.write_table(pa.table({"image": lists, "label": [f"{i % 2}" for i in range(N)]}), tmp_path / "t.parquet")
    with pytest.raises(BadcaseError, match=r"image: the column cannot be the image .*list<") as refusal:
        imported(tmp_path / "t.parquet", tmp_path / "p", image="image")
    assert "\\x" not in str(refusal.value)


# --- any files, any spelling ------------------------------------------------------------------------------------------

steps = st.text(st.sampled_from("abAB01é _"), min_size=1, max_size=3).map(str.strip).filter(bool)
paths = st.builds(
    lambda folders, name, ending: "/".join([*folders, name + ending]),
    st.lists(steps, max_size=3),
    steps,
    st.sampled_from([".jpg", ".PNG", ".jpeg"]),
)
WRITTEN: list[Callable[[str], str]] = [
    lambda path: path,
    lambda path: f"./{path}",
    lambda path: f"/{path}",
    lambda path: path.replace("/", "\\"),
    lambda path: "D:\\my data\\set\\" + path.replace("/", "\\"),
    lambda path: rf"\\host\share\{path}".replace("/", "\\"),
    lambda path: f"/mnt/other/set/{path}",
    lambda path: quote(path),
    lambda path: f"file:///mnt/other/{quote(path)}",
    lambda path: PurePosixPath(path).name,
    lambda path: PurePosixPath(path).stem,
    lambda path: path.rpartition(".")[0],
    lambda path: path.upper(),
]


class _Listed(FolderRoot):
    """A folder that has these files and no others, without a disk."""

    def __init__(self, files: list[str]) -> None:
        super().__init__(Path("/nowhere/at/all"))
        object.__setattr__(self, "listed", files)

    def names(self) -> list[str]:
        return self.listed  # type: ignore[attr-defined, no-any-return]

    def has(self, name: str) -> bool:
        return name in self.names()


@settings(max_examples=200, deadline=None)
@given(st.lists(paths, min_size=2, max_size=8, unique=True), st.sampled_from(range(len(WRITTEN))), st.data())
def test_each_row_gets_its_own_file_or_none(files: list[str], spelling: int, data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.sampled_from(files), max_size=3))
    written = [WRITTEN[spelling](path) for path in files]
    there = [path for path in files if path not in gone]
    joined = MediaFinder(_Listed(there), names=there).join("file", written, (SourcePart("t.csv", len(files)),), [0] * len(files))
    for path, value, found in zip(files, written, joined.names, strict=True):
        # What is spelled as another file is spelled cannot be told from it; everything else is its own file or none.
        alike = {other for other in files if WRITTEN[spelling](other).casefold() == value.casefold()}
        assert not found or found in alike or _could_mean(value, found), (path, value, found)
        if not gone and len({one.casefold() for one in files}) == len(files) == len({one.casefold() for one in written}):
            assert found is not None


def _could_mean(value: str, found: str) -> bool:
    """Whether a value that names no folder is the name of that file, whose own is gone."""
    plain = value.replace("\\", "/").strip("/")
    name = PurePosixPath(found)
    return "/" not in plain and plain.casefold() in (name.name.casefold(), name.stem.casefold())


@pytest.mark.parametrize("named", ["plain", "else"])
def test_a_key_that_is_a_path_beside_a_column_of_images_is_no_second_reading(tmp_path: Path, named: str) -> None:
    """As in the tables that are exported: the key is the path that the source wrote, the image lies beside the export."""
    write_tree(tmp_path / "old", {f"{i}.jpg": photo(i) for i in range(6)})
    write_tree(tmp_path / "new", {f"t_media/{i}.jpg": photo(i) for i in range(6)})
    lines = ["key,image,label"] if named == "plain" else ["label,data.id,source_path,image"]
    for i in range(6):
        key, image, label = str(tmp_path / "old" / f"{i}.jpg"), f"t_media/{i}.jpg", "cat" if i % 2 else "dog"
        lines.append(f"{key},{image},{label}" if named == "plain" else f"{label},{key},t_media\\{i}.jpg,{image}")
    (tmp_path / "new" / "t.csv").write_text("\n".join(lines) + "\n")
    items, _result = imported(tmp_path / "new" / "t.csv", tmp_path / "p")
    assert [items.media(i).path for i in range(6)] == [tmp_path / "new" / "t_media" / f"{i}.jpg" for i in range(6)]


def test_two_columns_of_images_that_differ_in_some_rows_are_asked_about(tmp_path: Path) -> None:
    write_tree(tmp_path, {f"{side}{i}.jpg": photo(i) for i in range(6) for side in "lr"})
    rows = "".join(f"l{i}.jpg,{'l' if i < 5 else 'r'}{i}.jpg,{'cat' if i % 2 else 'dog'}\n" for i in range(6))
    (tmp_path / "t.csv").write_text("left_image,right_image,label\n" + rows)
    with pytest.raises(BadcaseError, match="not clear which column is the image"):
        imported(tmp_path / "t.csv", tmp_path / "p")


def test_a_saved_data_set_may_name_its_images_by_path(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "d")
    with Project.create(tmp_path / "p", data) as project:
        finish(export(project, tmp_path / "hf", format="hf", media="none"))
        with Project.create(tmp_path / "again", tmp_path / "hf") as again:
            labels = dict(zip(again.items.fingerprints, again.labels.tolist(), strict=True))
            assert labels == dict(zip(project.items.fingerprints, project.labels.tolist(), strict=True))
            labels[again.items.fingerprint(0)] = turned = 1 - int(again.labels[0])
            again.journal.record([0], "relabel", turned)
            assert finish(export(again, tmp_path / "hf2")).changed == 1
        with Project.create(tmp_path / "third", tmp_path / "hf2") as third:
            assert dict(zip(third.items.fingerprints, third.labels.tolist(), strict=True)) == labels


@pytest.mark.parametrize("told", ["table", "folders"])
def test_images_none_of_which_has_an_ending_are_images(told: str, tmp_path: Path) -> None:
    names = [f"{'ab'[i % 2]}/x{i:04}" for i in range(N)]
    files = pictures(names if told == "folders" else [f"im/{PurePosixPath(name).name}" for name in names])
    files |= {"README": b"no image"}
    if told == "table":
        files |= {"t.csv": table([PurePosixPath(name).name for name in names])}
    items, result = imported(write_tree(tmp_path / "d", files), tmp_path / "p")
    assert items.n == N and not result.set_aside and result.classes == ("a", "b")
    assert all(items.media(i).open_bytes() == files[items.text(i)] for i in range(N))


@pytest.mark.parametrize(("column", "task"), [("species", "multiclass"), ("tags", "multilabel")])
def test_a_small_table_of_several_classes_tells_the_labels(column: str, task: str, tmp_path: Path) -> None:
    values = ["ant", "bee", "cow"] if task == "multiclass" else ["ant", "ant;bee", "bee"]
    names = [f"{i}.jpg" for i in range(N)]
    lines = [f"{name},{values[i % 3]},{1.5 * i}" for i, name in enumerate(names)]
    data = write_tree(tmp_path / "d", pictures([f"in/{name}" for name in names]))
    (data / "t.csv").write_text("\n".join([f"picture,{column},weight", *lines]))
    with Project.create(tmp_path / "p", data, task=task) as project:
        assert [project.classes[one] for one in project.given] == [values[i % 3] for i in range(N)]
