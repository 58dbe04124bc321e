"""The look before the run: it names what people get wrong, and is silent about a model that fits."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from badcase.items.a_few import a_few_of_each
from badcase.models import load_model
from badcase.models.running import Runner
from badcase.prediction.preflight import Level, PreflightReport, better_labels, preflight
from badcase.project import Project
from tests.badcase.models.networks import save_image_model, save_text_model, tokenizer
from tests.badcase.prediction.projects import (
    COLOURS,
    GREYS,
    colour_images,
    image_project,
    text_model,
    text_project,
    trained_image_model,
)


@pytest.fixture(scope="module")
def colours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of coloured images and, in model/, a network that tells them apart."""
    folder = tmp_path_factory.mktemp("colours")
    image_project(folder).close()
    trained_image_model(folder / "model", folder / "data")
    return folder


def look(project: Path, model: Path) -> PreflightReport:
    with Project.open(project) as opened:
        runner = Runner(load_model(model, classes=opened.classes), opened.items)
        return preflight(runner, opened.labels, opened.classes)


def altered(source: Path, folder: Path, file: str, **values: object) -> Path:
    """A copy of a saved model with some values of one of its JSON files changed."""
    shutil.copytree(source, folder)
    kept = json.loads((folder / file).read_text())
    (folder / file).write_text(json.dumps(kept | values))
    return folder


def warnings(report: PreflightReport) -> list[str]:
    return [finding.text for finding in report.findings if finding.level is Level.WARNING]


def test_a_model_that_fits_gets_no_warning_and_its_accuracy_is_told(colours: Path) -> None:
    report = look(colours / "project", colours / "model")
    assert warnings(report) == []
    assert report.accuracy is not None and report.accuracy > 0.95
    assert report.items == 48
    assert "48 items" in report.sentences[0]


def test_classes_named_in_the_wrong_order_are_found_out(colours: Path, tmp_path: Path) -> None:
    names = {"0": "green", "1": "red", "2": "blue"}  # it was trained as blue, green, red
    report = look(colours / "project", altered(colours / "model", tmp_path / "model", "config.json", id2label=names))
    assert report.accuracy == 0
    # output "green" is really blue: output number 1 in the project's order belongs to class 0
    assert report.class_map == [2, 0, 1]
    assert any("another order" in text and "green → blue" in text for text in warnings(report))


def test_a_wrong_normalization_is_found_out(tmp_path: Path) -> None:
    """Trained on pixels from -1 to 1, saved with a processor that leaves them between 0 and 1."""
    colour_images(tmp_path / "data", colours=GREYS)
    Project.create(tmp_path / "project", tmp_path / "data").close()
    trained_image_model(tmp_path / "right", tmp_path / "data", list(GREYS))
    wrong = {"image_mean": [0, 0, 0], "image_std": [1, 1, 1]}
    assert warnings(look(tmp_path / "project", tmp_path / "right")) == []
    model = altered(tmp_path / "right", tmp_path / "model", "preprocessor_config.json", **wrong)
    report = look(tmp_path / "project", model)
    assert report.accuracy is not None and report.accuracy < 0.9
    assert any("normalization" in text and "-1 ... 1" in text for text in warnings(report))


def test_a_wrong_input_size_is_found_out(colours: Path, tmp_path: Path) -> None:
    """The network's configuration says what it was made for."""
    model = tmp_path / "model"
    save_image_model(model, "MobileNetV2", list(COLOURS))
    altered(model, tmp_path / "other", "preprocessor_config.json", size={"height": 64, "width": 64})
    report = look(colours / "project", tmp_path / "other")
    assert any("32 pixels" in text and "64" in text for text in warnings(report))


def test_a_tokenizer_that_does_not_know_the_texts_is_found_out(tmp_path: Path) -> None:
    with text_project(tmp_path):
        pass
    text_model(tmp_path / "model")
    report = look(tmp_path / "project", tmp_path / "model")
    assert any("does not know" in text for text in warnings(report))


def test_a_tokenizer_with_more_words_than_the_network_is_found_out(tmp_path: Path) -> None:
    with text_project(tmp_path):
        pass
    save_text_model(tmp_path / "model", "DistilBert", ["animals", "food", "weather"])
    few = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *[f"word{i}" for i in range(200)]]
    tokenizer(few).save_pretrained(tmp_path / "model")
    report = look(tmp_path / "project", tmp_path / "model")
    assert any("do not belong together" in text for text in warnings(report))


def test_a_model_that_says_one_thing_is_found_out(colours: Path, tmp_path: Path) -> None:
    model = load_model(colours / "model")
    with torch.no_grad():
        model.last_layer.layer.weight.zero_()
    model.save(tmp_path / "model")
    report = look(colours / "project", tmp_path / "model")
    assert any("the same class to every item" in text for text in warnings(report))
    assert any("guessing" in text for text in warnings(report))


def test_the_items_looked_at_are_spread_over_all_classes() -> None:
    labels = np.repeat(np.arange(4), [1000, 500, 5, 1])
    chosen = a_few_of_each(labels, 4)
    counts = np.bincount(labels[chosen], minlength=4)
    assert counts[3] == 1 and counts[2] == 5 and counts[0] == counts[1] == 12
    assert len(a_few_of_each(np.arange(300) % 100, 100)) == 192
    assert len(a_few_of_each(np.zeros(3, int), 1)) == 3


def test_labels_in_another_order_are_found_out_where_an_item_may_have_several() -> None:
    rng = np.random.default_rng(0)
    given = rng.random((48, 4)) < 0.35
    order = [2, 0, 1, 3]  # what output j answers
    said = given[:, order] ^ (rng.random((48, 4)) < 0.05)
    assert better_labels(said, given) == order
    assert better_labels(given ^ (rng.random((48, 4)) < 0.2), given) is None
    assert better_labels(rng.random((48, 4)) < 0.35, given) is None, "no order helps a model that guesses"


def test_a_model_of_several_labels_is_looked_at_too(colours: Path, tmp_path: Path) -> None:
    """The network tells colours apart; here each image has the label of its colour, and none of the others."""
    names = ("blue", "green", "red")
    rows = [(path, path.parent.name) for path in sorted((colours / "data").rglob("*.png"))]
    lines = "\n".join(f"{path},{name}" for path, name in rows)
    (tmp_path / "images.csv").write_text(f"image,tags\n{lines}\n")
    with Project.create(tmp_path / "p", tmp_path / "images.csv", image="image", label="tags", task="multilabel") as project:
        assert project.label_names == names
        labels = project.taxonomy.answers(project.labels)
        swapped = altered(
            colours / "model",
            tmp_path / "swapped",
            "config.json",
            id2label={"0": "green", "1": "red", "2": "blue"},
            problem_type="multi_label_classification",
        )
        runner = Runner(load_model(swapped, classes=names, kind=project.kind), project.items)
        told = warnings(preflight(runner, labels, names))
    assert len(told) == 1 and "labels in another order" in told[0] and "green → blue" in told[0]
