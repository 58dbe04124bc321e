"""Too bright: little can be seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _
from badcase.scorers.evidence import Evidence
from badcase.scorers.junk import below
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer

_LIMIT = 48.0  # shades from white; the brightest of 2,000 CIFAR-10 images has 58
_LEAST = 8.0


def bright(labels: Labels, images: NDArray[np.void]) -> Suspicion:
    """Suspicion that an image is too bright: how high its dark pixels are.

    Source: the usual checks of image data, as in CleanVision, https://github.com/cleanlab/cleanvision

    Args:
        labels: (n,) class ids.
        images: (n,) records of measures; `dark` is the shade under which 5 % of the thumbnail lies, 0 to 255.

    Returns:
        (n,) in [0, 1]; above 1/2 over 207 and 4 standard deviations over what is usual in the set; NaN where it was not
        measured.
    """
    return below(255 - images["dark"].astype(np.float64), _LIMIT, _LEAST)


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.images is not None
    shade = round(float(evidence.images["dark"][item]))
    text = _("Too bright: nearly all pixels are above {shade} of 255").format(shade=shade)
    brief = _("nearly all pixels above {shade} of 255").format(shade=shade)
    return Reason("bright", value, text, brief)


SCORER = Scorer(
    "bright", lambda: _("Bright image"), "sun", BadCase.JUNK, (Needs.IMAGES,), bright, explain, unless=("blank",), always=True
)
