"""The Python contract: what other programs call on arrays, and what they can rely on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from cleanlab.rank import get_normalized_margin_for_each_label, get_self_confidence_for_each_label
from hypothesis import given, settings
from hypothesis import strategies as st

import badcase
from badcase.scorers.labels.margin import margin
from badcase.scorers.labels.self_confidence import self_confidence


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


def test_the_queue_ends_when_all_are_recorded_and_takes_a_second_verdict_for_the_first() -> None:
    features, labels, true = blobs(40, wrong=4)
    queue = badcase.Queue(labels, features=features)
    assert len(queue.next(1_000)) == 40
    first = int(queue.next()[0])
    queue.record(first, int(true[first]))
    once = queue.expected_errors()
    queue.record(first, (int(true[first]) + 1) % 4)
    queue.record(first, int(true[first]))
    assert queue.expected_errors() == once
    while len(items := queue.next(7)):
        for item in items:
            queue.record(item, true[item])
    assert queue.next().dtype == np.int64
    assert queue.expected_errors() == queue.precision() == badcase.Estimate(0, 0, 0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda queue: queue.next(0), "k: wrong number"),
        (lambda queue: queue.next(1.5), "k: wrong number"),
        (lambda queue: queue.next(None), "k: wrong number"),
        (lambda queue: queue.precision(-1), "k: wrong number"),
        (lambda queue: queue.record(400, 0), "i: no such item .expected a whole number from 0 to 399, got 400"),
        (lambda queue: queue.record(-1, 0), "i: no such item"),
        (lambda queue: queue.record(1.0, 0), "i: no such item"),
        (lambda queue: queue.record(queue.next(2), 0), "i: no such item"),
        (lambda queue: queue.record(0, 4), "label: label out of range"),
        (lambda queue: queue.record(0, "cat"), "label: label out of range"),
        (lambda queue: queue.record(0, None), "label: label out of range"),
        (lambda queue: queue.in_random_sample(400), "i: no such item"),
        (lambda queue: queue.ranking.reasons(400), "item: no such item"),
        (lambda queue: queue.ranking.reasons(-1), "item: no such item"),
    ],
)
def test_the_queue_refuses_what_it_cannot_do_in_words(call: Callable[[badcase.Queue], object], words: str) -> None:
    with pytest.raises(badcase.BadcaseError, match=words):
        call(badcase.Queue(*random_case(400, 4, 0)))


def _frozen(array: np.ndarray) -> np.ndarray:
    array = array.copy()
    array.setflags(write=False)
    return array


def _mapped(array: np.ndarray, folder: Path) -> np.ndarray:
    np.save(folder / "array.npy", array)
    return np.load(folder / "array.npy", mmap_mode="r")


@pytest.mark.parametrize(
    ("labels", "probs", "words"),
    [
        ([0, 1, 2], [[0.5, 0.5]] * 3, "labels, row 2"),
        ([0, 1], [[0.5, 0.5], [0.5, 0.6]], "probs, row 1.*sum to 1"),
        ([0, 1], [[0.5, 0.5], [np.nan, 1]], "probs, row 1"),
        ([0, 1], [[0.5, 0.5]], "labels: wrong length"),
        ([0.5, 1.0], [[0.5, 0.5]] * 2, "labels, row 0: not a class"),
        (np.array([0, None]), [[0.5, 0.5]] * 2, "labels, row 1: no label"),
        ([[[0, 1]]], [[0.5, 0.5]] * 2, "labels, row 0: wrong shape"),
        (np.zeros((2, 2, 2), int), [[0.5, 0.5]] * 2, "labels: wrong shape"),
    ],
)
def test_bad_arrays_are_refused_by_name_and_row(labels: object, probs: object, words: str) -> None:
    with pytest.raises(badcase.BadcaseError, match=words):
        badcase.rank(labels, probs)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("labels", "probs", "words", "remedy"),
    [
        ("labels.npy", [[0.5, 0.5]] * 2, "labels: not an array", "badcase.audit reads files"),
        ({0, 1}, [[0.5, 0.5]] * 2, "labels: not an array", "list"),
        ([1, 2], [[0.5, 0.5]] * 2, "labels, row 1: label out of range", "labels - 1"),
        ([0, -1], [[0.5, 0.5]] * 2, "labels, row 1: label out of range", "leave these items out"),
        ([0, 1], [[0.5, 0.5], [1.0]], "probs, row 1: rows of unequal length .expected 2, got 1", ""),
        ([0, 1], np.array([[0.5, "x"], [0.5, 0.5]], object), "probs: wrong type", "astype"),
        (np.ma.masked_array([0, 1], [False, True]), [[0.5, 0.5]] * 2, "labels, row 1: a masked value", ""),
        ([0, 1], [[[0.5], [0.5, 0.5]], [[0.5], [0.5]]], "probs: not an array", ""),
        ([0, 1], np.ma.masked, "probs, row 0: a masked value", ""),
    ],
)
def test_what_is_no_plain_array_is_refused_with_a_remedy(labels: Any, probs: Any, words: str, remedy: str) -> None:
    with pytest.raises(badcase.BadcaseError, match=words) as refused:
        badcase.rank(labels, probs)
    assert remedy in refused.value.hint


@pytest.mark.parametrize("change", [np.asfortranarray, np.float16, torch.tensor, lambda a: a.tolist(), _frozen, _mapped])
def test_arrays_of_any_make_rank_alike(change: Callable[[np.ndarray], Any], tmp_path: Path) -> None:
    features, labels, _true = blobs(120)
    features = features.astype(np.float16).astype(np.float64)
    plain = badcase.rank(labels, features=features)
    given = _mapped(features, tmp_path) if change is _mapped else change(features)
    changed = badcase.rank(labels.tolist() if change is torch.tensor else labels, features=given)
    np.testing.assert_array_equal(changed.order, plain.order)


@pytest.mark.parametrize("seed", [-1, 1.5, None, "one"])
def test_a_seed_is_a_whole_number(seed: Any) -> None:
    features, labels, _true = blobs(40, wrong=4)
    for call in (badcase.rank, badcase.Queue):
        with pytest.raises(badcase.BadcaseError, match="seed: wrong number"):
            call(labels, features=features, seed=seed)
    with pytest.raises(badcase.BadcaseError, match="seed: wrong number"):
        badcase.out_of_sample(features, labels, seed=seed)


def test_groups_may_be_texts_as_pandas_keeps_them() -> None:
    features, labels, _true = blobs(60, wrong=4)
    names = np.array([f"patient {i // 2:02}" for i in range(60)], object)
    as_ids = badcase.rank(labels, features=features, groups=np.arange(60) // 2)
    assert badcase.rank(labels, features=features, groups=names).expected_errors == as_ids.expected_errors
    mixed = np.array([np.int64(i // 2) if i < 30 else names[i] for i in range(60)], object)
    told = badcase.rank(labels, features=features, groups=mixed).expected_errors  # groups in another order
    assert told.value == pytest.approx(as_ids.expected_errors.value, rel=1e-3)
    with pytest.raises(badcase.BadcaseError, match="groups, row 7: not a group"):
        badcase.rank(labels, features=features, groups=np.where(np.arange(60) == 7, None, names))
    with pytest.raises(badcase.BadcaseError, match="groups: wrong shape"):
        badcase.rank(*random_case(20, 3, 0), groups=[1, 2])


def test_where_nothing_speaks_for_or_against_a_label_none_is_flagged_and_any_number_may_be_wrong() -> None:
    """287 of 400 labels were flagged on features that are all alike, and every label of a class of its own."""
    _features, labels, _true = blobs()
    noise = np.random.default_rng(0).normal(size=(400, 20))
    blind = [
        badcase.rank(labels, features=np.ones((400, 3))),
        badcase.rank(labels, features=noise),
        badcase.rank(labels, np.full((400, 4), 0.25)),
        badcase.rank(np.arange(400), features=noise),
        badcase.rank(labels, features=noise, groups=np.zeros(400, int)),
    ]
    for ranking in blind:
        assert not ranking.flagged.any()
        assert ranking.expected_errors.low == 0
        assert ranking.expected_errors.high > 200


def test_a_class_of_one_item_is_not_counted_as_an_error() -> None:
    features, labels, _true = blobs(wrong=0)
    alone = labels.copy()
    alone[:40] = 4 + np.arange(40)
    assert badcase.rank(alone, features=features).expected_errors.value < 10


def test_features_need_two_classes_and_a_few_items() -> None:
    with pytest.raises(badcase.BadcaseError, match="only one class"):
        badcase.out_of_sample(np.eye(8), np.zeros(8, int))
    with pytest.raises(badcase.BadcaseError, match="too few items"):
        badcase.out_of_sample(np.eye(3), np.array([0, 1, 0]))
