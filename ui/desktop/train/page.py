"""The Train page: recipe, run and runs put together, and the way from one training to the next."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QWidget

from badcase.i18n import _
from badcase.store.changes import Area, Changes
from badcase.store.run_table import RunKind
from badcase.training.comparison.gold import gold_items
from badcase.training.diagnosis.diagnose import Finding, diagnose
from badcase.training.recipe import PRESETS, Recipe
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.jobs.worker_lane import JobState
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.train.comparison.comparison_controller import ComparisonDesk
from badcase.ui.desktop.train.comparison.comparison_text import usual_pair
from badcase.ui.desktop.train.recipe.recipe_panel import RecipePanel
from badcase.ui.desktop.train.recipe.training_controller import TrainingDesk
from badcase.ui.desktop.train.runs.diagnosis_card import finding_shown
from badcase.ui.desktop.train.runs.live_run import LiveRun
from badcase.ui.desktop.train.runs.run_entries import again_of
from badcase.ui.desktop.train.runs.run_list_state import RunShelf
from badcase.ui.desktop.train.runs.run_view import RunView
from badcase.ui.desktop.train.runs.runs_panel import RunsPanel
from badcase.ui.desktop.train.tuning.finder_controller import FinderDesk
from badcase.ui.desktop.train.tuning.tuning_controller import TuningDesk
from badcase.ui.desktop.widgets import Hairline, Panel

DRAW_PAUSE_MS = 80
TRAININGS = ("train", "resume", "repeat")  # the worker's verbs that end in a run
WHILE_TRAINING = ("overfitting", "rate_too_high")  # findings that hold before the last epoch
RECIPE_WIDTH, RUNS_WIDTH, RUNS_NARROW, NARROW = 320, 324, 248, 1360


class TrainPage(QWidget):
    """Recipe at the left, a run or a comparison in the middle, the runs at the right."""

    id = "train"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("train_page")
        self.title = _("Train")
        self.session, self._project = session, session.project
        self._live: LiveRun | None = None
        self._found: Finding | None = None
        self._shelf = RunShelf(self._project)
        self.recipe, self.run, self.runs = self._parts()
        self.training, self._comparing = TrainingDesk(session, self.recipe), ComparisonDesk(session, self)
        self.comparison = self._comparing.view
        self._finders = FinderDesk(session, self.recipe)
        self.finder = self._finders.view
        self._tuning = TuningDesk(session, self.recipe)
        self.tuning = self._tuning.view
        self._draw_later = QTimer(self, singleShot=True, interval=DRAW_PAUSE_MS)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lay_out()
        self._connect()
        self._add_shortcuts()
        self._show_runs()

    # --- assembly -----------------------------------------------------------------------------------------------

    def _parts(self) -> tuple[RecipePanel, RunView, RunsPanel]:
        kind, task = self._project.kind, self._project.task
        return RecipePanel(kind, task), RunView(kind, task), RunsPanel()

    def _lay_out(self) -> None:
        self._centre, self._side, self._line = QStackedWidget(), Panel("surface"), Hairline(standing=True)
        for part in (self.run, self.comparison, self.finder, self.tuning):
            self._centre.addWidget(part)
            # The one that is not seen, and has the recipe's room as well, must not keep the window from being narrow.
            part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        side = QHBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.addWidget(self.runs)
        self.recipe.setFixedWidth(RECIPE_WIDTH)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.recipe)
        row.addWidget(self._line)
        row.addWidget(self._centre, 1)
        row.addWidget(Hairline(standing=True))
        row.addWidget(self._side)

    def _connect(self) -> None:
        self.session.finished.connect(self._on_finished)
        self.run.begun.connect(self.training.train)
        self.run.stopped.connect(self.session.cancel)
        self.run.again.connect(self.do_again)
        self.run.tried.connect(self.try_remedy)
        self.runs.chosen.connect(self.show_run)
        self.runs.compared.connect(self.compare)
        self._comparing.compared.connect(lambda: self._show_centre(self.comparison))
        self.comparison.closed.connect(self.close_comparison)
        self._finders.found.connect(lambda: self._show_centre(self.finder))
        self.finder.taken.connect(self._take_found)
        self.finder.closed.connect(self.close_comparison)
        self.recipe.tuned.connect(self._tuning.open)
        self._tuning.opened.connect(lambda: self._show_centre(self.tuning))
        self._tuning.ended.connect(self.show_ended)
        self.tuning.closed.connect(self.close_comparison)
        self._draw_later.timeout.connect(self._draw_live)
        self.session.job.connect(self._on_job)
        self.session.navigate.connect(self._on_navigate)

    def _add_shortcuts(self) -> None:
        keys: dict[str, Callable[[], object]] = {
            "Ctrl+Return": self.do_main,
            "Ctrl+Enter": self.do_main,
            "Ctrl+D": self.compare,
            "X": self.comparison.swap.click,
            "F": self.comparison.open_fixed,
            "B": self.comparison.open_broken,
            "R": self.run.head.again.click,
            "/": self.recipe.search.setFocus,
            "Ctrl+T": self._tuning.open,
        }
        keys |= {str(index + 1): partial(self.try_remedy, index) for index in range(3)}
        for key, run in keys.items():
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(run)

    # --- what changed elsewhere ---------------------------------------------------------------------------------

    def refresh(self, changes: Changes) -> None:
        """Show what an operation of this or another page changed."""
        self.training.refresh(changes)
        if Area.RUNS in changes.areas:
            self._shelf.reload()
            self._show_runs()
        if self._comparison_is_shown and changes.areas & {Area.RUNS, Area.LABELS}:
            self._comparing.refresh()

    def _on_finished(self, verb: str, value: dict[str, Any]) -> None:
        if verb in TRAININGS:
            self.show_ended(value["run"])

    def _on_job(self, state: JobState) -> None:
        self.training.show_busy()
        self.run.head.again.set_why(_("A job is running; wait for it to end, or stop it") if self.session.busy else "")
        if state.verb not in TRAININGS:
            return
        if state.over:
            self._live = None
            return
        if self._live is None:
            self._live = LiveRun()
            self.close_comparison()
        self._live.take(state)
        if not self._draw_later.isActive():
            self._draw_later.start()

    # --- runs ---------------------------------------------------------------------------------------------------

    def _show_runs(self) -> None:
        chosen = self._shelf.chosen
        self.runs.show_runs(self._shelf.entries(), chosen.id if chosen else None)
        self.runs.measure.setText(self._shelf.measure_title)
        self.runs.show_pair(usual_pair(self._project, chosen.id if chosen else None))
        self._show_chosen()

    def _show_chosen(self) -> None:
        chosen = self._shelf.chosen
        if chosen is None or not chosen.recipe:
            self.run.show_empty(_("No curves yet: the first training uses your corrections."))
            return
        live = self._live if self._live and self._live.number == chosen.id else None
        self.run.show_run(chosen, self._shelf.history(chosen, live), self._shelf.reference(chosen), live)
        found = [one for one in diagnose(self._project, chosen.id) if live is None or one.name in WHILE_TRAINING]
        self._found = next(iter(found), None)
        self.run.show_finding(finding_shown(self._found, Recipe().replace_from(chosen.recipe)) if self._found else None)

    def _draw_live(self) -> None:
        """Append to the curves of the run that trains."""
        if self._live is None:
            return
        if self._live.number is None and (running := self._shelf.find_running()):
            self._live.begin(running)
        if self._live.ended_epoch():
            self._show_runs()
        elif self._shelf.chosen and self._shelf.chosen.id == self._live.number:
            self._show_chosen()

    def show_run(self, number: int) -> None:
        """Draw another run; of a tuning its trials, and what was measured of it."""
        if self._project.runs.get(number).kind in (RunKind.TUNING, RunKind.NESTED_TUNING):
            self._tuning.show(number)
            return
        self._shelf.choose(number)
        self.close_comparison()
        self._show_runs()

    def do_again(self) -> None:
        """Go on with the run on screen where it was stopped, or train one that is done again as it was."""
        chosen = self._shelf.chosen
        if chosen is not None and (verb := again_of(chosen)):
            self.training.again(verb, chosen.id)

    def try_remedy(self, index: int) -> None:
        """Fill the recipe with a remedy and mark the change; one that is no knob leads to Review."""
        remedies = self._found.remedies if self._found and self.run.diagnosis.isVisible() else []
        if index >= len(remedies):
            return
        if remedies[index].changes:
            self.training.fill(remedies[index].changes)
        else:
            self.session.navigate.emit("review", None)

    # --- comparing ----------------------------------------------------------------------------------------------

    def show_ended(self, number: int) -> None:
        """A training has ended: show the run, on gold beside its parent; say so where the page is not seen."""
        self._shelf.choose(number)
        self._show_runs()
        if len(gold_items(self._project)):
            self.compare()
        if not self.isVisible():
            self.session.toast.emit(_("Run {n} is done; Train shows what it gained").format(n=number), "")

    def compare(self) -> None:
        """Compare the chosen run with its parent."""
        chosen = self._shelf.chosen
        pair = usual_pair(self._project, chosen.id if chosen else None)
        if pair is not None:
            self._comparing.compare(*pair)

    def _on_navigate(self, page: str, what: Any) -> None:
        if page == self.id and isinstance(what, dict) and "compare" in what:
            self._comparing.compare(*what["compare"])

    def _take_found(self, changes: dict[str, Any]) -> None:
        self.training.fill(changes)
        self.close_comparison()

    def close_comparison(self) -> None:
        """Back to the curves."""
        self._show_centre(self.run)

    @property
    def _comparison_is_shown(self) -> bool:
        return self._centre.currentWidget() is self.comparison

    def _show_centre(self, part: QWidget) -> None:
        self._centre.setCurrentWidget(part)
        self.recipe.train.set_primary(part is self.run)  # what Enter does is the one blue button of a page
        for side in (self.recipe, self._line):
            side.setVisible(part is not self.comparison)
        if self.isAncestorOf(self.focusWidget() or self):
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- keys and commands --------------------------------------------------------------------------------------

    def do_main(self) -> None:
        """Ctrl+Enter: accept where a comparison is shown, train elsewhere."""
        (self.comparison.accept if self._comparison_is_shown else self.recipe.train).click()

    def commands(self) -> list[Command]:
        button, page = self.recipe.train, self.title
        alone = "" if usual_pair(self._project, None) else _("There must be two finished runs")
        train = Command(_("Train with this recipe"), "Ctrl+Enter", self.training.train, button.why, icon="play", page=page)
        presets = [
            Command(_("Recipe: {preset}").format(preset=name), "", partial(self.training.use_preset, name), page=page)
            for name in PRESETS
        ]
        find = Command(_("Find a knob of the recipe"), "/", self.recipe.search.setFocus, icon="search", page=page)
        finders = [
            Command(_("Find a learning rate"), "", partial(self._finders.find, "learning_rate"), icon="search", page=page),
            Command(_("Find a batch size"), "", partial(self._finders.find, "batch_size"), icon="search", page=page),
        ]
        tune = Command(_("Look for a better recipe"), "Ctrl+T", self._tuning.open, icon="search", page=page)
        reset = Command(_("Recipe: as in the run in use"), "", self.recipe.form.reset, page=page)
        return [
            train,
            Command(_("Compare runs"), "Ctrl+D", self.compare, alone, icon="bars", page=page),
            find,
            *finders,
            tune,
            reset,
            *presets,
        ]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._centre.currentWidget() is not self.run:
            self.close_comparison()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._centre.currentWidget() is self.finder:
            self.finder.take()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._centre.currentWidget() is self.tuning:
            self.tuning.start.click()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._side.setFixedWidth(RUNS_NARROW if event.size().width() < NARROW else RUNS_WIDTH)
