"""A job whose steps are taken in the window's thread: for what only the process that holds the project may write."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer

from badcase.errors import BadcaseError
from badcase.progress import Job, Progress

_AT_ONCE = 0.02  # seconds of steps between two looks at what a person does


class StepsHere(QObject):
    """Takes the steps of a job, a few milliseconds of them at a time; what is stopped is closed and never delivers."""

    def __init__(
        self,
        job: Job[Any],
        told: Callable[[Progress], None],
        done: Callable[[Any], None],
        failed: Callable[[BadcaseError], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._job, self._told, self._done, self._failed = job, told, done, failed
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._step)
        self._timer.start()

    def stop(self) -> None:
        """Take no further step, and undo what the job has begun."""
        self._timer.stop()
        self._job.close()
        self.deleteLater()

    def _step(self) -> None:
        ends = time.monotonic() + _AT_ONCE
        try:
            event = next(self._job)
            while time.monotonic() < ends:
                event = next(self._job)
        except StopIteration as ended:
            self.stop()
            self._done(ended.value)
        except BadcaseError as error:
            self.stop()
            self._failed(error)
        except BaseException:
            self.stop()
            raise
        else:
            if isinstance(event, Progress):
                self._told(event)
