"""Measures of images that tell whether they show anything, taken from what an import decodes anyway."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

# Shades run from 0, black, to 255. All but the size are taken from a small grey image.
RECORD = np.dtype(
    [
        ("width", np.float32),  # pixels
        ("height", np.float32),
        ("dark", np.float32),  # the shade under which 5 % of the thumbnail lies
        ("light", np.float32),  # the shade over which 5 % of it lies
        ("contrast", np.float32),  # standard deviation of its shades
        ("information", np.float32),  # entropy of its shades in bits, 0 to 8
        ("sharpness", np.float32),  # see `sharpness`
    ]
)
_LINES = 20  # rows and columns that are looked at for sharpness: more make it no surer
_ROWS = 8_192

Lines: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.uint8]]


def lines_of(shades: NDArray[np.uint8]) -> Lines:
    """The rows (m, width) and the columns (m, height) of a grey image (height, width) that sharpness is measured on."""
    high, wide = shades.shape
    return shades[:: max(1, high // _LINES)].copy(), shades[:, :: max(1, wide // _LINES)].T.copy()


def sharpness(images: Sequence[Lines]) -> NDArray[np.float32]:
    """Second difference of neighbouring pixels over their first difference, both root mean squared; 0 where all is flat.

    Blur takes away second differences before first ones, whatever the contrast: sharp photographs have about 1.1, noise 1.7,
    a Gaussian blur of two pixels 0.4.

    Args:
        images: The lines of n images of any sizes.

    Returns:
        (n,) the ratio of each.
    """
    # All lines one behind the other, so that the images need not be of one size; what reaches over a line's end is no
    # difference. Two shades more at the end give the last line an end like the others.
    blocks = [block for lines in images for block in lines]
    shades = np.concatenate([*(block.reshape(-1) for block in blocks), np.zeros(2, np.uint8)]).astype(np.int16)
    ends = np.cumsum(np.repeat([block.shape[1] for block in blocks], [block.shape[0] for block in blocks]))
    steps = shades[1:] - shades[:-1]
    steps[ends - 1] = 0
    bends = steps[1:] - steps[:-1]
    bends[ends - 1] = bends[ends - 2] = 0
    starts = np.cumsum([0, *(rows.size + columns.size for rows, columns in images)])[:-1]
    squares = (np.square(values[: len(bends)], dtype=np.int32) for values in (steps, bends))
    first, second = (np.add.reduceat(values, starts, dtype=np.int64) for values in squares)
    return np.sqrt(second / np.where(first > 0, first, 1)).astype(np.float32)


def image_measures(
    widths: NDArray[np.int32], heights: NDArray[np.int32], thumbs: NDArray[np.uint8], sharp: NDArray[np.float32]
) -> NDArray[np.void]:
    """Measures of all images, as (n,) records of RECORD.

    Args:
        widths: (n,) in pixels, as the images are seen.
        heights: (n,) the same.
        thumbs: (n, 16, 16) grey.
        sharp: (n,) the `sharpness` of each.
    """
    made = np.empty(len(thumbs), RECORD)
    made["width"], made["height"], made["sharpness"] = widths, heights, sharp
    for start in range(0, len(thumbs), _ROWS):
        rows = slice(start, start + _ROWS)
        dark, light = round(0.05 * thumbs[0].size), round(0.95 * thumbs[0].size)
        shades = np.partition(thumbs[rows].reshape(-1, thumbs[0].size), (dark, light), axis=1)
        made["dark"][rows], made["light"][rows] = shades[:, dark], shades[:, light]
        made["contrast"][rows] = shades.std(1)
        made["information"][rows] = _entropy(shades)
    return made


def _entropy(shades: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n,) bits, from rows of shades."""
    codes = shades + 256 * np.arange(len(shades))[:, None]
    counts = np.bincount(codes.reshape(-1), minlength=256 * len(shades)).reshape(-1, 256)
    shares = np.arange(shades.shape[1] + 1) / shades.shape[1]
    bits = -shares * np.log2(np.maximum(shares, 1e-12))  # of each count, so that no logarithm is taken twice
    return bits[counts].sum(1)
