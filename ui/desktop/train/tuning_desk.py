"""What stands between the tuning view and the project: start the loop in the worker, show each trial as it comes."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from badcase.language import _, plural
from badcase.runs import RunRow, RunState
from training.notes import add_note, read_notes
from training.trials import KIND
from ui.desktop.jobs import JobState
from ui.desktop.plots.trials import TrialRow
from ui.desktop.session import Session
from ui.desktop.train.recipe_panel import RecipePanel
from ui.desktop.train.tuning_view import DRAWN, TuningView

VERB = "tune"


class TuningDesk(QObject):
    """Owns the view. `opened` asks for it to be seen, `ended` names the run that was trained by the best recipe."""

    opened = Signal()
    ended = Signal(int)

    def __init__(self, session: Session, panel: RecipePanel) -> None:
        super().__init__(panel)
        self._session, self._panel, self.view = session, panel, TuningView()
        self._known: set[int] = set()  # runs that were there before
        self._made, self._noted, self._step = 0, 0, ""
        self.view.begun.connect(self.start)
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

    def _forget(self) -> None:
        self._known = {run.id for run in self._session.project.runs()}
        self._made = 0
        self._show()

    @property
    def _running(self) -> bool:
        return bool(self._step)

    def start(self) -> None:
        recipe = self._panel.form.recipe
        if recipe is None or self._session.busy:
            self._session.told.emit(_("A job is running, or a field holds something that is not a value"), "")
            return
        self._forget()
        self._step = VERB
        self._session.start(
            VERB, title=_("Looking for a better recipe"), done=self._done, stopped=self._stopped, recipe=recipe.values(),
            start=self._panel.start.value, seconds=self.view.seconds, search=self.view.way.value == DRAWN,
        )  # fmt: skip
        self._show()

    def _on_job(self, state: JobState) -> None:
        """Read the trials again where another step has begun."""
        if state.verb == VERB and not state.over and state.name != self._step:
            self._step = state.name or VERB
            self._show()

    def _done(self, value: dict[str, Any]) -> None:
        self._made, self._step = value["run"], ""
        self._show()

    def _stopped(self) -> None:
        self._step = ""
        self._show()

    def show_notes(self, run: int) -> None:
        """Why a trial was made and what came of it."""
        self._noted = run
        running = self._session.project.run(run).state is RunState.RUNNING
        nothing = _("It is still in trial.") if running else _("It was stopped before there was anything to say.")
        self.view.notes.show_notes(read_notes(self._session.project, run) or nothing)
        self.view.notes.show()

    def _add_note(self, text: str) -> None:
        add_note(self._session.project, self._noted, text)
        self.show_notes(self._noted)

    def _show(self) -> None:
        trials = self._trials()
        self.view.show_state(running=self._running, ended=bool(self._made))
        self.view.show_trials([_row(run) for run in trials], self._sentence(trials))
        if self.view.notes.isVisibleTo(self.view):  # there is more to say of it by now
            self.show_notes(self._noted)

    def _trials(self) -> list[RunRow]:
        """Those of the loop that runs, or of the last one: it began with a trial that has no parent."""
        trials = [run for run in self._session.project.runs() if run.kind == KIND]
        if self._running:
            return [run for run in trials if run.id not in self._known]
        first = max((place for place, run in enumerate(trials) if run.parent is None), default=0)
        return trials[first:]

    def _sentence(self, trials: list[RunRow]) -> str:
        stays = sum(bool(run.metrics.get("stays")) for run in trials)
        counted = plural("{n} trial", "{n} trials", len(trials)).format(n=len(trials))
        if self._made:
            return _("{trials}, of which {stays} stayed. Run {run} was trained by the recipe that is left.").format(
                trials=counted, stays=stays, run=self._made)  # fmt: skip
        if self._running:
            return _("{trials} so far, of which {stays} stayed. Press one to see why it was tried and what it did.").format(
                trials=counted, stays=stays)  # fmt: skip
        return _("From the plainest form of this recipe up: the batch size by a stopwatch, the learning rate by a sweep, then "
                 "one change at a time, all judged by the same folds and seeds. What does not gain beyond chance goes. Gold "
                 "is not looked at.")  # fmt: skip


def _row(run: RunRow) -> TrialRow:
    first = run.parent is None
    stays = bool(run.metrics.get("stays", first and run.state is RunState.DONE))
    words = {RunState.RUNNING: _("in trial"), RunState.FAILED: _("failed"), RunState.CANCELLED: _("stopped")}
    came = words.get(run.state) or (_("the plain one") if first else _("stays") if stays else _("goes"))
    error = float(run.metrics.get("gain_error", 0.0))
    change = run.title[:1].upper() + run.title[1:]
    return TrialRow(run.id, change, came, stays, float(run.metrics["gain"]) if error else None, error)
