"""Confusion pairs and duplicate sets count what is there."""

from __future__ import annotations

import numpy as np

from badcase.groups.confusions import Pair, confusion_matrix, confusion_pairs
from badcase.groups.duplicates import DuplicateSet, duplicate_sets


def test_pairs_are_sorted_by_the_errors_expected_in_them() -> None:
    given, suggested = np.array([0, 0, 0, 1, 2, 2]), np.array([1, 1, 0, 2, 0, -1])
    weight = np.array([0.1, 0.2, 0.9, 0.8, np.nan, 1.0])
    pairs = confusion_pairs(given, suggested, weight)
    assert [(pair.given, pair.suggested, pair.count) for pair in pairs] == [(1, 2, 1), (0, 1, 2), (2, 0, 1)]
    assert pairs[1] == Pair(0, 1, 2, pairs[1].expected)
    np.testing.assert_allclose([pair.expected for pair in pairs], [0.8, 0.3, 0])
    np.testing.assert_array_equal(confusion_matrix(given, suggested, 3), [[1, 2, 0], [0, 0, 1], [1, 0, 0]])


def test_conflicting_and_leaking_twins_are_told() -> None:
    twins = np.array([0, 1, 0, 3, 3, 5, 5])
    labels, split = np.array([1, 0, 1, 0, 2, 1, 1]), np.array([0, 0, 0, 0, 0, 0, 2], np.int8)
    assert duplicate_sets(twins, labels, split=split) == [
        DuplicateSet((3, 4), conflict=True, leak=False),
        DuplicateSet((0, 2), conflict=False, leak=False),
        DuplicateSet((5, 6), conflict=False, leak=True),
    ]
