"""The first items of a large project are ranked while the model looks at the rest; the prediction is the same for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from badcase import Project
from badcase.prediction import early_review
from badcase.prediction.early_review import early_sizes
from badcase.progress import RANKED, Progress, finish
from badcase.store.verdicts import Verdict
from badcase.ui.desktop.start.assistant import MANY
from tests.projects import write_texts

N, WRONG = 480, 48


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.setattr(early_review, "FIRST", 100)
    monkeypatch.setattr(early_review, "_A_CLASS", 1)
    write_texts(tmp_path / "subjects.csv", N, wrong=WRONG)
    with Project.create(tmp_path / "subjects", tmp_path / "subjects.csv") as made:
        yield made


def test_how_many_items_are_ranked_on_the_way() -> None:
    assert early_sizes(1199, 2) == [] and early_sizes(1200, 2) == [300] and early_sizes(20_000, 2) == [300, 1200, 4800]
    assert early_sizes(100_000, 1000) == [15_000]
    assert early_sizes(MANY, 2) and not early_sizes(MANY - 1, 2)  # so many are opened at once


def test_what_is_known_of_the_first_items_is_ranked_while_the_rest_is_predicted(project: Project) -> None:
    job, seen = project.predicting("chargrams", early=True), None
    assert project.early_ranking() is None
    for step in job:
        if isinstance(step, Progress) and step.values.get(RANKED) and seen is None:
            seen = project.early_ranking()
            assert step.done < N and project.predictions.current is None
    assert seen is not None
    part = np.flatnonzero(~np.isnan(seen.suspicion))
    assert 60 < len(part) < N / 2 and sorted(seen.order.tolist()) == part.tolist()
    assert not project.gold[part].any()
    assert set(project.given[part].tolist()) == set(project.given.tolist())  # drawn from all, not the first rows
    assert project.early_ranking() is None and not list((project.path / "predictions").glob(".partial-*"))


def test_early_or_not_the_prediction_is_the_same(project: Project) -> None:
    finish(project.predicting("chargrams", early=True))
    one = np.array(project.predictions.current.logits)  # type: ignore[union-attr]
    finish(project.predicting("chargrams"))
    assert np.array_equal(one, project.predictions.current.logits)  # type: ignore[union-attr]


def test_verdicts_given_meanwhile_are_learnt_and_excluded_items_left_out(project: Project) -> None:
    project.journal.record(list(range(30)), Verdict.EXCLUDE)
    for step in project.predicting("chargrams", early=True):
        if isinstance(step, Progress) and step.values.get(RANKED):
            ranking = project.early_ranking()
            assert ranking is not None and ranking.order.min() >= 30
            break
    else:
        pytest.fail("nothing was ranked")
