"""What was looked at lately, as much of it as fits into a budget of bytes. No Qt."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_ENTRY = 200  # bytes that an entry costs beside its value


class RecentlyUsed(Generic[K, V]):
    """Values by key; where there is no more room, those go that nobody has asked for the longest.

    size: the bytes of a value. least: so many stay however large they are.
    """

    def __init__(self, budget: int, size: Callable[[V], int], *, least: int = 1) -> None:
        self._budget, self._size, self._least, self._bytes = budget, size, least, 0
        self._kept: OrderedDict[K, V] = OrderedDict()

    def __contains__(self, key: K) -> bool:
        return key in self._kept

    def __getitem__(self, key: K) -> V:
        self._kept.move_to_end(key)
        return self._kept[key]

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value, made where it is not there."""
        if key not in self._kept:
            self[key] = make()
        return self[key]

    def peek(self, key: K) -> V | None:
        """The value if it is there, which does not count as a use."""
        return self._kept.get(key)

    def __setitem__(self, key: K, value: V) -> None:
        if key in self._kept:
            self._drop(key)
        self._kept[key] = value
        self._bytes += self._size(value) + _ENTRY
        while self._bytes > self._budget and len(self._kept) > self._least:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: K) -> None:
        self._bytes -= self._size(self._kept.pop(key)) + _ENTRY

    def forget(self, which: Callable[[V], bool]) -> None:
        """Let go of the values that this is true of."""
        for key in [key for key, value in self._kept.items() if which(value)]:
            self._drop(key)

    def clear(self) -> None:
        self._kept.clear()
        self._bytes = 0
