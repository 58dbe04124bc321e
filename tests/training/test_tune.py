"""The guided loop changes one thing at a time and writes it down."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from badcase.errors import BadcaseError
from badcase.progress import finish
from badcase.project import Project
from tests.training.projects import noisy_project
from training.recipe import PRESETS, Recipe
from training.train import train
from training.tune import gains, tune


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made, _truth = noisy_project(tmp_path_factory.mktemp("tune"), wrong=0.1)
    yield made
    made.close()


def test_every_trial_changes_one_thing_of_the_best_before_it_and_says_why(project: Project) -> None:
    ranked = finish(tune(project, trials=6))
    assert len(ranked) == 6
    in_order = sorted(ranked, key=lambda run: run.id)
    for run in in_order[1:]:
        parent = project.run(run.parent or 0)
        assert len(Recipe(**parent.recipe).difference(Recipe(**run.recipe))) == 1
        assert (run.seed, run.revision, run.start) == (parent.seed, parent.revision, parent.start)
        notes = (run.folder / "notes.md").read_text()
        assert "Not said." not in notes and "More than one thing" not in notes
    changed = [next(iter(Recipe(**project.run(run.parent or 0).recipe).difference(Recipe(**run.recipe))))[0]
               for run in in_order[1:]]  # fmt: skip
    assert changed.index("Batch size") < changed.index("Learning rate")
    for run in in_order[1:]:
        assert not gains(project, ranked[0], run)


def test_a_change_stays_only_beyond_the_noise(project: Project) -> None:
    poor = PRESETS["linear-head"].replace_from({"learning_rate": 1e-4})
    slow, good = finish(train(project, poor)), finish(train(project, PRESETS["linear-head"]))
    assert gains(project, slow, good)
    assert not gains(project, good, slow)
    assert not gains(project, good, good)


def test_a_budget_of_seconds_ends_the_loop_and_one_of_nothing_is_refused(project: Project) -> None:
    assert len(finish(tune(project, seconds=0.01))) == 1
    with pytest.raises(BadcaseError, match="trials"):
        finish(tune(project, trials=0))
