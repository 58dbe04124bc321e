"""The demo goes through the whole loop with nobody there, and leaves what it says it leaves."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from badcase.project import Project
from badcase.training.demo import images, texts
from badcase.training.demo.make_demo import plant
from tests.ui.command_line.conftest import Badcase

FEW = 450  # of 1,797 digits


@pytest.fixture
def smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of both demos: every step is there, and each is as real as in the whole."""
    drawn, shown = images.digits()
    monkeypatch.setattr(images, "digits", lambda: (drawn[:FEW], shown[:FEW]))
    monkeypatch.setattr(images, "EPOCHS", 7)
    monkeypatch.setattr(texts, "PER_CLASS", 50)
    monkeypatch.setattr(texts, "ENOUGH", 40)


@pytest.mark.usefixtures("smaller")
@pytest.mark.parametrize(
    ("options", "name", "recall"), [([], "digits", 0.9), (["--text"], "docstrings", 0.6)], ids=["images", "texts"]
)
def test_headless_it_finds_the_planted_labels_and_ends_with_all_files(
    options: list[str], name: str, recall: float, tmp_path: Path, badcase: Badcase
) -> None:
    done = badcase("demo", "--headless", *options, "--out", tmp_path / "demo", "--json")
    assert done.code == 0, done.err
    told = done.json
    assert told["found"] >= recall * told["wrong_labels"]
    accuracy = next(one for one in told["measures"] if one["name"] == "accuracy")
    assert accuracy["b"] > accuracy["a"]
    assert Path(told["report"]).stat().st_size > 10_000
    assert len(told["screenshots"]) == 2
    for shot in told["screenshots"]:
        with Image.open(shot) as picture:
            assert picture.size == (1440, 900)
            assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 100
    data = Path(told["data"])
    with (data / "labels.csv" if data.is_dir() else data).open(newline="", encoding="utf-8") as file:
        corrected = [row["label"] for row in csv.DictReader(file)]
    with Project.open(told["project"]) as project:
        assert project.name == name
        assert corrected == [project.classes[label] for label in project.labels]
        assert project.journal.counts().fixed == told["found"]


def test_the_flipped_share_is_what_is_said_and_the_test_part_is_clean() -> None:
    labels = np.random.default_rng(0).integers(0, 10, 1000)
    planted = plant(labels, 10, np.random.default_rng(1))
    assert int(planted.flipped.sum()) == 80
    assert not np.any(planted.flipped & (np.array(planted.split) == "test"))
    again = plant(labels, 10, np.random.default_rng(1))
    assert np.array_equal(planted.given, again.given)
