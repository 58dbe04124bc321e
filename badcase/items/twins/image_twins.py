"""Near-duplicates among images, by small grey thumbnails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from badcase.items.twins.joining import Ids, agreeing, exact_twins, joined

Thumbs = npt.NDArray[np.uint8]
Reals = npt.NDArray[np.float32]

# Measured on hand signs with 15 planted near duplicates among 2,107 photographs, most alike in background: the planted
# pairs lie at up to 0.266 and 0.248; different hands come as near as 0.243 by the one and 0.267 by the other, but not
# by both. In 20,000 images of CIFAR-10 every pair within both bounds is one photograph twice.
_FARTHEST = 0.27  # root mean squared difference of two thumbnails with mean 0 and deviation 1
_FARTHEST_RANK = 0.255  # the same of the pixels' ranks, which also compares the shades of the background
_FLAT = 6.0  # deviation of the grey thumbnail under which an image shows nothing that could be compared
_BANDS = 24  # hashes of each thumbnail; images that agree in one are compared
_ROWS = 4_096  # thumbnails that are standardized at once: all of them would take eight times the memory of their pixels


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
    pixels = thumbs.reshape(len(thumbs), -1)
    deviation = np.concatenate([np.zeros(0), *(pixels[part].std(1) for part in _parts(len(pixels)))])
    rows = np.flatnonzero((exact == np.arange(len(pixels))) & (deviation >= _FLAT))
    if not len(rows):
        return exact
    pixels = pixels[rows]
    blocks, ranks = _blocks(pixels), _ranks(pixels)

    def same(pairs: Ids) -> npt.NDArray[np.bool_]:
        near = _distance(blocks[pairs[:, 0]], blocks[pairs[:, 1]]) <= _FARTHEST * 1.001  # never farther than all their pixels
        for values, farthest in ((pixels, _FARTHEST), (ranks, _FARTHEST_RANK)):
            one, other = (_standardized(values[ends]) for ends in pairs[near].T)
            near[near] = _distance(one, other) <= farthest
        return near

    return joined(exact, map(tuple, rows[agreeing(_words(pixels), same)].tolist()))


def alike(ones: Thumbs, others: Thumbs) -> npt.NDArray[np.bool_]:
    """(m,) whether each of m thumbnails (m, 16, 16) and its partner are near-duplicates, as those of one image encoded twice."""
    pairs = ones.reshape(len(ones), -1), others.reshape(len(others), -1)
    near = np.all([pixels.std(1) >= _FLAT for pixels in pairs], axis=0)
    for farthest, (one, other) in ((_FARTHEST, pairs), (_FARTHEST_RANK, tuple(_ranks(pixels) for pixels in pairs))):
        near &= _distance(_standardized(one), _standardized(other)) <= farthest
    return np.asarray(near, np.bool_)


def _parts(n: int) -> Iterator[slice]:
    return (slice(start, start + _ROWS) for start in range(0, n, _ROWS))


def _blocks(pixels: Thumbs) -> Reals:
    """(n, 16) the mean of each block of 4 x 4 pixels, standardized: most that differ do so here already."""
    blocks = [_standardized(pixels[part]).reshape(-1, 4, 4, 4, 4).mean((2, 4)) for part in _parts(len(pixels))]
    return np.concatenate(blocks).reshape(len(pixels), -1)


def _ranks(pixels: Thumbs) -> Thumbs:
    """(n, 256) the place of each pixel among those of its thumbnail, from 0."""
    ranks = np.empty_like(pixels)
    places = np.arange(pixels.shape[1], dtype=np.uint8)[None]
    for part in _parts(len(pixels)):
        np.put_along_axis(ranks[part], pixels[part].argsort(1, kind="stable"), places, axis=1)
    return ranks


def _words(pixels: Thumbs) -> Ids:
    """(n, bands) hashes: signs of random projections, of which two thumbnails within the bound share most."""
    n, size = pixels.shape
    bits = max(8, n.bit_length())
    planes = np.random.default_rng(0).standard_normal((size, _BANDS * bits)).astype(np.float32)
    mean = sum(_standardized(pixels[part]).sum(0, dtype=np.float64) for part in _parts(n)) / n
    shared = mean.astype(np.float32)  # what most images share tells no two apart
    places = (2.0 ** np.arange(bits)).astype(np.float32)
    words = np.empty((n, _BANDS), np.int64)
    for part in _parts(n):
        signs = ((_standardized(pixels[part]) - shared) @ planes) > 0
        words[part] = signs.reshape(-1, _BANDS, bits) @ places
    return words


def _standardized(values: Thumbs) -> Reals:
    """Each row with mean 0 and standard deviation 1."""
    centred = values - values.mean(1, keepdims=True, dtype=np.float32)
    deviation = np.sqrt(np.einsum("ij,ij->i", centred, centred) / np.float32(values.shape[1]))
    centred /= np.maximum(deviation, np.float32(1e-6))[:, None]
    return centred


def _distance(one: Reals, other: Reals) -> Reals:
    """(m,) the root mean squared difference of rows."""
    apart = one - other
    return np.sqrt(np.einsum("ij,ij->i", apart, apart) / np.float32(apart.shape[1]))
