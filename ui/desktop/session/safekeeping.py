"""What keeps the journal safe beside the work: a backup now and then, and a look through a large database."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from badcase.errors import BadcaseError
from badcase.mending.journal_backups import back_up_journal
from badcase.mending.late_check import late_fault
from badcase.project import Project
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool

EVERY = 200  # entries of the journal between two backups; another is made as the project is closed


class Safekeeping(QObject):
    """It works in threads of the pool, so that no key waits for it."""

    failed = Signal(object)  # BadcaseError

    def __init__(self, project: Project, pool: DecodingPool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project, self._pool = project, pool
        self._kept, self._busy = project.revision, False
        pool.submit(partial(late_fault, project.path), self._on_looked, owner=self)

    def consider(self) -> None:
        """A verdict was recorded: back the journal up, where many are new."""
        if not self._busy and abs(self._project.revision - self._kept) >= EVERY:
            self._kept, self._busy = self._project.revision, True
            self._pool.submit(partial(back_up_journal, self._project.path), self._on_backed_up, owner=self)

    def close(self) -> None:
        """Nothing is delivered any more."""
        self._pool.drop(owner=self)

    def _on_looked(self, fault: BadcaseError | None) -> None:
        if fault is not None:
            self.failed.emit(fault)

    def _on_backed_up(self, _path: object) -> None:
        self._busy = False
