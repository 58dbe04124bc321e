"""Copies: the same content twice."""

from __future__ import annotations

import numpy as np

from badcase.array_checks import Groups, Labels, Suspicion
from badcase.i18n import _, plural
from badcase.scorers.duplicates.sets import others, sizes
from badcase.scorers.evidence import Evidence
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer


def copies(labels: Labels, same: Groups) -> Suspicion:
    """1 where another item has exactly the same content, else 0.

    All of a set speak: which of them to keep is a person's choice.
    Source: Lee et al. 2022 on what copies do to a model and its test, https://arxiv.org/abs/2107.06499

    Args:
        labels: (n,) class ids.
        same: (n,) items with the same number are the same bytes, text or row of features; negative = unknown.

    Returns:
        (n,) 0 or 1; NaN where unknown.
    """
    found = sizes(same)
    return np.where(found == 0, np.nan, (found > 1).astype(np.float64))


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.copies is not None
    rest = others(evidence, evidence.copies, item)
    words = {"n": len(rest) - 1, "other": names.item(int(rest[0]))}
    if len(rest) == 1:
        text, brief = _("The same as {other}"), _("as {other}")
    else:
        text = plural("The same as {other} and {n} other", "The same as {other} and {n} others", len(rest) - 1)
        brief = _("as {other} and {n} more")
    return Reason("copy", value, text.format(**words), brief.format(**words))


SCORER = Scorer(
    "copy", lambda: _("Exact duplicate"), "sheets", BadCase.DUPLICATE, (Needs.COPIES,), copies, explain, unless=("conflict",)
)
