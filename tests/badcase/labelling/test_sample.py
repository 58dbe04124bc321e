"""Samples: each is what it says, of the items it is meant for, and the same again by its seed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.labelling.sample import SampleFor, SampleKind, diverse, in_proportion, in_turn, sampled_from, typical
from badcase.project import Project
from tests.projects import predict_from, write_texts


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("sampled")
    write_texts(folder / "t.csv", 90)
    lines = (folder / "t.csv").read_text(encoding="utf-8").splitlines()
    cells = [f"{line},{('north', 'south', 'south')[number % 3]}" for number, line in enumerate(lines[1:])]
    cells += [f"u{number},no label yet {number},,north" for number in range(8)]
    (folder / "t.csv").write_text("\n".join([f"{lines[0]},place", *cells]) + "\n", encoding="utf-8")
    with Project.create(folder / "p", folder / "t.csv") as made:
        predict_from(made, np.random.default_rng(0).normal(size=(98, 6)))
        made.journal.record(sampled_from(made, SampleFor.REVIEW)[:12].tolist(), "keep")
        yield made


@pytest.mark.parametrize("kind", [kind for kind in SampleKind if kind is not SampleKind.STRATIFIED])
@pytest.mark.parametrize("purpose", list(SampleFor))
def test_a_sample_is_of_the_items_it_is_for_and_the_same_by_its_seed(
    project: Project, kind: SampleKind, purpose: SampleFor
) -> None:
    may = {
        SampleFor.REVIEW: ~project.gold & project.labelled & (project.verdicts == 0),
        SampleFor.LABEL: ~project.gold & ~project.labelled,
        SampleFor.CHECK: ~project.gold & (project.verdicts != 0),
    }[purpose]
    drawn = project.sample(5, kind, purpose=purpose, seed=3)
    assert len(set(drawn)) == 5 and may[drawn].all()
    assert drawn == project.sample(5, kind, purpose=purpose, seed=3)
    others = [project.sample(5, kind, purpose=purpose, seed=seed) for seed in (4, 5, 6)]
    assert any(one != drawn for one in others) == (kind is not SampleKind.TYPICAL), "nothing of a typical one is random"
    assert sorted(project.sample(1000, kind, purpose=purpose)) == np.flatnonzero(may).tolist()
    few = np.zeros(len(may), np.bool_)
    few[np.flatnonzero(may)[:3]] = True
    assert set(project.sample(5, kind, purpose=purpose, among=few)) == set(np.flatnonzero(few).tolist())


def test_a_stratified_sample_has_the_shares_of_its_column(project: Project) -> None:
    ids = sampled_from(project, SampleFor.REVIEW)
    place = np.array(project.items.metadata_column("place").to_pylist())
    drawn = np.array(project.sample(30, "stratified", column="place"))
    assert abs((place[drawn] == "north").sum() - 30 * (place[ids] == "north").mean()) < 1
    assert len(set(drawn.tolist())) == 30
    by_class = np.bincount(project.labels[project.sample(30, "stratified", column="class")], minlength=3)
    assert np.abs(by_class - 30 * np.bincount(project.labels[ids], minlength=3) / len(ids)).max() < 1


def test_what_there_is_not_is_told_of(project: Project) -> None:
    for how, said in (
        ({"kind": "stratified", "column": "nothing"}, "place"),
        ({"kind": "stratified"}, "column"),
        ({"kind": "random", "column": "place"}, "stratified"),
        ({"kind": "best"}, "diverse"),
        ({"purpose": "fun"}, "check"),
        ({"seed": -1}, "seed"),
    ):
        with pytest.raises(BadcaseError, match=said):
            project.sample(3, **how)  # type: ignore[arg-type]
    with pytest.raises(BadcaseError, match="at least one"):
        project.sample(0)


def test_a_balanced_sample_takes_classes_in_turn_and_small_ones_give_way() -> None:
    classes = np.array([0] * 50 + [1] * 4 + [2] * 20)
    order = np.random.default_rng(0).permutation(len(classes))
    drawn = classes[in_turn(classes, order, np.arange(len(classes)), 24)]
    assert np.bincount(drawn).tolist() == [10, 4, 10]
    assert set(drawn[:3].tolist()) == {0, 1, 2}, "cut anywhere it is balanced"
    assert len(in_turn(classes[:0], order[:0], np.arange(0), 3)) == 0


def test_a_diverse_sample_covers_what_a_random_one_leaves_out() -> None:
    rng = np.random.default_rng(0)
    heaps = np.concatenate([np.zeros(400, int), np.arange(1, 12)])  # eleven items that are like nothing else
    values = np.eye(12)[heaps] + rng.normal(0, 0.02, (len(heaps), 12))
    directions = (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)
    chosen = diverse(directions, np.arange(len(heaps)), 12, np.random.default_rng(1))
    assert len(set(heaps[chosen].tolist())) == 12
    assert len(set(chosen.tolist())) == 12
    assert len(diverse(directions[:0], np.arange(0), 4, rng)) == 0


def test_a_typical_sample_has_the_middle_of_each_class() -> None:
    rng = np.random.default_rng(0)
    classes = np.arange(60) % 3
    away = rng.random(60)
    values = np.eye(4)[classes] + away[:, None] * np.eye(4)[3]
    directions = (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)
    chosen = typical(directions, classes, np.arange(60), 6)
    assert np.bincount(classes[chosen]).tolist() == [2, 2, 2]
    assert np.abs(away[chosen] - 0.45).max() < 0.2, "neither the purest nor the farthest, but those in the middle"


def test_shares_are_rounded_so_that_the_size_is_as_asked() -> None:
    strata = np.repeat([0, 1, 2], [10, 10, 13])
    drawn = in_proportion(strata, np.arange(33), 10, np.random.default_rng(0))
    assert len(drawn) == len(set(drawn.tolist())) == 10
    assert np.bincount(strata[drawn]).tolist() == [3, 3, 4]
