"""Near-duplicates among texts, by the runs of characters that they share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from badcase.items.twins.joining import Ids, agreeing, exact_twins, joined

_SHINGLE = 5  # characters
_PERMUTATIONS = 32  # hash functions of MinHash
_ROWS = 4  # permutations in a band
_SIMILAR = 0.85  # Jaccard similarity of two texts' shingles
_LIKELY = 20  # of 32 minima have to agree before two texts are compared: of texts that similar, 999 in 1,000 have as many
_BITS = 512  # of the sketch of a text's shingles
_SHORTEST = 16  # shingles; in a shorter text one digit more would count as nearly the same
_TOGETHER = 2**15  # characters that are hashed at once: they fit into a core's cache
_AT_ONCE = 4_096  # texts, or pairs of them
_ONES = np.array([code.bit_count() for code in range(256)], np.uint8)
_ASCII = {code: chr(code).lower() if chr(code).isalnum() or code == ord("_") else " " for code in range(128)}
_ASCII_BYTES = bytes(ord(_ASCII[code]) if 0 < code < 128 else code for code in range(256))  # zero parts texts


def text_twins(texts: Sequence[str]) -> Ids:
    """The sets of near-duplicates among texts (n,): the lowest item id in the set of each.

    Case, punctuation and spaces do not count.
    """
    # Exact copies after normalization; of each set only the first goes on, if it is long enough.
    plain = _normals(texts)
    exact = exact_twins(plain)
    lengths = np.fromiter(map(len, plain), np.int64, len(plain))
    rows = np.flatnonzero((exact == np.arange(len(exact))) & (lengths >= _SHORTEST + _SHINGLE - 1))
    least = _minima([plain[row] for row in rows])
    del plain  # what follows takes as much memory
    pairs = _candidates(least)
    del least
    pairs = rows[pairs[_may_be_alike(texts, rows, lengths, pairs)]]

    @lru_cache(maxsize=64)
    def shingles(row: int) -> frozenset[str]:
        text = _normal(texts[row])
        return frozenset(text[at : at + _SHINGLE] for at in range(len(text) - _SHINGLE + 1))

    def same(i: int, j: int) -> bool:
        one, other = shingles(i), shingles(j)
        shared = len(one & other)
        return min(len(one), len(other)) >= _SHORTEST and shared >= _SIMILAR * (len(one) + len(other) - shared)

    return joined(exact, map(tuple, pairs.tolist()), same)


def _candidates(least: npt.NDArray[np.uint32]) -> Ids:
    """(m, 2) the pairs of texts that share most of their minima (n, 32), in ascending order."""
    # Two texts agree in a minimum with the probability of their Jaccard similarity s, in a band of four with s^4.
    mixers = np.random.default_rng(1).integers(1, 2**63, _ROWS, dtype=np.uint64) | np.uint64(1)
    words = np.empty((len(least), _PERMUTATIONS // _ROWS), np.int64)
    for band in range(words.shape[1]):
        words[:, band] = (least[:, band * _ROWS : (band + 1) * _ROWS] * mixers).sum(1).astype(np.int64)

    low = least.astype(np.uint8)  # a quarter of what is to be read; few pairs agree in so many of these and not in the rest

    def likely(pairs: Ids) -> npt.NDArray[np.bool_]:
        passed = _agree(low, pairs)
        passed[passed] = _agree(least, pairs[passed])
        return passed

    return agreeing(words, likely)


def _agree(least: npt.NDArray[np.unsignedinteger], pairs: Ids) -> npt.NDArray[np.bool_]:
    """(m,) whether pairs of rows (m, 2) have most of their minima in common."""
    one, other = (least.take(side, axis=0) for side in pairs.T)  # many times as fast as by an index
    agree = _ONES.take(np.packbits(one == other, axis=1))  # of each eight
    return np.asarray(agree[:, 0] + agree[:, 1] + agree[:, 2] + agree[:, 3] >= _LIKELY, np.bool_)


def _may_be_alike(texts: Sequence[str], rows: Ids, lengths: Ids, pairs: Ids) -> npt.NDArray[np.bool_]:
    """(m,) of pairs of rows those that may be twins: their sketches differ in no more bits than the texts have shingles that the
    other lacks."""
    asked, places = np.unique(pairs, return_inverse=True)
    i, j = places.reshape(pairs.shape).T
    bits, counts = _bits(_normals([texts[row] for row in rows[asked]])), lengths[rows[asked]] - (_SHINGLE - 1)
    most = (counts[i] + counts[j]) * ((1 - _SIMILAR) / (1 + _SIMILAR))
    passed = np.zeros(len(pairs), np.bool_)
    for start in range(0, len(pairs), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        passed[part] = _ONES.take(bits.take(i[part], axis=0) ^ bits.take(j[part], axis=0)).sum(1, dtype=np.int64) <= most[part]
    return passed


def _normals(texts: Sequence[str]) -> list[str]:
    """`_normal` of each text; those of ASCII by bytes, many at once."""
    plain: list[str] = []
    for start in range(0, len(texts), _AT_ONCE):
        some = texts[start : start + _AT_ONCE]
        ascii_only = [text for text in some if text.isascii() and "\0" not in text]
        block = "\0".join(ascii_only).encode("ascii").translate(_ASCII_BYTES)
        block = re.sub(b"  +", b" ", block).replace(b" \0", b"\0").replace(b"\0 ", b"\0")
        done = iter(block.decode("ascii").strip(" ").split("\0"))
        all_ascii = len(ascii_only) == len(some)
        plain += done if all_ascii else (next(done) if t.isascii() and "\0" not in t else _normal(t) for t in some)
    return plain


def _normal(text: str) -> str:
    """Letters and digits only, one spelling of each, single spaces."""
    if text.isascii():
        return " ".join(text.translate(_ASCII).split())
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def _minima(texts: Sequence[str]) -> npt.NDArray[np.uint32]:
    """MinHash, (n, 32) the least hash of each text's shingles under each of 32 hash functions."""
    least = np.zeros((len(texts), _PERMUTATIONS), np.uint32)
    factors = np.random.default_rng(0).integers(1, 2**32, _PERMUTATIONS, dtype=np.uint32) | np.uint32(1)
    for rows, hashes, counts in _hashed(texts):
        starts = np.cumsum(counts) - counts
        for at, factor in enumerate(factors):
            least[rows, at] = np.minimum.reduceat(hashes * factor, starts)
    return least


