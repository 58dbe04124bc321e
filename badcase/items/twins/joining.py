"""Locality-sensitive hashing: of pairs that agree in a hash those that are twins, and the sets that they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Same = Callable[[Ids], npt.NDArray[np.bool_]]  # pairs (m, 2) -> (m,) which may be twins

_WINDOW = 24  # neighbours in a bucket that are compared; where more agree they share a background, not a content
_BLOCK = 4_096  # pairs that are compared at once: what is known of them fits into a core's cache


def exact_twins(values: Sequence[str]) -> Ids:
    """(n,) the first item with the same value."""
    first: dict[str, int] = {}
    return np.fromiter((first.setdefault(value, i) for i, value in enumerate(values)), np.int64, len(values))


def agreeing(words: Ids, same: Same) -> Ids:
    """The pairs that agree in a word and that `same` lets pass.

    Args:
        words: (n, bands) hashes of n rows.
        same: Looks at pairs of rows, some thousands at once; which of two stands first is nothing to it.

    Returns:
        (m, 2) rows, the lower first, each pair once, in ascending order.
    """
    n, bands = words.shape
    found = [np.zeros(0, np.int64)]
    for band in range(bands):
        # Compare each with the next, the next but one, and so on.
        order = _side_by_side(words[:, band], words[:, (band + 1) % bands])
        word, first = words[order, band], np.arange(n)
        for step in range(1, _WINDOW):
            first = first[: np.searchsorted(first, n - step)]
            first = first[word[first] == word[first + step]]
            if not len(first):
                break
            for part in np.array_split(first, len(first) // _BLOCK + 1):
                pairs = order[np.stack([part, part + step], axis=1)]
                pairs = pairs[same(pairs)]
                found.append(pairs.min(1) * n + pairs.max(1))
    return np.stack(np.divmod(np.unique(np.concatenate(found)), n), axis=1)


def _side_by_side(words: Ids, following: Ids) -> Ids:
    """Rows in an order in which equal words stand together, and where more are equal than are compared, those that agree in the
    following word too; ties by row."""
    order = np.argsort(words)  # unstable: many times as fast, and of a few that are equal every two are compared
    word = words[order]
    starts = np.flatnonzero(np.diff(word, prepend=word[:1] - 1))
    lengths = np.diff(starts, append=len(word))
    many = np.flatnonzero(np.repeat(lengths > _WINDOW, lengths))
    rows = order[many]
    order[many] = rows[np.lexsort((rows, following[rows], word[many]))]
    return order


def joined(exact: Ids, pairs: Iterable[tuple[int, int]], same: Callable[[int, int], bool] = lambda i, j: True) -> Ids:
    """The sets of twins, each item joined to the first of its set only.

    Joining to the first and never through a chain keeps a row of small changes from becoming one set.

    Args:
        exact: (n,) the first item that is equal to each.
        pairs: Items, the lower first, in ascending order.
        same: Confirms a pair, and is asked only where neither has found its twin.

    Returns:
        (n,) the lowest item id in the set of each item.
    """
    twins = np.arange(len(exact))
    for i, j in pairs:
        if twins[i] == i and twins[j] == j and same(i, j):
            twins[j] = i
    return twins[exact]
