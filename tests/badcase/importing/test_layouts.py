"""The layouts that people have: each is read, and written back with nothing changed but the corrections."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from badcase.errors import BadcaseError
from badcase.export import export
from badcase.importing import understand
from badcase.items import Split
from badcase.progress import finish
from badcase.project import Project
from tests.badcase.importing.importing import class_folders, imported, photo, write_tree

N = 8
NAMES = ["cat", "dog"]


def pictures(folder: str = "images/") -> dict[str, bytes]:
    return {f"{folder}{i:03}.jpg": photo(i) for i in range(N)}


def tar_of(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode = len(content), 1_600_000_000, 0o640
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def members_of(raw: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        return {info.name: archive.extractfile(info).read() for info in archive.getmembers()}  # type: ignore[union-attr]


def coco(*, boxes: bool = True, several: bool = False) -> dict[str, object]:
    images = [{"id": 10 + i, "file_name": f"{i:03}.jpg", "width": 40, "height": 30} for i in range(N)]
    box: dict[str, object] = {"bbox": [1, 2, 3, 4]} if boxes else {}
    annotations = [{"id": 1 + i, "image_id": 10 + i, "category_id": 5 + i % 2, **box} for i in range(N)]
    annotations.append({"id": 90, "image_id": 11, "category_id": 5 if several else 6})
    return {"images": images, "annotations": annotations, "categories": [{"id": 5, "name": "cat"}, {"id": 6, "name": "dog"}]}


def corrected(data: Path, tmp_path: Path, **how: str) -> Path:
    """Item 1, a dog, becomes a cat; item 2 is excluded."""
    with Project.create(tmp_path / "p", data, **how) as project:
        assert list(project.classes) == NAMES and len(project.items) == N and not project.set_aside
        for i in range(N):
            assert project.items.media(i).open_bytes() == photo(i) and project.given[i] == i % 2
        project.journal.record([1], "relabel", 0)
        project.journal.record([2], "exclude")
        done = finish(export(project, tmp_path / "out"))
        assert (done.changed, done.excluded) == (1, 1)
    return tmp_path / "out"


def test_coco_is_read_and_written_back_with_every_other_byte(tmp_path: Path) -> None:
    text = json.dumps(coco(), indent=1)
    data = write_tree(tmp_path / "d", pictures() | {"annotations/instances_train.json": text.encode()})
    out = (corrected(data, tmp_path) / "annotations/instances_train.json").read_text()
    made, before = json.loads(out), coco()
    for one in before["annotations"]:  # type: ignore[attr-defined]
        one["category_id"] = 5 if one["image_id"] == 11 else one["category_id"]
    before["images"] = [one for one in before["images"] if one["id"] != 12]  # type: ignore[attr-defined]
    before["annotations"] = [one for one in before["annotations"] if one["image_id"] != 12]  # type: ignore[attr-defined]
    assert made == before and out == json.dumps(before, indent=1)
    assert any("boxes and outlines" in note for note in understand(data).sentences)


def test_coco_images_with_several_categories_are_items_with_several_labels(tmp_path: Path) -> None:
    text = json.dumps(coco(boxes=False, several=True))
    data = write_tree(tmp_path / "d", pictures("train2017/") | {"annotations/instances_train2017.json": text.encode()})
    with pytest.raises(BadcaseError, match="several labels") as refusal:
        understand(data)
    assert "--task multilabel" in refusal.value.hint
    with Project.create(tmp_path / "p", data, task="multilabel") as project:
        assert project.classes[project.given[1]] == "cat;dog" and project.classes[project.given[2]] == "cat"
        project.journal.record([1], "relabel", project.classes.index("dog"))
        project.journal.record([2], "relabel", project.classes.index("cat;dog"))
        finish(export(project, tmp_path / "out"))
    made = json.loads((tmp_path / "out/annotations/instances_train2017.json").read_text())
    of = {image: [one["category_id"] for one in made["annotations"] if one["image_id"] == image] for image in (11, 12, 13)}
    assert of == {11: [6], 12: [5, 6], 13: [6]} and len({one["id"] for one in made["annotations"]}) == len(made["annotations"])


def test_the_file_of_coco_may_be_named_alone(tmp_path: Path) -> None:
    data = write_tree(tmp_path / "d", pictures() | {"annotations/instances.json": json.dumps(coco()).encode()})
    items, result = imported(data / "annotations" / "instances.json", tmp_path / "p")
    assert items.n == N and result.set_aside == [] and items.media(3).open_bytes() == photo(3)


def test_captions_tell_no_labels_and_are_named(tmp_path: Path) -> None:
    made = {"images": coco()["images"], "annotations": [{"id": 1, "image_id": 10, "caption": "a cat"}]}
    data = write_tree(tmp_path / "d", pictures() | {"annotations/captions.json": json.dumps(made).encode()})
    with pytest.raises(BadcaseError, match=r"all images lie in one folder, images.*captions.json.*no categories"):
        understand(data)


@pytest.mark.parametrize("form", ["places", "names", "dictionaries"])
def test_the_directory_of_fiftyone_is_read_and_written_back(form: str, tmp_path: Path) -> None:
    value = {"places": lambda at: at, "names": lambda at: NAMES[at], "dictionaries": lambda at: {"label": NAMES[at], "x": 1}}[
        form
    ]
    made = {"classes": NAMES if form == "places" else None, "labels": {f"{i:03}": value(i % 2) for i in range(N)}}
    data = write_tree(tmp_path / "d", pictures("data/") | {"labels.json": json.dumps(made).encode()})
    out = (corrected(data, tmp_path) / "labels.json").read_text()
    made["labels"] |= {"001": value(0)}  # type: ignore[operator]
    del made["labels"]["002"]  # type: ignore[attr-defined]
    assert out == json.dumps(made)


@pytest.mark.parametrize(
    ("name", "classes", "line"),
    [
        ("train.txt", "synsets.txt", "images/{i:03}.jpg {label}"),
        ("meta/train.txt", "meta/classes.txt", "{i:03}.jpg {label}"),
        ("list.txt", "", "images/{i:03}.jpg\t{name}"),
        ("list.txt", "", "images/{i:03}.jpg,{name}"),
    ],
)
def test_a_list_of_images_and_labels_is_read_and_written_back(name: str, classes: str, line: str, tmp_path: Path) -> None:
    lines = [line.format(i=i, label=i % 2, name=NAMES[i % 2]) for i in range(N)]
    files = pictures("images/" if "images/" in line else "train/") | {name: ("\r\n".join(lines) + "\r\n").encode()}
    files |= {classes: "\n".join(NAMES).encode()} if classes else {}
    out = (corrected(write_tree(tmp_path / "d", files), tmp_path) / name).read_bytes().decode()
    lines[1] = line.format(i=1, label=0, name="cat")
    assert out == "\r\n".join([*lines[:2], *lines[3:]]) + "\r\n"


def test_lists_for_training_and_validation_are_splits(tmp_path: Path) -> None:
    files = {f"{split}/{i}.jpg": photo(i + 100 * at) for at, split in enumerate(("train", "val")) for i in range(N)}
    files |= {f"meta/{split}.txt": "".join(f"{i}.jpg {i % 2}\n" for i in range(N)).encode() for split in ("train", "val")}
    items, result = imported(write_tree(tmp_path / "d", files), tmp_path / "p")
    assert items.n == 2 * N and result.set_aside == [] and sorted(set(items.split.tolist())) != [int(Split.TRAIN)]
    assert items.media(items.find("val/3.jpg")).open_bytes() == photo(103)


def shard(first: int, form: str) -> dict[str, bytes]:
    members: dict[str, bytes] = {}
    for i in range(first, first + N // 2):
        label = {"cls": b"%d\n" % (i % 2), "json": b'{"n": %d, "label": %d}' % (i, i % 2), "txt": NAMES[i % 2].encode()}[form]
        members |= {f"{i:06}.jpg": photo(i), f"{i:06}.{form}": label}
    return members


@pytest.mark.parametrize("form", ["cls", "json", "txt"])
def test_shards_are_read_in_place_and_written_back(form: str, tmp_path: Path) -> None:
    shards = [shard(0, form), shard(N // 2, form)]
    data = write_tree(tmp_path / "d", {f"train-{at:06}.tar": tar_of(members) for at, members in enumerate(shards)})
    how = {"label": "txt"} if form == "txt" else {}
    with Project.create(tmp_path / "p", data, **how) as project:
        assert len(project.items) == N and not project.set_aside
        assert [project.items.media(i).open_bytes() for i in range(N)] == [photo(i) for i in range(N)]
        project.journal.record([5], "relabel", 0)
        project.journal.record([6], "exclude")
        finish(export(project, tmp_path / "out"))
    expected = shards[1] | {f"000005.{form}": {"cls": b"0\n", "json": b'{"n": 5, "label": 0}', "txt": b"cat"}[form]}
    expected = {name: content for name, content in expected.items() if not name.startswith("000006")}
    assert members_of((tmp_path / "out/train-000001.tar").read_bytes()) == expected
    assert (tmp_path / "out/train-000000.tar").read_bytes() == (data / "train-000000.tar").read_bytes()


def test_a_single_shard_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(tar_of(shard(0, "cls") | shard(4, "cls")))
    with Project.create(tmp_path / "p", tmp_path / "a.tar") as project:
        project.journal.record([1], "relabel", 0)
        finish(export(project, tmp_path / "b.tar"))
    assert members_of((tmp_path / "b.tar").read_bytes()) == shard(0, "cls") | shard(4, "cls") | {"000001.cls": b"0\n"}


@pytest.mark.parametrize("kind", ["folders", "table"])
def test_a_tar_is_read_in_place_as_a_zip_is(kind: str, tmp_path: Path) -> None:
    members = {f"set/{NAMES[i % 2]}/{i}.jpg": photo(i) for i in range(N)}
    if kind == "table":
        members = {f"set/{i}.jpg": photo(i) for i in range(N)}
        members["set/labels.csv"] = "\n".join(["file,label", *(f"{i}.jpg,{NAMES[i % 2]}" for i in range(N))]).encode()
    (tmp_path / "d.tar").write_bytes(tar_of(members))
    with Project.create(tmp_path / "p", tmp_path / "d.tar") as project:
        i = next(i for i in range(N) if project.items.text(i).endswith("/1.jpg"))
        assert project.items.media(i).path is None and project.items.media(i).open_bytes() == photo(1)
        project.journal.record([i], "relabel", 0)
        finish(export(project, tmp_path / "out.tar"))
    if kind == "table":
        members["set/labels.csv"] = members["set/labels.csv"].replace(b"1.jpg,dog", b"1.jpg,cat")
    else:
        members = {("set/cat/1.jpg" if name == "set/dog/1.jpg" else name): content for name, content in members.items()}
    assert members_of((tmp_path / "out.tar").read_bytes()) == members


def test_a_packed_tar_is_refused_with_the_line_that_unpacks_it(tmp_path: Path) -> None:
    (tmp_path / "d.tar.gz").write_bytes(b"x")
    with pytest.raises(BadcaseError, match="packed tar") as refusal:
        understand(tmp_path / "d.tar.gz")
    assert "tar -xf d.tar.gz -C FOLDER" in refusal.value.hint


@pytest.mark.parametrize("name", ["metadata.csv", "metadata.jsonl"])
def test_image_folders_of_hugging_face_are_read_by_their_metadata(name: str, tmp_path: Path) -> None:
    files: dict[str, bytes] = {}
    for at, split in enumerate(("train", "test")):
        files |= {f"{split}/{i}.png": photo(i + 100 * at, format="PNG") for i in range(N)}
        rows = [("file_name", "label"), *((f"{i}.png", NAMES[i % 2]) for i in range(N))]
        lines = (
            [",".join(row) for row in rows]
            if name.endswith("csv")
            else [json.dumps(dict(zip(rows[0], row, strict=True))) for row in rows[1:]]
        )
        files[f"{split}/{name}"] = "\n".join(lines).encode()
    items, result = imported(write_tree(tmp_path / "d", files), tmp_path / "p")
    assert items.n == 2 * N and result.classes == ("cat", "dog") and result.set_aside == []
    assert items.split[items.find("test/3.png")] != Split.TRAIN and items.split[items.find("train/3.png")] == Split.TRAIN


def test_folders_of_yolo_and_imagenet_are_classes_with_splits(tmp_path: Path) -> None:
    data = tmp_path / "d"
    for split in ("ILSVRC/Data/train/", "ILSVRC/Data/val/"):
        class_folders(data, split=split)
    items, result = imported(data, tmp_path / "p")
    assert result.classes == ("cat", "dog") and items.n == 24 and (items.split == Split.VALIDATION).any()


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"annotations/instances.json": b'{"shapes": []}'}, "annotations/instances.json: this JSON holds no list of objects"),
        ({f"images/{i:03}.xml": b"<annotation/>" for i in range(N)}, "8 .xml files like it lie beside the images"),
        ({"labels.mat": b"MATLAB 5.0"}, "labels.mat: it is a file of MATLAB"),
        ({"boxes.pkl": b"\x80"}, "boxes.pkl: it is a pickle"),
    ],
)
def test_images_in_one_folder_whose_labels_are_not_read_name_what_lies_beside_them(
    files: dict[str, bytes], named: str, tmp_path: Path
) -> None:
    data = write_tree(tmp_path / "d", pictures() | files)
    with pytest.raises(BadcaseError) as refusal:
        understand(data)
    assert "all images lie in one folder, images" in str(refusal.value) and named in refusal.value.got


def test_fiftyone_finds_images_elsewhere_by_data_json_and_names_with_blanks(tmp_path: Path) -> None:
    labels = {f"my photo {i}": i % 2 for i in range(N)}
    made = json.dumps({"classes": NAMES, "labels": labels}).encode()
    inside = write_tree(tmp_path / "in", {f"data/{name}.jpg": photo(i) for i, name in enumerate(labels)} | {"labels.json": made})
    out = json.loads((corrected(inside, tmp_path) / "labels.json").read_text())
    assert out["labels"]["my photo 1"] == 0 and len(out["labels"]) == N - 1
    places = {name: str(inside / "data" / f"{name}.jpg") for name in labels}
    apart = write_tree(tmp_path / "out of it", {"labels.json": made, "data.json": json.dumps(places).encode()})
    (tmp_path / "second").mkdir()
    again = corrected(apart, tmp_path / "second")
    assert json.loads((again / "labels.json").read_text()) == out and (again / "data.json").exists()


def test_coco_tells_the_split_of_an_image_where_it_says_one(tmp_path: Path) -> None:
    made = coco(boxes=False)
    for i, one in enumerate(made["images"]):  # type: ignore[arg-type, var-annotated]
        one["split"] = ["train", "train", "val", "test"][i % 4]
    data = write_tree(tmp_path / "d", pictures() | {"coco.json": json.dumps(made).encode()})
    items, _result = imported(data, tmp_path / "p")
    assert [Split(int(one)) for one in items.split] == [Split.TRAIN, Split.TRAIN, Split.VALIDATION, Split.TEST] * 2
    (tmp_path / "q").mkdir()
    out = json.loads((corrected(data, tmp_path / "q") / "coco.json").read_text())
    assert out["images"] == [one for one in made["images"] if one["id"] != 12]  # type: ignore[attr-defined]
