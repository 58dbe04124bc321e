"""Odd size: far smaller or larger than the rest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _
from badcase.scorers.evidence import Evidence
from badcase.scorers.junk import off
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer

_LIMIT = 2.0  # doublings
_LEAST = 0.1


def odd_size(labels: Labels, images: NDArray[np.void]) -> Suspicion:
    """Suspicion that an image has an odd size: how far its shorter side is from the usual one.

    Source: the usual checks of image data, as in CleanVision, https://github.com/cleanlab/cleanvision

    Args:
        labels: (n,) class ids.
        images: (n,) records of measures; `width` and `height` are in pixels.

    Returns:
        (n,) in [0, 1]; above 1/2 where the shorter side is less than a quarter or more than four times the median one and 4
        standard deviations off; NaN without a size.
    """
    shorter = np.log2(np.maximum(np.minimum(images["width"], images["height"]).astype(np.float64), 1))
    return off(shorter, _LIMIT, _LEAST)


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.images is not None
    one = evidence.images[item]
    size = f"{one['width']:.0f} x {one['height']:.0f}"
    text, brief = _("{size} pixels, far from the usual size").format(size=size), _("{size} pixels").format(size=size)
    return Reason("odd_size", value, text, brief)


SCORER = Scorer(
    "odd_size",
    lambda: _("Odd size"),
    "resize",
    BadCase.JUNK,
    (Needs.IMAGES,),
    odd_size,
    explain,
    unless=("odd_shape",),
    always=True,
)
