"""What is like some items, found in a thread; of questions that come meanwhile only the newest is answered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from badcase.maps.likeness import Alike, Items, Likeness
from badcase.ui.desktop.session.session import Session


class AlikeSearch:
    """Of the prediction set in use, as it is when a question comes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._likeness: tuple[int, Likeness] | None = None
        self._tickets: dict[str, int] = {}

    @property
    def possible(self) -> bool:
        """Whether items can be likened."""
        predictions = self._session.project.predictions.current
        return predictions is not None and predictions.has_embeddings

    @property
    def embeds(self) -> bool:
        """Whether a model is known that could look at what is no item."""
        predictions = self._session.project.predictions.current
        return self.possible and predictions is not None and predictions.has_model

    def look_for(self, what: str, items: Items, count: int, among: npt.NDArray[np.bool_], done: Callable[[Alike], None]) -> None:
        """Call `done` with the items among (n,) that are most like some items, unless the same `what` is asked for again."""
        if len(items):
            self._submit(what, lambda likeness: likeness.like(items, count, among), done)

    def look_along(
        self,
        what: str,
        direction: npt.NDArray[np.float32],
        count: int,
        among: npt.NDArray[np.bool_],
        done: Callable[[Alike], None],
    ) -> None:
        """The same of a direction (d,) of length 1 among the embeddings, which may be of what is no item."""
        self._submit(what, lambda likeness: likeness.like_direction(direction, count, among), done)

    def _submit(self, what: str, work: Callable[[Likeness], Alike], done: Callable[[Alike], None]) -> None:
        self.forget(what)
        predictions = self._session.project.predictions.current
        if predictions is None or not predictions.has_embeddings:
            return
        if self._likeness is None or self._likeness[0] != predictions.id:
            self._likeness = predictions.id, Likeness(predictions, keep=self._session.project.read_only is None)
        asked = partial(work, self._likeness[1])
        self._tickets[what] = self._session.pool.submit(asked, done, failed=self._session.failed.emit, owner=self._session)

    def forget(self, what: str) -> None:
        """Nobody waits any more for what was asked."""
        if (ticket := self._tickets.pop(what, None)) is not None:
            self._session.pool.drop(ticket=ticket)
