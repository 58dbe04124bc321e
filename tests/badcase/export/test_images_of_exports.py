"""Images go with an export: every path in it opens from where it lies, or the bytes are inside; nothing else appears."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from badcase.errors import BadcaseError
from badcase.export import FORMATS, Exported, Media, export, preview
from badcase.items.roots import fingerprint
from badcase.progress import finish
from badcase.project import Project
from badcase.store import atomic_files
from tests.badcase.importing.importing import class_folders, photo, write_tree

TABLES = ("csv", "jsonl", "parquet")


def embedded(folder: Path, n: int = 12) -> Path:
    """A Parquet table with the images inside, as the hub has them."""
    images = [{"bytes": photo(i, format="PNG"), "path": f"{i}.png"} for i in range(n)]
    pq.write_table(pa.table({"image": images, "label": ["cat", "dog"] * (n // 2)}), folder / "t.parquet")
    return folder / "t.parquet"


def zipped(folder: Path) -> Path:
    tree = class_folders(folder / "tree")
    return Path(shutil.make_archive(str(folder / "z"), "zip", tree))


def beside_a_table(folder: Path) -> Path:
    """A table one folder above its images, some of which share a name."""
    files = {f"pictures/{i % 2}/{i // 2}.jpg": photo(i) for i in range(12)}
    write_tree(folder / "d", files)
    lines = [f"{name},{'cat' if i % 3 else 'dog'}" for i, name in enumerate(files)]
    (folder / "d" / "t.csv").write_text("\n".join(["file,label", *lines]), encoding="utf-8")
    return folder / "d" / "t.csv"


SOURCES = {"folders": lambda at: class_folders(at / "d"), "table": beside_a_table, "inside": embedded, "zip": zipped}


def written(path: Path, format: str) -> list[dict[str, Any]]:
    if format == "csv":
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    if format == "jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def content(row: dict[str, Any], out: Path) -> bytes:
    """The bytes of the image that a row holds or names, from the folder of the export."""
    image = row["image"]
    return bytes(image["bytes"]) if isinstance(image, dict) else (out.parent / image).read_bytes()


def exported(project: Project, out: Path, **how: Any) -> Exported:
    return finish(export(project, out, **how))


@pytest.mark.parametrize("source", SOURCES)
def test_every_image_of_a_table_opens_from_where_the_table_lies(source: str, tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", SOURCES[source](tmp_path)) as project:
        project.journal.record([2], "exclude")
        fingerprints = {project.items.key(i): project.items.fingerprint(i) for i in range(len(project.items)) if i != 2}
        for format, media in ((name, media) for name in TABLES for media in (None, *FORMATS[name].media)):
            out = tmp_path / "deep" / f"{media}" / f"out{FORMATS[format].ending}"
            if media is Media.NONE and source == "zip":
                with pytest.raises(BadcaseError, match="inside an archive"):
                    exported(project, out, format=format, media=media)
                continue
            done = exported(project, out, format=format, media=media)
            rows = written(out, format)
            assert {row["key"]: fingerprint(content(row, out)) for row in rows} == fingerprints
            assert any("image" in note.lower() for note in done.notes)
            beside = out.parent / f"{out.name}_media"
            inside = [isinstance(row["image"], str) and row["image"].startswith(f"{beside.name}/") for row in rows]
            assert beside.exists() == any(inside) == all(inside)
            assert done.files == 1 + len([path for path in beside.rglob("*") if path.is_file()])
            if media is None:  # what are files already is not copied unless asked
                own = source in ("folders", "table")
                assert ("lead" in done.notes[0]) == own and done.notes[0] in preview(project, format, out=out).sentences
                assert isinstance(rows[0]["image"], dict) == (format == "parquet" and not own)


def test_a_table_as_it_came_says_where_its_paths_begin_unless_it_lies_there(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", beside_a_table(tmp_path)) as project:
        assert exported(project, tmp_path / "d" / "beside.csv").notes == []
        (note,) = exported(project, tmp_path / "else" / "where.csv").notes
    assert note == f"Its image paths begin in {tmp_path / 'd'}, as those of the source."


def test_paths_are_relative_below_the_export_and_absolute_elsewhere(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", class_folders(tmp_path / "d")) as project:
        exported(project, tmp_path / "above.csv", format="csv")
        exported(project, tmp_path / "else" / "where.csv", format="csv")
    assert written(tmp_path / "above.csv", "csv")[0]["image"] == "d/cat/0.jpg"
    assert written(tmp_path / "else" / "where.csv", "csv")[0]["image"] == (tmp_path / "d" / "cat" / "0.jpg").as_posix()


def test_a_copy_is_read_again_and_stands_alone(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", class_folders(tmp_path / "d", 10)) as project:
        project.journal.record([1], "relabel", 1)
        wanted = {(project.items.fingerprint(i), project.classes[project.labels[i]]) for i in range(len(project.items))}
        exported(project, tmp_path / "o" / "out.csv", format="csv", media="copy")
    shutil.rmtree(tmp_path / "d")
    (tmp_path / "o").rename(tmp_path / "moved")
    with Project.create(tmp_path / "again", tmp_path / "moved" / "out.csv", image="image", label="label") as again:
        found = {(again.items.fingerprint(i), again.classes[again.given[i]]) for i in range(len(again.items))}
    assert found == wanted


def test_rows_of_one_image_share_its_file(tmp_path: Path) -> None:
    images = [{"bytes": photo(i // 2, format="PNG"), "path": f"{i}.png"} for i in range(12)]
    pq.write_table(pa.table({"image": images, "label": ["cat", "dog"] * 6}), tmp_path / "t.parquet")
    with Project.create(tmp_path / "p", tmp_path / "t.parquet") as project:
        done = exported(project, tmp_path / "out.csv", format="csv")
    names = [row["image"] for row in written(tmp_path / "out.csv", "csv")]
    assert names[0] == names[1] and len(set(names)) == 6 and done.files == 7


def test_links_are_the_same_file_and_become_copies_where_none_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Project.create(tmp_path / "p", class_folders(tmp_path / "d")) as project:
        exported(project, tmp_path / "a.csv", format="csv", media="link")
        assert (tmp_path / "a.csv_media" / "cat" / "0.jpg").samefile(tmp_path / "d" / "cat" / "0.jpg")

        def refuse(*_args: object, **_options: object) -> None:
            raise OSError("not supported")

        monkeypatch.setattr(os, "link", refuse)
        exported(project, tmp_path / "b.csv", format="csv", media="link")
        assert (tmp_path / "b.csv_media" / "cat" / "0.jpg").is_symlink()
        monkeypatch.setattr(os, "symlink", refuse)
        done = exported(project, tmp_path / "c.csv", format="csv", media="link")
        assert not (tmp_path / "c.csv_media" / "cat" / "0.jpg").is_symlink()
    assert done.notes[-1] == "12 images could not be linked and are copies."


def test_data_sets_for_other_programs_hold_or_name_every_image(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", embedded(tmp_path)) as project:
        wanted = {project.items.fingerprint(i) for i in range(len(project.items))}
        for format, media in ((name, media) for name, one in FORMATS.items() for media in one.media if name not in TABLES):
            at = tmp_path / f"{format}-{media}"
            assert exported(project, at / f"out{FORMATS[format].ending}", format=format, media=media).notes
            files = [path for path in at.rglob("*") if path.suffix == ".png"]
            holds = media in (Media.COPY, Media.LINK)
            assert {fingerprint(path.read_bytes()) for path in files} == (wanted if holds else set())


@pytest.mark.parametrize("change", ["gone", "empty", "garbage"])
def test_a_lost_image_ends_the_export_before_anything_appears(change: str, tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", class_folders(tmp_path / "d")) as project:
        lost = tmp_path / "d" / "dog" / "3.jpg"
        lost.unlink()
        if change != "gone":
            lost.write_bytes(b"" if change == "empty" else b"no image")
        before = set(tmp_path.iterdir())
        reads = [("csv", "copy"), ("parquet", "embed"), ("folder", None), ("hf", None), ("coco", None), ("labelstudio", "embed")]
        looks = [("csv", "none"), ("fiftyone", "none"), ("jsonl", "link")]
        for format, media in reads + (looks if change != "garbage" else []):
            with pytest.raises(BadcaseError, match=r"dog/3\.jpg.*cannot be read any more") as refusal:
                exported(project, tmp_path / "out", format=format, media=media)
            assert "exclude the item" in refusal.value.hint and set(tmp_path.iterdir()) == before
        project.journal.record([project.items.find("dog/3.jpg")], "exclude")
        for format, media in reads + looks:
            exported(project, tmp_path / f"{format}-{media}", format=format, media=media)


OFFERED = [(format, str(media)) for format, exporter in FORMATS.items() for media in exporter.media]


@pytest.mark.parametrize(("format", "media"), [*OFFERED, ("csv", "shared")])
def test_a_correction_is_never_written_to_another_image(format: str, media: str, tmp_path: Path) -> None:
    """Two files that swapped their names since; or, shared, one that two rows name, of which the second was corrected."""
    data = beside_a_table(tmp_path)
    if media == "shared":
        data.write_text(data.read_text(encoding="utf-8").replace("file,", "id,file,").replace("\npic", "\n#,pic"))
        lines = [line.replace("#", str(n)) for n, line in enumerate(data.read_text().splitlines())]
        data.write_text("\n".join([lines[0], lines[4].replace("4,", "0,", 1).replace("dog", "cat"), *lines[1:]]))
    with Project.create(tmp_path / "p", data, key="id" if media == "shared" else None) as project:
        at = 4 if media == "shared" else 3
        project.journal.record([at], "relabel", 1 - int(project.given[at]))
        one, other = (project.items.media(i).path for i in (at, 6))
        assert one is not None and other is not None
        one.rename(tmp_path / "x")
        other.rename(one)
        (tmp_path / "x").rename(other)
        with pytest.raises(BadcaseError, match="its content was changed") as raised:
            finish(export(project, tmp_path / "out", format=format, media="copy" if media == "shared" else media))
        assert project.items.key(at) in str(raised.value) and "exclude the item" in raised.value.hint
        assert not (tmp_path / "out").exists()
        project.journal.record([at], "exclude")
        finish(export(project, tmp_path / "out", format=format, media="copy" if media == "shared" else media))


def test_an_image_that_was_changed_since_is_taken_and_told(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", class_folders(tmp_path / "d")) as project:
        (tmp_path / "d" / "dog" / "3.jpg").write_bytes(photo(99))
        done = exported(project, tmp_path / "out.csv", format="csv", media="copy")
    assert done.notes[-1] == "1 image has changed since the import; it was taken as it is now."
    assert (tmp_path / "out.csv_media" / "dog" / "3.jpg").read_bytes() == photo(99)


def test_names_stay_below_the_export_and_apart(tmp_path: Path) -> None:
    """Names in a zip that no folder would have: two that differ in case, marks, a device, one of 200 letters, no ending."""
    names = ["cat/A.png", "cat/a.png", "cat/q?:.png", "cat/q__.png", "dog/nul.png", "dog/" + "é" * 200 + ".png"]
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        for i, name in enumerate(names):
            archive.writestr(name, photo(i, format="PNG"))
    with Project.create(tmp_path / "p", tmp_path / "z.zip") as project:
        wanted = {key: project.items.fingerprint(i) for i, key in enumerate(project.items.keys[:])}
        assert len(wanted) == len(names)
        exported(project, tmp_path / "o" / "out.csv", format="csv")
        exported(project, tmp_path / "o" / "folder", format="folder")
    rows = written(tmp_path / "o" / "out.csv", "csv")
    assert {row["key"]: fingerprint((tmp_path / "o" / row["image"]).read_bytes()) for row in rows} == wanted
    assert len({row["image"].casefold() for row in rows}) == len(names)
    assert all(row["image"].startswith("out.csv_media/") and row["image"].endswith(".png") for row in rows)
    assert len(list((tmp_path / "o" / "folder").rglob("*.png"))) == len(names)


def test_what_cannot_be_done_with_images_is_refused_with_what_can(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,label\n" + "".join(f"words {i},{'ab'[i % 2]}\n" for i in range(9)))
    with Project.create(tmp_path / "texts", tmp_path / "t.csv") as texts:
        with pytest.raises(BadcaseError, match="texts have no files"):
            exported(texts, tmp_path / "o.csv", format="csv", media="copy")
        for format in ("coco", "fiftyone"):
            with pytest.raises(BadcaseError, match=r"holds images alone.*labelstudio"):
                exported(texts, tmp_path / "o", format=format)
    with Project.create(tmp_path / "p", class_folders(tmp_path / "d")) as project:
        for format, media, can in (("csv", "embed", "none | copy | link"), ("same", "copy", ""), ("fiftyone", "embed", "copy |")):
            with pytest.raises(BadcaseError) as refusal:
                exported(project, tmp_path / "o", format=format, media=media)
            assert refusal.value.where == "--media" and refusal.value.expected.startswith(can) and refusal.value.hint
    assert not (tmp_path / "o").exists()


def test_table_and_images_are_replaced_together_or_stay(tmp_path: Path) -> None:
    out, beside = tmp_path / "out.csv", tmp_path / "out.csv_media"
    with Project.create(tmp_path / "p", class_folders(tmp_path / "d")) as project:
        write_tree(beside, {"mine.txt": b"precious"})
        with pytest.raises(BadcaseError, match=r"out\.csv_media: there is something"):
            exported(project, out, format="csv", media="copy")
        assert not out.exists()
        exported(project, out, format="csv", media="copy", overwrite=True)
        assert not (beside / "mine.txt").exists() and out.exists()
        lost = tmp_path / "d" / "dog" / "3.jpg"
        kept, raw = out.read_bytes(), lost.read_bytes()
        lost.unlink()
        with pytest.raises(BadcaseError):
            exported(project, out, format="csv", media="copy", overwrite=True)
        assert out.read_bytes() == kept and (beside / "dog" / "3.jpg").read_bytes() == raw
        job = export(project, out, format="csv", media="copy", overwrite=True)
        next(job)
        job.close()
    assert {path.name for path in tmp_path.iterdir()} == {"p", "d", "out.csv", "out.csv_media"}


@pytest.mark.parametrize("media", ["copy", "link"])
def test_at_each_moment_of_an_overwriting_export_the_table_names_its_own_images(
    media: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two projects whose images have the same names: the images took their places first, and a kill left them the old labels."""
    out = tmp_path / "out.csv"
    with Project.create(tmp_path / "p", class_folders(tmp_path / "d")) as old:
        exported(old, out, format="csv", media="copy")
    for number, path in enumerate(sorted((tmp_path / "d").rglob("*.jpg"))):
        other = tmp_path / "e" / path.relative_to(tmp_path / "d")
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_bytes(photo(100 + number) if number % 2 else path.read_bytes())
    place, seen = atomic_files._place, []

    def told() -> list[tuple[str, bytes]]:
        with out.open(newline="") as file:
            return [(row["key"], (tmp_path / row["image"]).read_bytes()) for row in csv.DictReader(file)]

    def watched(fresh: Path, path: Path) -> None:
        seen.append(told())
        place(fresh, path)
        seen.append(told())

    monkeypatch.setattr(atomic_files, "_place", watched)
    before = told()
    with Project.create(tmp_path / "q", tmp_path / "e") as new:
        new.journal.record([0], "exclude")
        exported(new, out, format="csv", media=media, overwrite=True)
        assert [name for name, _raw in told()] == [new.items.key(i) for i in range(1, len(new.items))]
    assert len(seen) > 10 and all(one in (before, told()) for one in seen) and before != told()
    named = {raw for _key, raw in told()}
    assert {path.read_bytes() for path in (tmp_path / "out.csv_media").rglob("*.jpg")} == named, "what is not named has gone"


