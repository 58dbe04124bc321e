"""Work on all cores, in threads: for what mostly lets go of the interpreter's lock, as reading, hashing and decoding do."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
_SPAN = 0.03  # seconds that one piece of work should take: closing waits for what has begun
_MOST = 64  # items in a piece; more make handing over no cheaper


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def on_all_cores(
    work: Callable[[Sequence[T]], Sequence[R]], items: Sequence[T], threads: int | None = None
) -> Generator[R, None, None]:
    """What `work` makes of each item, in their order; the first error that it raises ends it.

    `work` gets the items in pieces, so that it may do one step for all of a piece before the next. Only a few pieces are worked
    on ahead of what was taken, so results never pile up. Closing waits for the pieces that the threads are at.
    """
    threads = threads or cores()

    def done(piece: Sequence[T]) -> tuple[Sequence[R], float]:
        began = time.perf_counter()
        return work(piece), (time.perf_counter() - began) / len(piece)

    ahead: deque[Future[tuple[Sequence[R], float]]] = deque()
    start, size = 0, 1
    pool = ThreadPoolExecutor(threads, thread_name_prefix="all-cores")
    try:
        while start < len(items) or ahead:
            while start < len(items) and len(ahead) < 2 * threads:
                ahead.append(pool.submit(done, items[start : start + size]))
                start += size
            results, each = ahead.popleft().result()
            size = min(_MOST, max(1, int(_SPAN / max(each, 1e-9))))
            yield from results
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
