"""Where two images differ: a picture in two colours, and how many of the pixels do."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage

_SEEN, _FULL = 16, 112  # levels of grey from which a difference shows, and at which it has its colour in full
_DIFFERS = 26  # of 255, in any colour: more than compression does


def difference(one: QImage, other: QImage, in_one: QColor, in_other: QColor) -> tuple[QImage, float]:
    """Lay an image over another, whatever the size of either.

    Args:
        one: Its size is that of the picture.
        other: The other image, stretched to that size.
        in_one: The colour of what is darker in the first.
        in_other: The colour of what is darker in the second.

    Returns:
        A picture that lets through where the two are alike, and the share of the pixels that differ, in [0, 1].
    """
    other = other.scaled(one.size(), Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    first, second = _pixels(one), _pixels(other)
    darker = second.mean(2) - first.mean(2)  # (h, w) above 0 where the first is darker
    strength = np.clip((np.abs(darker) - _SEEN) / (_FULL - _SEEN), 0, 1)
    colours = np.array([[c.red(), c.green(), c.blue()] for c in (in_other, in_one)], np.float32)
    rgba = np.dstack([colours[(darker > 0).astype(np.int8)], 255 * strength]).astype(np.uint8)
    height, width = darker.shape
    made = QImage(np.ascontiguousarray(rgba).data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
    return made, float((np.abs(first - second).max(2) > _DIFFERS).mean())


def _pixels(image: QImage) -> npt.NDArray[np.float32]:
    """(h, w, 3) red, green and blue, 0 to 255."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(np.float32)
