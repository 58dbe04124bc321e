"""What lies nearest to an item, found in a thread: fetching the embeddings of a class may take longer than a key may wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.review.state.nearest import NearestFinder

Nearest: TypeAlias = list[tuple[int, float]]  # item and cosine, nearest first
Answers: TypeAlias = Sequence[Nearest | None]  # one to each wish; None where it is not known


@dataclass(frozen=True, slots=True)
class Wish:
    """Up to `count` items that lie nearest to an item: those with a label, or those without."""

    item: int
    label: int
    count: int
    having: bool = True


class NearestWishes:
    """Answers wishes one set after the other; of those that come meanwhile only the newest is answered."""

    def __init__(self, pool: DecodingPool, owner: object) -> None:
        self._pool, self._owner = pool, owner
        self._at_work = False
        self._newest: tuple[NearestFinder, Sequence[Wish], Callable[[Answers], None]] | None = None

    def ask(self, finder: NearestFinder, wishes: Sequence[Wish], done: Callable[[Answers], None]) -> None:
        """Call `done` in the window's thread with an answer to each wish, unless others are asked before."""
        self._newest = finder, wishes, done
        self._next()

    def forget(self) -> None:
        """Nobody waits any more for what was asked."""
        self._newest = None

    def _next(self) -> None:
        if self._newest is None or self._at_work:
            return
        asked = self._newest
        finder, wishes, _done = asked
        self._at_work = True

        def on_found(found: list[Nearest] | None) -> None:
            self._at_work = False
            if self._newest is not asked:
                self._next()
                return
            self._newest = None
            asked[2](found or [None for _wish in wishes])

        self._pool.submit(partial(_found, finder, wishes), on_found, failed=lambda _error: on_found(None), owner=self._owner)


def _found(finder: NearestFinder, wishes: Sequence[Wish]) -> list[Nearest]:
    return [finder.nearest(wish.item, wish.label, wish.count, having=wish.having) for wish in wishes]
