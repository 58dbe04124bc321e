"""Garbage is collected in the window's thread alone.

Python collects in whichever thread makes the allocation that is one too many. In a thread of the pool that would destroy
widgets that lie about in cycles, and what Qt destroys outside of its thread takes the program down, then or much later.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 500


class Collector(QObject):
    """Takes collecting over from Python until `stop`: by Python's own thresholds, but between two events of the window."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()
        gc.enable()

    def _collect(self) -> None:
        counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
        due = [generation for generation, (count, threshold) in enumerate(counts) if count > threshold > 0]
        if due:
            gc.collect(due[-1])
