"""Splits: the data's own where it has some; else made, with what belongs together on one side."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase.errors import BadcaseError
from badcase.items import Split
from badcase.items.splits import SplitAssignment, make_splits, split_named


def made(written: list[str | None] | None, labels: object, **more: object) -> SplitAssignment:
    labels = np.asarray(labels, np.int32)
    given = {"twins": np.arange(len(labels)), "groups": None, "time": None} | more
    return make_splits(written, labels, **given, rng=np.random.default_rng(0))  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 9), st.integers(30, 300), st.integers(0, 10**6))
def test_no_twin_and_no_group_stands_on_two_sides(classes: int, n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    twins, groups = rng.integers(0, n, n), rng.integers(0, n // 2, n)
    splits = made(None, rng.integers(0, classes, n), twins=twins, groups=groups)
    for ids in (twins, groups):
        assert all(len(set(splits.split[ids == one])) == 1 for one in set(ids.tolist()))
    assert (splits.split[splits.gold] == Split.TEST).all()


def test_made_splits_hold_out_every_class_alike() -> None:
    labels = np.repeat(np.arange(10), 200)
    splits = made(None, labels)
    for part, low, high in ((Split.TRAIN, 165, 180), (Split.VALIDATION, 14, 18), (Split.TEST, 10, 18)):
        counts = np.bincount(labels[splits.split == part], minlength=10)
        assert (counts >= low).all() and (counts <= high).all()


def test_the_same_seed_makes_the_same_splits() -> None:
    labels = np.arange(500) % 7
    assert np.array_equal(made(None, labels).split, made(None, labels).split)


def test_the_latest_in_time_are_held_out() -> None:
    time = np.random.default_rng(0).permutation(1000).astype(float)
    splits = made(None, np.arange(1000) % 3, time=time)
    newest = [time[splits.split == part] for part in Split]
    assert newest[0].max() < newest[1].min() and newest[1].max() < newest[2].min()
    assert np.array_equal(splits.gold, splits.split == Split.TEST)


def test_the_words_people_use_for_splits_are_understood() -> None:
    words = {"Train": 0, "training": 0, "train_few_all": 0, "val": 1, "dev-2": 1, "Validation": 1, "test": 2, "hold-out": 2}
    assert {word: split_named(word) for word in words} == words
    assert split_named("trainer") is None and split_named("catalog") is None


def test_with_test_only_half_becomes_validation_and_half_gold() -> None:
    splits = made(["train"] * 300 + ["test"] * 200, np.arange(500) % 4)
    assert (splits.split[:300] == Split.TRAIN).all() and not splits.gold[:300].any()
    assert 90 <= splits.gold.sum() <= 110 and (splits.split[300:] == Split.VALIDATION).sum() == 200 - splits.gold.sum()


def test_gold_is_bounded_and_has_no_twin_outside() -> None:
    twins = np.arange(6000)
    twins[5000] = 3  # the test set holds a copy of a training item
    splits = made(["train"] * 2000 + ["val"] * 500 + ["test"] * 3500, np.arange(6000) % 4, twins=twins)
    assert splits.gold.sum() <= 2001 and not splits.gold[5000] and splits.split[5000] == Split.TEST


def test_a_data_set_without_training_items_gets_splits() -> None:
    splits = made(["test"] * 200, np.arange(200) % 2)
    assert (splits.split == Split.TRAIN).sum() > 150 and "does not say which items are for training" in splits.notes[0]


def test_a_split_column_that_names_no_splits_is_refused() -> None:
    with pytest.raises(BadcaseError, match="north"):
        made(["north", "train"] * 5, np.arange(10) % 2)
