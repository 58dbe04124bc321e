"""What lies together, what it is called, and what is like what."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from badcase.maps.density import density_of
from badcase.maps.hills import clusters_of, with_words
from badcase.maps.likeness import Likeness
from badcase.maps.point_field import PointField
from tests.badcase.maps.test_places import made_set


def test_each_heap_is_a_cluster_named_by_its_classes() -> None:
    rng = np.random.default_rng(0)
    middles = np.array([[0, 0], [8, 0], [0, 8], [8, 8]])
    heap = rng.integers(0, 4, 4000)
    places = (middles[heap] + rng.normal(0, 0.5, (4000, 2))).astype(np.float32)
    labels = heap.copy()
    labels[heap == 3] = np.where(rng.random((heap == 3).sum()) < 0.5, 1, 2)  # two classes in one heap
    labels[:40] = -1
    field = PointField(places)
    found = clusters_of(field, density_of(field), labels)
    assert len(found) == 4
    assert [len(one.items) for one in found] == sorted((len(one.items) for one in found), reverse=True)
    for one in found:
        own = np.bincount(heap[one.items]).argmax()
        assert (heap[one.items] == own).mean() > 0.99
        assert np.hypot(*(np.array([one.x, one.y]) - middles[own])) < 0.3
        assert np.hypot(*(places[one.exemplar] - middles[own])) < 0.6
        assert one.top < one.y
        assert set(one.classes) == ({1, 2} if own == 3 else {int(own)})
    assert np.unique(np.concatenate([one.items for one in found])).size == sum(len(one.items) for one in found)


def test_items_without_any_label_make_clusters_without_a_name() -> None:
    places = np.random.default_rng(0).normal(size=(300, 2)).astype(np.float32)
    field = PointField(places)
    found = clusters_of(field, density_of(field), np.full(300, -1))
    assert found and all(one.classes == () for one in found)
    assert clusters_of(PointField(places[:0]), density_of(PointField(places[:0])), np.empty(0, np.int64)) == []


def test_the_words_of_a_cluster_tell_it_from_the_others() -> None:
    rng = np.random.default_rng(0)
    heap = rng.integers(0, 2, 400)
    field = PointField((np.array([[0, 0], [9, 0]])[heap] + rng.normal(0, 0.5, (400, 2))).astype(np.float32))
    found = with_words(
        clusters_of(field, density_of(field), heap), lambda item: f"the {('river boat', 'engine oil')[heap[item]]} here {item}"
    )
    assert {one.classes: one.words for one in found} == {(0,): ("boat", "river"), (1,): ("engine", "oil")}


@pytest.mark.parametrize("d", [6, 200])
def test_the_most_alike_are_those_of_the_largest_cosine(tmp_path: Path, d: int) -> None:
    """200 numbers are more than a sketch holds: its best are looked at again."""
    rng = np.random.default_rng(0)
    spread = 1 / np.sqrt(1 + np.arange(d))  # as embeddings of a network: few directions have most of it
    predictions = made_set(tmp_path, rng.normal(size=(3000, d)) * spread)
    unit = predictions.directions(np.arange(3000))
    asked = np.array([17])
    found = Likeness(predictions).like(asked, 25)
    cosines = unit @ unit[17]
    cosines[17] = -np.inf
    wanted = np.argsort(-cosines, kind="stable")[:25]
    assert len(set(found.items.tolist()) & set(wanted.tolist())) >= 24
    assert found.cosines == pytest.approx(cosines[found.items], abs=1e-5)
    assert (np.diff(found.cosines) <= 0).all()
    again = Likeness(predictions).like(asked, 25)  # by the sketch that was kept
    assert np.array_equal(again.items, found.items)


def test_answers_are_among_those_that_may_be_and_as_like_as_the_question_is_to_itself(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    heap = np.arange(600) % 3
    predictions = made_set(tmp_path, np.eye(3)[heap] * 4 + rng.normal(0, 0.3, (600, 3)))
    asked, among = np.flatnonzero(heap == 1)[:40], np.arange(600) % 2 == 0
    found = Likeness(predictions, keep=False).like(asked, 500, among)
    assert among[found.items].all() and not np.isin(found.items, asked).any()
    own = np.flatnonzero((heap == 1) & among & ~np.isin(np.arange(600), asked))
    assert 0.75 * len(own) < len(found.as_like) <= len(own)
    assert (heap[found.as_like] == 1).all()
    assert list(tmp_path.glob("sketch-*")) == []


def test_a_sketch_that_is_damaged_is_made_again(tmp_path: Path) -> None:
    predictions = made_set(tmp_path, np.random.default_rng(0).normal(size=(80, 5)))
    first = Likeness(predictions).like(np.array([3]), 10)
    file = next(tmp_path.glob("sketch-*.npy"))
    file.write_bytes(file.read_bytes()[:200])
    assert np.array_equal(Likeness(predictions).like(np.array([3]), 10).items, first.items)
    assert np.load(file).shape == (80, 5)
