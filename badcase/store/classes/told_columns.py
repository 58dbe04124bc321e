"""What a model of other classes says of those now: of merged ones all that it says of either, of new ones nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from badcase.store.classes.class_view import ClassView

_ROWS = 100_000  # that are added up at once
_LEAST, _MOST = 20.0, 6e4  # how far a class of which nothing is known lies under all others; more than float16 holds


@dataclass(frozen=True, slots=True)
class ToldColumns:
    """The way from the outputs of a model, each of a stored label, to the labels now.

    Attributes:
        sources: For each label now the outputs that speak of it; none where it is new to the model.
        several: Whether an item may have any number of labels, each answered by itself.
    """

    sources: tuple[tuple[int, ...], ...]
    several: bool

    @property
    def untrained(self) -> tuple[int, ...]:
        """The labels now of which the model says nothing."""
        return tuple(place for place, found in enumerate(self.sources) if not found)

    def logits(self, values: npt.NDArray[Any], cuts: npt.NDArray[Any] | None = None) -> npt.NDArray[np.float16]:
        """Logits (n, k) of the labels now for those (n, m) of the model's.

        Probabilities of merged classes are added; where each label is answered by itself a merged one has the likelihood of its
        likeliest part, as seen from its threshold.

        Args:
            values: What the model said.
            cuts: (m,) its thresholds, where an item may have any number of labels.
        """
        made = np.empty((len(values), len(self.sources)), np.float16)
        for start in range(0, len(values), _ROWS):
            part = np.asarray(values[start : start + _ROWS], np.float32)
            under = np.clip(part.min(1) - _LEAST, -_MOST, _MOST)
            for place, found in enumerate(self.sources):
                column = self._column(part, found, cuts) if found else under
                made[start : start + _ROWS, place] = np.clip(column, -_MOST, _MOST)
        return made

    def _column(self, part: npt.NDArray[np.float32], found: tuple[int, ...], cuts: npt.NDArray[Any] | None) -> npt.NDArray[Any]:
        if len(found) == 1:
            return part[:, found[0]]
        if self.several:
            above = part[:, found] - (0 if cuts is None else cuts[list(found)])
            return np.asarray(above.max(1) + (0 if cuts is None else cuts[found[0]]))
        with np.errstate(invalid="ignore"):  # NaN is what a run did not predict, and stays that
            return np.asarray(np.logaddexp.reduce(part[:, found], axis=1))

    def thresholds(self, cuts: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """(k,) the thresholds of the labels now for those (m,) of the model's."""
        return np.array([cuts[found[0]] if found else 0.0 for found in self.sources], np.float64)


def told_columns(view: ClassView, outputs: Sequence[int], *, several: bool) -> ToldColumns | None:
    """The way from outputs of these stored labels to the labels of a view; None where the two are the same."""
    sources: list[list[int]] = [[] for _label in view.state.order]
    for output, stored in enumerate(outputs):
        if (place := view.state.place(stored)) >= 0:
            sources[place].append(output)
    # Of merged ones the label itself comes first, where the model knew it: its threshold is the one that is kept.
    for place, found in enumerate(sources):
        found.sort(key=lambda output: outputs[output] != view.state.order[place])
    made = tuple(map(tuple, sources))
    return None if made == tuple((i,) for i in range(len(outputs))) else ToldColumns(made, several)
