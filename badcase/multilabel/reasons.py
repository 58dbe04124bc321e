"""Why a label looks missing or wrong, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from badcase.language import _
from badcase.reasons import Names, Reason


def label_reasons(
    label: int, given: bool, p: float, near: NDArray[np.bool_] | None, names: Sequence[str] | None
) -> list[Reason]:
    """What the model, and the neighbours where most of them agree, say against one entry of the label matrix.

    p: the honest probability of the label; near: whether each of the nearest items has it.
    """
    words = {"name": Names(names).label(label), "p": p}
    if given:
        text, brief = _("Likely wrong: {name}; the model gives it {p:.2f}"), _("not {name}, {p:.2f}")
    else:
        text, brief = _("Likely missing: {name}; the model gives it {p:.2f}"), _("misses {name}, {p:.2f}")
    found = [Reason("margin", abs(given - p), text.format(**words), brief.format(**words))]
    if near is not None and neighbours_speak(given, near):
        having = {"name": words["name"], "shown": int(near.sum()), "n": len(near)}
        text = _("Only {shown} of {n} neighbours have {name}") if given else _("{shown} of {n} neighbours have {name}")
        brief = _("only {shown} of {n} have {name}") if given else _("{shown} of {n} have {name}")
        found.append(Reason("neighbours", float((near != given).mean()), text.format(**having), brief.format(**having)))
    return found


def neighbours_speak(given: bool, near: NDArray[np.bool_]) -> bool:
    """Whether more than half of the nearest items say otherwise."""
    return bool(2 * (near != given).sum() > len(near))
