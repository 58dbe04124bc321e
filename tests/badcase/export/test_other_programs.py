"""Exports for Label Studio, COCO and FiftyOne: what their own readers, or their published descriptions, ask for."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from badcase.errors import BadcaseError
from badcase.export import export
from badcase.items.roots import fingerprint
from badcase.progress import finish
from badcase.project import Project
from tests.badcase.importing.importing import class_folders, photo, write_tree


@pytest.fixture
def images(tmp_path: Path) -> Project:
    """Images of which two have the same name, and a name needs quoting in an address; one is relabelled, one excluded."""
    class_folders(tmp_path / "d")
    write_tree(tmp_path / "d", {"dog/a b&c#ü.jpg": photo(50)})
    project = Project.create(tmp_path / "p", tmp_path / "d")
    project.journal.record([project.items.find("cat/1.jpg")], "relabel", 1)
    project.journal.record([project.items.find("cat/2.jpg")], "exclude")
    return project


@pytest.fixture
def tagged(tmp_path: Path) -> Project:
    """Texts with any number of labels, one of them with none; and a column that is called as one of the export's own."""
    sets = ["a;b", "b", "", "a"]
    lines = [f'"words, {i} über",{sets[i % 4]},{i},source {i}' for i in range(20)]
    (tmp_path / "t.csv").write_text("\n".join(["text,tags,id,verdict", *lines]), encoding="utf-8")
    project = Project.create(tmp_path / "p", tmp_path / "t.csv", task="multilabel", label="tags")
    project.journal.record([0], "relabel", project.taxonomy.id_of("b"))
    return project


def labels_now(project: Project) -> dict[str, str]:
    """Fingerprint to label of every item that an export contains."""
    kept = [i for i in range(len(project.items)) if project.verdicts[i] != 3]
    return {project.items.fingerprint(i): project.classes[project.labels[i]] for i in kept}


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


# --- Label Studio


def check_tasks(tasks: Any, shown: str) -> list[list[str]]:
    """Hold tasks against what Label Studio says of its format; returns the choices of each.

    Each has `data` with what the setup shows, and `annotations`, each a dict with a list `result`, whose members name the tag,
    what it labels, their type, and a value by the name of that type.
    """
    found = []
    assert isinstance(tasks, list)
    for task in tasks:
        assert set(task) == {"id", "data", "annotations"} and isinstance(task["id"], int) and isinstance(task["data"][shown], str)
        (annotation,) = task["annotations"]
        choices: list[str] = []
        for one in annotation["result"]:
            assert set(one) == {"from_name", "to_name", "type", "value"}
            assert (one["from_name"], one["to_name"], one["type"]) == ("label", shown, "choices")
            choices = one["value"]["choices"]
            assert choices and all(isinstance(choice, str) for choice in choices)
        found.append(choices)
    return found


def test_label_studio_tasks_of_images_name_files_that_it_serves(images: Project, tmp_path: Path) -> None:
    with images:
        wanted = labels_now(images)
        for media in ("copy", "link", "none", "embed"):
            done = finish(export(images, tmp_path / "o" / f"{media}.json", format="labelstudio", media=media))
            tasks = read(tmp_path / "o" / f"{media}.json")
            root = next((note.split("DOCUMENT_ROOT=")[1] for note in done.notes if "DOCUMENT_ROOT=" in note), "")
            found = {}
            for task, (label,) in zip(tasks, check_tasks(tasks, "image"), strict=True):
                address = urlparse(task["data"]["image"])
                if media == "embed":
                    assert address.path.startswith("image/jpeg;base64,")
                    raw = base64.b64decode(address.path.split(",")[1])
                else:
                    assert address.path == "/data/local-files/"
                    raw = (Path(root) / parse_qs(address.query)["d"][0]).read_bytes()
                found[fingerprint(raw)] = label
            assert found == wanted
            assert '<Choices name="label" toName="image">' in done.notes[-1] and "cat, dog" in done.notes[-1]


def test_label_studio_tasks_of_texts_hold_every_label_and_the_other_columns(tagged: Project, tmp_path: Path) -> None:
    with tagged:
        done = finish(export(tagged, tmp_path / "o.json", format="labelstudio"))
    tasks = read(tmp_path / "o.json")
    assert check_tasks(tasks, "text")[:5] == [["b"], ["b"], [], ["a"], ["a", "b"]]
    assert tasks[0]["data"] == {
        "key": "0",
        "text": "words, 0 über",
        "split": tasks[0]["data"]["split"],
        "given_label": "a;b",
        "verdict": "relabel",
        "id": "0",
        "source_verdict": "source 0",
    }
    assert 'choice="multiple"' in done.notes[0] and done.notes[1] == "The column verdict of the source is called source_verdict."


