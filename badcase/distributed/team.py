"""Processes that share one command, as `torchrun` and `accelerate launch` start them: the first leads, the others follow.

The first one runs the command as it would alone; it owns the project, writes and speaks. Where there is work to share
it calls the others, who do the same work on their part of the items and meet it in exchanges. Nothing else knows of
them. Importing this loads no torch.

Before each exchange all agree to go on, so that whoever leaves the work - by an error, or because a person cancelled -
says so there, and nobody waits for one who has left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from badcase.errors import BadcaseError

if TYPE_CHECKING:
    from torch import Tensor, nn

T = TypeVar("T")


class Lost(BadcaseError):
    """A process of the team has ended, and so does the command."""


class Stopped(Exception):
    """The first process wants no more of this work, which is no error."""


class Team:
    """The processes at one work. This one is alone: every exchange gives back what it was given.

    Attributes:
        rank: Which process this is; the first is 0.
        world: How many there are.
    """

    rank, world = 0, 1

    def same(self, value: T) -> T:
        """What the first process gave, in all."""
        return value

    def gather(self, value: T) -> list[T]:
        """In the first process what each one gave, by rank; in the others nothing."""
        return [value]

    def sum(self, tensors: Sequence[Tensor]) -> None:
        """Make each tensor the sum of those in its place; of one device, and of the same shapes in all processes."""

    def align(self, network: nn.Module) -> None:
        """Give a network the weights that it has in the first process."""

    @contextmanager
    def calling(self, function: Callable[..., Any], *arguments: Any) -> Iterator[None]:
        """In the first process: the others run this function meanwhile, and are stopped at the end of the block."""
        yield


ALONE = Team()
_leads: Team = ALONE  # of what this process may call others to
_at_work: Team = ALONE


def team() -> Team:
    """Who shares the work at hand."""
    return _at_work


def calling(function: Callable[..., Any], *arguments: Any) -> AbstractContextManager[None]:
    """Within it the other processes, if there are any, do their part of the work: function(*arguments), maybe a job."""
    return _leads.calling(function, *arguments)


@contextmanager
def at_work(those: Team) -> Iterator[None]:
    """Within the block these share the work."""
    global _at_work
    before, _at_work = _at_work, those
    try:
        yield
    finally:
        _at_work = before


@contextmanager
def lead(those: Team) -> Iterator[None]:
    """Within the block `calling` calls these."""
    global _leads
    before, _leads = _leads, those
    try:
        yield
    finally:
        _leads = before
