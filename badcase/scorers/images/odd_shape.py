"""Odd shape: far narrower or flatter than the rest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _
from badcase.scorers.evidence import Evidence
from badcase.scorers.junk import off
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer

_LIMIT = np.log2(3)  # doublings
_LEAST = 0.1


def odd_shape(labels: Labels, images: NDArray[np.void]) -> Suspicion:
    """Suspicion that an image has an odd shape: how far its sides' ratio is from the usual one.

    Source: the usual checks of image data, as in CleanVision, https://github.com/cleanlab/cleanvision

    Args:
        labels: (n,) class ids.
        images: (n,) records of measures; `width` and `height` are in pixels.

    Returns:
        (n,) in [0, 1]; above 1/2 where width over height is less than a third or more than three times the median and 4 standard
        deviations off; NaN without a size.
    """
    ratio = np.log2(np.maximum(images["width"], 1).astype(np.float64) / np.maximum(images["height"], 1))
    return off(ratio, _LIMIT, _LEAST)


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.images is not None
    one = evidence.images[item]
    size = f"{one['width']:.0f} x {one['height']:.0f}"
    text, brief = _("{size} pixels, an unusual shape").format(size=size), _("{size} pixels").format(size=size)
    return Reason("odd_shape", value, text, brief)


SCORER = Scorer("odd_shape", lambda: _("Odd shape"), "ratio", BadCase.JUNK, (Needs.IMAGES,), odd_shape, explain, always=True)
