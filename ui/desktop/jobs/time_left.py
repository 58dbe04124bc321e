"""How fast a job goes and how long it still takes, from the progress it reports."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import monotonic

_WINDOW_S = 10.0
_SURE_SHARE, _SURE_S = 0.05, 3.0


class Pace:
    """The rate over the last seconds of one step; a new step starts afresh."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._step = ""
        self._began = 0.0
        self._seen: deque[tuple[float, int]] = deque()
        self._total: int | None = None

    def note(self, step: str, done: int, total: int | None) -> None:
        """Take a report of progress in."""
        now = self._clock()
        if step != self._step or (self._seen and done < self._seen[-1][1]):
            self._step, self._began = step, now
            self._seen.clear()
        self._total = total
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[0][0] > _WINDOW_S:
            self._seen.popleft()

    @property
    def rate(self) -> float | None:
        """Units a second, None while there is nothing to tell it from."""
        (first, start), (last, done) = self._seen[0], self._seen[-1]
        return (done - start) / (last - first) if last > first and done > start else None

    @property
    def left(self) -> float | None:
        """Seconds to the end of the step; None until 5 % are done or 3 s have passed."""
        rate, done = self.rate, self._seen[-1][1]
        if rate is None or not self._total:
            return None
        if done < _SURE_SHARE * self._total and self._clock() - self._began < _SURE_S:
            return None
        return (self._total - done) / rate
