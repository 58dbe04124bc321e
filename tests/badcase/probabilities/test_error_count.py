"""The count of errors: its interval holds before any review and after, and verdicts sharpen it."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from badcase.active_learning.error_curve import ErrorCurve
from badcase.active_learning.learner import Learner
from badcase.probabilities.error_count import CountBelief, believed_count
from badcase.ranking.any_ranking import rank


def scored(rng: np.random.Generator, n: int = 3_000) -> tuple[np.ndarray, np.ndarray]:
    """Log odds of items and which are wrong: rate and sharpness are drawn anew each time."""
    wrong = rng.random(n) < rng.uniform(0.03, 0.3)
    scores = rng.normal(size=n) + wrong * rng.uniform(1.5, 4)
    return scores * rng.uniform(1, 3) + rng.uniform(-6, 0), wrong


def belief(about: float, spread: float = 0.6) -> CountBelief:
    """What an imperfect model would count before: a factor of 3 either way at 90 %."""
    points = about * np.exp(spread * np.random.default_rng(0).normal(size=60))
    return CountBelief(np.sort(points), about, 2.0)


def curve_after(scores: np.ndarray, wrong: np.ndarray, seen: np.ndarray, about: float) -> ErrorCurve:
    return ErrorCurve(belief(about), scores, np.ones(len(scores)), scores[seen], wrong[seen].astype(float))


def judged_by_chance(rng: np.random.Generator) -> tuple[bool, float]:
    """One review of 80 of 600 items with blind ones among them: does the interval hold, and how wide is it?"""
    scores, wrong = scored(rng, 600)
    chance = 1 / (1 + np.exp(-scores - rng.uniform(-1, 1)))
    probs = np.column_stack([1 - chance, chance]).astype(np.float32)
    learner = Learner(rank(np.zeros(600, int), probs), seed=int(rng.integers(1_000)))
    for _verdict in range(80):
        item = int(learner.next()[0])
        learner.record(item, bool(wrong[item]))
    left, missed = learner.expected_errors(), wrong[learner.ranked()].sum()
    return left.low <= missed <= left.high, (left.high - left.low) / 2 / wrong.sum()


def test_after_80_verdicts_with_blind_ones_the_interval_holds_the_number_of_errors_left() -> None:
    rng = np.random.default_rng(0)
    held, widths = zip(*(judged_by_chance(rng) for _review in range(60)), strict=True)
    assert np.mean(held) >= 0.8
    assert np.median(widths) < 0.6


def test_before_any_verdict_the_interval_is_wide() -> None:
    scores, wrong = scored(np.random.default_rng(0))
    before = curve_after(scores, wrong, np.empty(0, int), float(wrong.sum())).errors_left()
    assert before.low < wrong.sum() / 1.5
    assert before.high > wrong.sum() * 1.5


@pytest.mark.parametrize("above", [-20.0, 15.0, 60.0])
def test_where_the_scale_of_the_log_odds_begins_does_not_matter(above: float) -> None:
    """A ranking anew, which knows hundreds of verdicts, has log odds of 10 and more where the labels are right."""
    scores, wrong = scored(np.random.default_rng(1))
    seen = np.argsort(-scores)[:500]
    here, there = (curve_after(scores + shift, wrong, seen, float(wrong.sum())) for shift in (0.0, above))
    np.testing.assert_allclose(there.chance_wrong(scores + above), here.chance_wrong(scores), rtol=1e-6)
    np.testing.assert_allclose(astuple(there.errors_left()), astuple(here.errors_left()), rtol=1e-6)


def test_the_few_wrong_labels_of_a_clean_set_are_told_from_the_rest() -> None:
    scores = np.random.default_rng(0).normal(-6, 1, 500)
    wrong = np.arange(500) < 6
    scores[wrong] = 4
    curve = curve_after(scores, wrong, np.r_[0:3, 6:15], 6)
    assert curve.chance_wrong(scores[3:6]).min() > 0.7
    assert curve.errors_among(scores[3:6]).value > 2


@pytest.mark.parametrize("n", [1, 2, 7, 500])
def test_it_counts_from_one_item_on_and_never_more_than_there_are(n: int) -> None:
    for scores in (np.zeros(n), np.arange(n, dtype=float)):
        left = curve_after(scores, np.zeros(n, bool), np.arange(n // 2), 0.6 * n).errors_left()
        assert 0 <= left.low <= left.value <= left.high <= n - n // 2


def planted(rate: float, pairs: bool, n: int = 4_000, k: int = 6) -> tuple[np.ndarray, np.ndarray, int]:
    """Labels, soft probabilities of a good model, and how many labels are wrong: anywhere, or one class for the next."""
    rng = np.random.default_rng(0)
    true = rng.integers(0, k, n)
    odds = rng.normal(0, 0.5, (n, k)) + 4.0 * np.eye(k)[true]
    probs = np.exp(odds) / np.exp(odds).sum(1, keepdims=True)
    flips = rng.random(n) < (2 * rate * (true % 2 == 0) if pairs else rate)
    labels = np.where(flips, (true + (1 if pairs else rng.integers(1, k, n))) % k, true)
    return labels, probs, int(flips.sum())


@pytest.mark.parametrize("pairs", [False, True])
@pytest.mark.parametrize("rate", [0.05, 0.15, 0.3])
def test_noise_that_a_matrix_explains_is_counted_before_any_review(rate: float, pairs: bool) -> None:
    labels, probs, wrong = planted(rate, pairs)
    before = believed_count(labels, probs).estimate
    assert before.value == pytest.approx(wrong, rel=0.15)
    assert before.low <= wrong <= before.high


def test_clean_labels_of_an_unsure_model_may_be_clean() -> None:
    rng = np.random.default_rng(1)
    odds = rng.normal(0, 1.5, (4_000, 6))
    probs = np.exp(odds) / np.exp(odds).sum(1, keepdims=True)
    labels = (probs.cumsum(1) > rng.random((4_000, 1))).argmax(1)  # as the probabilities say
    before = believed_count(labels, probs).estimate
    assert before.low == pytest.approx(0, abs=5)
    assert before.high > 500  # hidden ones cannot be ruled out


def test_items_between_classes_are_not_counted_as_errors() -> None:
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(6, 16))
    centres *= 3 / np.linalg.norm(centres, axis=1, keepdims=True)
    true = rng.integers(0, 6, 2_000)
    features = centres[true] + rng.normal(size=(2_000, 16))
    labels = np.where(rng.random(2_000) < 0.05, (true + rng.integers(1, 6, 2_000)) % 6, true)
    ranking = rank(labels, features=features)
    wrong = int((labels != true).sum())
    assert (ranking.probs.argmax(1) != labels).sum() > 1.7 * wrong
    assert ranking.expected_errors.value == pytest.approx(wrong, rel=0.5)
    assert ranking.flagged.sum() == round(ranking.expected_errors.value)


def test_the_same_contradictions_mean_fewer_errors_where_the_border_is_long() -> None:
    rng = np.random.default_rng(1)
    odds = rng.normal(0, 1.5, (4_000, 6))
    probs = np.exp(odds) / np.exp(odds).sum(1, keepdims=True)
    labels = (probs.cumsum(1) > rng.random((4_000, 1))).argmax(1)
    short, long = (believed_count(labels, probs, border).estimate for border in (0.1, 0.8))
    assert 0 < long.value < short.value / 2
    assert long.low < long.value < long.high


def test_before_any_verdict_the_interval_knows_of_items_of_no_class_under_labels_of_chance() -> None:
    """No noise matrix explains them, and the model that learnt them contradicts little: of 603 of 2,500 it told 17 to 289."""
    rng, n, k = np.random.default_rng(0), 600, 6
    true, junk = rng.integers(0, k, n), rng.random(n) < 0.25
    centers = rng.normal(size=(k, 32))
    centers *= 4 / np.linalg.norm(centers, axis=1, keepdims=True)
    features = rng.normal(size=(n, 32)) + np.where(junk, 0, 1)[:, None] * centers[true]
    before = rank(np.where(junk, rng.integers(0, k, n), true), features=features).expected_errors
    assert before.low <= junk.sum() <= before.high < 2 * junk.sum()
