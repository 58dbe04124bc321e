"""The first items of a large project are ranked while the model looks at the rest; the prediction is the same for it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from badcase import Project
from badcase.prediction import early_review
from badcase.prediction.early_review import early_sizes
from badcase.progress import RANKED, Progress, finish
from badcase.ranking.multilabel.ranking import MultilabelRanking
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


def stop_after(job: Iterator[object], done: int) -> None:
    """Close a prediction, as a cancel does, when it has come so far."""
    for step in job:
        if isinstance(step, Progress) and step.unit and step.done >= done:
            break
    else:
        pytest.fail("it was over before")
    job.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("finished", [40, 200])
def test_a_prediction_that_is_taken_up_again_is_ranked_from_what_it_had_finished(project: Project, finished: int) -> None:
    """Only one from the beginning was: whoever stopped one and went on waited for all of it."""
    stop_after(project.predicting("chargrams", batch_size=20, early=True), finished)
    project.close()
    with Project.open(project.path) as again:
        ranked_at = None
        for step in again.predicting("chargrams", batch_size=20, early=True):
            if isinstance(step, Progress) and step.values.get(RANKED):
                seen, ranked_at = again.early_ranking(), step.done
                break
        assert ranked_at is not None and seen is not None
        assert ranked_at <= max(finished, 100) + 20  # at once, or as soon as there are enough
        part = np.flatnonzero(~np.isnan(seen.suspicion))
        assert len(part) > 60 and set(again.given[part].tolist()) == set(again.given.tolist())


def test_of_several_labels_an_item_the_first_items_are_ranked_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(early_review, "FIRST", 100)
    monkeypatch.setattr(early_review, "_A_CLASS", 1)
    truth = write_texts(tmp_path / "plain.csv", N, wrong=0)
    with (tmp_path / "plain.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    with (tmp_path / "several.csv").open("w", newline="", encoding="utf-8") as file:
        sets = [[key, text, f"{truth[key]};{'even' if int(key[1:]) % 2 else 'odd'}"] for key, text, _label in rows]
        csv.writer(file).writerows([["id", "text", "labels"], *sets])
    with Project.create(tmp_path / "several", tmp_path / "several.csv", task="multilabel") as made:
        assert len(made.classes) == 6 and len(made.label_names) == 5
        for step in made.predicting("chargrams", early=True):
            if isinstance(step, Progress) and step.values.get(RANKED):
                seen = made.early_ranking()
                assert made.predictions.current is None
                break
        else:
            pytest.fail("nothing was ranked")
        assert isinstance(seen, MultilabelRanking)
        part = np.flatnonzero(~np.isnan(seen.suspicion))
        assert 60 < len(part) < N / 2 and sorted(seen.order.tolist()) == part.tolist() and not made.gold[part].any()


def test_verdicts_given_meanwhile_are_learnt_and_excluded_items_left_out(project: Project) -> None:
    project.journal.record(list(range(30)), Verdict.EXCLUDE)
    for step in project.predicting("chargrams", early=True):
        if isinstance(step, Progress) and step.values.get(RANKED):
            ranking = project.early_ranking()
            assert ranking is not None and ranking.order.min() >= 30
            break
    else:
        pytest.fail("nothing was ranked")
