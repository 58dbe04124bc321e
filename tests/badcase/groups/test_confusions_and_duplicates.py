"""Confusion pairs and duplicate sets count what is there."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from badcase.groups.confusions import Pair, confusion_matrix, confusion_pairs, sweep
from badcase.groups.duplicates import DuplicateSet, duplicate_sets


def test_pairs_are_sorted_by_the_errors_expected_in_them() -> None:
    given, suggested = np.array([0, 0, 0, 1, 2, 2]), np.array([1, 1, 0, 2, 0, -1])
    weight = np.array([0.1, 0.2, 0.9, 0.8, np.nan, 1.0])
    counts = confusion_matrix(given, suggested, 3)
    pairs = confusion_pairs(counts, confusion_matrix(given, suggested, 3, weight=weight))
    assert [(pair.given, pair.suggested, pair.count) for pair in pairs] == [(1, 2, 1), (0, 1, 2), (2, 0, 1)]
    assert pairs[1] == Pair(0, 1, 2, pairs[1].expected)
    np.testing.assert_allclose([pair.expected for pair in pairs], [0.8, 0.3, 0])
    np.testing.assert_array_equal(counts, [[1, 2, 0], [0, 0, 1], [1, 0, 0]])
    assert confusion_pairs(counts, counts, most=1) == [Pair(0, 1, 2, 2.0)]


@given(st.integers(1, 40), st.integers(2, 5), st.integers(0, 1000))
def test_every_item_with_a_suggestion_is_counted_once_and_no_pair_is_right(n: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    given_classes, suggested, chance = rng.integers(0, k, n), rng.integers(-1, k, n), rng.random(n)
    counts = confusion_matrix(given_classes, suggested, k)
    expected = confusion_matrix(given_classes, suggested, k, weight=chance)
    assert counts.sum() == (suggested >= 0).sum()
    pairs = confusion_pairs(counts, expected)
    assert sum(pair.count for pair in pairs) == ((suggested >= 0) & (suggested != given_classes)).sum()
    assert [pair.expected for pair in pairs] == sorted((pair.expected for pair in pairs), reverse=True)


def test_a_sweep_begins_with_the_obvious_errors_and_ends_with_the_obviously_right() -> None:
    given_classes, suggested = np.array([0, 0, 1, 0, 0, 0]), np.array([1, 0, 0, 1, 1, 0])
    suspicion = np.array([0.4, 0.1, 0.9, 0.9, np.nan, 0.1])
    assert sweep(given_classes, suggested, suspicion, 0).tolist() == [3, 0, 1, 5, 4]
    assert sweep(given_classes, suggested, suspicion, 0, 1).tolist() == [3, 0, 4]
    assert sweep(given_classes, suggested, suspicion, 2).tolist() == []


def test_conflicting_and_leaking_twins_are_told() -> None:
    twins = np.array([0, 1, 0, 3, 3, 5, 5])
    labels, split = np.array([1, 0, 1, 0, 2, 1, 1]), np.array([0, 0, 0, 0, 0, 0, 2], np.int8)
    assert duplicate_sets(twins, labels, split=split) == [
        DuplicateSet((3, 4), conflict=True, leak=False),
        DuplicateSet((0, 2), conflict=False, leak=False),
        DuplicateSet((5, 6), conflict=False, leak=True),
    ]