# --- COCO


def test_coco_labels_are_read_by_its_own_library(images: Project, tmp_path: Path) -> None:
    coco_library = pytest.importorskip("pycocotools.coco")
    with images:
        wanted = labels_now(images)
        sizes = {images.items.fingerprint(i): images.items.size(i) for i in range(len(images.items))}
        for media in ("copy", "none"):
            out = tmp_path / "o" / f"{media}.json"
            finish(export(images, out, format="coco", media=media))
            coco = coco_library.COCO(str(out))
            names = {one["id"]: one["name"] for one in coco.loadCats(coco.getCatIds())}
            found = {}
            for image in coco.loadImgs(coco.getImgIds()):
                (annotation,) = coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]]))
                mark = fingerprint((out.parent / image["file_name"]).read_bytes())
                found[mark] = names[annotation["category_id"]]
                assert (image["width"], image["height"]) == sizes[mark]
            assert found == wanted
            dog = coco.getCatIds(catNms=["dog"])
            assert len(coco.getImgIds(catIds=dog)) == sum(label == "dog" for label in wanted.values())


def test_coco_keeps_ids_apart_and_says_what_is_known_of_each_image(tmp_path: Path) -> None:
    write_tree(tmp_path / "d", {f"{i}.png": photo(i, format="PNG") for i in range(12)})
    lines = [f"{i}.png,{('a;b', 'b', '')[i % 3]},{100 - i},{i}.5" for i in range(12)]
    (tmp_path / "d" / "t.csv").write_text("\n".join(["image,tags,width,score", *lines]), encoding="utf-8")
    with Project.create(tmp_path / "p", tmp_path / "d" / "t.csv", task="multilabel", label="tags") as project:
        finish(export(project, tmp_path / "o.json", format="coco"))
    whole = read(tmp_path / "o.json")
    assert set(whole) == {"info", "licenses", "categories", "images", "annotations"}
    assert whole["categories"] == [{"id": at, "name": name, "supercategory": ""} for at, name in ((1, "a"), (2, "b"))]
    assert [one["id"] for one in whole["images"]] == list(range(1, 13))
    assert [one["id"] for one in whole["annotations"]] == list(range(1, 13))
    of_image = {n: [one["category_id"] for one in whole["annotations"] if one["image_id"] == n] for n in (1, 2, 3)}
    assert of_image == {1: [1, 2], 2: [2], 3: []}
    first = whole["images"][0]
    assert (first["width"], first["height"], first["source_width"], first["score"]) == (40, 30, "100", "0.5")
    assert first["key"] == "0.png" and first["split"] in ("train", "validation", "test")


# --- FiftyOne


@pytest.mark.parametrize("media", ["copy", "none"])
def test_fiftyone_finds_a_file_for_every_label(media: str, images: Project, tmp_path: Path) -> None:
    """The layout as FiftyOne documents it: files by name without the ending, in data/ or by data.json; targets are places."""
    with images:
        wanted = labels_now(images)
        done = finish(export(images, tmp_path / "o", format="fiftyone", media=media))
        splits = {images.items.key(i): images.split[i] for i in range(len(images.items))}
    labels = read(tmp_path / "o" / "labels.json")
    if media == "copy":
        files = {path.stem: path for path in (tmp_path / "o" / "data").iterdir()}
        assert done.files == 1 + len(files)
    else:
        files = {name: Path(path) for name, path in read(tmp_path / "o" / "data.json").items()}
    assert set(files) == set(labels["labels"]) == set(labels["splits"])
    found = {fingerprint(files[name].read_bytes()): labels["classes"][target] for name, target in labels["labels"].items()}
    assert found == wanted
    order = ["train", "validation", "test"]
    assert all(order[splits[key]] == labels["splits"][name] for name, key in labels["keys"].items())


def test_fiftyone_takes_one_label_an_item(tagged: Project, tmp_path: Path) -> None:
    with tagged, pytest.raises(BadcaseError, match="one label per item"):
        finish(export(tagged, tmp_path / "o", format="fiftyone"))
