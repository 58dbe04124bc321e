"""Reasons, in words, why a label looks missing or wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from badcase.i18n import _
from badcase.scorers.reasons import Names, Reason


def label_reasons(label: int, given: bool, p: float, near: NDArray[np.bool_] | None, names: Sequence[str] | None) -> list[Reason]:
    """What the model, and the neighbours where most of them agree, say against one entry of the label matrix.

    Args:
        label: Which label.
        given: Whether it is given.
        p: The out-of-sample probability of the label.
        near: Whether each of the nearest items has it; None where they are not known.
        names: What the labels are called.
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


def training_reasons(label: int, given: bool, area: float, wrong: int, epochs: int, names: Sequence[str] | None) -> list[Reason]:
    """What a training showed against an entry: its mean margin over the epochs, and in how many the answer was another."""
    found = []
    words = {"name": Names(names).label(label), "shown": wrong, "n": epochs}
    if area < 0:
        text = _("Over {n} training epochs, the model favored {name}")
        if given:
            text = _("Over {n} training epochs, the model spoke against {name}")
        brief = _("against {name} over {n} epochs") if given else _("for {name} over {n} epochs")
        found.append(Reason("margin_area", float(1 / (1 + np.exp(area))), text.format(**words), brief.format(**words)))
    if 2 * wrong > epochs:
        text = _("The model disagreed about {name} in {shown} of {n} training epochs")
        brief = _("{name} in {shown} of {n} epochs").format(**words)
        found.append(Reason("wrong_epochs", wrong / epochs, text.format(**words), brief))
    return found


def training_scores(area: NDArray[np.floating], wrong: NDArray[np.integer], epochs: int) -> dict[str, NDArray[np.float32]]:
    """The strongest disagreement (n,) of a training with an entry of each row, NaN where it saw none of them.

    Source: area under the margin, Pleiss et al. 2020, https://arxiv.org/abs/2001.10528; correctness,
    Swayamdipta et al. 2020, https://arxiv.org/abs/2009.10795

    Args:
        area: (n, k) the mean margin of each entry; NaN = not known.
        wrong: (n, k) in how many epochs it was answered otherwise.
        epochs: Of how many.
    """
    known = ~np.isnan(area)
    least = np.where(known, area, np.inf).min(1).astype(np.float64)
    share = np.where(known, wrong / max(epochs, 1), 0).max(1)
    none = ~known.any(1)
    scores = {"margin_area": 1 / (1 + np.exp(np.clip(least, -30, 30))), "wrong_epochs": share}
    return {name: np.where(none, np.nan, values).astype(np.float32) for name, values in scores.items()}


def neighbours_speak(given: bool, near: NDArray[np.bool_]) -> bool:
    """Whether more than half of the nearest items say otherwise."""
    return bool(2 * (near != given).sum() > len(near))
