"""The pool: results land in the window's thread, the newest wish first, and what was dropped never lands."""

from __future__ import annotations

import threading

from pytestqt.qtbot import QtBot

from badcase.ui.desktop.jobs.decoding_pool import DecodingPool


def test_work_runs_elsewhere_and_lands_in_the_thread_of_the_window(pool: DecodingPool, qtbot: QtBot) -> None:
    worked, landed = [], []

    def work() -> int:
        worked.append(threading.get_ident())
        return 42

    pool.submit(work, lambda value: landed.append((value, threading.get_ident())))
    qtbot.waitUntil(lambda: bool(landed))
    assert landed == [(42, threading.get_ident())]
    assert worked != [threading.get_ident()]


def test_the_newest_wish_is_served_first_and_dropped_work_never_lands(pool: DecodingPool, qtbot: QtBot) -> None:
    gate, order = threading.Event(), list[str]()
    pool.submit(gate.wait, lambda _value: order.append("first"))
    pool.submit(lambda: "old", order.append)
    pool.submit(lambda: "dropped", order.append, owner=qtbot)
    pool.submit(lambda: "new", order.append)
    pool.drop(owner=qtbot)
    gate.set()
    qtbot.waitUntil(lambda: len(order) == 3)
    assert order == ["first", "new", "old"]


def test_work_that_was_dropped_while_it_ran_does_not_land(pool: DecodingPool, qtbot: QtBot) -> None:
    begun, gate, landed = threading.Event(), threading.Event(), list[object]()

    def work() -> None:
        begun.set()
        gate.wait()

    ticket = pool.submit(work, landed.append)
    assert begun.wait(5)
    pool.drop(ticket=ticket)
    gate.set()
    pool.submit(lambda: "after", landed.append)
    qtbot.waitUntil(lambda: bool(landed))
    assert landed == ["after"]


def test_an_error_goes_to_who_asked(pool: DecodingPool, qtbot: QtBot) -> None:
    errors: list[Exception] = []
    pool.submit(lambda: 1 // 0, lambda _value: None, failed=errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], ZeroDivisionError)


def test_what_is_submitted_after_the_close_is_not_run(pool: DecodingPool, qtbot: QtBot) -> None:
    """A thread that was still at work when the window was deleted waited for Python, and the window for the thread."""
    ran = threading.Event()
    pool.close()
    pool.submit(ran.set, lambda _value: None)
    qtbot.wait(50)
    assert not ran.is_set()
