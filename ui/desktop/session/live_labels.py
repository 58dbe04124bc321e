"""What to label next in an open project: made beside the window, told of every label as it is given."""

from __future__ import annotations

import numpy as np
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
        self._queue: LabelQueue | None = None
        self._waits = np.zeros(len(project.items), np.bool_)  # (n,) as the queue knows it
        self._making = False
        self._told = self._learnt = -1  # the revision that it knows, and how many labels it has learnt from
        self._predictions = -1  # which of them it was made from

    def now(self) -> LabelQueue | None:
        """The queue as the labels stand; None where there is nothing to label or it is not made yet: then `ready` comes."""
        project = self._project
        predictions = project.predictions.current if project.task == "multiclass" else None
        if predictions is None or not predictions.has_embeddings or not (project.given < 0).any():
            return None
        if predictions.id != self._predictions:
            self._queue = None
            self._begin(predictions.id)
        elif self._queue is not None and self._told != project.revision:
            self._catch_up(self._queue, predictions.id)
        return self._queue

    def _catch_up(self, queue: LabelQueue, predictions: int) -> None:
        waits = waiting_for_a_label(self._project)
        judged, back = np.flatnonzero(self._waits & ~waits), (waits & ~self._waits).any()
        self._waits, self._told = waits, self._project.revision
        due = max(_FEWEST, int(_SHARE * self._learnt))
        if len(judged) <= due:
            labels = self._project.labels
            for item in judged.tolist():
                queue.record(item, int(labels[item]) if labels[item] >= 0 else None)
        if back or int(self._project.labelled.sum()) >= self._learnt + due:
            self._begin(predictions)

    def _begin(self, predictions: int) -> None:
        if self._making:
            return
        self._making, self._predictions = True, predictions
        waits, revision = waiting_for_a_label(self._project), self._project.revision
        learnt = int(self._project.labelled.sum())

        def on_made(queue: LabelQueue) -> None:
            self._queue, self._waits, self._told, self._learnt = queue, waits, revision, learnt
            self._making = False
            self.ready.emit()

        self._pool.submit(label_queue(self._project), on_made, owner=self)

    def close(self) -> None:
        """The project is closed: nothing that is being made is taken any more."""
        self._pool.drop(owner=self)
