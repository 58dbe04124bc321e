"""Clusters: errors of one kind are found among scattered ones, named by what they share, and the same every time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase.groups.clusters import clusters
from badcase.groups.columns import named
from badcase.groups.naming import Vocabulary, shared_classes, shared_value

N, K, D = 600, 5, 24


def scattered(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Suspects without any structure: features, given, suggested, chance."""
    given_classes = rng.integers(0, K, N)
    return rng.normal(size=(N, D)), given_classes, (given_classes + rng.integers(1, K, N)) % K, np.full(N, 0.5)


def plant(rng: np.random.Generator, features: np.ndarray, given_classes: np.ndarray, suggested: np.ndarray) -> np.ndarray:
    """40 items of one topic, all given 1 where 3 is meant."""
    items = rng.choice(N, 40, replace=False)
    features[items] = rng.normal(size=D) * 1.5 + rng.normal(size=(40, D)) * 0.4
    given_classes[items], suggested[items] = 1, 3
    return items


@pytest.mark.parametrize("seed", range(4))
def test_planted_errors_of_one_kind_are_one_cluster(seed: int) -> None:
    rng = np.random.default_rng(seed)
    features, given_classes, suggested, chance = scattered(rng)
    items = plant(rng, features, given_classes, suggested)
    chance[items] = 0.9
    made = clusters(features, given_classes, suggested, chance, np.arange(N), rng=np.random.default_rng(0))
    best = max(made, key=lambda one: one.cohesion)
    assert len(np.intersect1d(best.items, items)) >= 36 and len(best.items) <= 70
    assert shared_classes(best.items, given_classes, suggested, "abcde") == "b → d"
    assert best.expected == pytest.approx(chance[best.items].sum())
    assert all(np.isin(best.items[:5], items)), "the most typical come first"


def test_scattered_errors_are_no_cluster() -> None:
    made = []
    for seed in range(8):
        features, given_classes, suggested, chance = scattered(np.random.default_rng(seed))
        rng = np.random.default_rng(seed)
        made += clusters(features, given_classes, suggested, chance, np.arange(N), rng=rng)
    assert len(made) <= 16  # of 8 times about 32: a cluster must be closer than the closest in shuffled data


def test_the_same_input_gives_the_same_clusters() -> None:
    rng = np.random.default_rng(5)
    features, given_classes, suggested, chance = scattered(rng)
    plant(rng, features, given_classes, suggested)
    one, two = (
        clusters(features, given_classes, suggested, chance, order, rng=np.random.default_rng(0))
        for order in (np.arange(N), np.arange(N)[::-1].copy())
    )
    assert [c.items.tolist() for c in one] == [c.items.tolist() for c in two] != []


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 60), st.sampled_from(["alike", "one class", "random"]), st.integers(0, 99))
def test_whatever_the_suspects_are_no_item_is_in_two_clusters(n: int, kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    features = np.ones((60, 4)) if kind == "alike" else rng.normal(size=(60, 4))
    given_classes = np.zeros(60, np.int64) if kind == "one class" else rng.integers(0, 3, 60)
    suspects = rng.choice(60, n, replace=False)
    made = clusters(features, given_classes, 2 - given_classes, np.full(60, 0.5), suspects, rng=rng, min_size=5)
    items = np.concatenate([one.items for one in made]) if made else np.empty(0)
    assert len(np.unique(items)) == len(items) and np.isin(items, suspects).all()
    assert all(len(one.items) >= 5 and np.isfinite(one.cohesion) for one in made)


def test_a_cluster_is_named_by_its_pair_its_value_and_its_words() -> None:
    rng = np.random.default_rng(0)
    items, everything = np.arange(20), np.arange(200)
    given_classes, suggested = np.r_[np.zeros(20, int), rng.integers(0, 3, 180)], np.r_[np.ones(20, int), rng.integers(0, 3, 180)]
    camera = named("camera", np.r_[np.zeros(18, int), np.ones(182, int)], ["old", "new"])
    noise = named("day", rng.integers(0, 3, 200), ["mon", "tue", "wed"])
    texts = ["the refund of my card"] * 20 + ["the weather of my town"] * 180
    assert shared_classes(items, given_classes, suggested, ("cat", "dog", "fox")) == "cat → dog"
    assert shared_value(items, everything, [noise, camera]) == ("camera", "old")
    common = named("lens", (rng.random(200) < 0.2).astype(int), ["short", "long"])
    assert shared_value(items, everything, [noise, common]) is None, "what most items have tells nothing"
    assert Vocabulary(texts, everything).words(items) == ["card", "refund"]
    assert Vocabulary(["退款失败了"] * 20 + ["今天天气好"] * 180, everything).words(items)[0] in ("退款", "款失", "失败")


def test_where_no_pair_has_half_the_class_that_has_it_names_the_group() -> None:
    given_classes, suggested = np.array([0, 0, 0, 0]), np.array([1, 2, 3, 4])
    assert shared_classes(np.arange(4), given_classes, suggested, "abcde") == "a → any class"
    assert shared_classes(np.arange(4), suggested, given_classes, "abcde") == "any class → a"
    assert shared_classes(np.arange(4), suggested, suggested[::-1].copy(), "abcde") == ""
