"""One bar for all that a person waits for: how far the whole of it is, and how long it still takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import TypeAlias

Steps: TypeAlias = dict[str, Sequence[float]]  # of each stage how long its steps take, in seconds

# What each verb goes through, with how long each step of it took on a small project: the steps by their order, for their
# names are in the language of the window. On this machine it takes what `StepTimes` has seen, in place of this.
_IMPORT: Steps = {"import": (2.0, 1.0, 0.5)}
_CHECK: Steps = {"check": (2.0, 1.0)}
_RANK: Steps = {"rank": (0.1, 0.3, 2.0, 0.5, 2.0, 0.2, 0.2)}
_PREDICT: Steps = {"predict": (1.5, 0.5, 20.0, 0.5, 0.3)}
_BRING: Steps = {"bring": (1.0,)}
_DRAW: Steps = {"draw": (3.0, 10.0)}
STAGES: dict[str, Steps] = {
    "create": _IMPORT,
    "check_model": _CHECK,
    "predict": _PREDICT | _RANK,
    "bring": _BRING | _RANK,
    "accept": _PREDICT | _RANK,
    "rank": _RANK,
    "hint": {"hint": (2.0, 1.0)},
    "embed": {"embed": (2.0, 0.3)},
    "lay_out": {"lay_out": (8.0, 0.5, 20.0)},
    "demo": _DRAW | _IMPORT | _PREDICT | _RANK,
}
# Texts go through a small network, or their features are counted, by their script: between the two, a factor of five from each.
_TEXTS: Steps = {"predict": (1.5, 0.3, 5.0, 1.0, 0.3)}
_MOST = 20  # steps of a stage that are told apart
_NUMBER = re.compile(r"[\d\s]+")


class StepTimes:
    """How long the steps of each verb take on this machine, by the kind of project: as the last job of it took."""

    def __init__(self, kept: dict[str, dict[str, list[float]]] | None = None) -> None:
        """kept: what an earlier session has seen; it is written to."""
        self._kept = {} if kept is None else kept

    def of(self, verb: str, kind: str = "") -> Steps:
        """What each stage of a verb takes; nothing for a job without stages."""
        usual = STAGES.get(verb, {})
        if kind == "text":
            usual = {stage: _TEXTS.get(stage, steps) for stage, steps in usual.items()}
        kept = self._kept.get(f"{verb} {kind}")
        seen: dict[str, list[float]] = kept if isinstance(kept, dict) else {}
        return {stage: _sound(seen.get(stage)) or steps for stage, steps in usual.items()}

    def learn(self, verb: str, kind: str, took: Mapping[str, Sequence[float]]) -> None:
        """A job of the verb has ended, whose steps took so long."""
        if took:
            self._kept[f"{verb} {kind}"] = {stage: [round(one, 3) for one in steps] for stage, steps in took.items()}


def _sound(steps: object) -> Sequence[float]:
    """What was kept, where it is what this module keeps."""
    if not isinstance(steps, list) or not all(isinstance(one, int | float) and one >= 0 for one in steps) or sum(steps) <= 0:
        return ()
    return steps[:_MOST]


class WholeJob:
    """One verb of a chain of verbs that a person waits for as one; a chain of one by itself."""

    def __init__(
        self,
        verb: str,
        kind: str = "",
        *,
        chain: Sequence[str] = (),
        times: StepTimes | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """kind: of the project, "image" or "text". chain: all the verbs in their order, this one among them."""
        times = times or StepTimes()
        parts = {one: times.of(one, kind) for one in chain or (verb,)}
        self.last = verb == [*parts][-1]  # of its chain
        whole = sum(sum(steps) for stages in parts.values() for steps in stages.values())
        self._spans: dict[tuple[str, int], tuple[float, float]] = {}
        at = 0.0
        for one, stages in parts.items():
            for stage, steps in stages.items():
                for number, seconds in enumerate(steps):
                    after = at + seconds / whole
                    if one == verb:
                        self._spans[stage, number] = at, after
                    at = after
        self._clock = clock
        self._share = min((start for start, _end in self._spans.values()), default=0.0)
        self._stage, self._step, self._number, self._began = "", "", 0, clock()
        self._told: tuple[float, float] | None = None  # seconds left, and when that was told
        self.took: dict[str, list[float]] = {}  # of each stage that was gone through, the seconds of its steps

    def note(self, stage: str, step: str, share: float | None, left: float | None) -> None:
        """Take in how far a step is: its share in [0, 1] and its seconds left, None where nobody knows."""
        if not any(stage == known for known, _number in self._spans):
            return
        self._enter(stage, _NUMBER.sub(" ", step))
        span = self._spans.get((stage, self._number))
        if span is None:  # a step that was not there the last time
            return
        start, end = span
        self._share = min(1.0, max(self._share, start + (end - start) * (share or 0.0)))
        if left is not None and end > start:
            now = self._clock()
            self._told = left + (now - self._began + left) * (1.0 - end) / (end - start), now

    def _enter(self, stage: str, step: str) -> None:
        """Begin a stage or a step of it, where it is another than the last."""
        if (stage, step) == (self._stage, self._step):
            return
        now = self._clock()
        self._leave(now)
        self._number = 0 if stage != self._stage else min(self._number + 1, _MOST - 1)
        self._stage, self._step, self._began = stage, step, now
        if (span := self._spans.get((stage, self._number))) is not None:
            self._share = max(self._share, span[0])

    def _leave(self, now: float) -> None:
        if self._stage:
            steps = self.took.setdefault(self._stage, [])
            steps += [0.0] * (self._number + 1 - len(steps))
            steps[self._number] += now - self._began

    def end(self) -> None:
        """The job is done: `took` tells all of it."""
        self._leave(self._clock())
        self._stage = ""

    @property
    def share(self) -> float | None:
        """In [0, 1], of all that is waited for; None for a job without stages."""
        return self._share if self._spans else None

    @property
    def left(self) -> float | None:
        """Seconds to the end of all; None until a step could tell its own."""
        if self._told is None:
            return None
        left, at = self._told
        return max(1.0, left - (self._clock() - at))
