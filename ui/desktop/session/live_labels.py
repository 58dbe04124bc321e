"""What to label next in an open project: made beside the window, told of every label as it is given."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from badcase.labelling.label_queue import LabelQueue
from badcase.labelling.of_project import label_queue, waiting_for_a_label
from badcase.project import Project
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool

# It learns all labels anew when so many came, or this share of all that there are; and where more came at once.
_FEWEST, _SHARE = 10, 0.1


class LiveLabels(QObject):
    """`ready`: another queue holds, which has learnt from the labels so far."""

    ready = Signal()

    def __init__(self, project: Project, pool: DecodingPool, parent: QObject) -> None:
        super().__init__(parent)
        self._project, self._pool = project, pool
        self._making = False
        self._since = 0  # labels that came since it was made
        self._take_up()

    def _take_up(self) -> None:
        """Begin with the items that there are."""
        self._queue: LabelQueue | None = None
        self._waits, self._labels = self._standing()  # as the queue knows them
        self._some = bool((self._project.given < 0).any())  # an item that came without a label
        self._told = self._predictions = -1  # the revision that it knows, and the predictions that it was made from

    def now(self) -> LabelQueue | None:
        """The queue as the labels stand; None where there is nothing to label or it is not made yet: then `ready` comes."""
        project = self._project
        if len(self._labels) != len(project.items):  # an update of the data brought some
            self._take_up()
        predictions = project.predictions.current if project.task == "multiclass" else None
        if predictions is None or not predictions.has_embeddings or not self._some:
            return None
        if predictions.id != self._predictions:
            self._queue = None
            self._begin(predictions.id)
        elif self._queue is not None and self._told != project.revision:
            self._catch_up(self._queue, predictions.id)
        return self._queue

    def _catch_up(self, queue: LabelQueue, predictions: int) -> None:
        """Tell the queue of what was judged since; what it cannot be told, and what is much, it learns by being made anew."""
        waits, labels = self._standing()
        judged = np.flatnonzero((labels != self._labels) | (self._waits & ~waits))
        back = (waits & ~self._waits).any() or (labels[judged] < self._labels[judged]).any()
        self._waits, self._labels, self._told = waits, labels, self._project.revision
        self._since += len(judged)
        known = len(self._project.classes) == queue.k and not back
        if known and len(judged) <= _FEWEST:
            for item in judged.tolist():
                queue.record(item, int(labels[item]) if labels[item] >= 0 else None)
        if not known or self._since >= max(_FEWEST, int(_SHARE * np.count_nonzero(labels >= 0))):
            self._begin(predictions)

    def _standing(self) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """(n,) which items wait for a label, and the labels that hold."""
        return waiting_for_a_label(self._project), self._project.labels.astype(np.int64)

    def _begin(self, predictions: int) -> None:
        if self._making:
            return
        self._making, self._predictions, self._since = True, predictions, 0
        told, standing = self._project.revision, self._standing()

        def on_made(queue: LabelQueue) -> None:
            self._queue, self._told, (self._waits, self._labels) = queue, told, standing
            self._making = False
            self.ready.emit()

        self._pool.submit(label_queue(self._project), on_made, owner=self)

    def close(self) -> None:
        """The project is closed: nothing that is being made is taken any more."""
        self._pool.drop(owner=self)
