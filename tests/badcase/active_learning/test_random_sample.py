"""The random sample: every item can be drawn, by a chance that is known, the doubtful ones rather."""

from __future__ import annotations

import numpy as np

from badcase.active_learning.random_sample import draw, sampled_until
from badcase.active_learning.strata import Strata


def test_each_draw_stands_for_the_items_that_its_chance_makes_it_stand_for() -> None:
    """So that the items stood for by the wrong ones are, on average, the wrong ones: whatever the log odds are worth."""
    rng = np.random.default_rng(0)
    wrong, odds, weights = rng.random(500) < 0.2, rng.normal(-2, 2, 500), np.ones(500)
    strata = Strata(odds, weights)
    rates = strata.rates[strata.of(odds)]
    draws = [draw(rng, np.arange(500), weights, rates) for _ in range(4_000)]
    totals = np.array([one.scale * wrong[one.item] for one in draws])
    assert abs(totals.mean() - wrong.sum()) < 4 * totals.std() / np.sqrt(len(totals))


def test_doubtful_items_are_drawn_rather_and_sure_ones_now_and_then() -> None:
    rng = np.random.default_rng(2)
    odds, weights = np.where(np.arange(1_000) < 100, 0.0, -9.0), np.ones(1_000)
    strata = Strata(odds, weights)
    drawn = [draw(rng, np.arange(1_000), weights, strata.rates[strata.of(odds)]).item for _ in range(1_000)]
    doubtful = np.mean(np.array(drawn) < 100)
    assert 0.2 < doubtful < 0.75  # a tenth of the items


def test_strata_hold_every_item_also_where_all_look_alike() -> None:
    for odds in (np.zeros(50), np.array([-3.0]), np.repeat([-5.0, 1.0], [400, 3]), np.linspace(-9, 9, 1_000)):
        strata = Strata(odds, np.ones(len(odds)))
        assert (strata.sizes == np.bincount(strata.of(odds), minlength=len(strata.sizes))).all() and strata.sizes.min() > 0
        assert np.isfinite(strata.points).all() and (strata.rates > 0).all()
        assert strata.of(np.array([-99.0, 99.0])).tolist() == [0, len(strata.sizes) - 1]


def test_three_in_ten_of_the_first_verdicts_are_blind_and_then_ever_fewer() -> None:
    counts = [sampled_until(t, 100_000) for t in (0, 100, 400, 1_000, 2_000)]
    assert counts[:2] == [0, 30]
    shares = np.diff(counts) / np.diff([0, 100, 400, 1_000, 2_000])
    assert (np.diff(shares) < 0).all()
    assert sampled_until(500, 200) == 20  # never more than a tenth of all
