"""A project that is open in the window: every page holds this, and hears of every change from one broadcast."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from badcase.active_learning.errors_left import ErrorsLeft
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import Job
from badcase.project import Project
from badcase.ranking.any_ranking import AnyRanking
from badcase.store.changes import Area, Changes
from badcase.ui import operations, wording
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import JobState, Phase, WorkerLane
from badcase.ui.desktop.session.background_refit import Refit
from badcase.ui.desktop.session.live_labels import LiveLabels
from badcase.ui.desktop.session.live_learner import LiveLearner
from badcase.ui.desktop.session.preferences import Preferences
from badcase.ui.desktop.session.safekeeping import Safekeeping
from badcase.ui.desktop.session.seen import Seen
from badcase.ui.desktop.session.view_state import ViewState
from badcase.ui.desktop.window_words import in_window

_READING = ("export", "report", "embed", "drift", "hint")  # jobs that write nothing into the project
_REMEMBER_MS = 500  # after a verdict: what was drawn at random is saved when nobody presses a key

__all__ = ["Command", "JobState", "Phase", "Session"]


class Session(QObject):
    """One open project, its lane of heavy jobs, and the broadcasts that the pages listen to."""

    changed = Signal(object)  # Changes: the one broadcast
    job = Signal(object)  # JobState
    failed = Signal(object)  # BadcaseError, for the error bar
    untrusted = Signal(object, object)  # the error of a job that needs code trusted, and what starts the job again
    toast = Signal(str, str)  # a toast: text, and the key that undoes it ("Z") or ""
    told = Signal()  # what the strip says of the page is something else now, though nothing of the project is
    offer = Signal(object)  # a Command: what can be done about the toast that was just told
    navigate = Signal(str, object)  # a page's id, and what to show there
    preferred = Signal()  # the person set something that holds for what is on screen
    finished = Signal(str, object)  # a job's verb and its result, after what it wrote was broadcast

    def __init__(
        self, project: Project, lane: WorkerLane, pool: DecodingPool, view: ViewState, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.project, self.pool, self.view = project, pool, view
        self.preferences = Preferences(view)
        project.journal.reviewer = self.preferences.named
        self.seen = Seen(project, lambda: self.preferences.others_hidden)
        self.learner = LiveLearner(project)
        self.to_label = LiveLabels(project, pool, self)
        self._lane = lane
        self._beside: WorkerLane | None = None  # for what is written out of the project while a job runs
        self.refit = Refit(project, self.learner, lane, pool, self)
        self.refit.failed.connect(self.failed)
        self._safekeeping = Safekeeping(project, pool, self)
        self._safekeeping.failed.connect(self.failed)
        self._remember = QTimer(self, singleShot=True, interval=_REMEMBER_MS)
        self._remember.timeout.connect(self._save_learner)
        self.changed.connect(self._on_changed)
        lane.state.connect(self.job)
        lane.noticed.connect(self._on_notice)

    def prefer(self) -> None:
        """Go by the person's settings as they are now: who judges, and what may be seen."""
        self.project.journal.reviewer = self.preferences.named
        self.preferred.emit()

    def tell(self, changes: Changes, *, origin: str = "") -> None:
        """Broadcast a change; origin: the id of the page that began it and shows it by itself."""
        self.changed.emit(replace(changes, origin=origin))

    def apply(self, operation: Callable[..., Changes | None], /, *, origin: str = "", **arguments: Any) -> Changes | None:
        """Do one operation on the project and tell everybody but its origin; what goes wrong goes to the error bar."""
        try:
            changes = operation(self.project, **arguments)
        except BadcaseError as error:
            self.failed.emit(error)
            return None
        if changes is not None:
            self._tell_done(changes, origin, "" if operation is operations.undo else "Z")
        return changes

    def apply_in_steps(self, job: Job[Changes], done: Callable[[Changes], None], *, title: str, origin: str = "") -> None:
        """The same of an operation that takes seconds: its bar is shown, it can be cancelled, and nothing else is judged
        meanwhile; `done` is called after everybody was told."""

        def on_done(changes: Changes) -> None:
            self._tell_done(changes, origin, "Z")
            done(changes)

        self._lane.start_here("judge", job, title=title, done=on_done, failed=self.failed.emit)

    def _tell_done(self, changes: Changes, origin: str, key: str) -> None:
        self.tell(changes, origin=origin)
        if len(changes.items) > 1:
            self.toast.emit(changes.title, key)

    def apply_and_tell(self, operation: Callable[..., Changes | None], /, **arguments: Any) -> None:
        """The same, and say what was done also of one item, or of none: nobody sees it where they stand."""
        changes = self.apply(operation, **arguments)
        if changes is not None and len(changes.items) < 2:
            self.toast.emit(changes.title, "Z" if changes.items else "")

    @property
    def errors_left(self) -> ErrorsLeft | None:
        """What is told of the errors left; None before the first ranking."""
        learner = self.learner.now()
        return None if learner is None else learner.errors_left()

    def check_random(self) -> None:
        """Show as many items drawn at random as the count of errors left asks for, in the order of the draws."""
        learner = self.learner.now()
        if learner is not None and (wanted := learner.errors_left().to_check):
            self.navigate.emit("review", {"items": learner.draw_until(wanted), "title": _("Drawn at random")})

    @property
    def busy(self) -> bool:
        return self._lane.busy

    @property
    def exporting(self) -> bool:
        """Whether something is written out of the project beside a running job."""
        return self._beside is not None and self._beside.busy

    def start(
        self,
        verb: str,
        *,
        title: str,
        done: Callable[[dict[str, Any]], None] = lambda value: None,
        stopped: Callable[[], None] = lambda: None,
        answered: Callable[[BadcaseError], bool] = lambda error: False,
        chain: Sequence[str] = (),
        **options: Any,
    ) -> None:
        """Run a heavy job on the project in the worker. What it wrote is broadcast before `done` is called.

        done: gets the job's result. stopped: called when it failed or was cancelled, after the error was shown.
        answered: gets the error; true where it has been dealt with and need not be shown. chain: as of `WorkerLane.start`.
        """
        if self.project.read_only is not None and verb not in _READING:
            self._only_read(verb, stopped)
            return
        plain = _plain(options) | {"project": str(self.project.path)}
        if verb in _READING and self.busy:
            self._start_beside(verb, title, plain, done, stopped, answered)
            return

        def on_done(value: dict[str, Any]) -> None:
            self.tell(self.project.reload())
            self.finished.emit(verb, value)
            done(value)

        def on_failed(error: BadcaseError) -> None:
            self.tell(self.project.reload())
            stopped()
            if getattr(error, "untrusted", None):
                self.untrusted.emit(error, again)
            elif not answered(error):
                self.failed.emit(error)

        def again() -> None:
            self.start(verb, title=title, done=done, stopped=stopped, answered=answered, chain=chain, **options)

        def on_cancelled() -> None:
            self.tell(self.project.reload(stopped=True))
            stopped()

        self._lane.start(
            verb,
            title=title,
            options=plain,
            done=on_done,
            failed=on_failed,
            cancelled=on_cancelled,
            kind=self.project.kind.value,
            chain=chain,
        )

    def _start_beside(
        self,
        verb: str,
        title: str,
        options: dict[str, Any],
        done: Callable[[dict[str, Any]], None],
        stopped: Callable[[], None],
        answered: Callable[[BadcaseError], bool],
    ) -> None:
        """A job that only reads, in a worker of its own: the project as it stands now, whatever the running job writes."""
        if self._beside is None:
            self._beside = WorkerLane(self)
            self._beside.noticed.connect(self._on_notice)

        def on_failed(error: BadcaseError) -> None:
            stopped()
            if not answered(error):
                self.failed.emit(error)

        self.toast.emit(_("{title}: runs beside the other job, and you are told when it is done").format(title=title), "")
        self._beside.start(verb, title=title, options=options, done=done, failed=on_failed, cancelled=stopped)

    def stop_exporting(self) -> None:
        """End what is written out beside a job; nothing half-written is left."""
        if self._beside is not None:
            self._beside.close()

    def _only_read(self, verb: str, stopped: Callable[[], None]) -> None:
        """A job on a project that is only read: a ranking is made for this window alone, and nothing else can be done."""
        if verb == "rank":

            def on_ranked(ranking: AnyRanking) -> None:
                self.tell(self.project.use_ranking(ranking))
                self.finished.emit(verb, {})

            self.pool.submit(partial(_ranked, self.project.path), on_ranked, failed=self._on_unranked, owner=self)
            return
        try:
            self.project.require_writing()
        except BadcaseError as error:
            stopped()
            self.failed.emit(error)

    def _on_unranked(self, error: Exception) -> None:
        if not isinstance(error, BadcaseError):
            raise error
        self.failed.emit(error)

    def cancel(self) -> None:
        self._lane.cancel()

    def close(self) -> None:
        """Hear nothing more of the lane and let the project go, also where what was remembered cannot be written."""
        self._remember.stop()
        self.stop_exporting()
        self.refit.close()
        self.to_label.close()
        self._safekeeping.close()
        self._lane.state.disconnect(self.job)
        self._lane.noticed.disconnect(self._on_notice)
        self.pool.drop(owner=self)
        try:
            self.learner.save(closing=True)
        finally:
            self.project.close()

    def _on_changed(self, changes: Changes) -> None:
        if Area.LABELS in changes.areas:
            self._remember.start()
            self.refit.consider()
            self._safekeeping.consider()

    def _save_learner(self) -> None:
        if self._lane.busy_here:  # what is written now would be a part of that
            self._remember.start()
        else:
            self.learner.save()

    def _on_notice(self, text: str, hint: str) -> None:
        self.toast.emit(wording.with_hint(text, in_window(hint)), "")


def _ranked(path: Path) -> AnyRanking:
    """The queue of a project that is only read, for another thread, which needs an opening of its own."""
    with Project.open(path, read_only=True) as project:
        return project.rank()


def _plain(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as JSON can carry them; what is None is left to the worker's default."""
    return {name: str(value) if isinstance(value, Path) else value for name, value in options.items() if value is not None}
