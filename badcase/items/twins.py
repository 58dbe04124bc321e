"""Near-duplicates ("twins") by content: items that are the same thing twice. A false join is worse than a miss."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Thumbs = npt.NDArray[np.uint8]
_Same = Callable[[Ids], npt.NDArray[np.bool_]]  # pairs (m, 2) of items -> which are twins

# Measured on hand signs with 15 planted near duplicates among 2,107 photographs, most alike in background: the planted
# pairs lie at up to 0.266 and 0.248; different hands come as near as 0.243 by the one and 0.267 by the other, but not
# by both. In 20,000 images of CIFAR-10 every pair within both bounds is one photograph twice.
_FARTHEST = 0.27  # root mean squared difference of two thumbnails with mean 0 and deviation 1
_FARTHEST_RANK = 0.255  # the same of the pixels' ranks, which also compares the shades of the background
_FLAT = 6.0  # deviation of the grey thumbnail under which an image shows nothing that could be compared
_BANDS = 24  # hashes of each thumbnail; images that agree in one are compared
_WINDOW = 24  # neighbours in a bucket that are compared; where more agree they share a background, not a content
_SHINGLE = 5  # characters
_PERMUTATIONS = 32  # hash functions of MinHash
_ROWS = 4  # permutations in a band
_BLOCK = 20_000  # pairs that are compared at once
_SIMILAR = 0.85  # Jaccard similarity of two texts' shingles
_SHORTEST = 16  # shingles; in a shorter text one digit more would count as nearly the same


def image_twins(fingerprints: Sequence[str], thumbs: Thumbs) -> Ids:
    """The sets of near-duplicates among images.

    Args:
        fingerprints: (n,) digests of the bytes.
        thumbs: (n, 16, 16) grey.

    Returns:
        (n,) the lowest item id in the set of each item.
    """
    # Exact copies by their fingerprint; of each set only the first goes on, if its thumbnail shows anything.
    exact = exact_twins(fingerprints)
    n = len(thumbs)
    grey = thumbs.reshape(n, -1).astype(np.float32)
    usable = (exact == np.arange(n)) & (grey.std(1) >= _FLAT)
    if not usable.any():
        return exact
    # Two distances, of standardized pixels and of their standardized ranks; near-duplicates lie within both bounds.
    normal = _standardized(grey)
    ranks = np.empty_like(grey)
    np.put_along_axis(ranks, grey.argsort(1, kind="stable"), np.arange(grey.shape[1], dtype=np.float32)[None], axis=1)
    ranks = _standardized(ranks)

    def same(pairs: Ids) -> npt.NDArray[np.bool_]:
        near = _distance(normal, pairs) <= _FARTHEST
        near[near] = _distance(ranks, pairs[near]) <= _FARTHEST_RANK
        return near

    # Locality-sensitive hashing, so that not all pairs need a look: signs of random projections. Two thumbnails within the
    # bound share most of them, so also a whole band of some. Each band of bits becomes one word.
    bits = max(8, n.bit_length())
    planes = np.random.default_rng(0).standard_normal((normal.shape[1], _BANDS * bits)).astype(np.float32)
    centre = normal.mean(0, where=usable[:, None])  # what most images share tells no two apart
    signs = ((normal - centre) @ planes > 0).reshape(n, _BANDS, bits)
    words = signs @ (1 << np.arange(bits, dtype=np.int64))
    return _near(exact, np.flatnonzero(usable), words, same)


def _standardized(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Each row with mean 0 and standard deviation 1."""
    centred = values - values.mean(1, keepdims=True)
    standardized: npt.NDArray[np.float32] = centred / np.maximum(centred.std(1, keepdims=True), np.float32(1e-6))
    return standardized


def _distance(values: npt.NDArray[np.float32], pairs: Ids) -> npt.NDArray[np.float32]:
    """(m,) the root mean squared difference of the two rows of each pair."""
    distance: npt.NDArray[np.float32] = np.sqrt(np.mean((values[pairs[:, 0]] - values[pairs[:, 1]]) ** 2, axis=1))
    return distance


def text_twins(texts: Sequence[str]) -> Ids:
    """The sets of near-duplicates among texts (n,): the lowest item id in the set of each.

    Case, punctuation and spaces do not count.
    """
    # Exact copies after normalization; of each set only the first goes on, if it is long enough.
    plain = [normal_text(text) for text in texts]
    exact = exact_twins(plain)
    # MinHash: the least hash of a text's shingles under each of 32 hash functions. Two texts agree in one with the
    # probability of their Jaccard similarity s, in a band of four with s^4; each band becomes one word.
    rng = np.random.default_rng(0)
    factors = rng.integers(1, 2**63, _PERMUTATIONS, dtype=np.uint64) | np.uint64(1)
    shingles = [_shingles(text) for text in plain]
    lengths = np.fromiter(map(len, shingles), np.int64, len(plain))
    usable = (exact == np.arange(len(exact))) & (lengths >= _SHORTEST)
    least = np.zeros((len(plain), _PERMUTATIONS), np.uint64)
    for i in np.flatnonzero(usable):
        mixed = shingles[i][:, None] * factors
        least[i] = (mixed ^ (mixed >> np.uint64(29))).min(0)
    bands = least.reshape(len(plain), -1, _ROWS)
    words = (bands * factors[:_ROWS]).sum(2).astype(np.int64)

    def same(pairs: Ids) -> npt.NDArray[np.bool_]:
        return np.array([_jaccard(shingles[i], shingles[j]) >= _SIMILAR for i, j in pairs], np.bool_)

    return _near(exact, np.flatnonzero(usable), words, same)


def _jaccard(one: npt.NDArray[np.uint64], other: npt.NDArray[np.uint64]) -> float:
    """The size of the intersection of two sets of shingles over that of their union."""
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)


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
    # A polynomial in the code points, modulo 2^64.
    mixed = np.zeros(count, np.uint64)
    for at in range(_SHINGLE):
        mixed = mixed * np.uint64(1_000_003) + codes[at : at + count]
    return np.unique(mixed)


def _near(exact: Ids, rows: Ids, words: Ids, same: _Same) -> Ids:
    """Join what `same` confirms among the rows that agree in the word of one band, each to the first of its set only.

    Joining to the first and never through a chain keeps a row of small changes from becoming one set.
    """
    twins = np.arange(len(exact))
    pairs = [_confirmed(rows, words[:, band], same) for band in range(words.shape[1])]
    for i, j in np.unique(np.concatenate(pairs), axis=0) if pairs else ():
        if twins[i] == i and twins[j] == j:
            twins[j] = i
    return twins[exact]


def _confirmed(rows: Ids, words: Ids, same: _Same) -> Ids:
    """(m, 2) pairs, the lower id first, of rows with the same word that `same` confirms."""
    # Rows sorted by word, so that equal words stand together. Compare each with the next, the next but one, and so on.
    order = rows[np.argsort(words[rows], kind="stable")]
    found = [np.zeros((0, 2), np.int64)]
    for step in range(1, min(_WINDOW, len(order))):
        pairs = np.stack([order[:-step], order[step:]], axis=1)
        pairs = pairs[words[pairs[:, 0]] == words[pairs[:, 1]]]
        if not len(pairs):
            break
        found += [block[same(block)] for block in np.array_split(pairs, len(pairs) // _BLOCK + 1)]
    return np.concatenate(found)
