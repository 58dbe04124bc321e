"""Blurred: out of focus, shaken, or enlarged from a few pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _
from badcase.scorers.evidence import Evidence
from badcase.scorers.junk import below
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer

_LIMIT = 0.65  # a blur of two pixels has 0.4 to 0.5, the smoothest of 2,000 CIFAR-10 images 0.86
_LEAST = 0.02


def blurred(labels: Labels, images: NDArray[np.void]) -> Suspicion:
    """Suspicion that an image is blurred: how little its pixels differ beyond a smooth slope.

    Most classifiers see an image at about 64 pixels a side; a blur of a pixel of a large photograph does not count.
    Source: second differences as in Pech-Pacheco et al. 2000, https://doi.org/10.1109/ICPR.2000.903548

    Args:
        labels: (n,) class ids.
        images: (n,) records of measures; `sharpness` is that of the image at about 64 pixels a side, see `image_measures`.

    Returns:
        (n,) in [0, 1]; above 1/2 under 0.65 and 4 standard deviations under what is usual in the set; NaN where it was not
        measured.
    """
    return below(images["sharpness"], _LIMIT, _LEAST)


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.images is not None
    sharp = evidence.images["sharpness"]
    words = {"value": float(sharp[item]), "usual": float(np.nanmedian(sharp))}
    text = _("Blurred: sharpness {value:.2f}, usually {usual:.2f}").format(**words)
    brief = _("sharpness {value:.2f}").format(**words)
    return Reason("blurred", value, text, brief)


SCORER = Scorer(
    "blurred", lambda: _("Blurred image"), "blur", BadCase.JUNK, (Needs.IMAGES,), blurred, explain, unless=("blank",), always=True
)
