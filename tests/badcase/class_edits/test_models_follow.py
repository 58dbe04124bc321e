"""Models of older classes still answer under those of today: merged ones are added up, new ones unknown until trained."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.project import Project
from badcase.training import accept, compare, train
from badcase.training.comparison.run_differences import differences
from badcase.training.recipe import Recipe
from badcase.training.run_folder.run_answers import run_logits, untaught
from tests.projects import write_texts

QUICK = Recipe(method="linear_head", epochs=2)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models_follow")
    write_texts(folder / "texts.csv", 60)
    with Project.create(folder / "my", data=folder / "texts.csv") as project:
        project.predict("chargrams")
        project.rank()
        train(project, QUICK)
    return folder / "my"


@pytest.fixture
def project(base: Path, tmp_path: Path) -> Project:
    shutil.copytree(base, tmp_path / "my")
    return Project.open(tmp_path / "my")


def test_merged_classes_have_the_sum_of_their_probabilities(project: Project) -> None:
    before = project.predictions.current.probabilities()  # type: ignore[union-attr]
    edits = project.class_edits
    edits.apply(edits.merge(["food"], "animals"))
    made = project.predictions.current
    assert made is not None and project.classes == ("animals", "weather")
    np.testing.assert_allclose(made.probabilities()[:, 0], before[:, 0] + before[:, 1], atol=2e-3)
    project.journal.undo()
    np.testing.assert_array_equal(project.predictions.current.probabilities(), before)  # type: ignore[union-attr]


def test_an_order_and_a_new_class_change_no_answer(project: Project) -> None:
    before = project.predictions.current.probabilities()  # type: ignore[union-attr]
    edits = project.class_edits
    edits.apply(edits.reorder(["weather"]))
    edits.apply(edits.add("plants"))
    made = project.predictions.current
    assert made is not None
    assert [project.label_names[place] for place in made.untrained] == ["plants"]
    np.testing.assert_allclose(made.probabilities()[:, :3], before[:, [2, 0, 1]], atol=2e-3)
    assert made.probabilities()[:, 3].max() < 1e-6


def test_a_ranking_of_other_classes_is_made_anew_and_comes_back_with_them(project: Project) -> None:
    before = project.ranking
    assert before is not None
    edits = project.class_edits
    edits.apply(edits.merge(["food"], "animals"))
    assert project.ranking is None
    project.journal.undo()
    np.testing.assert_array_equal(project.ranking.order, before.order)  # type: ignore[union-attr]
    project.journal.redo()
    assert project.rank().flagged.shape == (60,)
    assert project.ranking is not None and project.ranking.names.classes == ("animals", "weather")


def test_runs_of_older_classes_answer_predict_again_and_are_compared_with_those_of_today(project: Project) -> None:
    old = project.runs.all()[-1]
    edits = project.class_edits
    edits.apply(edits.merge(["food"], "animals"))
    edits.apply(edits.add("plants"))
    free = np.flatnonzero(~project.gold & (project.split == 0))[:3].tolist()
    project.journal.record(free, "relabel", "plants")
    assert run_logits(project, old).shape == (60, 3) and untaught(project, old) == ("plants",)
    new = train(project, QUICK)
    assert untaught(project, project.runs.get(new.id)) == ()
    told = differences(project, old, project.runs.get(new.id))
    assert {"classes: merged 1 class into animals", "classes: added the class plants", "run 2 never learnt plants"} <= set(told)
    assert compare(project, old.id, new.id).items
    accept(project, old.id, alone=True)
    made = project.predictions.current
    assert made is not None and [project.label_names[place] for place in made.untrained] == ["plants"]
    assert made.logits.shape == (60, 3) and project.rank() is not None
    accept(project, new.id, alone=True)
    assert project.predictions.current.untrained == ()  # type: ignore[union-attr]
    project.predict()
    assert project.predictions.current.logits.shape == (60, 3)  # type: ignore[union-attr]


def test_a_run_is_not_repeated_under_classes_that_it_never_saw(project: Project) -> None:
    from badcase.training import repeat

    edits = project.class_edits
    edits.apply(edits.add("plants"))
    with pytest.raises(BadcaseError, match="classes have changed"):
        repeat(project, project.runs.all()[-1].id)
