"""Items with any number of labels: each distinct set of labels is a class of the project, written "cat;dog"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

SEPARATOR = ";"  # between the labels of a set, as the program writes it
NO_LABEL = "(none)"


def set_name(labels: Iterable[str]) -> str:
    """How a set of labels is written, its labels in the order of the project."""
    return SEPARATOR.join(labels) or NO_LABEL


def labels_of(name: str) -> list[str]:
    """The labels of a set as it was written, with or without spaces around the separators."""
    return [] if name.strip() in ("", NO_LABEL) else [part.strip() for part in name.split(SEPARATOR) if part.strip()]


def set_matrix(names: Sequence[str], sets: Sequence[str]) -> npt.NDArray[np.bool_]:
    """(sets, labels): which labels each set has."""
    place = {name: at for at, name in enumerate(names)}
    matrix = np.zeros((len(sets), len(names)), np.bool_)
    for row, one in enumerate(sets):
        matrix[row, [place[label] for label in labels_of(one)]] = True
    return matrix
