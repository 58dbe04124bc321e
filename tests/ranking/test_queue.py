"""The queue starts as the ranking, never repeats an item, and moves what is like the items judged."""

from __future__ import annotations

import numpy as np
import pytest

from badcase import BadcaseError, Queue


def two_confusions(n: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Labels and probabilities with two doubtful pairs of classes, 0 for 1 and 2 for 3, that look the same."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, n)
    probs = np.full((n, 4), 0.02)
    probs[np.arange(n), labels] = 0.94
    doubtful = np.flatnonzero((labels == 0) | (labels == 2))[:160]
    share = rng.uniform(0.4, 0.6, len(doubtful))
    probs[doubtful] = 0.02
    probs[doubtful, labels[doubtful]] = share - 0.02
    probs[doubtful, labels[doubtful] + 1] = 0.98 - share
    return labels, probs


def test_without_blind_items_it_starts_with_the_order_of_the_ranking() -> None:
    queue = Queue(*two_confusions(), blind=False)
    np.testing.assert_array_equal(queue.next(600), queue.ranking.order)
    np.testing.assert_array_equal(queue.next(17), queue.ranking.order[:17])


def test_a_pair_that_proves_wrong_comes_before_one_that_proves_right() -> None:
    labels, probs = two_confusions()
    queue = Queue(labels, probs)
    for item in queue.next(60):
        queue.record(int(item), 1 if labels[item] == 0 else int(labels[item]))
    assert (labels[queue.next(20)] == 0).mean() > 0.8


def test_it_runs_out_without_repeating() -> None:
    labels, probs = two_confusions(100)
    queue, seen = Queue(labels, probs), []
    while len(batch := queue.next(7)):
        for item in batch:
            queue.record(int(item), int(labels[item]))
        seen += batch.tolist()
    assert sorted(seen) == list(range(100))
    assert sum(queue.is_blind(item) for item in range(100)) == 10
    left = queue.expected_errors()
    assert (left.low, left.value, left.high) == (0, 0, 0)


def test_a_second_verdict_replaces_the_first() -> None:
    labels, probs = two_confusions(100)
    once, twice = Queue(labels, probs, blind=False), Queue(labels, probs, blind=False)
    once.record(3, int(labels[3]))
    twice.record(3, int(labels[3] + 1) % 4)
    twice.record(3, int(labels[3]))
    assert twice.expected_errors().value == pytest.approx(once.expected_errors().value)
    np.testing.assert_array_equal(twice.next(99), once.next(99))


def test_a_verdict_on_no_item_or_no_class_is_refused() -> None:
    queue = Queue(*two_confusions(50))
    for item, label, words in ((50, 0, "i: no such item"), (-1, 0, "no such item"), (0, 4, "label: label out of range")):
        with pytest.raises(BadcaseError, match=words):
            queue.record(item, label)
    with pytest.raises(BadcaseError, match="k: wrong number"):
        queue.next(0)
