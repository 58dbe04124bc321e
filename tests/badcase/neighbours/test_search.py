"""Neighbours are exact, whatever the block, the subset and the groups."""

from __future__ import annotations

import numpy as np
import pytest

from badcase.neighbours import bounds, search
from badcase.neighbours.search import nearest


def by_hand(features: np.ndarray, m: int, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    cells = np.where(allowed, unit @ unit.T, -np.inf)
    order = np.argsort(-cells, axis=1, kind="stable")[:, :m]
    return order, np.take_along_axis(cells, order, 1)


# 2,000 items take the way over heaps, 60 the short one
@pytest.mark.parametrize(("n", "block"), [(60, None), (60, 7), (2_000, None), (2_003, 300)])
def test_they_are_those_of_a_full_sort(n: int, block: int | None) -> None:
    features = np.random.default_rng(n).normal(size=(n, 6)).astype(np.float32)
    found = nearest(features, 12, block=block)
    ids, similarity = by_hand(features, 12, ~np.eye(n, dtype=bool))
    np.testing.assert_allclose(found.similarity, similarity, atol=1e-6)
    assert (found.indices == ids).mean() > 0.999  # rounding may swap two that are equally near


def test_a_query_a_subset_and_groups_are_kept_to() -> None:
    rng = np.random.default_rng(0)
    features, groups = rng.normal(size=(300, 4)).astype(np.float32), rng.integers(0, 100, 300)
    among, queries = rng.choice(300, 90, replace=False), np.array([5, 250, 17])
    found = nearest(features, 8, queries=queries, among=among, groups=groups)
    allowed = groups[:, None] != groups[None, :]
    allowed[:, np.setdiff1d(np.arange(300), among)] = False
    np.testing.assert_array_equal(found.indices, by_hand(features, 8, allowed)[0][queries])


def test_missing_neighbours_are_minus_one() -> None:
    found = nearest(np.eye(3, dtype=np.float32), 5)
    assert found.indices.shape == (3, 5)
    assert (found.indices[:, :2] >= 0).all()
    assert (found.indices[:, 2:] == -1).all()
    assert np.isneginf(found.similarity[:, 2:]).all()
    assert (nearest(np.eye(3, dtype=np.float32), 2, groups=np.zeros(3, np.int64)).indices == -1).all()


@pytest.mark.parametrize("grouped", [False, True])
def test_ruling_out_what_is_far_changes_no_neighbour(grouped: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    of = rng.integers(0, 100, 3_000)
    features = (rng.normal(size=(100, 64))[of] + 0.1 * rng.normal(size=(3_000, 64))) * 0.9 ** np.arange(64)
    features[:30] = rng.normal(size=(30, 64))  # near nothing
    features[30:60] = features[60:90]
    unit = (features / np.linalg.norm(features, axis=1, keepdims=True)).astype(np.float32)
    groups = np.arange(3_000) // 3 if grouped else None
    if groups is not None:
        groups[-400:] = groups[-1]  # more than stand beside an item
    plain = nearest(unit, 10, groups=groups)
    made = bounds.bounds(unit, 10, groups)
    assert made is not None and 0 < made.open.mean() < 0.2
    looked_at = [len(bounds.possible(made, block)) for block in bounds.blocks(made)]
    assert np.mean(looked_at) < 1_500

    monkeypatch.setattr(search, "MANY", 1_000)
    found = nearest(unit, 10, groups=groups)
    np.testing.assert_allclose(found.similarity, plain.similarity, atol=1e-6)
    assert (found.indices == plain.indices).mean() > 0.995  # rounding may swap two copies that are equally near


def test_without_clusters_nothing_can_be_ruled_out() -> None:
    features = np.random.default_rng(0).normal(size=(3_000, 64)).astype(np.float32)
    assert bounds.bounds(features / np.linalg.norm(features, axis=1, keepdims=True), 10) is None
