"""Blank: an image of one colour all over."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _
from badcase.scorers.evidence import Evidence
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer

_LIMIT = 1.5  # shades; the darkest photographs of signs, hardly to be seen, have 1.9


def blank(labels: Labels, images: NDArray[np.void]) -> Suspicion:
    """1 - contrast / 3 down to 0: how nearly the image is of one shade.

    Source: the usual checks of image data, as in CleanVision, https://github.com/cleanlab/cleanvision

    Args:
        labels: (n,) class ids.
        images: (n,) records of measures; `contrast` is the standard deviation of the thumbnail's shades, 0 to 255.

    Returns:
        (n,) in [0, 1]; above 1/2 under 1.5 shades, where an eye sees nothing; NaN where it was not measured.
    """
    return np.clip(1 - images["contrast"].astype(np.float64) / (2 * _LIMIT), 0, 1)


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.images is not None
    shade = round(float(evidence.images["light"][item]))
    text, brief = _("The whole image is one gray level, {shade} of 255").format(shade=shade), _("one gray level")
    return Reason("blank", value, text, brief)


SCORER = Scorer("blank", lambda: _("Blank image"), "blank", BadCase.JUNK, (Needs.IMAGES,), blank, explain, always=True)
