"""Slices: a planted bad corner is found by its two values, chance is not, and what a child inherits is not said twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from badcase.groups.columns import ItemColumn, from_table, named, numbers
from badcase.groups.lift import discoveries, tail, wilson
from badcase.groups.slices import Slice, slices

pa = pytest.importorskip("pyarrow")


def random_columns(rng: np.random.Generator, n: int, count: int = 8, values: int = 6) -> list[ItemColumn]:
    names = [f"v{i}" for i in range(values)]
    return [named(f"c{j}", rng.integers(0, values, n), names) for j in range(count)]


def found(made: list[Slice]) -> list[tuple[tuple[str, str], ...]]:
    return [one.conditions for one in made]


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_corner_is_found_first_and_with_its_rate(seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns = random_columns(rng, 4000)
    errors = (rng.random(4000) < 0.08).astype(float)
    corner = (columns[2].codes == 1) & (columns[5].codes == 3)
    errors[corner] = rng.random(corner.sum()) < 0.6
    best = slices(columns, errors)[0]
    assert best.conditions == (("c2", "v1"), ("c5", "v3"))
    np.testing.assert_array_equal(best.items, np.flatnonzero(corner))
    assert best.low <= errors[corner].mean() <= best.high
    assert best.sure_lift > 2


def test_in_data_without_bad_corners_hardly_ever_one_is_found() -> None:
    runs_with_a_find = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        columns = random_columns(rng, 1500)
        errors = np.where(rng.random(1500) < 0.1, rng.random(1500), 0.01)
        runs_with_a_find += bool(slices(columns, errors, min_support=10))
    assert runs_with_a_find <= 8  # of 40, where 10 % each may find something


def test_looking_at_each_slice_alone_would_find_chance() -> None:
    """What the control over many looks is for: without it the same data show slices."""
    rng = np.random.default_rng(0)
    columns, errors = random_columns(rng, 1500), (rng.random(1500) < 0.1).astype(float)
    assert slices(columns, errors, min_support=10) == []
    assert slices(columns, errors, min_support=10, false_share=1.0)


def test_a_child_that_only_inherits_its_parents_rate_is_dropped() -> None:
    rng = np.random.default_rng(1)
    columns = random_columns(rng, 6000)
    errors = (rng.random(6000) < np.where(columns[0].codes == 2, 0.5, 0.05)).astype(float)
    assert found(slices(columns, errors)) == [(("c0", "v2"),)]


def test_the_same_items_under_two_names_are_one_slice() -> None:
    rng = np.random.default_rng(2)
    columns = random_columns(rng, 3000, count=2)
    columns.append(ItemColumn("again", columns[0].codes, columns[0].values))
    errors = (rng.random(3000) < np.where(columns[0].codes == 2, 0.5, 0.05)).astype(float)
    assert found(slices(columns, errors)) == [(("c0", "v2"),)]


def test_small_slices_and_items_without_a_chance_take_no_part() -> None:
    column = named("c", np.array([0] * 19 + [1] * 500), ["few", "many"])
    errors = np.r_[np.ones(19), np.zeros(500)]
    assert slices([column], errors) == []
    assert found(slices([column], errors, min_support=19)) == [(("c", "few"),)]
    assert slices([column], np.full(519, np.nan)) == []
    assert slices([], errors) == [] and slices([column], np.zeros(519)) == []


@given(st.integers(0, 10_000))
def test_the_order_of_the_items_decides_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns = random_columns(rng, 300, count=3, values=3)
    errors = np.where(columns[0].codes == 1, 0.8, 0.1) * rng.random(300)
    order = rng.permutation(300)
    moved = slices([ItemColumn(c.name, c.codes[order], c.values) for c in columns], errors[order])
    assert found(moved) == found(slices(columns, errors))


@given(st.integers(1, 200), st.floats(0.01, 0.9), st.integers(0, 10_000))
def test_the_tail_never_promises_more_than_counting_shows(count: int, rate: float, seed: int) -> None:
    """The bound lies above the share of random draws that reach a total."""
    rng = np.random.default_rng(seed)
    values = np.where(rng.random(400) < rate, rng.random(400), 0.0)
    draws = np.array([rng.choice(values, count, replace=False).sum() for _ in range(60)])
    for total in np.quantile(draws, [0.5, 0.9]):
        bound = float(tail(np.array(total), np.array(float(count)), values.mean(), values.var()))
        assert bound >= (draws >= total + 1e-9).mean() - 0.25
        assert 0 <= bound <= 1


def test_the_bound_is_that_of_a_binomial_for_whole_errors() -> None:
    # Chernoff's bound for 10 of 20 at one in ten: exp(-20 KL(.5 || .1)).
    expected = np.exp(-20 * (0.5 * np.log(0.5 / 0.1) + 0.5 * np.log(0.5 / 0.9)))
    np.testing.assert_allclose(tail(np.array(10.0), np.array(20.0), 0.1, 0.09), expected)


def test_known_values_of_the_interval_and_of_the_control() -> None:
    for end in wilson(5, 50):  # the ends solve |rate - p| = z sqrt(p (1 - p) / n)
        np.testing.assert_allclose(abs(0.1 - end), 1.6449 * np.sqrt(end * (1 - end) / 50))
    assert discoveries(np.array([0.001, 0.2, 0.03, 0.04]), 0.1).tolist() == [True, False, True, True]
    assert discoveries(np.array([]), 0.1).tolist() == []


def test_columns_of_every_kind_are_read_as_values() -> None:
    def read(values: list[object]) -> ItemColumn | None:
        return from_table("c", pa.chunked_array([pa.array(values)]))

    words = read(["b", "a", None, "b", ""])
    assert words is not None and words.values == ("a", "b") and words.codes.tolist() == [1, 0, -1, 1, -1]
    flags = read([True, False, True])
    assert flags is not None and flags.values == ("false", "true")
    many = read([str(i) for i in range(100)])
    assert many is not None and many.values[0] == "0 to 19" and np.bincount(many.codes).tolist() == [20] * 5
    few = read([1.5, 2.0, None, 1.5])
    assert few is not None and few.values == ("1.5", "2") and few.codes.tolist() == [0, 1, -1, 0]
    assert read([[1], [2]]) is None


def test_skewed_numbers_and_rare_values_leave_no_empty_part() -> None:
    skewed = numbers("c", np.r_[np.zeros(90), np.arange(1, 21)].astype(float))
    assert sorted(set(skewed.codes.tolist())) == list(range(len(skewed.values)))
    rare = named("c", np.arange(80), [f"v{i}" for i in range(80)])
    assert len(rare.values) == 50 and (rare.codes == -1).sum() == 30