def test_the_images_of_a_lone_table_and_of_the_project_are_never_written_over(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", beside_a_table(tmp_path)) as project:
        for out in (tmp_path / "d" / "pictures", tmp_path / "d" / "pictures" / "0" / "0.jpg"):
            with pytest.raises(BadcaseError, match="holds images that the project reads"):
                exported(project, out, format="folder", overwrite=True)
    source = class_folders(tmp_path / "out.csv_media")
    with (
        Project.create(tmp_path / "q", source) as project,
        pytest.raises(BadcaseError, match=r"out\.csv_media: this path holds the data"),
    ):
        exported(project, tmp_path / "out.csv", format="csv", media="copy", overwrite=True)


def test_pandas_pillow_and_datasets_open_the_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = pytest.importorskip("datasets")
    pandas = pytest.importorskip("pandas")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    images = tmp_path / "saved"
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=["cat", "dog", "fox"])})
    rows = {"image": [Image.open(io.BytesIO(photo(i, format="PNG"))) for i in range(18)], "label": [0, 1, 2] * 6}
    whole = datasets.Dataset.from_dict(rows, features=features)
    datasets.DatasetDict({"train": whole.select(range(12)), "test": whole.select(range(12, 18))}).save_to_disk(images)
    out = tmp_path / "o"
    with Project.create(tmp_path / "p", images) as project:
        for format in TABLES:
            exported(project, out / f"out.{format}", format=format)
        exported(project, out / "saved", format="hf")
        pixels = [np.asarray(project.items.image(i)) for i in range(18)]
    frame = pandas.read_csv(out / "out.csv")
    assert [np.asarray(Image.open(out / name)).shape for name in frame["image"]] == [one.shape for one in pixels]
    monkeypatch.chdir(out)
    for kind, name in (("csv", "out.csv"), ("json", "out.jsonl"), ("parquet", "out.parquet")):
        found = datasets.load_dataset(kind, data_files=name, split="train", cache_dir=str(tmp_path / "cache"))
        if kind == "parquet":
            assert isinstance(found.features["image"], datasets.Image)
        else:
            found = found.cast_column("image", datasets.Image())
        assert all((np.asarray(row["image"].convert("RGB")) == one).all() for row, one in zip(found, pixels, strict=True))
    saved = datasets.load_from_disk(str(out / "saved"))
    assert saved["train"].features == features | {
        name: saved["train"].features[name] for name in ("key", "split", "given_label", "verdict")
    }
    assert (np.asarray(saved["test"][0]["image"]) == pixels[12]).all()
