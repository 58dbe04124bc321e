"""All threads of the window: a pool for what is quick. Callbacks run in the window's thread; what was dropped never delivers."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal, SignalInstance

T = TypeVar("T")


def _run(ticket: int, work: Callable[[], object], landed: SignalInstance) -> None:
    """Do one piece of work in a thread; it lands by a signal, which Qt carries over to the window's thread."""
    try:
        result = work()
    except Exception as error:  # whatever a file holds: the pool hands it to who asked
        landed.emit(ticket, None, error)
    else:
        landed.emit(ticket, result, None)


class DecodingPool(QObject):
    """Quick work off the window's thread: decoding, thumbnails, small reads. The newest wish is served first."""

    _landed = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None, threads: int | None = None) -> None:
        super().__init__(parent)
        self._threads = QThreadPool(self)
        self._limit = threads or max(1, min(4, (os.cpu_count() or 2) - 1))
        self._threads.setMaxThreadCount(self._limit)
        self._tickets = 0
        self._active = 0
        self._closed = False
        self._waiting: dict[int, Callable[[], object]] = {}
        self._wanted: dict[int, tuple[object, Callable[[Any], None], Callable[[Exception], None] | None]] = {}
        self._once_idle: list[Callable[[], object]] = []
        self._landed.connect(self._on_landed)

    def submit(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        *,
        failed: Callable[[Exception], None] | None = None,
        owner: object = None,
    ) -> int:
        """Run `work` in a thread, then `done` or `failed` in the window's thread. Returns a ticket for `drop`.

        `work` holds nothing of Qt's: the thread may be the last to let go of it. Once closed, nothing is run any more.
        """
        self._tickets += 1
        if self._closed:
            return self._tickets
        self._waiting[self._tickets] = work
        self._wanted[self._tickets] = (owner, done, failed)
        self._next()
        return self._tickets

    def drop(self, *, ticket: int | None = None, owner: object = None) -> None:
        """Forget one piece of work, or all of an owner's: nothing of it is delivered any more."""
        gone = [t for t, (whose, _d, _f) in self._wanted.items() if t == ticket or (owner is not None and whose is owner)]
        for number in gone:
            del self._wanted[number]
            self._waiting.pop(number, None)

    def once_idle(self, do: Callable[[], object]) -> None:
        """Do it from the event loop, as soon as nothing runs: until then what runs, and who waits for it, is held here."""
        if self._active:
            self._once_idle.append(do)
        else:
            QTimer.singleShot(0, do)

    def close(self) -> None:
        """Forget everything and wait for what runs. A thread that ran on would wait for Python, and Qt for the thread."""
        self._closed = True
        self._wanted.clear()
        self._waiting.clear()
        self._threads.waitForDone()

    def _next(self) -> None:
        while self._waiting and self._active < self._limit:
            ticket, work = self._waiting.popitem()
            self._active += 1
            # A function: of runnables PySide keeps some for good, with all that they hold.
            self._threads.start(partial(_run, ticket, work, self._landed))

    def _on_landed(self, ticket: int, result: object, error: Exception | None) -> None:
        self._active -= 1
        self._next()
        if not self._active:
            for do in self._once_idle:
                QTimer.singleShot(0, do)
            self._once_idle.clear()
        wish = self._wanted.pop(ticket, None)
        if wish is None:
            return
        _owner, done, failed = wish
        if error is None:
            done(result)
        elif failed is not None:
            failed(error)
