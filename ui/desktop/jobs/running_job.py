"""The job that runs: who waits for it, and what its steps tell of how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from badcase.errors import BadcaseError
from badcase.progress import Progress
from badcase.ui.desktop.jobs.job_state import JobState
from badcase.ui.desktop.jobs.stages import WholeJob
from badcase.ui.desktop.jobs.steps_here import StepsHere
from badcase.ui.desktop.jobs.time_left import Pace


@dataclass(slots=True)
class RunningJob:
    """One job of the lane; `here` takes its steps where no worker does."""

    number: int
    kind: str
    state: JobState
    whole: WholeJob
    done: Callable[[Any], None]
    failed: Callable[[BadcaseError], None]
    cancelled: Callable[[], None]
    here: StepsHere | None = None
    pace: Pace = field(default_factory=Pace)

    def after(self, step: Progress) -> JobState:
        """How it stands after another step."""
        pace, whole = self.pace, self.whole
        pace.note(step.name, step.done, step.total)
        whole.note(step.stage, step.name, step.done / step.total if step.total else None, pace.left)
        return replace(
            self.state,
            name=step.name,
            done=step.done,
            total=step.total,
            unit=step.unit,
            rate=step.values.get("rate", pace.rate),
            left=pace.left if whole.share is None else whole.left,
            values=step.values,
            whole=whole.share,
        )
