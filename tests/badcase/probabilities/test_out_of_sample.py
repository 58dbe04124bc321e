"""Honest probabilities: nothing that an item's own label or its twin's says comes back in its own row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase import BadcaseError, out_of_sample, rank
from badcase.neighbours.search import nearest
from badcase.probabilities.kernel_ridge import KernelRidge
from badcase.probabilities.linear_head import LinearFolds
from badcase.probabilities.neighbour_vote import vote_probs
from badcase.probabilities.out_of_sample import components
from badcase.probabilities.stratified_folds import row_keys, stratified_folds
from badcase.progress import finish


def blobs(n: int = 300, k: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, k, n)
    return (np.eye(6)[labels] * 2 + rng.normal(size=(n, 6))).astype(np.float32), labels


def test_more_columns_than_items_are_taken_apart_by_the_items_and_say_the_same() -> None:
    """400 items of 3,000 columns took 18 seconds, all of them in the covariance of the columns."""
    features, _labels = blobs(120)
    wide = np.zeros((120, 3_000), np.float32)
    wide[:, ::500] = features
    for few, many in zip(components(features), components(wide), strict=True):
        assert many.shape == (120, 120)
        np.testing.assert_allclose(many @ many.T, few @ few.T, atol=1e-4)


def test_with_the_folds_and_the_ridge_fixed_another_label_changes_nothing_in_its_own_row() -> None:
    features, labels = blobs()
    x = (features - features.mean(0)) / np.float32(3)
    keys = row_keys(x, 0)
    folds = stratified_folds(labels, np.arange(300), keys, 5)
    near = nearest(x, 20)
    kernel = finish(KernelRidge.making(x, np.eye(3, dtype=np.float32)[labels], np.arange(300), np.argsort(keys)))
    rows = []
    for label in range(3):
        labels[11] = label
        targets = np.eye(3, dtype=np.float32)[labels]
        members = [LinearFolds(x, folds, 3).probs(targets, 10), vote_probs(near, targets), kernel.probs(targets)]
        rows.append([probs[11] for probs in members])
    np.testing.assert_allclose(rows[1], rows[0], atol=1e-6)
    np.testing.assert_allclose(rows[2], rows[0], atol=1e-6)


def test_features_that_say_nothing_give_no_better_than_chance() -> None:
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 4, 1_000)
    probs = out_of_sample(rng.normal(size=(1_000, 30)), labels)
    assert probs[np.arange(1_000), labels].mean() == pytest.approx(0.25, abs=0.01)


def test_exact_copies_are_one_group_without_being_told() -> None:
    rng = np.random.default_rng(4)
    features = np.repeat(rng.normal(size=(300, 20)), 2, axis=0)
    labels = np.repeat(rng.integers(0, 2, 300), 2)  # every item has a twin with its label, else the labels are chance
    probs = out_of_sample(features, labels)
    assert probs[np.arange(600), labels].mean() == pytest.approx(0.5, abs=0.03)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 120), k=st.integers(1, 12), sets=st.integers(1, 120), seed=st.integers(0, 999))
def test_folds_part_classes_evenly_and_never_a_group(n: int, k: int, sets: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels, groups = rng.integers(0, k, n), np.unique(rng.integers(0, sets, n), return_inverse=True)[1]
    keys = rng.integers(0, 2**63, n, dtype=np.uint64)
    folds = stratified_folds(labels, groups, keys, 5)
    assert all(len(set(folds[groups == group])) == 1 for group in range(groups.max() + 1))
    assert set(folds) == set(range(folds.max() + 1))
    single = stratified_folds(labels, np.arange(n), keys, 5)
    if len(set(single)) == 5:
        for label in set(labels):
            sizes = np.bincount(single[labels == label], minlength=5)
            assert sizes.max() - sizes.min() <= 1


def test_another_order_of_the_items_gives_the_same_probabilities_and_queue() -> None:
    features, labels = blobs()
    order = np.random.default_rng(1).permutation(300)
    before, after = out_of_sample(features, labels), out_of_sample(features[order], labels[order])
    np.testing.assert_allclose(after, before[order], atol=2e-3)
    first, second = rank(labels, features=features), rank(labels[order], features=features[order])
    assert len(set(first.order[:30]) & set(order[second.order[:30]])) >= 29


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_the_scale_of_the_features_does_not_matter(scale: float) -> None:
    features, labels = blobs()
    scaled, plain = out_of_sample(features * scale, labels), out_of_sample(features, labels)
    assert np.abs(scaled - plain).mean() < 0.03  # the folds follow the content of the rows, so they differ


def test_rows_that_are_all_alike_give_the_shares_of_the_other_items() -> None:
    labels = np.array([0] * 7 + [1] * 3)
    probs = out_of_sample(np.ones((10, 4)), labels)
    np.testing.assert_allclose(probs[0], [6 / 9, 3 / 9], atol=1e-6)
    np.testing.assert_allclose(probs[9], [7 / 9, 2 / 9], atol=1e-6)


def test_a_group_that_is_half_of_everything_leaves_few_neighbours_and_no_warning() -> None:
    rng = np.random.default_rng(0)
    ranking = rank(rng.integers(0, 5, 50), features=np.repeat(rng.normal(size=(2, 6)), 25, axis=0))
    assert np.isfinite(ranking.suspicion).all()


def test_the_only_item_of_a_class_is_neither_flagged_nor_on_top() -> None:
    features, labels = blobs(300)
    labels[20] = 3
    ranking = rank(labels, features=features)
    assert not ranking.flagged[20]
    assert 100 < np.flatnonzero(ranking.order == 20)[0] < 200


@pytest.mark.parametrize("n", [5, 6, 9, 50])
@pytest.mark.parametrize("k", [2, 5, 40])
def test_few_items_and_many_classes_still_rank(n: int, k: int) -> None:
    rng = np.random.default_rng(n * k)
    labels = rng.integers(0, k, n)
    labels[:2] = [0, 1]
    ranking = rank(labels, features=rng.normal(size=(n, 7)))
    assert sorted(ranking.order) == list(range(n))
    assert np.isfinite(ranking.probs).all()
    np.testing.assert_allclose(ranking.probs.sum(1), 1, atol=1e-4)


def test_classes_without_items_have_a_column_when_they_are_named() -> None:
    features, labels = blobs(60)
    assert rank(labels, features=features, class_names=["a", "b", "c", "d"]).probs.shape == (60, 4)
    assert out_of_sample(features, labels, classes=5).shape == (60, 5)


@pytest.mark.parametrize(
    ("features", "labels", "options", "words"),
    [
        (np.ones((9, 2)), np.zeros(9, int), {}, "labels: only one class .*at least 2"),
        (np.ones((4, 2)), [0, 1, 0, 1], {}, "labels: too few items .*at least 5, got 4"),
        (np.ones((8, 2)), [0, 1] * 3, {}, "features: wrong length .*expected 6, got 8"),
        (np.full((6, 2), np.inf), [0, 1] * 3, {}, "features, row 0: not a finite number .*got inf"),
        (np.full((6, 2), 1e39), [0, 1] * 3, {}, "features, row 0: not a finite number"),
        (np.ones((6, 2), object), [0, 1] * 3, {}, "features: wrong type .*object"),
        (np.ones(6), [0, 1] * 3, {}, "features: wrong shape"),
        (np.ones((6, 0)), [0, 1] * 3, {}, "features: no columns"),
        (np.ones((6, 2)), [0, 1] * 3, {"groups": [1, 2]}, "groups: wrong shape"),
        (np.ones((6, 2)), [0, 1] * 3, {"groups": np.full(6, None)}, "groups, row 0: not a group .*got None"),
    ],
)
def test_bad_input_is_refused_by_name_and_row(features: object, labels: object, options: dict, words: str) -> None:
    with pytest.raises(BadcaseError, match=words):
        out_of_sample(features, labels, **options)


def test_too_few_items_come_with_a_remedy() -> None:
    with pytest.raises(BadcaseError, match="too few items") as refused:
        out_of_sample(np.ones((3, 2)), [0, 1, 0])
    assert "until there are 5 or more" in refused.value.hint
    with pytest.raises(BadcaseError, match="only one class") as refused:
        out_of_sample(np.ones((9, 2)), np.zeros(9, int))
    assert "Add items of another class" in refused.value.hint
