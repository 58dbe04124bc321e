"""The random sample: the estimate has no bias even where the chances are wrong, and its deviation is honest."""

from __future__ import annotations

import numpy as np
import pytest

from badcase.active_learning.evidence_model import sigmoid
from badcase.active_learning.random_sample import draw, sampled_until, total_errors


def test_draws_count_without_bias_where_the_chances_are_wrong() -> None:
    rng = np.random.default_rng(0)
    wrong = rng.random(500) < 0.2
    chances = rng.beta(0.5, 2, 500)  # they know nothing of it
    items, weights = np.arange(500), np.ones(500)
    totals = []
    for _draw in range(4_000):
        one = draw(rng, items, chances, weights, 0.0)
        totals.append(one.total + one.scale * (wrong[one.item] - one.chance))
    assert abs(np.mean(totals) - wrong.sum()) < 4 * np.std(totals) / np.sqrt(len(totals))


@pytest.mark.parametrize("shift", [-1.5, 0.0, 1.5])
def test_the_true_number_lies_within_the_told_deviation_as_often_as_it_should(shift: float) -> None:
    """Whether the chances promise too few errors (-), or too many."""
    rng = np.random.default_rng(1)
    off = []
    for _review in range(300):
        odds = rng.normal(-2.5, 2, 500)
        wrong, chances = rng.random(500) < sigmoid(odds), sigmoid(odds + shift + rng.normal(0, 1, 500))
        draws = [draw(rng, np.arange(500), chances, np.ones(500), 0.0) for _ in range(40)]
        mean, deviation, _freedom = total_errors(draws, wrong[[one.item for one in draws]])
        off.append((mean - wrong.sum()) / deviation)
    assert 0.87 <= np.mean(np.abs(off) < 1.67) <= 0.985  # Student's t with 59 degrees of freedom


def test_doubtful_items_are_drawn_rather_and_sure_ones_now_and_then() -> None:
    rng = np.random.default_rng(2)
    chances = np.where(np.arange(1_000) < 100, 0.5, 0.0)
    drawn = [draw(rng, np.arange(1_000), chances, np.ones(1_000), 0.0).item for _ in range(1_000)]
    doubtful = np.mean(np.array(drawn) < 100)
    assert 0.3 < doubtful < 0.75  # a tenth of the items


def test_three_in_ten_of_the_first_verdicts_are_blind_and_then_ever_fewer() -> None:
    counts = [sampled_until(t, 100_000) for t in (0, 100, 400, 1_000, 2_000)]
    assert counts[:2] == [0, 30]
    shares = np.diff(counts) / np.diff([0, 100, 400, 1_000, 2_000])
    assert (np.diff(shares) < 0).all()
    assert sampled_until(500, 200) == 20  # never more than a tenth of all
