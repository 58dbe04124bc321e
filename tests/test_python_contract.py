"""The Python contract: what other programs call on arrays, and what they can rely on."""

from __future__ import annotations

import numpy as np
import pytest
from cleanlab.rank import get_normalized_margin_for_each_label, get_self_confidence_for_each_label
from hypothesis import given, settings
from hypothesis import strategies as st

import badcase
from badcase.scorers.margin import margin
from badcase.scorers.self_confidence import self_confidence


def blobs(n: int = 400, k: int = 4, wrong: int = 30, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Well-parted classes: features (n, 8), labels of which the first `wrong` are false, the true labels."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, k, n)
    features = np.eye(8)[true] * 4 + rng.normal(size=(n, 8))
    labels = true.copy()
    labels[:wrong] = (true[:wrong] + rng.integers(1, k, wrong)) % k
    return features, labels, true


def random_case(n: int, k: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, k, n), rng.dirichlet(np.full(k, 0.5), n)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 60), k=st.integers(2, 12), seed=st.integers(0, 10**6))
def test_the_scorers_say_what_cleanlab_says_the_other_way_round(n: int, k: int, seed: int) -> None:
    labels, probs = random_case(n, k, seed)
    ours, theirs = self_confidence(labels, probs), get_self_confidence_for_each_label(labels, probs)
    np.testing.assert_allclose(ours, 1 - theirs, atol=1e-6)
    np.testing.assert_allclose(margin(labels, probs), 1 - get_normalized_margin_for_each_label(labels, probs), atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(n=st.integers(20, 80), k=st.integers(2, 6), seed=st.integers(0, 10**6))
def test_a_ranking_orders_all_items_by_a_suspicion_between_0_and_1_and_gives_each_flag_a_reason(
    n: int, k: int, seed: int
) -> None:
    labels, probs = random_case(n, k, seed)
    ranking = badcase.rank(labels, probs)
    assert sorted(ranking.order) == list(range(n))
    assert (np.diff(ranking.suspicion[ranking.order]) <= 0).all()
    assert ((ranking.suspicion >= 0) & (ranking.suspicion <= 1)).all()
    assert ranking.expected_errors.low <= ranking.expected_errors.value <= ranking.expected_errors.high
    for item in np.flatnonzero(ranking.flagged):
        assert ranking.suggested[item] != labels[item]
        assert ranking.reasons(int(item))


def test_planted_errors_surface_first_and_the_suggestion_is_the_true_class() -> None:
    features, labels, true = blobs()
    ranking = badcase.rank(labels, features=features)
    assert (ranking.order[:30] < 30).mean() >= 0.9
    assert (ranking.suggested[:30] == true[:30]).mean() >= 0.9
    assert ranking.expected_errors.low <= 30 <= ranking.expected_errors.high


def test_the_same_input_gives_the_same_queue() -> None:
    features, labels, _true = blobs()
    first, second = (badcase.rank(labels, features=features) for _ in range(2))
    np.testing.assert_array_equal(first.order, second.order)
    np.testing.assert_array_equal(first.suspicion, second.suspicion)


def test_the_label_of_an_item_has_no_part_in_its_own_probabilities() -> None:
    features, labels, _true = blobs()
    before = badcase.out_of_sample(features, labels)
    np.testing.assert_allclose(before.sum(1), 1, atol=1e-5)
    changed = labels.copy()
    changed[200] = (labels[200] + 1) % 4
    after = badcase.out_of_sample(features, changed)
    assert before[200].argmax() == after[200].argmax() == labels[200]
    np.testing.assert_allclose(before[200], after[200], atol=0.02)  # folds are stratified, so a few others change place


def test_a_twin_cannot_leak_its_wrong_label() -> None:
    features, labels, true = blobs(wrong=0)
    features = np.concatenate([features, features[:20] + 1e-4])
    labels = np.concatenate([labels, labels[:20]])
    false = (true[:20] + 1) % 4
    labels[:20] = labels[400:] = false  # both twins carry the same wrong label
    groups = np.concatenate([np.arange(400), np.arange(20)])
    probs = badcase.out_of_sample(features, labels, groups=groups)
    assert (probs[np.arange(20), false] < 0.5).mean() >= 0.9


def test_the_queue_never_repeats_and_learns_that_errors_are_gone() -> None:
    features, labels, true = blobs()
    queue = badcase.Queue(labels, features=features)
    before, seen = queue.expected_errors(), []
    for _ in range(60):
        item = int(queue.next()[0])
        seen.append(item)
        queue.record(item, int(true[item]))
    assert len(set(seen)) == 60
    assert sum(item < 30 for item in seen) >= 27
    after = queue.expected_errors()
    assert after.high - after.low < before.high - before.low
    assert after.low <= sum(item not in seen for item in range(30)) <= after.high


@pytest.mark.parametrize(
    ("labels", "probs", "words"),
    [
        ([0, 1, 2], [[0.5, 0.5]] * 3, "labels, row 2"),
        ([0, 1], [[0.5, 0.5], [0.5, 0.6]], "probs, row 1.*sum to 1"),
        ([0, 1], [[0.5, 0.5], [np.nan, 1]], "probs, row 1"),
        ([0, 1], [[0.5, 0.5]], "labels: wrong length"),
        ([0.5, 1.0], [[0.5, 0.5]] * 2, "labels: wrong type"),
        (np.array([0, None]), [[0.5, 0.5]] * 2, "labels: wrong type"),
        ([[[0, 1]]], [[0.5, 0.5]] * 2, "labels: wrong shape"),
    ],
)
def test_bad_arrays_are_refused_by_name_and_row(labels: object, probs: object, words: str) -> None:
    with pytest.raises(badcase.BadcaseError, match=words):
        badcase.rank(labels, probs)  # type: ignore[arg-type]


def test_features_need_two_classes_and_a_few_items() -> None:
    with pytest.raises(badcase.BadcaseError, match="only one class"):
        badcase.out_of_sample(np.eye(8), np.zeros(8, int))
    with pytest.raises(badcase.BadcaseError, match="too few items"):
        badcase.out_of_sample(np.eye(3), np.array([0, 1, 0]))
