"""The count of errors: its interval holds, and verdicts sharpen it."""

from __future__ import annotations

import numpy as np
import pytest

from badcase.estimate import ErrorCurve, contradiction


def scored(rng: np.random.Generator, n: int = 3_000) -> tuple[np.ndarray, np.ndarray]:
    """Scores of items and which are wrong: rate, sharpness and scale are drawn anew each time."""
    wrong = rng.random(n) < rng.uniform(0.03, 0.3)
    scores = rng.normal(size=n) + wrong * rng.uniform(1.5, 4)
    return scores * rng.uniform(0.1, 10) + rng.uniform(-5, 5), wrong


# Half from the top of the queue and half at random, as a reviewer who lets blind ones be mixed in
@pytest.mark.parametrize("at_random", [150, 300])
def test_after_300_verdicts_the_interval_holds_the_number_of_errors_left(at_random: int) -> None:
    rng = np.random.default_rng(at_random)
    held, widths = [], []
    for _case in range(60):
        scores, wrong = scored(rng)
        order = np.concatenate([rng.permutation(3_000)[:at_random], np.argsort(-scores)])
        seen = list(dict.fromkeys(order.tolist()))[:300]
        # what an imperfect model would count before: anything between a third and three times the truth
        curve = ErrorCurve(scores, wrong.sum() * np.exp(rng.uniform(-1, 1)))
        for item in seen:
            curve.record(scores[item], bool(wrong[item]))
        left, found = curve.errors_left(), wrong.sum() - wrong[seen].sum()
        held.append(left.low <= found <= left.high)
        widths.append((left.high - left.low) / 2 / wrong.sum())
    assert np.mean(held) >= 0.8
    assert np.median(widths) < 0.25


def test_before_any_verdict_the_interval_is_wide() -> None:
    scores, wrong = scored(np.random.default_rng(0))
    before = ErrorCurve(scores, float(wrong.sum())).errors_left()
    assert before.low < wrong.sum() / 1.5
    assert before.high > wrong.sum() * 1.5


def test_a_verdict_taken_back_leaves_no_trace() -> None:
    scores, _wrong = scored(np.random.default_rng(1))
    curve = ErrorCurve(scores, 100.0)
    before = curve.errors_left()
    curve.record(scores[5], True)
    assert curve.errors_left() != before
    curve.record(scores[5], True, times=-1)
    after = curve.errors_left()
    assert (after.value, after.low, after.high) == pytest.approx((before.value, before.low, before.high))


@pytest.mark.parametrize("n", [1, 2, 7, 500])
def test_it_counts_from_one_item_on_and_never_more_than_there_are(n: int) -> None:
    for scores in (np.zeros(n), np.arange(n, dtype=float)):
        curve = ErrorCurve(scores, 0.6 * n)
        for score in scores[: n // 2]:
            curve.record(score, False)
        left = curve.errors_left()
        assert 0 <= left.low <= left.value <= left.high <= n - n // 2


def test_contradiction_is_the_belief_against_the_labels() -> None:
    probs = np.array([[0.9, 0.1], [0.3, 0.7], [0.5, 0.5]])
    assert contradiction(np.array([0, 0, 0]), probs) == pytest.approx(0.7)
