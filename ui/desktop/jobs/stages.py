"""One bar for a job of several stages: how far the whole of it is, and how long it still takes."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

# What each verb goes through, with how long each stage takes beside the others, roughly; the bar never goes back.
STAGES: dict[str, tuple[tuple[str, float], ...]] = {
    "create": (("import", 1),),
    "predict": (("predict", 4), ("rank", 1)),
    "bring": (("bring", 1), ("rank", 2)),
    "accept": (("predict", 4), ("rank", 1)),
    "rank": (("rank", 1),),
    "demo": (("draw", 2), ("import", 1), ("predict", 3), ("rank", 1)),
    "check_model": (("check", 1),),
}


class WholeJob:
    """Stages of one job, which may itself be a part, from `start` to `end` in [0, 1], of what a person waits for."""

    def __init__(self, verb: str, part: tuple[float, float] = (0.0, 1.0), clock: Callable[[], float] = monotonic) -> None:
        weights = STAGES.get(verb, ())
        whole, (start, end) = sum(weight for _name, weight in weights), part
        self._spans: dict[str, tuple[float, float]] = {}
        for name, weight in weights:
            after = start + (end - part[0]) * weight / whole
            self._spans[name] = start, after
            start = after
        self._clock = clock
        self._stage, self._began = "", clock()
        self._share = part[0]
        self._told: tuple[float, float] | None = None  # seconds left, and when that was told

    def note(self, stage: str, share: float | None, left: float | None) -> None:
        """Take in how far a stage is: its share in [0, 1] and its seconds left, None where nobody knows."""
        if stage not in self._spans:
            return
        now = self._clock()
        if stage != self._stage:
            self._stage, self._began = stage, now
        start, end = self._spans[stage]
        self._share = max(self._share, start + (end - start) * (share or 0.0))
        if left is not None:
            self._told = left + (now - self._began + left) * (1.0 - end) / (end - start), now

    @property
    def share(self) -> float | None:
        """In [0, 1], of all that is waited for; None for a job without stages."""
        return self._share if self._spans else None

    @property
    def left(self) -> float | None:
        """Seconds to the end of all; None until a stage could tell its own."""
        if self._told is None:
            return None
        left, at = self._told
        return max(1.0, left - (self._clock() - at))
