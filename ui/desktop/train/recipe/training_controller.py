"""What stands between the recipe panel and the project: the plan of a training, and its start."""

from __future__ import annotations

from contextlib import suppress

from PySide6.QtCore import QObject, QTimer

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.store.changes import Area, Changes
from badcase.training.recipe import PRESETS, Recipe, default_for, network_of
from badcase.training.recipe.knobs import Value
from badcase.training.runs.plan import plan
from badcase.training.tuning.tuning_folder import SEARCHES
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.train.recipe.recipe_panel import RecipePanel
from badcase.ui.desktop.window_words import in_window

PAUSE_MS = 120


class TrainingDesk(QObject):
    """Fills the panel, says what its button would do, and does it."""

    def __init__(self, session: Session, panel: RecipePanel) -> None:
        super().__init__(panel)
        self._session, self._project, self._panel = session, session.project, panel
        self._problem = ""
        self._later = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._later.timeout.connect(self.show_plan)
        panel.changed.connect(self._later.start)
        panel.trained.connect(self.train)
        panel.start.chosen.connect(self._on_start)
        self._begin()

    def _begin(self) -> None:
        """The recipe of the reference run, else the preset that suits the model."""
        reference = self._reference()
        recipe = reference[1] if reference else self._usual()
        self._panel.form.show_recipe(recipe, reference)
        with suppress(BadcaseError):  # there is no model yet; the plan says so
            self._panel.start.set_value(plan(self._project, recipe).start)
        self._panel.form.set_start(self._panel.start.value)
        self.show_plan()

    def _on_start(self, start: str) -> None:
        """Show the network that would be built, and its knobs, where the model in use brings none."""
        recipe = self._panel.form.recipe
        if recipe is not None and (change := network_of(recipe, self._project.predictions.first_model_spec, start)):
            self._panel.form.fill(change)

    def _usual(self) -> Recipe:
        return default_for(self._project.model_spec or {}, self._project.kind, task=self._project.task)

    def _reference(self) -> tuple[int, Recipe] | None:
        """What changes are told against: the run in use, or the newest one while the model in use came along."""
        current = self._project.runs.current
        trained = [run for run in self._project.runs.all() if run.recipe and run.kind not in SEARCHES]
        run = current if current and current.recipe else trained[-1] if trained else None
        return (run.id, Recipe().replace_from(run.recipe)) if run else None

    def refresh(self, changes: Changes) -> None:
        """Take notice of verdicts and runs; the recipe stays as it stands, told against its reference."""
        form, reference = self._panel.form, self._reference()
        if Area.RUNS in changes.areas and reference and form.reference_run != reference[0]:
            form.show_recipe(form.recipe or reference[1], reference)
        elif Area.PREDICTIONS in changes.areas and self._problem:
            self._begin()
        self._later.start()

    def show_plan(self) -> None:
        """Say what the button would do; a recipe that cannot be trained says why instead."""
        form = self._panel.form
        if form.recipe is not None:
            try:
                planned = plan(self._project, form.recipe, self._panel.start.value)
            except BadcaseError as error:
                self._problem = str(error)
                self._panel.show_problem(self._problem, in_window(error.hint))
            else:
                self._problem = ""
                seconds = None if planned.seconds is None else planned.seconds * (self._panel.seeds or 1)
                self._panel.show_plan(form.reference_run, form.changes(), seconds, planned.sentences)
        self.show_busy()

    def show_busy(self) -> None:
        """Say why the button cannot be pressed now."""
        why = _("A job is running; wait for it to end, or stop it") if self._session.busy else self._problem
        if self._panel.form.recipe is None or self._panel.seeds is None:
            why = _("A field holds something that is not a value")
        self._panel.train.set_why(why)

    def fill(self, values: dict[str, Value]) -> None:
        """Change knobs and mark them; nothing trains."""
        self._panel.form.fill(values)

    def use_preset(self, name: str) -> None:
        self.fill(PRESETS[name].values())

    def train(self) -> None:
        """Start a training with the recipe as it stands."""
        recipe = self._panel.form.recipe
        if recipe is None or self._panel.seeds is None or not self._panel.train.isEnabled():
            return
        self._session.start(
            "train", title=_("Training"), recipe=recipe.values(), start=self._panel.start.value, seeds=self._panel.seeds
        )

    def again(self, verb: str, number: int) -> None:
        """Resume or repeat a run."""
        if not self._session.busy:
            self._session.start(verb, title=_("Training"), run=number)
