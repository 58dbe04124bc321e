"""Verdicts teach: the estimate of what is left falls as errors are found, undo brings it back, an order means nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from badcase.active_learning.learner import Learner
from badcase.ranking.any_ranking import rank
from badcase.ranking.ranking import Ranking
from badcase.store.verdicts import VerdictCode

Ranked = tuple[Ranking, np.ndarray, np.ndarray]


@pytest.fixture
def ranked() -> Ranked:
    """Three blobs of 300 items, 30 labels wrong; the ranking, the given labels and the truth."""
    features, labels, truth = blobs()
    return rank(labels, features=features), labels, truth


def blobs() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = np.arange(300) % 3
    features = np.eye(3)[truth] * 4 + rng.normal(0, 1, (300, 3))
    labels = truth.copy()
    labels[:30] = (labels[:30] + 1) % 3
    return features, labels, truth


def none(n: int = 300) -> np.ndarray:
    return np.zeros(n, np.int8)


def test_without_a_verdict_it_is_the_estimate_of_the_ranking(ranked: Ranked) -> None:
    ranking, _labels, _truth = ranked
    left = Learner(ranking).expected_errors()
    assert left.value == pytest.approx(ranking.expected_errors.value, rel=0.2)
    assert left.low <= 30 <= left.high


def test_finding_the_errors_leaves_few_and_narrows_the_interval(ranked: Ranked) -> None:
    ranking, labels, truth = ranked
    learner, verdicts = Learner(ranking), none()
    before = learner.expected_errors()
    for item in ranking.order[:60]:
        verdicts[item] = VerdictCode.RELABEL if labels[item] != truth[item] else VerdictCode.KEEP
        learner.update(verdicts)
    after = learner.expected_errors()
    missed = 30 - int((verdicts == VerdictCode.RELABEL).sum())
    assert after.low <= missed <= after.high
    assert after.high - after.low < (before.high - before.low) / 2


def test_undo_brings_the_estimate_and_the_order_back(ranked: Ranked) -> None:
    ranking, _labels, _truth = ranked
    learner, verdicts = Learner(ranking, random_sample=False), none()
    before = learner.expected_errors()
    verdicts[ranking.order[:5]] = VerdictCode.RELABEL
    learner.update(verdicts)
    assert learner.expected_errors() != before
    learner.update(none())
    assert learner.expected_errors() == before
    np.testing.assert_array_equal(learner.next(300), ranking.order)


def test_the_same_verdicts_teach_the_same_in_any_order_and_in_one_batch(ranked: Ranked) -> None:
    ranking, _labels, _truth = ranked
    one, many, verdicts = Learner(ranking), Learner(ranking), none()
    for item in sorted(ranking.order[:8]):
        verdicts[item] = VerdictCode.RELABEL
        one.update(verdicts)
    many.update(verdicts)
    assert one.expected_errors() == many.expected_errors()
    np.testing.assert_array_equal(one.ranked(), many.ranked())


def test_an_unsure_item_is_done_and_teaches_nothing(ranked: Ranked) -> None:
    ranking, _labels, _truth = ranked
    learner, verdicts = Learner(ranking), none()
    first = learner.chance_wrong(ranking.order[1:])
    verdicts[ranking.order[0]] = VerdictCode.UNSURE
    learner.update(verdicts)
    assert ranking.order[0] not in learner.ranked()
    np.testing.assert_allclose(learner.chance_wrong(ranking.order[1:]), first, atol=0.02)


def test_items_that_take_no_part_are_neither_queued_nor_counted(ranked: Ranked) -> None:
    ranking, _labels, truth = ranked
    spread = ranking.over(np.arange(300) + 10, np.concatenate([np.zeros(10, int), truth, np.zeros(10, int)]))
    learner, verdicts = Learner(spread), none(320)
    verdicts[:10] = VerdictCode.EXCLUDE
    before = learner.expected_errors()
    learner.update(verdicts)
    assert learner.expected_errors() == before
    np.testing.assert_array_equal(np.sort(learner.ranked()), np.arange(300) + 10)


def test_the_precision_of_the_next_50_falls_when_the_errors_are_found(ranked: Ranked) -> None:
    ranking, labels, truth = ranked
    learner = Learner(ranking)
    before = learner.precision()
    for item in ranking.order[:100].tolist():
        learner.record(item, bool(labels[item] != truth[item]))
    after = learner.precision()
    assert before.low <= 30 <= before.high
    assert after.high < 10


def test_a_new_ranking_in_the_light_of_verdicts_keeps_what_they_taught() -> None:
    """Once the worst items were fixed and some kept, a ranking of the corrected labels took the kept ones alone as
    lessons: 5 errors left were told where many stood in plain sight."""
    features, labels, truth = blobs()
    ranking = rank(labels, features=features)
    verdicts, verified = none(), np.full(300, -1)
    judged = ranking.order[:20]
    verified[judged] = truth[judged]
    verdicts[judged] = np.where(labels[judged] != truth[judged], VerdictCode.RELABEL, VerdictCode.KEEP)
    again = Learner(rank(labels, features=features, verified=verified))
    again.update(verdicts)
    left = again.expected_errors()
    missed = 30 - int((labels[judged] != truth[judged]).sum())
    assert left.low <= missed <= left.high
    assert (labels[again.ranked(8)] != truth[again.ranked(8)]).mean() > 0.8


def test_twins_of_a_judged_item_are_asked_about_at_once(ranked: Ranked) -> None:
    ranking, _labels, _truth = ranked
    twins = np.arange(300)
    twins[[250, 251, 252]] = 250
    learner = Learner(replace(ranking, evidence=replace(ranking.evidence, twins=twins)))
    learner.record(251, True)
    assert learner.next(2).tolist() == [250, 252]
    learner.record(250, True)
    assert learner.next().tolist() == [252]
    learner.record(252, False)
    assert learner.next()[0] not in (250, 251, 252)


def test_a_queue_among_some_items_holds_them_in_the_same_order_and_blind_ones(ranked: Ranked) -> None:
    ranking, labels, truth = ranked
    learner = Learner(ranking)
    for item in ranking.order[:8]:
        learner.record(int(item), bool(labels[item] != truth[item]))
    among = labels == 1
    whole = learner.ranked()
    assert learner.ranked(20, among.__getitem__).tolist() == whole[among[whole]][:20].tolist()
    coming = learner.next(20, among.__getitem__)
    assert any(learner.in_random_sample(int(item)) for item in coming)
    assert all(among[item] or learner.in_random_sample(int(item)) for item in coming)


def test_what_comes_behind_items_that_are_fixed_is_what_would_have_come_there(ranked: Ranked) -> None:
    ranking, labels, truth = ranked
    learner = Learner(ranking)
    for item in ranking.order[:8]:
        learner.record(int(item), bool(labels[item] != truth[item]))
    shown = learner.next(7).tolist()
    behind = learner.next(20, ahead=shown).tolist()
    assert [*shown, *behind] == learner.next(27).tolist()
    assert 1 <= sum(learner.in_random_sample(item) for item in behind) <= 6
