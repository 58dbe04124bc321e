"""How numbers, times and doubts are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from badcase.i18n import use_language
from badcase.ui import wording

NOW = datetime(2025, 6, 15, 12, 0, tzinfo=UTC)


def test_thousands_are_set_apart_by_a_thin_space_and_minus_is_a_real_one() -> None:
    assert wording.count(10003) == "10\u202f003"
    assert wording.signed(-2.84) == "\u22122.8"
    assert wording.decimal(-0.583) == "\u22120.58" and wording.decimal(-0.001) == "0.00"


def test_a_number_comes_with_its_doubt() -> None:
    assert wording.about(1040.2, 929.6, 1160) == "1\u202f040 (930–1\u202f160)"


def test_an_error_without_a_remedy_ends_where_it_ends() -> None:
    assert wording.with_hint("no such file", "Check the path.") == "no such file. Check the path."
    assert wording.with_hint("no such file", "") == "no such file"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (42, "42 s"), (62, "about 1 min"), (125, "about 2 min"), (3600, "about 1 h"), (4800, "about 1 h 20 min")],
)
def test_a_time_to_wait_is_rounded_as_a_person_says_it(seconds: float, words: str) -> None:
    assert wording.duration(seconds) == words


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=20), "20 minutes ago"),
        (timedelta(days=1), "yesterday"),
        (timedelta(days=30), "16 May"),
        (timedelta(days=366), "14 June 2024"),
    ],
)
def test_a_moment_is_told_by_how_long_ago_it_was(before: timedelta, words: str) -> None:
    assert wording.ago(NOW - before, NOW) == words


def test_a_day_is_written_as_the_language_of_the_program_writes_it() -> None:
    use_language("zh_CN")
    try:
        days = [wording.ago(NOW - timedelta(days=n), NOW) for n in (30, 366)]
    finally:
        use_language("en")
    assert days == ["5月16日", "2024年6月14日"]
