"""The confidence that people are shown is as often right as it says; answers and rankings do not know of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.progress import finish
from badcase.project import Project
from badcase.ranking.project_ranking import rank_part
from badcase.store.prediction_sets import PredictionSet
from badcase.store.temperature import FILE, read_temperature
from badcase.training.metrics.calibration import fitted_temperature
from badcase.training.recipe import PRESETS
from badcase.training.runs.accept import accept_in_steps
from badcase.training.runs.notes import read_notes
from badcase.training.runs.train import train_in_steps
from badcase.ui.desktop.train.comparison.comparison_text import _said
from tests.training.projects import noisy_project


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project, _truth = noisy_project(tmp_path_factory.mktemp("accepted"), 240)
    with project:
        quick = PRESETS["linear-head"].replace_from({"epochs": 20, "patience": 0, "minimum_checks": 1})
        finish(accept_in_steps(project, finish(train_in_steps(project, quick)).id))
        yield project


@pytest.mark.parametrize("factor", [0.4, 1.0, 3.0])
def test_the_temperature_is_what_makes_the_confidence_true(factor: float) -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(0, 2, (4000, 5))
    chances = np.exp(true) / np.exp(true).sum(1, keepdims=True)
    labels = (chances.cumsum(1) > rng.random((4000, 1))).argmax(1)
    assert fitted_temperature(factor * true, labels) == pytest.approx(factor, rel=0.07)


def test_items_that_say_nothing_give_no_wild_temperature() -> None:
    assert fitted_temperature(np.empty((0, 3)), np.empty(0, np.int64)) == 1
    for labels in ([0, 1], [1, 0]):  # all right, all wrong
        assert 0.04 < fitted_temperature(np.eye(2), np.array(labels)) < 21


def test_it_is_saved_with_the_model_and_shown_as_confidence_alone(accepted: Project) -> None:
    used, made = accepted.runs.current, accepted.predictions.current
    assert used is not None and made is not None
    value = read_temperature(used.folder)
    assert value != 1 and json.loads((used.folder / "model" / FILE).read_text()) == {"temperature": value}
    assert made.meta["temperature"] == value
    logits = made.logits[:9].astype(np.float32)
    np.testing.assert_allclose(np.log(made.confidences(np.arange(9))[:, 0] / made.confidences(np.arange(9))[:, 1]),
                               (logits[:, 0] - logits[:, 1]) / value, atol=1e-3)  # fmt: skip
    assert not np.allclose(made.confidences(), made.probabilities())
    assert f"temperature {value:.2f}" in read_notes(accepted, used.id)
    assert f"(logits / {value:.4g}).softmax(0)" in (used.folder / "model" / "README.md").read_text()
    answers, sure = _said(accepted, logits, used)  # in a comparison
    np.testing.assert_allclose(sure, made.confidences(np.arange(9)).max(1), rtol=1e-3)
    assert answers == [accepted.classes[one] for one in logits.argmax(1)]


@pytest.mark.parametrize("features", [True, False], ids=["by features", "by probabilities"])
def test_a_ranking_is_the_same_to_the_last_bit_at_any_temperature(accepted: Project, features: bool) -> None:
    made, part = accepted.predictions.current, np.flatnonzero(~accepted.gold)
    assert made is not None
    plain = {name: value for name, value in made.meta.items() if name != "temperature"} | ({} if features else {"d": 0})
    ranked = [
        finish(rank_part(accepted, PredictionSet(made.id, made.folder, meta), part))
        for meta in (plain, plain | {"temperature": 7.0})
    ]
    for name in ("order", "suspicion", "suggested", "probs"):
        np.testing.assert_array_equal(getattr(ranked[0], name), getattr(ranked[1], name))


@pytest.mark.parametrize("text", ["", "[]", '{"temperature": 0}', '{"temperature": "hot"}', '{"temperature": 1e999}'])
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    assert read_temperature(tmp_path) == 1
    (tmp_path / FILE).write_text(text)
    with pytest.raises(BadcaseError, match=FILE):
        read_temperature(tmp_path)
