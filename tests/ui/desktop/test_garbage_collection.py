"""Qt's objects that lie about in cycles are destroyed in the window's thread, whichever thread makes a collection due."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from badcase.ui.desktop.garbage_collection import Collector
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool


class Knot(QObject):
    """Holds itself, so that only a collection frees it."""

    def __init__(self) -> None:
        super().__init__()
        self.me = self


@pytest.fixture
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(200, 3, 3)
    yield
    gc.set_threshold(*before)


def litter(cycles: int = 20_000) -> int:
    """Enough for many collections of every generation."""
    for _n in range(cycles):
        knot: list[object] = []
        knot.append(knot)
    return threading.get_ident()


def freed_in(pool: DecodingPool, qtbot: QtBot) -> tuple[int, int]:
    """The thread in which a knot is freed, and the one of the pool that littered."""
    freed, littered = list[int](), list[int]()
    weakref.finalize(Knot(), lambda: freed.append(threading.get_ident()))
    pool.submit(litter, littered.append)
    qtbot.waitUntil(lambda: bool(freed and littered), timeout=20_000)
    return freed[0], littered[0]


@pytest.mark.usefixtures("thresholds")
def test_what_lies_about_is_freed_in_the_windows_thread_though_another_makes_it_due(pool: DecodingPool, qtbot: QtBot) -> None:
    collector = Collector()
    try:
        freed, littered = freed_in(pool, qtbot)
    finally:
        collector.stop()
    assert littered != threading.get_ident()
    assert freed == threading.get_ident()


@pytest.mark.usefixtures("thresholds")
def test_without_it_the_thread_of_the_pool_would_free_it(pool: DecodingPool, qtbot: QtBot) -> None:
    gc.enable()
    freed, littered = freed_in(pool, qtbot)
    assert freed == littered


@pytest.mark.usefixtures("qapp")
def test_python_collects_again_when_it_stops() -> None:
    Collector().stop()
    assert gc.isenabled()