def _bits(texts: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Sketches, (n, 64) the bits that the hashes of each text's shingles set."""
    bits = np.zeros((len(texts), _BITS // 8), np.uint8)
    for rows, hashes, counts in _hashed(texts):
        held = np.zeros((len(counts), _BITS), np.bool_)
        held[np.repeat(np.arange(len(counts)), counts), hashes % _BITS] = True
        bits[rows] = np.packbits(held, axis=1)
    return bits


def _hashed(texts: Sequence[str]) -> Iterator[tuple[slice, npt.NDArray[np.uint32], Ids]]:
    """Some texts after the other: which rows, the hashes of their shingles, and how many of these are each one's."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    firsts = np.flatnonzero(np.diff(np.cumsum(lengths) // _TOGETHER, prepend=-1)).tolist()
    for first, end in pairwise([*firsts, len(texts)]):
        rows = slice(first, end)
        yield rows, _shingle_hashes("".join(texts[rows]), lengths[rows]), lengths[rows] - (_SHINGLE - 1)


def _shingle_hashes(text: str, lengths: Ids) -> npt.NDArray[np.uint32]:
    """A hash of every run of 5 characters in texts of these lengths, which stand one behind the other."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    count = len(codes) - _SHINGLE + 1
    # A polynomial in the code points, modulo 2^64, and of its product with an odd number the upper half, which depends on all.
    mixed = np.zeros(count, np.uint64)
    for at in range(_SHINGLE):
        mixed = mixed * np.uint64(1_000_003) + codes[at : at + count]
    within = np.ones(len(codes), np.bool_)
    for back in range(1, _SHINGLE):
        within[np.cumsum(lengths) - back] = False  # runs that begin here reach over the end of their text
    return ((mixed * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)).astype(np.uint32)[within[:count]]
