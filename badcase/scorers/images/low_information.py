"""Low information: an image with hardly anything in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _
from badcase.scorers.evidence import Evidence
from badcase.scorers.junk import below
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer

_LIMIT = 3.0  # bits; the least of 2,000 CIFAR-10 images has 3.2
_LEAST = 0.1


def low_information(labels: Labels, images: NDArray[np.void]) -> Suspicion:
    """Suspicion that an image shows hardly anything: how few shades it has.

    Source: the usual checks of image data, as in CleanVision, https://github.com/cleanlab/cleanvision

    Args:
        labels: (n,) class ids.
        images: (n,) records of measures; `information` is the entropy of the thumbnail's shades in bits, 0 to 8.

    Returns:
        (n,) in [0, 1]; above 1/2 under 3 bits and 4 standard deviations under what is usual; NaN where it was not measured.
    """
    return below(images["information"], _LIMIT, _LEAST)


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.images is not None
    bits = float(evidence.images["information"][item])
    text = _("Hardly any detail: the gray levels have an entropy of {bits:.1f} bits").format(bits=bits)
    brief = _("entropy {bits:.1f} bits").format(bits=bits)
    return Reason("low_information", value, text, brief)


SCORER = Scorer(
    "low_information",
    lambda: _("Little detail"),
    "empty",
    BadCase.JUNK,
    (Needs.IMAGES,),
    low_information,
    explain,
    unless=("blank", "dark", "bright"),
    always=True,
)
