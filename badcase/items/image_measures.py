"""Measures of images that tell whether they show anything, taken from what an import decodes anyway."""

from __future__ import annotations

from collections.abc import Sequence

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
_TOGETHER = 256
_HELD = 1 << 26  # bytes of images that wait for each other


def sharpness(shades: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Second difference of neighbouring pixels over their first difference, both root mean squared; 0 where all is flat.

    Blur takes away second differences before first ones, whatever the contrast: sharp photographs have about 1.1, noise 1.7,
    a Gaussian blur of two pixels 0.4.

    Args:
        shades: (m, height, width) m images of one size.

    Returns:
        (m,) the ratio of each.
    """
    first, second = np.zeros(len(shades), np.float32), np.zeros(len(shades), np.float32)
    high, wide = shades.shape[1:]
    across = shades[:, :: max(1, high // _LINES)].astype(np.float32)
    down = shades[:, :, :: max(1, wide // _LINES)].astype(np.float32).transpose(0, 2, 1)
    for values in (across, down):
        steps = values[:, :, 1:] - values[:, :, :-1]
        bends = steps[:, :, 1:] - steps[:, :, :-1]
        first += np.einsum("ijk,ijk->i", steps, steps)
        second += np.einsum("ijk,ijk->i", bends, bends)
    return np.sqrt(second / np.where(first > 0, first, 1))


class Sharpness:
    """Measures images as they come, many of one size at a time: one by one would take as long as decoding them."""

    def __init__(self) -> None:
        self._values: list[float] = []
        self._waiting: list[NDArray[np.uint8]] = []
        self._held = 0

    def add(self, shades: NDArray[np.uint8]) -> None:
        self._waiting.append(shades)
        self._held += shades.nbytes
        if len(self._waiting) >= _TOGETHER or self._held >= _HELD:
            self._measure()

    def values(self) -> NDArray[np.float32]:
        """(n,) of all images so far, in their order."""
        self._measure()
        return np.array(self._values, np.float32)

    def _measure(self) -> None:
        by_size: dict[tuple[int, ...], list[int]] = {}
        for place, shades in enumerate(self._waiting):
            by_size.setdefault(shades.shape, []).append(place)
        made = np.zeros(len(self._waiting), np.float32)
        for places in by_size.values():
            made[places] = sharpness(np.stack([self._waiting[place] for place in places]))
        self._values += made.tolist()
        self._waiting, self._held = [], 0


def image_measures(
    widths: Sequence[int], heights: Sequence[int], thumbs: NDArray[np.uint8], sharp: NDArray[np.float32]
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
        shades = np.sort(thumbs[rows].reshape(-1, thumbs[0].size), axis=1)
        made["dark"][rows] = shades[:, round(0.05 * shades.shape[1])]
        made["light"][rows] = shades[:, round(0.95 * shades.shape[1])]
        made["contrast"][rows] = shades.std(1)
        made["information"][rows] = _entropy(shades)
    return made


def _entropy(shades: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n,) bits, from rows of shades."""
    codes = shades + 256 * np.arange(len(shades))[:, None]
    shares = np.bincount(codes.reshape(-1), minlength=256 * len(shades)).reshape(-1, 256) / shades.shape[1]
    return -(shares * np.log2(np.maximum(shares, 1e-12))).sum(1)
