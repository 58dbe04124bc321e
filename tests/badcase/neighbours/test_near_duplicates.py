"""Twins are what lies far nearer than neighbours do, whatever the number of dimensions."""

from __future__ import annotations

import numpy as np
import pytest

from badcase import Queue, rank


@pytest.mark.parametrize("d", [3, 40])
def test_copies_and_near_copies_are_twins_and_neighbours_are_not(d: int) -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 4
    features = rng.normal(0, 1, (400, d)) + 3 * np.eye(4, d)[labels]
    features[390:394] = features[:4]
    features[394:397] = features[10:13] + 1e-4
    features[397] = features[394]
    twins = rank(labels, features=features).twins
    assert twins is not None
    expected = np.arange(400)
    expected[390:394], expected[394:397], expected[397] = range(4), range(10, 13), 10
    np.testing.assert_array_equal(twins[expected != np.arange(400)], expected[expected != np.arange(400)])
    assert (twins != expected).sum() <= 2


def test_a_group_is_a_set_of_twins() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 2
    features, groups = rng.normal(0, 1, (60, 30)) + 3 * np.eye(2, 30)[labels], np.arange(60)
    groups[[7, 20, 33]] = 7
    queue = Queue(labels, features=features, groups=groups)
    queue.record(20, int(labels[20]))
    assert queue.next(2).tolist() == [7, 33]
