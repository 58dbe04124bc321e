"""What stands between the tuning view and the project: start the loop in the worker, show each trial as it comes."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.store.run_table import RunKind, RunRow, RunState
from badcase.training.runs.notes import add_note, read_notes
from badcase.training.tuning.run_titles import title_of
from badcase.training.tuning.trials import trials_of
from badcase.training.tuning.tuning_folder import optimism, why_closed
from badcase.ui.desktop.jobs.worker_lane import JobState
from badcase.ui.desktop.plots.trial_plot import TrialRow
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.train.recipe.recipe_panel import RecipePanel
from badcase.ui.desktop.train.tuning.tuning_view import DRAWN, MEASURE, TuningView

VERB = "tune"
OUTER = 3  # folds that measure a tuning


class TuningDesk(QObject):
    """Owns the view. `opened` asks for it to be seen, `ended` names the run that was trained by the best recipe."""

    opened = Signal()
    ended = Signal(int)

    def __init__(self, session: Session, panel: RecipePanel) -> None:
        super().__init__(panel)
        self._session, self._panel, self.view = session, panel, TuningView()
        self._known: set[int] = set()  # tunings that were there before the one that runs
        self._shown: int | None = None  # the tuning, or the measured one, that a person asked for; the last where None
        self._made, self._noted, self._step = 0, 0, ""
        self.view.begun.connect(self.start)
        self.view.resumed.connect(self.resume)
        self.view.stopped.connect(session.cancel)
        self.view.plot.chosen.connect(self.show_notes)
        self.view.notes.added.connect(self._add_note)
        self.view.compared.connect(lambda: self.ended.emit(self._made))
        session.job.connect(self._on_job)

    def open(self) -> None:
        """Show what the loop would do, or does."""
        if not self._running:
            self._forget()
        self.opened.emit()

    def show(self, number: int) -> None:
        """Show the trials of a tuning that there is."""
        if not self._running:
            self._forget()
            self._shown = number
            self._show()
        self.opened.emit()

    def _forget(self) -> None:
        self._known = {run.id for run in self._tunings(inner=True)}
        self._made, self._shown = 0, None
        self.view.notes.hide()  # they are of a trial that may not be shown any more
        self._show()

    def _tunings(self, *, inner: bool = False) -> list[RunRow]:
        """Those that were asked for; inner: those in the outer folds of a measurement too."""
        return [run for run in self._session.project.runs.all() if run.kind is RunKind.TUNING and (inner or run.part_of is None)]

    @property
    def _running(self) -> bool:
        return bool(self._step)

    def start(self) -> None:
        recipe = self._panel.form.recipe
        if recipe is None or self._session.busy:
            self._session.toast.emit(_("A job is running, or a field holds something that is not a value"), "")
            return
        self._forget()
        outer = {"outer": OUTER} if self.view.aim.value == MEASURE else {}
        self._begin(recipe=recipe.values(), start=self._panel.start.value, search=self.view.way.value == DRAWN, **outer)

    def resume(self) -> None:
        """Go on with the last tuning, for as long as is chosen from now on."""
        waits = self._waiting()
        if waits is None or self._session.busy:
            self._session.toast.emit(_("A job is running, or there is no tuning to resume"), "")
            return
        self._forget()
        self._known.discard(waits.id)
        self._begin(resume=waits.id)

    def _begin(self, **options: Any) -> None:
        self._step = VERB
        title = _("Measuring the tuning") if "outer" in options else _("Looking for a better recipe")
        self._session.start(VERB, title=title, done=self._done, stopped=self._stopped, seconds=self.view.seconds, **options)
        self._show()

    def _waiting(self) -> RunRow | None:
        """The last tuning, where it can go on."""
        made = self._tunings()
        return made[-1] if made and not why_closed(self._session.project, made[-1]) else None

    def _on_job(self, state: JobState) -> None:
        """Read the trials again where another step has begun."""
        if state.verb == VERB and not state.over and state.name != self._step:
            self._step = state.name or VERB
            self._show()

    def _done(self, value: dict[str, Any]) -> None:
        self._made, self._shown, self._step = value.get("run", 0), value.get("measured"), ""
        self._show()

    def _stopped(self) -> None:
        self._step = ""
        self._show()

    def show_notes(self, run: int) -> None:
        """Why a trial was made and what came of it."""
        self._noted = run
        running = self._session.project.runs.get(run).state is RunState.RUNNING
        nothing = _("This trial is still running.") if running else _("This trial was stopped before it had a result.")
        self.view.notes.show_notes(read_notes(self._session.project, run) or nothing)
        self.view.notes.show()

    def _add_note(self, text: str) -> None:
        try:
            add_note(self._session.project, self._noted, text)
        except (BadcaseError, OSError) as error:
            self.view.notes.line.setText(text)  # nothing of it is lost
            self._session.failed.emit(error if isinstance(error, BadcaseError) else BadcaseError(str(error)))
            return
        self.show_notes(self._noted)

    def _show(self) -> None:
        trials = self._trials()
        waits = None if self._running else self._waiting()
        self.view.show_state(running=self._running, ended=bool(self._made), waits=waits.id if waits else None)
        self.view.show_trials([_row(run, title_of(self._session.project, run)) for run in trials], self._sentence(trials))
        if self.view.notes.isVisibleTo(self.view):  # there is more to say of it by now
            self.show_notes(self._noted)

    def _trials(self) -> list[RunRow]:
        """Those of the tuning that runs, or of the one to be shown."""
        made = [run.id for run in self._tunings(inner=self._running) if not self._running or run.id not in self._known]
        tuning = self._shown or (made[-1] if made else None)
        if self._shown is not None and self._measured(self._shown) is not None:
            tuning = max((run.id for run in self._tunings(inner=True) if run.part_of == self._shown), default=None)
        return [] if tuning is None else trials_of(self._session.project.runs.all(), tuning)

    def _measured(self, number: int) -> RunRow | None:
        """The run of this number, where it measures a tuning."""
        run = self._session.project.runs.get(number)
        return run if run.kind is RunKind.NESTED_TUNING else None

    def _sentence(self, trials: list[RunRow]) -> str:
        stays = sum(bool(run.metrics.get("stays")) for run in trials)
        if self._shown is not None and (run := self._measured(self._shown)) is not None and run.metrics:
            return optimism(run.metrics)
        counted = plural("{n} trial", "{n} trials", len(trials)).format(n=len(trials))
        if self._made:
            return _("{trials}, of which {stays} stayed. Run {run} was trained by the resulting recipe.").format(
                trials=counted, stays=stays, run=self._made
            )
        if self._running:
            return _("{trials} so far, of which {stays} stayed. Select one to see why it was tried and what it gained.").format(
                trials=counted, stays=stays
            )
        return _(
            "The tuning starts from the plainest form of this recipe: it times batch sizes, finds the learning rate by "
            "sweeps, then tries one change at a time, all judged by the same folds and seeds. A change that gains no more "
            "than chance is dropped. Gold is not used."
        )


def _row(run: RunRow, title: str) -> TrialRow:
    first = run.parent is None
    stays = bool(run.metrics.get("stays", first and run.state is RunState.DONE))
    words = {RunState.RUNNING: _("running"), RunState.FAILED: _("failed"), RunState.CANCELLED: _("stopped")}
    came = words.get(run.state) or (_("plain recipe") if first else _("stays") if stays else _("goes"))
    error = float(run.metrics.get("gain_error", 0.0))
    return TrialRow(run.id, title[:1].upper() + title[1:], came, stays, float(run.metrics["gain"]) if error else None, error)
