"""The tests behind drift keep what they promise: alike is called alike in 95 of 100 cases, however many parts are tested."""

from __future__ import annotations

import numpy as np
import pytest

from badcase.drift.energy_test import Distance, held_for_all, permuted_distances
from badcase.drift.share_test import exact_chance, holm, upper_chance
from badcase.drift.unseen_clusters import unseen_clusters

RUNS = 40


def _parts(rng: np.random.Generator, shift: float) -> list[Distance]:
    """Four parts of uneven sizes with heavy tails; the first lies elsewhere by so much."""
    tests = []
    for part, (new, old) in enumerate([(12, 40), (20, 20), (10, 30), (15, 20)]):
        points = rng.standard_t(3, (new + old, 6))
        points[:new] += shift * (part == 0)
        tests.append(permuted_distances(points[:new].astype(np.float32), points[new:].astype(np.float32), rng))
    return held_for_all(tests)


def test_new_data_from_the_old_distribution_are_rarely_called_different() -> None:
    found = [any(one.differs for one in _parts(np.random.default_rng(seed), 0.0)) for seed in range(RUNS)]
    assert sum(found) <= 5, "5 in 100 of all runs, of which 40 have more than 5 in one case of 70"


def test_a_part_that_lies_elsewhere_is_found_and_no_other() -> None:
    runs = [_parts(np.random.default_rng(seed), 2.0) for seed in range(12)]
    assert all(parts[0].differs and parts[0].value > parts[0].reach for parts in runs)
    assert sum(one.differs for parts in runs for one in parts[1:]) <= 2


def test_samples_of_two_points_apart_are_as_far_as_can_be() -> None:
    new, old = np.zeros((20, 2), np.float32), np.ones((20, 2), np.float32)
    (found,) = held_for_all([permuted_distances(new, old, np.random.default_rng(0))])
    assert found.differs and found.value == pytest.approx(1, abs=0.05)
    (same,) = held_for_all([permuted_distances(new, new, np.random.default_rng(0))])
    assert not same.differs and same.value == 0


def test_shares_that_did_not_move_are_rarely_called_moved() -> None:
    false = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        shares = rng.dirichlet(np.ones(20))
        new, old = rng.multinomial(150, shares), rng.multinomial(900, shares)
        false += min(holm([exact_chance(int(a), 150, int(b), 900) for a, b in zip(new, old, strict=True)])) <= 0.05
    assert false <= 10


def test_chances_of_shares_are_those_of_the_hypergeometric_distribution() -> None:
    # Of 5 counted among 8 and 12: C(8, x) C(12, 5 - x) / C(20, 5)
    ways = np.array([792, 3960, 6160, 3696, 840, 56]) / 15504
    assert upper_chance(4, 8, 1, 12) == pytest.approx(ways[4:].sum())
    assert exact_chance(4, 8, 1, 12) == pytest.approx(ways[ways <= ways[4]].sum())
    assert exact_chance(0, 8, 0, 12) == 1
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_a_cluster_is_new_only_where_hardly_anything_old_lies() -> None:
    old_and_alike = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        old, new = rng.normal(size=(500, 8)), rng.normal(size=(120, 8))
        old_and_alike += bool(unseen_clusters(new.astype(np.float32), old.astype(np.float32), rng))
        new[:30] = 6 * np.eye(8)[0] + rng.normal(size=(30, 8)) / 4
        first, *others = unseen_clusters(new.astype(np.float32), old.astype(np.float32), rng)
        assert np.isin(np.arange(30), first.rows).mean() > 0.9 and (first.rows < 30).mean() > 0.8
        assert first.old / len(first.rows) <= 0.1 * 500 / 120 and not others
    assert old_and_alike <= 1
    assert unseen_clusters(new[:3].astype(np.float32), old.astype(np.float32), np.random.default_rng(0)) == []
