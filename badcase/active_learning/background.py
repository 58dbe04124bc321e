"""A background thread for one computation: numpy releases the interpreter's lock while it computes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Background(Generic[T]):
    """A computation that starts at once and dies with the program. `result` waits, and raises what it raised."""

    def __init__(self, compute: Callable[[], T]) -> None:
        self._compute = compute
        self._result: T | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result = self._compute()
        except BaseException as error:  # raised again where the result is asked for
            self._error = error

    def result(self) -> T:
        self._thread.join()
        if self._error is not None:
            raise self._error
        assert self._result is not None
        return self._result
