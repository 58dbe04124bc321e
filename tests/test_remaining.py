"""The estimate of remaining errors falls as errors are found, and undo brings it back."""

from __future__ import annotations

import numpy as np
import pytest

from badcase.journal import VerdictCode
from badcase.ranking import Ranking, rank
from badcase.remaining import Codes, Remaining


@pytest.fixture
def ranked() -> tuple[Ranking, np.ndarray, np.ndarray]:
    """Three blobs of 300 items, 30 labels wrong; the ranking, the given labels and the truth."""
    rng = np.random.default_rng(0)
    truth = np.arange(300) % 3
    features = np.eye(3)[truth] * 4 + rng.normal(0, 1, (300, 3))
    labels = truth.copy()
    labels[:30] = (labels[:30] + 1) % 3
    return rank(labels, features=features), labels, truth


def none(n: int = 300) -> Codes:
    return np.zeros(n, np.int8)


def test_without_a_verdict_it_is_the_estimate_of_the_ranking(ranked: tuple[Ranking, np.ndarray, np.ndarray]) -> None:
    ranking, labels, _truth = ranked
    left = Remaining(ranking, labels, none()).estimate
    assert left.value == pytest.approx(ranking.expected_errors.value, rel=0.05)
    assert left.low <= 30 <= left.high


def test_finding_the_errors_leaves_few_and_narrows_the_interval(ranked: tuple[Ranking, np.ndarray, np.ndarray]) -> None:
    ranking, labels, truth = ranked
    remaining, verdicts = Remaining(ranking, labels, none()), none()
    before = remaining.estimate
    for item in ranking.order[:60]:
        verdicts[item] = VerdictCode.RELABEL if labels[item] != truth[item] else VerdictCode.KEEP
        remaining.update(verdicts)
    after = remaining.estimate
    missed = 30 - int((verdicts == VerdictCode.RELABEL).sum())
    assert after.low <= missed <= after.high
    assert after.high - after.low < (before.high - before.low) / 2


def test_undo_brings_the_estimate_back(ranked: tuple[Ranking, np.ndarray, np.ndarray]) -> None:
    ranking, labels, _truth = ranked
    remaining, verdicts = Remaining(ranking, labels, none()), none()
    before = remaining.estimate
    verdicts[ranking.order[:5]] = VerdictCode.RELABEL
    remaining.update(verdicts)
    assert remaining.estimate != before
    remaining.update(none())
    assert remaining.estimate == before


def test_one_batch_teaches_what_single_verdicts_do(ranked: tuple[Ranking, np.ndarray, np.ndarray]) -> None:
    ranking, labels, _truth = ranked
    one, many, verdicts = Remaining(ranking, labels, none()), Remaining(ranking, labels, none()), none()
    for item in sorted(ranking.order[:8]):
        verdicts[item] = VerdictCode.RELABEL
        one.update(verdicts)
    many.update(verdicts)
    assert one.estimate.value == pytest.approx(many.estimate.value)


def test_a_ranking_that_saw_corrections_learns_nothing_from_what_was_kept_before(
    ranked: tuple[Ranking, np.ndarray, np.ndarray],
) -> None:
    """After the worst items were fixed and some kept, a new ranking took the kept ones alone as lessons: 5 errors left
    were told where many stood in plain sight."""
    ranking, labels, truth = ranked
    rng = np.random.default_rng(0)
    features = np.eye(3)[truth] * 4 + rng.normal(0, 1, (300, 3))
    verdicts, mended = none(), labels.copy()
    verdicts[ranking.order[:20]] = VerdictCode.RELABEL
    mended[ranking.order[:20]] = truth[ranking.order[:20]]
    again = rank(mended, features=features)
    verdicts[[item for item in again.order[:20] if verdicts[item] == 0][:4]] = VerdictCode.KEEP
    left = Remaining(again, mended, verdicts).estimate
    assert left.value > again.expected_errors.value / 2
