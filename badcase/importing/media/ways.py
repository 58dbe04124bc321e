"""The ways from what a table wrote to its files. One way is taken for a whole table, never one for each row."""

from __future__ import annotations

import posixpath
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from badcase.importing.media.media_index import AMBIGUOUS, LEVELS, MediaIndex
from badcase.importing.media.path_spellings import FORMS, steps

_SAMPLE = 1000  # values that the way is chosen by
_LOOKED_UP = 60  # of these, values whose folders are looked for
_NEARLY = 0.9  # of the rows that the best way finds

Found = Mapping[str, str]  # from a value to its file, or to AMBIGUOUS


@dataclass(frozen=True, slots=True)
class Way:
    """One reading of a whole column.

    Attributes:
        form: How the values have to be read as paths; the place in FORMS.
        level: How exactly the names have to agree; the place in LEVELS.
        folder: The one folder that the values start in; None where names are looked for in all folders.
        left: How many folders at the beginning of each value are of another machine, and passed over.
    """

    form: int
    level: int
    folder: str | None
    left: int = 0

    def find(self, values: Sequence[str], index: MediaIndex) -> Found:
        """The file of each value that leads to one; AMBIGUOUS where several fit, or where several values fit one."""
        form = FORMS[self.form]
        paths = {value: form(value) for value in values}
        found = self._by_name(paths, index) if self.folder is None else self._by_path(paths, index)
        meant: dict[str, str] = {}
        twice = {file for value, file in found.items() if meant.setdefault(file, paths[value]) != paths[value]}
        twice.discard(AMBIGUOUS)
        return {value: AMBIGUOUS if file in twice else file for value, file in found.items()} if twice else found

    def _by_path(self, paths: Mapping[str, str], index: MediaIndex) -> Found:
        key, level, folder, left = LEVELS[self.level], self.level, self.folder or "", self.left
        found: dict[str, str] = {}
        for value, path in paths.items():
            if not path:
                continue
            if left or path[0] in "/." or ":" in path:
                parts = steps(path)
                if len(parts) <= left:
                    continue
                place = "/".join((folder, *parts[left:])) if folder else "/".join(parts[left:])
            else:
                place = f"{folder}/{path}" if folder else path
            one = key(place)
            if one is not None and (file := index.at(level, one)) is not None:
                found[value] = file
        return found

    def _by_name(self, paths: Mapping[str, str], index: MediaIndex) -> Found:
        """By the last part; not where the value names another folder of the tree."""
        key, level, folders = LEVELS[self.level], self.level, index.folders
        found: dict[str, str] = {}
        for value, path in paths.items():
            above, _slash, name = path.rpartition("/")
            one = key(name)
            file = None if one is None else index.called(level, one)
            if file is None:
                continue
            if file != AMBIGUOUS and above:
                above, there = above.rpartition("/")[2], posixpath.basename(posixpath.dirname(file))
                if above != there and above in folders:
                    continue
            found[value] = file
        return found


@dataclass(frozen=True, slots=True)
class Choice:
    """The way that was taken.

    Attributes:
        found: From each value to its file.
        rivals: Other folders in which as many values are found at the same exactness, with their counts.
    """

    way: Way
    found: Found
    rivals: tuple[tuple[str, int], ...] = ()

    def count(self) -> int:
        return count(self.found)


def count(found: Found) -> int:
    """How many values have the one file that they mean."""
    return sum(name != AMBIGUOUS for name in found.values())


def best_way(values: Sequence[str], index: MediaIndex, start: str, prefer: Callable[[str], bool]) -> Choice:
    """The strictest way that finds nearly as many values as any.

    Args:
        values: What the table wrote, each once.
        index: The files.
        start: The folder that relative paths start in.
        prefer: Whether a folder is the table's own by its name, where several fit equally.
    """
    sample = sampled(values)
    best, most = Way(0, 0, start), 0
    rivals: tuple[str, ...] = ()
    for way, others in _ways(sample, index, start, prefer):
        n = count(way.find(sample, index))
        if most < n * _NEARLY:
            best, most, rivals = way, n, others
        if most == len(sample):
            break
    found = best.find(values, index)
    told = tuple((folder, count(Way(best.form, best.level, folder, best.left).find(values, index))) for folder in rivals)
    return Choice(best, found, told)


def sampled(values: Sequence[str]) -> Sequence[str]:
    """So many of the values as tell the way of all."""
    # Drawn by chance, always the same: every tenth row could be of one folder.
    return values if len(values) <= _SAMPLE else random.Random(0).sample(values, _SAMPLE)


def _ways(
    values: Sequence[str], index: MediaIndex, start: str, prefer: Callable[[str], bool]
) -> Iterator[tuple[Way, tuple[str, ...]]]:
    """Ways, the strictest first, each with the folders that fit as well as its own."""
    forms = [at for at, form in enumerate(FORMS) if not at or any(form(one) != FORMS[at - 1](one) for one in values)]
    for level in range(len(LEVELS)):
        yield from ((Way(form, level, start), ()) for form in forms)
        for form in forms:
            yield from _moved(values, index, form, level, prefer)
        yield from ((Way(form, level, None), ()) for form in forms)


def _moved(
    values: Sequence[str], index: MediaIndex, form: int, level: int, prefer: Callable[[str], bool]
) -> Iterator[tuple[Way, tuple[str, ...]]]:
    """The ways in which the paths' common beginning, written elsewhere, is one folder of the tree."""
    full = [one for value in values if (one := steps(FORMS[form](value)))]
    if not full:
        return
    votes = _votes(full[:_LOOKED_UP], _common(full), index, level)
    for left in sorted({left for left, _folder in votes}):
        here = {folder: n for (other, folder), n in votes.items() if other == left}
        likely = sorted(folder for folder, n in here.items() if n * 2 >= max(here.values()))
        counts = {folder: count(Way(form, level, folder, left).find(values, index)) for folder in likely}
        equal = [folder for folder, n in counts.items() if n >= _NEARLY * max(counts.values())]
        own = [folder for folder in equal if prefer(folder)]
        if len(own) == 1:
            equal = own
        chosen = max(equal, key=lambda folder: counts[folder])
        yield Way(form, level, chosen, left), tuple(folder for folder in equal if folder != chosen)


def _common(full: Sequence[tuple[str, ...]]) -> int:
    """How many folders all paths begin with."""
    first, last = min(full), max(full)
    most = min(len(one) for one in full) - 1
    return next((at for at in range(most) if first[at] != last[at]), most)


def _votes(full: Sequence[tuple[str, ...]], common: int, index: MediaIndex, level: int) -> Counter[tuple[int, str]]:
    """How many paths are found in each folder, when so many of the folders at their beginning are passed over."""
    key = LEVELS[level]
    votes: Counter[tuple[int, str]] = Counter()
    for one in full:
        last = key(one[-1])
        for file in index.like(level, last) if last is not None else ():
            there = file.split("/")
            for left in range(common + 1):
                rest = one[left:]
                if len(rest) <= len(there) and key("/".join(there[-len(rest) :])) == key("/".join(rest)):
                    votes[left, "/".join(there[: -len(rest)])] += 1
    return votes
