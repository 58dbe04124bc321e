"""How a heavy job stands, and how it fails: what the lane tells whoever shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from badcase.errors import BadcaseError


class Phase(StrEnum):
    """How a job stands."""

    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class JobState:
    """How far a heavy job has come. rate is units a second and left seconds to its end, None while nobody can say.

    name, done, total and unit are of the step that it is at; whole is how far all of it is, None where it has no stages.
    """

    verb: str
    title: str
    name: str = ""
    done: int = 0
    total: int | None = None
    unit: str = ""
    rate: float | None = None
    left: float | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    state: Phase = Phase.RUNNING
    whole: float | None = None

    @property
    def over(self) -> bool:
        return self.state in (Phase.DONE, Phase.FAILED, Phase.CANCELLED)

    @property
    def share(self) -> float | None:
        """What the bar shows: of the whole job, else of the step."""
        if self.whole is not None:
            return self.whole
        return self.done / self.total if self.total else None


class JobError(BadcaseError):
    """A failure that the worker reported, or its death.

    Attributes:
        detail: What to copy into a report.
        untrusted: The facts of code that the person would have to trust, as `UntrustedCode` has them; else None.
    """

    def __init__(self, what: str, *, hint: str = "", detail: str = "", untrusted: Mapping[str, Any] | None = None) -> None:
        super().__init__(what, hint=hint)
        self.detail, self.untrusted = detail, untrusted
