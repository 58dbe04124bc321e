"""What a retraining can be expected to gain: measured on items that no head has learnt, told only where it can be seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from badcase.progress import finish
from badcase.project import Project
from badcase.training.comparison.measure_retrain_gain import expected_gain
from badcase.training.comparison.retrain_gain import measured, saved_gain
from badcase.training.runs.plan import plan
from tests.training.projects import correct, noisy_project


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, np.ndarray]:
    """Two labels of five wrong outside gold; every one of them was corrected."""
    project, truth = noisy_project(tmp_path_factory.mktemp("gain"), 400)
    correct(project, truth, np.flatnonzero(~project.gold))
    return project, truth


def test_corrected_labels_are_expected_to_gain_and_the_plan_says_how_much(made: tuple[Project, np.ndarray]) -> None:
    project, _truth = made
    gain = finish(expected_gain(project))
    assert gain is not None and gain.expected
    assert 0 < gain.low <= gain.difference <= gain.high
    assert gain.items == int((project.split == 1).sum())
    assert (gain.base, gain.revision) == (0, project.revision)
    assert saved_gain(project) == gain == plan(project).gain
    assert gain.sentence in plan(project).sentences
    assert finish(expected_gain(project)) == gain  # the same input, the same words


def test_gold_is_neither_learnt_nor_asked(made: tuple[Project, np.ndarray]) -> None:
    project, _truth = made
    before = finish(expected_gain(project))
    predictions = project.predictions.current
    assert predictions is not None and project.gold.any()
    path = predictions.folder / "embeddings.npy"
    whole = np.load(path)
    spoilt = whole.copy()
    spoilt[project.gold] = np.nan
    np.save(path, spoilt)
    try:
        project.reload()
        assert finish(expected_gain(project)) == before
    finally:
        np.save(path, whole)
        project.reload()


def test_without_a_verdict_there_is_nothing_to_tell(tmp_path: Path) -> None:
    with noisy_project(tmp_path, 200)[0] as project:
        gain = finish(expected_gain(project))
        assert gain is not None and not gain.sure and (gain.fixed, gain.broke) == (0, 0)
        assert gain.sentence not in plan(project).sentences
        # of other labels than the model in use has learnt it is silent too
        path = project.predictions.current.folder / "gain.json" if project.predictions.current else tmp_path
        path.write_text(path.read_text().replace('"base": 0', '"base": 7'))
        assert saved_gain(project) is None
        path.write_text("{")
        assert saved_gain(project) is None


def test_chance_is_not_called_a_gain() -> None:
    """Of two heads that are equally good the interval leaves out zero in about one of twenty."""
    rng, claimed = np.random.default_rng(0), 0
    for _time in range(300):
        right = rng.random(200) < 0.8
        before, after = right ^ (rng.random(200) < 0.1), right ^ (rng.random(200) < 0.1)
        claimed += measured(0, 1, before, after).sure
    assert claimed / 300 < 0.05


def test_the_interval_covers_the_true_difference() -> None:
    """400 items of which 12 % are fixed and 4 % broken: 8 points, and the interval holds them 95 times of 100."""
    rng, held = np.random.default_rng(1), 0
    for _time in range(200):
        kind = rng.choice(3, 400, p=[0.12, 0.04, 0.84])
        gain = measured(0, 1, kind != 0, kind != 1)
        held += gain.low <= 0.08 <= gain.high
    assert 0.9 < held / 200 <= 1
