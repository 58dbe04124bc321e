"""Near-duplicates: the same thing twice, saved or written a little differently."""

from __future__ import annotations

import numpy as np

from badcase.array_checks import Groups, Labels, Suspicion
from badcase.i18n import _
from badcase.scorers.duplicates.sets import others, sizes
from badcase.scorers.evidence import Evidence
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer


def twins(labels: Labels, same: Groups, copies: Groups) -> Suspicion:
    """1 where another item is a near-duplicate without being an exact one, else 0.

    All of a set speak.
    Source: fingerprints as in Broder 1997, https://doi.org/10.1109/SEQUEN.1997.666900, and thumbnails; see `items.twins`

    Args:
        labels: (n,) class ids.
        same: (n,) items with the same number are duplicates, exact or near; negative = unknown.
        copies: (n,) the same of exact ones.

    Returns:
        (n,) 0 or 1; NaN where unknown.
    """
    found = sizes(same)
    return np.where(found == 0, np.nan, (found > np.maximum(sizes(copies), 1)).astype(np.float64))


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.twins is not None and evidence.copies is not None
    rest = others(evidence, evidence.twins, item)
    near = rest[evidence.copies[rest] != evidence.copies[item]]
    words = {"other": names.item(int(near[0]))}
    return Reason("twin", value, _("Nearly the same as {other}").format(**words), _("as {other}").format(**words))


SCORER = Scorer(
    "twin",
    lambda: _("Near duplicate"),
    "sheets",
    BadCase.DUPLICATE,
    (Needs.TWINS, Needs.COPIES),
    twins,
    explain,
    unless=("conflict",),
)
