"""McNemar's test and its interval: the figures of the textbooks, and what they keep of what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from badcase.training.comparison.mcnemar import ComparisonOutcome, decide, interval, mid_p


@pytest.mark.parametrize(("fixed", "broke"), [(0, 0), (1, 0), (9, 3), (31, 9), (200, 260), (1500, 1400)])
def test_the_p_is_the_exact_one_less_the_chance_of_what_was_seen(fixed: int, broke: int) -> None:
    n = fixed + broke
    exact = stats.binomtest(fixed, n).pvalue if n else 1.0
    assert mid_p(fixed, broke) == pytest.approx(min(1.0, exact - stats.binom.pmf(fixed, n, 0.5)) if n else 1.0, rel=1e-6)


def test_interval_and_test_never_disagree() -> None:
    for n in (40, 300):
        for fixed in range(20):
            for broke in range(20):
                low, high = interval(fixed, broke, n)
                assert low <= (fixed - broke) / n <= high and low < high
                assert (low > 0 or high < 0) == (mid_p(fixed, broke) < 0.05), (fixed, broke, n)
                assert (low, high) == tuple(-end for end in reversed(interval(broke, fixed, n)))


def test_no_item_that_flips_is_no_proof_that_none_would() -> None:
    for n, widest in ((100, 0.037), (1000, 0.0039)):
        assert interval(0, 0, n) == pytest.approx((-widest, widest), rel=0.02)


@pytest.mark.parametrize(
    ("n", "fixed", "broke"), [(400, 0.12, 0.04), (200, 0.1, 0.005), (100, 0.03, 0.03), (1000, 0.02, 0.02), (60, 0.3, 0.1)]
)
def test_the_interval_holds_the_true_difference_about_95_times_of_100(n: int, fixed: float, broke: float) -> None:
    drawn = np.random.default_rng(1).multinomial(n, [fixed, broke, 1 - fixed - broke], 1500).tolist()
    held = [low <= fixed - broke <= high for low, high in (interval(f, b, n) for f, b, _rest in drawn)]
    assert 0.93 < np.mean(held) < 0.98


def test_false_alarms_are_as_many_as_promised_and_of_the_exact_test_fewer() -> None:
    rng, ours, exact = np.random.default_rng(0), [], []
    for flips in (0.05, 0.1, 0.2):
        drawn = rng.multinomial(500, [flips / 2, flips / 2, 1 - flips], 20_000)[:, :2]
        pairs, often = np.unique(drawn, axis=0, return_counts=True)
        found = np.array([mid_p(f, b) for f, b in pairs.tolist()])
        ours.append((found < 0.05) @ often / 20_000)
        exact.append((found + stats.binom.pmf(pairs[:, 0], pairs.sum(1), 0.5) < 0.05) @ often / 20_000)
    print("false alarms:", *(f"mid-p {100 * one:.1f} %, exact {100 * two:.1f} %;" for one, two in zip(ours, exact, strict=True)))
    assert all(0.042 < one < 0.053 for one in ours)
    assert all(two < 0.043 and two < one for one, two in zip(ours, exact, strict=True))


def test_one_rule_decides() -> None:
    assert decide(0.02, 0.04) is ComparisonOutcome.BETTER and decide(-0.02, 0.04) is ComparisonOutcome.WORSE
    assert decide(0.02, 0.05) is ComparisonOutcome.PERHAPS_BETTER and decide(-0.02, 0.0999) is ComparisonOutcome.PERHAPS_WORSE
    assert decide(0.02, 0.1) is decide(0.0, 0.001) is ComparisonOutcome.NO_DIFFERENCE
    assert decide(0.02, 0.001, seeds_explain=True) is ComparisonOutcome.WITHIN_SEEDS
