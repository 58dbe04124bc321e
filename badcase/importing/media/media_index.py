"""The files that a table can mean, found by path or by name, at each degree of exactness."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from badcase.importing.media.path_spellings import folded, number, without_ending
from badcase.items.file_kinds import shows_something, unreadable
from badcase.items.images import ending_of

AMBIGUOUS = ""  # in the place of a file's name where several fit

Key = Callable[[str], str | None]


def _same(path: str) -> str:
    return path


def _folded_stem(path: str) -> str:
    return folded(without_ending(path))


def _number_of(path: str) -> str | None:
    return number(without_ending(path))


# From the strictest to the loosest: what of a path has to be equal.
LEVELS: tuple[Key, ...] = (_same, folded, without_ending, _folded_stem, _number_of)


def _rank(name: str, ending: str) -> int | None:
    """Files that can be read come first, then those without an ending, then those that show something; others not at all."""
    if not ending:
        return 1
    if not shows_something(name):
        return None
    return 0 if unreadable(name) is None else 2


class MediaIndex:
    """The media files of a tree by their paths and names; each look-up is made once, when it is first needed.

    Files that can be read come before a film or a camera's raw file of the same name without the ending.

    Args:
        names: Every file of the tree, with forward slashes.
    """

    def __init__(self, names: Sequence[str]) -> None:
        ranks: list[list[str]] = [[], [], []]
        rank_of: dict[str, int | None] = {}  # by ending
        for name in names:
            ending = ending_of(name)
            if ending not in rank_of:
                rank_of[ending] = _rank(name, ending)
            if (rank := rank_of[ending]) is not None:
                ranks[rank].append(name)
        self._ranks = ranks
        self.names = [name for rank in ranks for name in rank]
        self._exact = set(names)
        self._paths: dict[int, Mapping[str, str]] = {}
        self._lists: dict[int, Mapping[str, Sequence[str]]] = {}

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, name: str) -> bool:
        return name in self._exact

    def at(self, level: int, key: str) -> str | None:
        """The one file with this path, as `LEVELS[level]` makes it; AMBIGUOUS where several have it."""
        if level not in self._paths:
            made: dict[str, str] = {}
            of_path = LEVELS[level]
            for rank in self._ranks:
                inside: dict[str, str] = {}
                for name in rank:
                    if (one := of_path(name)) is not None:
                        inside[one] = name if one not in inside else AMBIGUOUS
                made = inside | made if made else inside
            self._paths[level] = made
        return self._paths[level].get(key)

    def like(self, level: int, key: str) -> Sequence[str]:
        """Every file whose name has this key, whatever its folder."""
        if level not in self._lists:
            lists: dict[str, list[str]] = {}
            of_name = LEVELS[level]
            for rank in self._ranks:
                for name in rank:
                    if (one := of_name(name.rpartition("/")[2])) is not None:
                        lists.setdefault(one, []).append(name)
            self._lists[level] = lists
        return self._lists[level].get(key, ())

    def called(self, level: int, key: str) -> str | None:
        """The one file whose name has this key; AMBIGUOUS where several have it."""
        found = self.like(level, key)
        if len(found) > 1:
            found = [name for name in found if unreadable(name) is None and ending_of(name)] or found
        return (found[0] if len(found) == 1 else AMBIGUOUS) if found else None

    @cached_property
    def folders(self) -> frozenset[str]:
        """The names of all folders that hold files, each without what is above it."""
        return frozenset(part for path in {name.rpartition("/")[0] for name in self.names} for part in path.split("/"))
