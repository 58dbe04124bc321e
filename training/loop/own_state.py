"""A job that draws random numbers and sets torch up for itself, beside a caller who does the same. Imports torch when it runs."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar

from badcase.i18n import _
from badcase.progress import Event, Job, Notice

if TYPE_CHECKING:
    from badcase.models.random_state import RandomState

T = TypeVar("T")
_SAID = "does not have a deterministic implementation"  # by torch, of an operation that cannot be repeated
_OPERATION = re.compile(rf"(\S+) {_SAID}")


@dataclass(frozen=True, slots=True)
class _State:
    """What a training changes of the process: the random numbers, and how exactly torch repeats what it does."""

    numbers: RandomState
    exact: tuple[bool, bool]
    cudnn: tuple[bool, bool]

    @classmethod
    def now(cls) -> Self:
        import torch

        from badcase.models.random_state import RandomState

        exact = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
        return cls(RandomState.now(), exact, (torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark))

    def put_back(self) -> None:
        import torch

        self.numbers.put_back()
        torch.use_deterministic_algorithms(self.exact[0], warn_only=self.exact[1])
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = self.cudnn


def kept_apart(job: Job[T], warned: list[str] | None = None) -> Job[T]:
    """The same job, and between its steps the process is the caller's: neither disturbs what the other draws or sets.

    `warned` gets the names of operations that torch cannot repeat exactly on this device; each is said in a notice, once.
    """
    warned, said = [] if warned is None else warned, set[str]()
    warnings.filterwarnings("always", f".*{_SAID}")
    theirs, over = _State.now(), False
    step: Callable[[], Event] = partial(next, job)
    try:
        while True:
            new = len(warned)
            try:
                with _noting(warned):
                    event = step()
            except StopIteration as stop:
                theirs.put_back()
                over = True
                yield from map(_cannot_repeat, warned[new:])
                result: T = stop.value
                return result
            events = [event, *map(_cannot_repeat, warned[new:])]
            ours = _State.now()
            theirs.put_back()
            step = partial(next, job)
            try:
                for one in events:
                    if not isinstance(one, Notice) or one.text not in said:  # a fold or a trial says it again
                        yield one
                    said |= {one.text} if isinstance(one, Notice) else set()
            except GeneratorExit:
                raise
            except BaseException as error:  # whoever runs the job throws it in
                step = partial(job.throw, error)
            finally:
                theirs = _State.now()
                ours.put_back()
    finally:
        if not over:
            job.close()
            theirs.put_back()


def _cannot_repeat(operation: str) -> Notice:
    return Notice(
        _("This cannot be repeated exactly on this device: torch has no deterministic form of {operation}.").format(
            operation=operation
        ),
        _("Train on the CPU where each number has to be the same again."),
    )


@contextmanager
def _noting(warned: list[str]) -> Iterator[None]:
    """Keep torch's warnings of what cannot be repeated; all others go their way."""
    show = warnings.showwarning

    def note(message: Warning | str, *where: Any, **more: Any) -> None:
        found = _OPERATION.search(str(message))
        if found is None:
            show(message, *where, **more)
        elif found[1] not in warned:
            warned.append(found[1])

    warnings.showwarning = note
    try:
        yield
    finally:
        warnings.showwarning = show
