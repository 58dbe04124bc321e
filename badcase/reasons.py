"""Why an item is suspect, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from badcase.language import _

# Neighbours are counted in tens for people: "9 of 10".
NEIGHBOURS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Reason:
    """What one scorer says against a label: its name, how strongly (0 to 1), a sentence, and that beside its title."""

    scorer: str
    value: float
    text: str
    brief: str = ""  # where the scorer's title stands before it: "9 of 10 are nine"


def class_name(label: int, names: Sequence[str] | None) -> str:
    return names[label] if names is not None else _("class {n}").format(n=label)


def model_differs(value: float, label: int, probs: NDArray[np.float32], names: Sequence[str] | None) -> Reason:
    """The model prefers another class, or comes close."""
    others = probs.copy()
    others[label] = -1
    best = int(others.argmax())
    text = _("The model says {name}, {p:.2f}") if probs[best] > probs[label] else _("The model also sees {name}, {p:.2f}")
    brief = _("says {name}, {p:.2f}") if probs[best] > probs[label] else _("also sees {name}, {p:.2f}")
    words = {"name": class_name(best, names), "p": float(probs[best])}
    return Reason("margin", value, text.format(**words), brief.format(**words))


def neighbours_differ(value: float, label: int, near: NDArray[np.int32], names: Sequence[str] | None) -> Reason:
    """Most of the nearest items carry other labels."""
    near = near[near >= 0]
    votes = np.bincount(near[near != label], minlength=1)
    most, n = int(votes.max()), len(near)
    if 2 * most >= n:
        text, brief = _("{shown} of {n} neighbours are {name}"), _("{shown} of {n} are {name}")
        shown, name = most, class_name(int(votes.argmax()), names)
    else:
        text, brief = _("Only {shown} of {n} neighbours are {name}"), _("only {shown} of {n} are {name}")
        shown, name = int((near == label).sum()), class_name(label, names)
    words = {"shown": shown, "n": n, "name": name}
    return Reason("neighbours", value, text.format(**words), brief.format(**words))


def low_confidence(value: float, label: int, names: Sequence[str] | None) -> Reason:
    """The model prefers the given class and hardly believes in it."""
    words = {"name": class_name(label, names), "p": 1 - value}
    text, brief = _("The model gives {name} only {p:.2f}"), _("{p:.2f} for {name}")
    return Reason("self_confidence", value, text.format(**words), brief.format(**words))
