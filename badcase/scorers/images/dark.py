"""Too dark: little can be seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _
from badcase.scorers.evidence import Evidence
from badcase.scorers.junk import below
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer

_LIMIT = 48.0  # shades; the darkest of 2,000 CIFAR-10 images has 49
_LEAST = 8.0


def dark(labels: Labels, images: NDArray[np.void]) -> Suspicion:
    """Suspicion that an image is too dark: how low its light pixels are.

    Source: the usual checks of image data, as in CleanVision, https://github.com/cleanlab/cleanvision

    Args:
        labels: (n,) class ids.
        images: (n,) records of measures; `light` is the shade over which 5 % of the thumbnail lies, 0 to 255.

    Returns:
        (n,) in [0, 1]; above 1/2 under 48 and 4 standard deviations under what is usual in the set; NaN where it was not
        measured.
    """
    return below(images["light"], _LIMIT, _LEAST)


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.images is not None
    shade = round(float(evidence.images["light"][item]))
    text = _("Too dark: nearly all pixels are below {shade} of 255").format(shade=shade)
    brief = _("nearly all pixels below {shade} of 255").format(shade=shade)
    return Reason("dark", value, text, brief)


SCORER = Scorer(
    "dark", lambda: _("Dark image"), "moon", BadCase.JUNK, (Needs.IMAGES,), dark, explain, unless=("blank",), always=True
)
