"""The runs of a project as the page looks at them: which one is chosen, their histories, what each is drawn against."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace

import numpy as np

from badcase.errors import BadcaseError
from badcase.items import Split
from badcase.project import Project
from badcase.store.run_table import RunKind, RunRow, RunState
from badcase.training.comparison.run_scores import RunScores, run_scores
from badcase.training.metrics.single_label import measure as validation_measures
from badcase.training.run_folder.run_answers import run_logits
from badcase.training.run_folder.run_files import LOGITS
from badcase.training.tuning.run_titles import title_of
from badcase.training.tuning.tuning_folder import SEARCHES, listed
from badcase.ui.desktop.train.runs.history import RunHistory
from badcase.ui.desktop.train.runs.live_run import LiveRun
from badcase.ui.desktop.train.runs.run_entries import measure_of, run_entry
from badcase.ui.desktop.train.runs.runs_panel import RunEntry


class RunShelf:
    """Reads histories once, and again when the runs have changed."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._chosen: int | None = None
        self._histories: dict[int, RunHistory] = {}
        self._reached: dict[int, dict[str, float]] = {}
        self._scores: RunScores | None = None
        self._scored: tuple[int, list[tuple[int, RunState]]] = (0, [])
        self.reload()

    def reload(self) -> None:
        """The worker has written: read anew."""
        self._histories.clear()
        self._scores = None
        self._read()

    def choose(self, number: int) -> None:
        self._chosen = number
        self._read()

    def _read(self) -> None:
        """runs: those that have curves and predictions; the list shows tunings too, whose trials it leaves out."""
        runs = listed(self._project.runs.all())
        self._listed = [replace(run, title=title_of(self._project, run)) for run in runs]
        self.runs = [run for run in self._listed if run.kind not in SEARCHES]

    @property
    def chosen(self) -> RunRow | None:
        """The run on screen: the one a person chose, else the newest."""
        return next((run for run in self.runs if run.id == self._chosen), self.runs[-1] if self.runs else None)

    def find_running(self) -> RunRow | None:
        """The run that the worker has begun, which becomes the chosen one; None until it has."""
        self._read()
        running = next((run for run in reversed(self.runs) if run.state is RunState.RUNNING), None)
        if running is not None:
            self._chosen = running.id
        return running

    def history(self, run: RunRow, live: LiveRun | None = None) -> RunHistory:
        """What a run reported: from the job while it trains, else from its folder."""
        if live is not None:
            return live.history
        if run.state is RunState.RUNNING:
            return RunHistory.read(run)
        if run.id not in self._histories:
            self._histories[run.id] = RunHistory.read(run)
        return self._histories[run.id]

    def reference(self, run: RunRow) -> tuple[int, RunHistory] | None:
        """The run that this one is drawn against: its parent, else the one before it that has something to show."""
        parent = [other for other in self.runs if other.id == run.parent]
        for other in parent + [other for other in reversed(self.runs) if other.id < run.id]:
            history = self.history(other)
            if not history.epochs and (reached := self._metrics(other)):
                history = RunHistory.level(reached, self._span(run))
            if history.epochs:
                return other.id, history
        return None

    def _span(self, run: RunRow) -> int:
        """How many epochs a run's curves take: all that it may train, or those that it did where it is over."""
        trained = math.ceil(self.history(run).epochs)
        return trained if run.state is RunState.DONE and trained else int(run.recipe.get("epochs", 2))

    def entries(self) -> list[RunEntry]:
        """All runs for the list, newest first, each scored on the same items by the labels of today; of a tuning one line."""
        current, measure, scores = self._project.runs.current, self._measure(), self.scores()
        in_use = current.id if current else None
        return [
            run_entry(run, self.history(run), scores.value(run.id), measure, in_use=run.id == in_use)
            for run in reversed(self._listed)
        ]

    def scores(self) -> RunScores:
        """Of the runs that are listed; made again with another revision of the labels, and when a run has ended."""
        known = (self._project.revision, [(run.id, run.state) for run in self._listed])
        if self._scores is None or self._scored != known:
            self._scores, self._scored = run_scores(self._project, self._listed), known
        return self._scores

    def _metrics(self, run: RunRow) -> dict[str, float]:
        """What a run reached on the validation items; for the model that the project began with, from its logits."""
        if run.kind is not RunKind.INITIAL or not run.has(LOGITS):
            return run.metrics
        if run.id not in self._reached:
            project = self._project
            rows = np.flatnonzero((project.split == Split.VALIDATION) & ~project.gold)
            self._reached[run.id] = {}
            with suppress(BadcaseError):  # damaged logits measure nothing
                logits = run_logits(project, run)[rows]
                self._reached[run.id] = (
                    validation_measures(logits, project.taxonomy.answers(project.labels[rows])) if len(rows) else {}
                )
        return self._reached[run.id]

    @property
    def measure_title(self) -> str:
        """What the values of the list are."""
        heading = self.scores().heading
        return heading[:1].upper() + heading[1:]

    def _measure(self) -> str:
        """The measure of the validation items whose rise is drawn."""
        trained = [run for run in self.runs if run.recipe]
        return measure_of(trained[-1] if trained else None, self._project.task)[0]
