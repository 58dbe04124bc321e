"""Work on all cores: what it gives, and that it ends when nobody wants more."""

import threading
import time
from collections.abc import Sequence

import pytest

from badcase.parallel.all_cores import on_all_cores


def test_results_come_in_the_order_of_the_items_however_long_each_takes() -> None:
    def slow_then_fast(piece: Sequence[int]) -> list[int]:
        time.sleep(0.002 * sum(item % 7 == 0 for item in piece))
        return [item * item for item in piece]

    assert list(on_all_cores(slow_then_fast, range(500), threads=4)) == [item * item for item in range(500)]
    assert list(on_all_cores(slow_then_fast, [])) == []


def test_only_a_few_items_are_worked_on_before_their_turn() -> None:
    begun: list[int] = []

    def slow(piece: Sequence[int]) -> Sequence[int]:
        begun.extend(piece)
        time.sleep(0.01 * len(piece))
        return piece

    results = on_all_cores(slow, range(10_000), threads=2)
    next(results)
    time.sleep(0.1)
    assert len(begun) < 50
    results.close()


def test_closing_ends_the_threads_at_once() -> None:
    before = threading.active_count()
    results = on_all_cores(lambda piece: [time.sleep(0.01) for _item in piece], range(10_000), threads=3)
    next(results)
    began = time.monotonic()
    results.close()
    assert time.monotonic() - began < 1
    assert threading.active_count() == before


def test_the_first_error_by_order_is_raised_and_ends_it() -> None:
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError):
        list(on_all_cores(lambda piece: [1 // (item - 30) for item in piece], range(10_000), threads=2))
    assert threading.active_count() == before
