"""The run that trains at this moment: its history so far, how far it is, and what to say about its pace."""

from __future__ import annotations

from badcase.i18n import _
from badcase.store.run_table import RunRow
from badcase.ui import wording
from badcase.ui.desktop.jobs.worker_lane import JobState, Phase
from badcase.ui.desktop.train.runs.history import RunHistory


class LiveRun:
    """Fed with the state of the training job; knows its run's number once the worker has made it."""

    def __init__(self) -> None:
        self.number: int | None = None
        self.history = RunHistory()
        self.epoch = 0.0
        self._state: JobState | None = None
        self._ended = 0.0

    def take(self, state: JobState) -> None:
        """Take a report in."""
        self._state = state
        if "epoch" in state.values:
            if state.values["epoch"] < self.epoch:  # the next run of several, or the next fold
                self.number, self.history = None, RunHistory()
            self.epoch = state.values["epoch"]
            self.history.add(state.values)

    def begin(self, run: RunRow) -> None:
        """Which run it is; one that goes on has a history already."""
        self.number = run.id
        if self._state is not None and self._state.verb == "resume":
            self.history = RunHistory.read(run)

    @property
    def stopping(self) -> bool:
        return self._state is not None and self._state.state is Phase.STOPPING

    def ended_epoch(self) -> bool:
        """Whether another epoch has ended since this was asked last."""
        before, self._ended = self._ended, self.history.epochs
        return self._ended != before

    @property
    def step(self) -> str:
        name = self._state.name if self._state else ""
        return name[:1].lower() + name[1:] if name else _("starting")

    @property
    def pace(self) -> str:
        """ "420 texts/s · about 2 min left", as far as it is known."""
        state = self._state
        if state is None or self.stopping:
            return ""
        parts = [wording.pace(state.rate, state.unit)] if state.rate else []
        if state.left is not None:
            parts.append(_("{time} left").format(time=wording.duration(state.left)))
        return " · ".join(parts)
