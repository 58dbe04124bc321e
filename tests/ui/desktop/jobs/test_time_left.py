"""The rate and the time left are told only when they are known."""

from __future__ import annotations

from badcase.ui.desktop.jobs.time_left import Pace


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_no_time_left_is_told_before_five_percent_or_three_seconds() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.note("images", 0, 1000)
    clock.now += 1
    pace.note("images", 10, 1000)
    assert pace.rate == 10
    assert pace.left is None
    clock.now += 2.5
    pace.note("images", 35, 1000)
    assert pace.left == 96.5


def test_a_new_step_starts_its_rate_afresh() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.note("images", 0, 100)
    clock.now += 1
    pace.note("images", 100, 100)
    pace.note("head", 0, 10)
    assert pace.rate is None
    assert pace.left is None


def test_the_rate_follows_the_last_seconds() -> None:
    clock = Clock()
    pace = Pace(clock)
    done = 0
    for step in range(60):
        clock.now += 1
        done += 100 if step < 30 else 10
        pace.note("texts", done, None)
    assert pace.rate == 10
    assert pace.left is None
