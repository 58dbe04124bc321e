"""Twins: items that are the same thing twice, exactly or nearly. A false join is worse than a miss."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Thumbs = npt.NDArray[np.uint8]
_Same = Callable[[int, int], bool]

_BANDS = 8  # of 32 bits each in the 256-bit hash; two images that differ in under 8 places agree in one
_FLAT = 6.0  # standard deviation of the grey thumbnail under which an image shows nothing that could be compared
_FARTHEST = 0.10  # of the contrast: root mean squared difference of two thumbnails, brightness and contrast removed
_CROWD = 64  # a bucket's items that are compared with each other; more share a background, not a content
_SHINGLE = 5  # characters
_PERMUTATIONS = 32
_ROWS = 4  # permutations in a band
_SIMILAR = 0.8  # Jaccard similarity of two texts' shingles


def image_twins(fingerprints: Sequence[str], thumbs: Thumbs) -> Ids:
    """(n,) the lowest item id of each set of twins; thumbs (n, 16, 16) grey."""
    exact = exact_twins(fingerprints)
    grey = thumbs.reshape(len(thumbs), -1).astype(np.float32)
    deviation = grey.std(1)
    normal = (grey - grey.mean(1, keepdims=True)) / np.maximum(deviation, 1e-6)[:, None]
    usable = (exact == np.arange(len(exact))) & (deviation >= _FLAT)

    def same(i: int, j: int) -> bool:
        return float(np.sqrt(np.mean((normal[i] - normal[j]) ** 2))) <= _FARTHEST

    bits = normal.reshape(-1, 16, 16) > np.roll(normal.reshape(-1, 16, 16), 1, axis=2)
    words = np.packbits(bits.reshape(len(thumbs), 256), axis=1).view(np.uint32)
    return _near(exact, usable, words, same)


def text_twins(texts: Sequence[str]) -> Ids:
    """(n,) the lowest item id of each set of twins; case, punctuation and spaces do not count."""
    plain = [normal_text(text) for text in texts]
    exact = exact_twins(plain)
    rng = np.random.default_rng(0)
    factors = rng.integers(1, 2**63, _PERMUTATIONS, dtype=np.uint64) | np.uint64(1)
    shingles = [_shingles(text) for text in plain]
    usable = (exact == np.arange(len(exact))) & (np.fromiter(map(len, shingles), np.int64, len(plain)) >= 8)
    least = np.zeros((len(plain), _PERMUTATIONS), np.uint64)
    for i in np.flatnonzero(usable):
        mixed = shingles[i][:, None] * factors
        least[i] = (mixed ^ (mixed >> np.uint64(29))).min(0)
    bands = least.reshape(len(plain), -1, _ROWS)
    words = (bands * factors[:_ROWS]).sum(2) >> np.uint64(32)

    def same(i: int, j: int) -> bool:
        shared = len(np.intersect1d(shingles[i], shingles[j], assume_unique=True))
        return shared >= _SIMILAR * (len(shingles[i]) + len(shingles[j]) - shared)

    return _near(exact, usable, words.astype(np.uint32), same)


def exact_twins(values: Sequence[str]) -> Ids:
    """(n,) the first item with the same value."""
    first: dict[str, int] = {}
    return np.fromiter((first.setdefault(value, i) for i, value in enumerate(values)), np.int64, len(values))


def normal_text(text: str) -> str:
    """Letters and digits only, one spelling of each, single spaces."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def _shingles(text: str) -> npt.NDArray[np.uint64]:
    """The distinct runs of 5 characters, as numbers."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.uint64)
    count = len(codes) - _SHINGLE + 1
    if count <= 0:
        return np.zeros(0, np.uint64)
    mixed = np.zeros(count, np.uint64)
    for at in range(_SHINGLE):
        mixed = mixed * np.uint64(1_000_003) + codes[at : at + count]
    return np.unique(mixed)


def _near(exact: Ids, usable: npt.NDArray[np.bool_], words: npt.NDArray[np.uint32], same: _Same) -> Ids:
    """Join what `same` confirms among the items that agree in one band, each to the first of its set only.

    Joining to the first and never through a chain keeps a row of small changes from becoming one set.
    """
    twins = np.arange(len(exact))
    for i, j in sorted(set(_candidates(np.flatnonzero(usable), words))):
        if twins[i] == i and twins[j] == j and same(i, j):
            twins[j] = i
    return twins[exact]


def _candidates(rows: Ids, words: npt.NDArray[np.uint32]) -> Iterator[tuple[int, int]]:
    for band in range(words.shape[1]):
        values = words[rows, band]
        order = np.argsort(values, kind="stable")
        ordered = values[order]
        starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(rows) else []
        for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
            bucket = rows[order[start : min(end, start + _CROWD)]]
            yield from ((int(i), int(j)) for at, i in enumerate(bucket) for j in bucket[at + 1 :])
