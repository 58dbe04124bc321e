"""What is most like some items, among all: by a sketch of the embeddings first, then by the embeddings of the best alone."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.maps.principal_places import principal_axes, unit_rows
from badcase.out_of_memory import is_out_of_memory
from badcase.store.atomic_files import write_whole
from badcase.store.checks.stored_arrays import stored_array
from badcase.store.mapped_pages import let_go
from badcase.store.new_arrays import new_array

if TYPE_CHECKING:
    from badcase.store.prediction_sets import PredictionSet

# Of what a sketch is. Raise it with every change of that: all are made again then.
VERSION = 1
WIDTH = 64  # numbers of a sketch
_SAMPLE = 20_000  # rows that its axes are found from
_BLOCK = 1 << 24  # numbers that are read at once
_ASKED = 2_000  # items of a question whose mean is taken
MOST = 5_000  # answers
_SPARE = 3  # candidates to an answer, for the sketch is not exact
_log = logging.getLogger(__name__)

Items = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Alike:
    """Items by falling likeness, ties by id, and their cosines to what was asked for; `typical`: how like it nine of ten of
    the items that were asked for are themselves."""

    items: Items
    cosines: npt.NDArray[np.float32]
    typical: float

    @property
    def as_like(self) -> Items:
        """The items that are as like as those that were asked for."""
        return self.items[: int(np.searchsorted(-self.cosines, -self.typical, side="right"))]


class Likeness:
    """Answers of one prediction set. The sketch is made with the first question and kept beside the set, which takes a pass
    over all embeddings; later questions take a pass over the sketch."""

    def __init__(self, predictions: PredictionSet, *, keep: bool = True) -> None:
        """keep: write the sketch into the folder of the prediction set."""
        self._predictions, self._keep = predictions, keep

    def like(self, items: Items, count: int, among: npt.NDArray[np.bool_] | None = None) -> Alike:
        """The `count` items that are most like the mean of some items (q,), none of these; among (n,): who may be an answer."""
        return self.like_direction(self._mean(items), count, among, asked=items)

    def like_direction(
        self,
        direction: npt.NDArray[np.floating],
        count: int,
        among: npt.NDArray[np.bool_] | None = None,
        asked: Items | None = None,
    ) -> Alike:
        """The same of a direction (d,) of length 1 in the space of the embeddings; asked: items that are no answer."""
        axes, sketch = self._sketch
        cosines = sketch @ (axes.T @ np.asarray(direction, np.float32))
        if among is not None:
            cosines[~among] = -np.inf
        if asked is not None:
            cosines[asked] = -np.inf
        count = min(count, MOST, int(np.count_nonzero(cosines > -np.inf)))
        wanted = min(len(cosines), _SPARE * count + 32)
        best = np.argpartition(-cosines, wanted - 1)[:wanted] if wanted < len(cosines) else np.arange(len(cosines))
        best = best[cosines[best] > -np.inf].astype(np.int64)
        exact = self._predictions.directions(best) @ direction.astype(np.float32)
        order = np.lexsort((best, -exact))[:count]
        return Alike(best[order], exact[order].astype(np.float32), self._typical(asked, direction))

    def _mean(self, items: Items) -> npt.NDArray[np.float32]:
        rows = self._predictions.directions(items[:: max(1, -(-len(items) // _ASKED))])
        return unit_rows(rows.mean(0, keepdims=True))[0]

    def _typical(self, asked: Items | None, direction: npt.NDArray[np.floating]) -> float:
        if asked is None or not len(asked):
            return 1.0
        own = self._predictions.directions(asked[:: max(1, -(-len(asked) // _ASKED))]) @ direction
        return float(np.quantile(own, 0.1))

    @cached_property
    def _sketch(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """The axes (d, w) and each item along them (n, w); of narrow embeddings these are the embeddings turned."""
        embeddings = self._predictions.embeddings
        n = len(embeddings)
        axes = principal_axes(unit_rows(embeddings[:: max(1, -(-n // _SAMPLE))]), WIDTH)
        path = self._predictions.folder / f"sketch-{VERSION}.npy"
        try:
            return axes, stored_array(path, kind="f", shape=(n, axes.shape[1]))
        except (OSError, EOFError, ValueError) as error:
            if is_out_of_memory(error):
                raise
        if self._keep:
            try:
                with write_whole(path, durable=False) as making:
                    made = new_array(making, (n, axes.shape[1]), np.float32)
                    self._fill(made, axes)
                    made.flush()
                return axes, stored_array(path, kind="f", shape=(n, axes.shape[1]))
            except (OSError, BadcaseError) as error:  # a full disk, a folder that is only read
                _log.info("the sketch is not kept: %s", error)
        plain = np.empty((n, axes.shape[1]), np.float32)
        self._fill(plain, axes)
        return axes, plain

    def _fill(self, sketch: npt.NDArray[np.float32], axes: npt.NDArray[np.float32]) -> None:
        embeddings = self._predictions.embeddings
        rows = max(1, _BLOCK // embeddings.shape[1])
        for start in range(0, len(sketch), rows):
            sketch[start : start + rows] = unit_rows(embeddings[start : start + rows]) @ axes
        let_go(embeddings)
