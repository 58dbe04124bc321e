"""What to label next: clusters first, then where the answer is in doubt, never the same thing twice."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from badcase.labelling.label_queue import LabelQueue, ToLabel, Why
from badcase.labelling.label_reasons import sentence
from badcase.labelling.mixed_queue import relabel_gains
from badcase.progress import finish

EACH, CLUSTERS = 60, 5


def clusters() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Five clusters of 60 items, and the cluster of each."""
    rng = np.random.default_rng(1)
    of = np.repeat(np.arange(CLUSTERS), EACH)
    centres = 3 * np.eye(CLUSTERS, 16, dtype=np.float32)
    return centres[of] + rng.standard_normal((len(of), 16)).astype(np.float32) * 0.3, of


def none(n: int) -> NDArray[np.int64]:
    return np.full(n, -1)


def test_without_any_label_every_cluster_comes_up_before_one_comes_twice() -> None:
    features, of = clusters()
    first = LabelQueue(features, none(len(of)), CLUSTERS).next(CLUSTERS)
    assert sorted(of[one.item] for one in first) == list(range(CLUSTERS))
    assert {(one.suggested, one.why) for one in first} == {(-1, Why.ALIKE)}
    assert all(EACH // 10 < one.alike <= EACH for one in first)


def test_with_labels_of_one_class_the_other_clusters_come_first() -> None:
    features, of = clusters()
    labels = none(len(of))
    labels[:5] = 0
    queue = LabelQueue(features, labels, CLUSTERS)
    first = queue.next(CLUSTERS - 1)
    assert sorted(of[one.item] for one in first) == [1, 2, 3, 4]
    assert first[0].gain > queue.next(10)[-1].gain


def test_what_is_unlike_anything_labelled_comes_first_and_says_so() -> None:
    features, of = clusters()
    first = LabelQueue(features, np.where((of < 4) & (np.arange(len(of)) % 6 == 0), of, -1), CLUSTERS).next()[0]
    assert (of[first.item], first.why) == (4, Why.NEW)


def test_a_label_takes_what_is_like_it_from_the_head_of_the_queue() -> None:
    features, of = clusters()
    queue = LabelQueue(features, none(len(of)), CLUSTERS)
    first, second = queue.next(2)
    queue.record(first.item, int(of[first.item]))
    assert queue.next()[0].item == second.item
    assert of[second.item] != of[first.item]


def test_a_batch_holds_no_two_of_one_group_and_ends_when_nothing_is_left() -> None:
    features, of = clusters()
    queue = LabelQueue(features, np.where(of < 4, of, -1), CLUSTERS, together=of * EACH + np.arange(len(of)) % 3)
    found = queue.next(100)
    assert len(found) == 3
    for one in found:
        queue.record(one.item, 4)
    alone = LabelQueue(features, np.where(of < 4, of, -1), CLUSTERS).next(100)
    assert len({one.item for one in alone}) == EACH
    assert LabelQueue(features, of, CLUSTERS).next(3) == []


def test_the_same_labels_give_the_same_queue() -> None:
    features, of = clusters()
    labels = np.where(np.arange(len(of)) % 7 == 0, of, -1)
    assert LabelQueue(features, labels, CLUSTERS, seed=3).next(20) == LabelQueue(features, labels, CLUSTERS, seed=3).next(20)


def test_what_lies_between_two_classes_comes_first_where_all_is_near_a_label_and_says_so() -> None:
    rng = np.random.default_rng(2)
    along = np.linspace(-1, 1, 400)
    features = np.stack([along, np.ones(400), rng.normal(0, 0.01, 400)], axis=1).astype(np.float32)
    labels = np.where(np.arange(400) % 20 == 0, (along > 0).astype(np.int64), -1)
    found = LabelQueue(features, labels, 2).next(5)
    between = [one for one in found if one.why is Why.BETWEEN]
    assert between
    assert sentence(between[0], ("cat", "dog")) in ("Between cat and dog", "Between dog and cat")


def test_of_two_classes_the_one_that_is_short_comes_first() -> None:
    features, of = clusters()
    labels = none(len(of))
    labels[np.flatnonzero(of == 0)[:40]], labels[np.flatnonzero(of == 1)[:2]] = 0, 1
    labels[of > 1] = of[of > 1]
    found = LabelQueue(features, labels, CLUSTERS).next(4)
    assert [of[one.item] for one in found] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (Why.NEW, "Unlike anything labelled"),
        (Why.ALIKE, "Stands for 40 like it"),
        (Why.BETWEEN, "Between cat and dog"),
        (Why.SHORT, "The class cat is short of labels"),
    ],
)
def test_each_reason_is_a_sentence(why: Why, said: str) -> None:
    assert sentence(ToLabel(0, 0, 1, 0.5, 40, why), ("cat", "dog")) == said


def test_one_item_and_items_that_are_all_alike_are_no_trouble() -> None:
    assert [one.item for one in LabelQueue(np.ones((1, 4), np.float32), none(1), 2).next(5)] == [0]
    assert len(LabelQueue(np.ones((50, 4), np.float32), none(50), 2).next(5)) == 5
    few = LabelQueue(np.eye(4, dtype=np.float32), np.array([0, 1, -1, -1]), 2)
    few.record(2, 1)
    finish(few.learning())
    assert [one.item for one in few.next(5)] == [3]


def test_a_second_look_gains_as_far_as_the_label_is_in_doubt() -> None:
    features, of = clusters()
    queue = LabelQueue(features, np.where(np.arange(len(of)) % 6, -1, of), CLUSTERS)
    surely_wrong, perhaps, surely_right = relabel_gains(queue, np.array([1.0, 0.25, 0.0]), errors=5)
    assert surely_wrong == pytest.approx(4 * perhaps)
    assert surely_right == 0
    assert 0 < surely_wrong < 10 * queue.most_gain


def test_where_no_label_is_there_yet_a_second_look_has_a_gain_all_the_same() -> None:
    features, of = clusters()
    queue = LabelQueue(features, none(len(of)), CLUSTERS)
    assert queue.teaching is None
    assert relabel_gains(queue, np.array([0.5]), errors=0)[0] > 0


def test_the_reasons_of_all_that_waits_are_those_that_each_item_is_told() -> None:
    """The counts at the side of the window and the sentence beside an item are one thing."""
    features, truth = clusters()
    labels = none(len(truth))
    labels[::9] = truth[::9]
    queue = LabelQueue(features, labels, int(truth.max()) + 1)
    queue.record(1, int(truth[1]))
    found = queue.by_reason()
    waits = np.flatnonzero(queue.labels < 0)
    assert sorted(np.concatenate(list(found.values())).tolist()) == waits.tolist()
    assert all(queue.told(int(item)).why is why for why, items in found.items() for item in items)
    assert sum(len(items) > 0 for items in found.values()) > 1
