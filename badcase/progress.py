"""Long work is a generator: it yields `Progress` or `Notice` where it is safe to stop, and returns its result."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

T = TypeVar("T")


RANKED = "ranked"  # among the values of a prediction's steps: of how many items `Project.early_ranking` knows something


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one step of a job has come. `total` is None where nobody knows; `values` feed live curves.

    `stage` is the part of a longer job that the step belongs to, as `in_stage` says it.
    """

    name: str
    done: int = 0
    total: int | None = None
    unit: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know that does not stop the job."""

    text: str
    hint: str = ""


Event: TypeAlias = Progress | Notice
Job: TypeAlias = Generator[Event, None, T]


def finish(job: Job[T]) -> T:
    """Run a job to its end, showing nothing, and return its result."""
    while True:
        try:
            next(job)
        except StopIteration as stop:
            result: T = stop.value
            return result


def finish_telling(job: Job[T]) -> T:
    """The same, with the notices in the log of "badcase", which Python prints where nobody set logging up."""

    def tell(event: Event) -> Event:
        if isinstance(event, Notice):
            logging.getLogger("badcase").warning("%s", f"{event.text} {event.hint}".strip())
        return event

    return finish(changed_on_the_way(job, tell))


def in_stage(stage: str, job: Job[T]) -> Job[T]:
    """The same job, each step of which says what stage of a longer job it belongs to."""
    return changed_on_the_way(
        job, lambda event: replace(event, stage=event.stage or stage) if isinstance(event, Progress) else event
    )


class OutOfTimeError(Exception):
    """The time that a job had is up; what it was at is not needed any more."""


def until(job: Job[T], ends: float) -> Job[T]:
    """The same job, closed with `OutOfTimeError` where it is first safe to stop after `ends` by time.monotonic."""

    def in_time(event: Event) -> Event:
        if time.monotonic() > ends:
            raise OutOfTimeError
        return event

    return changed_on_the_way(job, in_time)


def changed_on_the_way(job: Job[T], change: Callable[[Event], Event]) -> Job[T]:
    """The same job with its events changed; it is closed with this one, and where `change` raises."""
    try:
        while True:
            try:
                event = next(job)
            except StopIteration as stop:
                result: T = stop.value
                return result
            yield change(event)
    finally:
        job.close()
