"""The queue over items with any number of labels keeps every promise of the other one."""

from __future__ import annotations

import numpy as np
import pytest

from badcase import BadcaseError, Queue
from tests.badcase.ranking.multilabel.planted import planted


def test_it_finds_the_planted_errors_and_learns_that_they_are_gone() -> None:
    data = planted()
    queue = Queue(data.given, features=data.features, random_sample=False)
    before, seen = queue.expected_errors(), []
    for _step in range(60):
        item = int(queue.next()[0])
        seen.append(item)
        queue.record(item, data.true[item])
    assert len(set(seen)) == 60
    assert sum(item < 40 for item in seen) >= 36
    after = queue.expected_errors()
    assert after.high - after.low < before.high - before.low
    assert after.low <= sum(item not in seen for item in range(40)) <= after.high


def test_it_runs_out_without_repeating_and_then_nothing_is_left() -> None:
    data = planted(80)
    queue, seen = Queue(data.given, data.probs), []
    while len(batch := queue.next(7)):
        for item in batch.tolist():
            queue.record(item, data.given[item].astype(int).tolist())
        seen += batch.tolist()
    assert sorted(seen) == list(range(80))
    left = queue.expected_errors()
    assert (left.low, left.value, left.high) == (0, 0, 0)


def test_a_label_that_proves_forgotten_comes_before_one_that_proves_absent() -> None:
    """Of two labels that the model sees on many items without them, the verdicts confirm one."""
    rng = np.random.default_rng(0)
    labels = rng.random((600, 4)) < 0.5
    probs = np.where(labels, 0.95, 0.02)
    doubted = rng.permutation(600)[:200]
    for label, items in ((0, doubted[:100]), (1, doubted[100:])):
        labels[items, label] = False
        probs[items, label] = rng.uniform(0.4, 0.6, 100)
    queue = Queue(labels, probs, random_sample=False)
    forgotten = set(doubted[:100].tolist())
    for item in queue.next(60).tolist():
        row = labels[item].copy()
        row[0] |= item in forgotten
        queue.record(item, row)
    assert np.mean([item in forgotten for item in queue.next(20).tolist()]) > 0.8


def test_the_twins_of_what_was_judged_come_next() -> None:
    data = planted()
    twins = np.concatenate([data.features, data.features[:5]]), np.concatenate([data.given, data.given[:5]])
    queue = Queue(twins[1], features=twins[0], random_sample=False)
    queue.record(3, data.true[3])
    assert queue.next().tolist() == [403]


def test_classifiers_that_learn_from_the_verdicts_take_over() -> None:
    """With a label forgotten nearly everywhere, which only the verdicts can teach."""
    data = planted(500, missing=0, extra=0)
    forgotten = np.flatnonzero(data.true[:, 0])[:-12]
    labels = data.true.copy()
    labels[forgotten, 0] = False
    queue = Queue(labels, features=data.features, random_sample=False)
    static = queue.ranking.order
    seen: list[int] = []
    for _step in range(150):
        seen.append(int(queue.next()[0]))
        queue.record(seen[-1], data.true[seen[-1]])
    assert np.isin(seen, forgotten).sum() > np.isin(static[:150], forgotten).sum() + 15


def test_a_verdict_on_no_item_or_no_row_of_labels_is_refused() -> None:
    data = planted(80)
    queue = Queue(data.given, data.probs)
    with pytest.raises(BadcaseError, match="i: no such item"):
        queue.record(80, data.true[0])
    for row in (2, [0, 1], [0, 1, 2, 0, 0], "abcde"):
        with pytest.raises(BadcaseError, match=r"label: not a row of labels .*5 values, each 0 or 1"):
            queue.record(0, row)  # type: ignore[arg-type]
