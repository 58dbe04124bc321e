"""The queue starts as the ranking, never repeats an item, and moves what is like the items judged."""

from __future__ import annotations

import time

import numpy as np
import pytest

from badcase import BadcaseError, Queue, rank


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
    queue = Queue(*two_confusions(), random_sample=False)
    np.testing.assert_array_equal(queue.next(600), queue.ranking.order)
    np.testing.assert_array_equal(queue.next(17), queue.ranking.order[:17])


def test_a_pair_that_proves_wrong_comes_before_one_that_proves_right() -> None:
    labels, probs = two_confusions()
    queue = Queue(labels, probs)
    for item in queue.next(60):
        queue.record(int(item), 1 if labels[item] == 0 else int(labels[item]))
    assert (labels[queue.learner.ranked(20)] == 0).mean() > 0.8


def test_it_runs_out_without_repeating() -> None:
    labels, probs = two_confusions(100)
    queue, seen = Queue(labels, probs), []
    while len(batch := queue.next(7)):
        for item in batch:
            queue.record(int(item), int(labels[item]))
        seen += batch.tolist()
    assert sorted(seen) == list(range(100))
    assert sum(queue.in_random_sample(item) for item in range(100)) == 10
    left = queue.expected_errors()
    assert (left.low, left.value, left.high) == (0, 0, 0)


def test_a_second_verdict_replaces_the_first() -> None:
    labels, probs = two_confusions(100)
    once, twice = Queue(labels, probs, random_sample=False), Queue(labels, probs, random_sample=False)
    once.record(3, int(labels[3]))
    twice.record(3, int(labels[3] + 1) % 4)
    twice.record(3, int(labels[3]))
    assert twice.expected_errors().value == pytest.approx(once.expected_errors().value)
    np.testing.assert_array_equal(twice.next(99), once.next(99))


@pytest.mark.parametrize("several", [False, True])
def test_who_writes_corrections_into_their_own_labels_changes_nothing_here(several: bool) -> None:
    labels, probs = two_confusions(100)
    if several:
        labels, probs = np.eye(4, dtype=np.bool_)[labels], np.clip(probs, 0, 1)
    written, aside = labels.copy(), Queue(labels, probs, random_sample=False)
    queue = Queue(written, probs, random_sample=False)
    for item in queue.next(20).tolist():
        written[item] = ~written[item] if several else (written[item] + 1) % 4
        for one in (queue, aside):
            one.record(item, written[item] if several else int(written[item]))
    assert queue.expected_errors() == aside.expected_errors()
    np.testing.assert_array_equal(queue.next(80), aside.next(80))


def test_a_verdict_on_no_item_or_no_class_is_refused() -> None:
    queue = Queue(*two_confusions(50))
    for item, label, words in ((50, 0, "i: no such item"), (-1, 0, "no such item"), (0, 4, "label: label out of range")):
        with pytest.raises(BadcaseError, match=words):
            queue.record(item, label)
    with pytest.raises(BadcaseError, match="k: wrong number"):
        queue.next(0)


def doubtful_blobs(n: int = 1_200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, labels and the truth: four overlapping classes of which two are often taken for each other."""
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 4, n)
    features = rng.normal(0, 1, (n, 12)) + 2.2 * np.eye(4, 12)[truth]
    flips = (rng.random(n) < 0.4) & (truth < 2)
    return features, np.where(flips, 1 - truth, truth), truth


def test_a_refit_takes_over_at_a_fixed_verdict_and_the_same_verdicts_give_the_same_queue() -> None:
    features, labels, truth = doubtful_blobs(400)
    runs = []
    for pause in (0, 0.002):
        queue, seen, rankings = Queue(labels, features=features), [], []
        for _verdict in range(105):
            seen.append(int(queue.next()[0]))
            queue.record(seen[-1], int(truth[seen[-1]]))
            rankings.append(queue.learner.ranking)
            time.sleep(pause)
        runs.append((seen, rankings, queue.expected_errors()))
    (first, rankings, left), (second, _rankings, left_again) = runs
    assert first == second
    assert left == left_again
    changes = [t + 1 for t in range(1, 105) if rankings[t] is not rankings[t - 1]]
    assert changes == [75, 100]  # begun after 50 and 75 verdicts, in use 25 later


def test_a_refit_with_verified_labels_ranks_the_rest_better() -> None:
    features, labels, truth = doubtful_blobs(600)
    wrong = labels != truth
    before = rank(labels, features=features)
    judged = before.order[:150]
    verified = np.full(len(labels), -1)
    verified[judged] = truth[judged]
    after = rank(labels, features=features, verified=verified)
    rest = np.setdiff1d(np.arange(len(labels)), judged)
    found = [wrong[rest[np.argsort(-r.suspicion[rest])][: wrong[rest].sum()]].mean() for r in (before, after)]
    assert found[1] > found[0]


def test_the_blind_share_falls_and_can_be_switched_off() -> None:
    labels, probs = two_confusions(3_000)
    counts = []
    for blind in (True, False):
        queue = Queue(labels, probs, random_sample=blind)
        asked = queue.next(400)
        counts.append((sum(queue.in_random_sample(i) for i in asked[:100]), sum(queue.in_random_sample(i) for i in asked[300:])))
    assert counts[1] == (0, 0)
    early, late = counts[0]
    assert 25 <= early <= 30
    assert 5 <= late < early


def test_the_precision_of_the_next_50_is_told_before_and_after_they_are_found() -> None:
    features, labels, truth = doubtful_blobs(400)
    queue = Queue(labels, features=features)
    for verdict in range(100):
        if verdict in (0, 50, 99):
            expected = queue.precision()
            wrong = int((labels != truth)[queue.learner.ranked(50)].sum())
            assert expected.low <= wrong <= expected.high
        item = int(queue.next()[0])
        queue.record(item, int(truth[item]))
