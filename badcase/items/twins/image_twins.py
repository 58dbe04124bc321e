"""Near-duplicates among images, by small grey thumbnails."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from badcase.items.twins.joining import Ids, agreeing, exact_twins, joined

Thumbs = npt.NDArray[np.uint8]

# Measured on hand signs with 15 planted near duplicates among 2,107 photographs, most alike in background: the planted
# pairs lie at up to 0.266 and 0.248; different hands come as near as 0.243 by the one and 0.267 by the other, but not
# by both. In 20,000 images of CIFAR-10 every pair within both bounds is one photograph twice.
_FARTHEST = 0.27  # root mean squared difference of two thumbnails with mean 0 and deviation 1
_FARTHEST_RANK = 0.255  # the same of the pixels' ranks, which also compares the shades of the background
_FLAT = 6.0  # deviation of the grey thumbnail under which an image shows nothing that could be compared
_BANDS = 24  # hashes of each thumbnail; images that agree in one are compared


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
    rows = np.flatnonzero((exact == np.arange(len(pixels))) & (pixels.std(1, dtype=np.float32) >= _FLAT))
    if not len(rows):
        return exact
    # Two distances, of standardized pixels and of their standardized ranks; near-duplicates lie within both bounds.
    grey = pixels[rows].astype(np.float32)
    normal = _standardized(grey)
    ranks = np.empty_like(grey)
    np.put_along_axis(ranks, grey.argsort(1, kind="stable"), np.arange(grey.shape[1], dtype=np.float32)[None], axis=1)
    ranks = _standardized(ranks)

    def same(pairs: Ids) -> npt.NDArray[np.bool_]:
        near = _distance(normal, pairs) <= _FARTHEST
        near[near] = _distance(ranks, pairs[near]) <= _FARTHEST_RANK
        return near

    return joined(exact, map(tuple, rows[agreeing(_words(normal), same)].tolist()))


def _words(normal: npt.NDArray[np.float32]) -> Ids:
    """(n, bands) hashes: signs of random projections, of which two thumbnails within the bound share most."""
    n, pixels = normal.shape
    bits = max(8, n.bit_length())
    planes = np.random.default_rng(0).standard_normal((pixels, _BANDS * bits)).astype(np.float32)
    centred = normal - normal.mean(0)  # what most images share tells no two apart
    places = 2.0 ** np.arange(bits)
    bands = (((centred @ planes[:, start : start + bits]) > 0) @ places for start in range(0, _BANDS * bits, bits))
    return np.stack([band.astype(np.int64) for band in bands], axis=1)


def _standardized(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Each row with mean 0 and standard deviation 1."""
    centred = values - values.mean(1, keepdims=True)
    standardized: npt.NDArray[np.float32] = centred / np.maximum(centred.std(1, keepdims=True), np.float32(1e-6))
    return standardized


def _distance(values: npt.NDArray[np.float32], pairs: Ids) -> npt.NDArray[np.float32]:
    """(m,) the root mean squared difference of the two rows of each pair."""
    distance: npt.NDArray[np.float32] = np.sqrt(np.mean((values[pairs[:, 0]] - values[pairs[:, 1]]) ** 2, axis=1))
    return distance
