"""Which parts of an image the answer hangs on: each is hidden in turn, whatever the model is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from badcase.attribution.class_margin import margins
from badcase.models import Model

GRID = 8  # parts a side


def occlusion(model: Model, image: Image.Image, first: int, second: int) -> NDArray[np.float32]:
    """(GRID, GRID) by how much hiding each part lowers what speaks for the first class over the second; below 0 it speaks
    against it.

    A hidden part is as grey as the image is on average. What is redundant goes unseen: hiding one of two eyes changes little.
    Source: Zeiler and Fergus 2014, https://arxiv.org/abs/1311.2901
    """
    pixels = np.asarray(image.convert("RGB"))
    mean = pixels.reshape(-1, 3).mean(0).astype(np.uint8)
    rows, columns = (np.linspace(0, side, GRID + 1).astype(int) for side in pixels.shape[:2])
    variants = [image]
    for y in range(GRID):
        for x in range(GRID):
            hidden = pixels.copy()
            hidden[rows[y] : rows[y + 1], columns[x] : columns[x + 1]] = mean
            variants.append(Image.fromarray(hidden))
    whole, *others = margins(model, variants, first, second)
    return (whole - np.array(others, np.float32)).reshape(GRID, GRID)
