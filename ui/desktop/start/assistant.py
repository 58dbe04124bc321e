"""The new-project assistant: pick data, see what was understood, choose a model and a place, create."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.ui import wording
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import JobState, WorkerLane
from badcase.ui.desktop.shell.trust_question import ask_to_trust
from badcase.ui.desktop.start.form import AssistantForm
from badcase.ui.desktop.start.model_notes import ModelNotes
from badcase.ui.desktop.start.path_field import PathField
from badcase.ui.desktop.start.preview import PICTURE, ImportPreview
from badcase.ui.desktop.start.reading import as_controls
from badcase.ui.desktop.start.welcome import JobCard
from badcase.ui.desktop.widgets import Button, Hairline, Label, Panel

if TYPE_CHECKING:
    from badcase.importing import Understanding

_SETTLED_MS = 700  # after the last key in the field of the model: it is looked at then
MANY = 1200  # items from which on reviewing begins while the model looks at the rest: so many are ranked in parts


def _understand(data: str, task: str, how: dict[str, Any]) -> Understanding:
    from badcase.importing import understand

    return understand(Path(data).expanduser(), task=task, pictures=2 * PICTURE, **how)


class Assistant(Panel):
    """Makes a project in the worker and tells its path; it holds no project itself."""

    id = "new"
    created = Signal(Path)
    predicting = Signal(Path, object)  # a project to be opened, and how to start the prediction in it
    closed = Signal()
    failed = Signal(object)  # BadcaseError

    def __init__(self, lane: WorkerLane, pool: DecodingPool, parent: QWidget | None = None) -> None:
        super().__init__("window", parent)
        self.setObjectName("assistant")
        self._lane, self._pool = lane, pool
        self._found: Understanding | None = None
        self._unread = _("Looking at the data")  # why there is nothing to make a project of, though data were named
        self._made: Path | None = None  # the project is made, and a model that runs is to be found
        self._checked: dict[str, Any] = {}  # the data and the model that were looked at
        self._doubted = False  # and whether that left a question
        self.form = AssistantForm()
        self.form.data_changed.connect(self._look)
        self.form.place_changed.connect(self._on_place)
        self.preview = ImportPreview()
        self.create_button = Button(_("Create"), keys="Ctrl+Enter", primary=True)
        self.create_button.setObjectName("create_project")
        self.create_button.clicked.connect(self._create)
        self.cancel_button = Button(_("Cancel"), keys="Esc", height=36)
        self.cancel_button.setObjectName("cancel_new")
        self.cancel_button.clicked.connect(self._leave)
        self.notes = ModelNotes()
        self._why = Label(ink="text2", px=12, wrap=True)
        self._why.setObjectName("why_not_create")
        self._check_later = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._check_later.timeout.connect(self._check_ahead)
        self._shown_later = QTimer(self, singleShot=True, interval=0)
        self._shown_later.timeout.connect(self._show_model_field)
        self.job_card = JobCard()
        self.job_card.hide()
        self.job_card.stopped.connect(lane.cancel)
        self._lay_out()
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(keys, self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.create_button.click)
        self._show_ready()

    def _lay_out(self) -> None:
        left = Panel("surface")
        left.setFixedWidth(460)
        column = QVBoxLayout(left)
        column.setContentsMargins(32, 32, 32, 20)
        column.setSpacing(0)
        column.addWidget(Label(_("New project"), px=20, bold=True))
        column.addSpacing(24)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self.form)
        column.addWidget(self._scroll, 1)
        column.addWidget(Hairline())
        column.addSpacing(12)
        column.addWidget(self.notes)
        column.addWidget(self.job_card)
        column.addWidget(self._buttons())
        right = QVBoxLayout()
        right.setContentsMargins(32, 32, 32, 32)
        right.addWidget(self.preview)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(left)
        whole.addLayout(right, 1)

    def _buttons(self) -> QWidget:
        """Why the project cannot be made yet, and the two ways out."""
        self._ask = QWidget()
        column = QVBoxLayout(self._ask)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self._why)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.cancel_button)
        row.addWidget(self.create_button, 1)
        column.addLayout(row)
        return self._ask

    def _show_busy(self, busy: bool) -> None:
        self.job_card.setVisible(busy)
        self._ask.setVisible(not busy)
        self.form.setEnabled(not busy)

    def begin(self, data: Path | None) -> None:
        """Start afresh, with the data that was dropped."""
        self._found, self._made, self._unread = None, None, _("Looking at the data")
        self._forget_check()
        self.form.clear()
        self.preview.say(_("Choose data on the left; a preview appears here before anything is made."))
        if data is not None:
            self.form.data.set_text(str(data))
        self.form.data.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_ready()

    # --- looking at the data ------------------------------------------------------------------------------------

    def _look(self) -> None:
        data, task, how = self.form.data.text(), self.form.task.value, self.form.said()
        self._found, self._made, self._unread = None, None, _("Looking at the data")
        self._show_ready()
        self._pool.drop(owner=self)
        if not data:
            return
        self.preview.say(_("Looking at the data"))
        self._pool.submit(lambda: _understand(data, task, how), self._on_understood, failed=self._on_not_understood, owner=self)

    def _on_understood(self, found: Understanding) -> None:
        self._found = found
        has = {role: getattr(found.columns, role) for role in found.others}
        self.form.columns.offer(found.choices, {role: [has[role], *others] for role, others in found.others.items()})
        self.preview.show_understanding(found)
        QTimer.singleShot(0, self.form, self.form.order_tabs)  # once the new boxes have their place
        self._on_place()

    def _on_not_understood(self, error: Exception) -> None:
        if not isinstance(error, BadcaseError):
            raise error
        self._unread = _("Choose other data, or how to read them.")
        self._show_ready()
        self.preview.say(as_controls(wording.with_hint(str(error), error.hint)))
        self.form.reading.open_for(error.hint)

    def _show_ready(self) -> None:
        place = self.form.place.text()
        if self._found is None:
            why = _("Choose data first.") if not self.form.data.text() else self._unread
        elif self._found.choices:
            why = _("Choose which columns to use.")
        elif not place:
            why = _("Choose where to keep the project.")
        elif Path(place).expanduser().exists() and not self._is_made():
            why = _("There is something at this path already; choose another name.")
        elif self.form.model_kind.value == "mine" and not self.form.model.text():
            why = _("Choose a model, or use the packaged one.")
        elif self.form.model_kind.value == "file" and not Path(self.form.predictions.options().get("probs", "")).is_file():
            why = _("Choose the file of the predictions.")
        else:
            why = ""
        self.create_button.set_why(why)
        self._why.setText(why)
        doubted = self._doubted and self._checked == self._to_check()
        words = _("Use this model") if self._is_made() else _("Create all the same") if doubted else _("Create")
        self.create_button.setText(words)
        self.cancel_button.setText(_("Open without a model") if self._is_made() else _("Cancel"))

    def _on_place(self) -> None:
        """Another place, other data, or another model: what was said of the one before does not hold."""
        if self._checked != self._to_check():
            self._forget_check()
            if self._model():
                self._check_later.start()
        self._show_ready()

    def _forget_check(self) -> None:
        self._check_later.stop()
        self._checked, self._doubted = {}, False
        self.notes.clear()

    def _place(self) -> Path:
        return Path(self.form.place.text()).expanduser().absolute()

    def _is_made(self) -> bool:
        return self._made is not None and self._made == self._place()

    def _model(self) -> dict[str, str]:
        """A model of the person's own, as the form names it; nothing for another kind."""
        if self.form.model_kind.value != "mine":
            return {}
        weights = self.form.weights.text()
        return {"model": self.form.model.text()} | ({"weights": weights} if weights else {})

    def _leave(self) -> None:
        """Back to the start page; a project that is made already is opened, and waits for a model."""
        self._check_later.stop()
        self._lane.cancel_background()
        if self._is_made():
            self.created.emit(self._made)
        else:
            self.closed.emit()

    # --- making it ----------------------------------------------------------------------------------------------

    def _create(self) -> None:
        """Look at a few items with a model of the person's own, unless that was done; then import, then predict."""
        self._check_later.stop()
        self._show_busy(True)
        if self._is_made():
            self._predict(self._place())
        elif self._model() and self._checked != self._to_check():
            self._check()
        else:
            self._import()

    def _waiting(self) -> dict[str, Any]:
        """All that comes before the first item, as one bar shows it."""
        last = "bring" if self.form.model_kind.value == "file" else "predict"
        kind = str(self._found.kind.value) if self._found is not None and self._found.kind is not None else ""
        return {"kind": kind, "chain": (*(["check_model"] if self._model() else []), "create", last)}

    def _to_check(self) -> dict[str, Any]:
        """What a look at a few items depends on; nothing where no model of the person's own is to be run."""
        model = self._model()
        return self._data() | model if model else {}

    def _data(self) -> dict[str, Any]:
        return {"data": self.form.data.text(), "task": self.form.task.value} | self.form.said()

    def _check(self) -> None:
        asked = self._to_check()

        def on_failed(error: BadcaseError) -> None:
            if getattr(error, "untrusted", None):
                ask_to_trust(self, error, self._check, self._on_refused)
            else:
                self._on_refused(error)

        def on_done(report: dict[str, Any]) -> None:
            self._take(asked, report)
            if self._doubted:
                self._stop_at_model()
            else:
                self._import()

        self._lane.start(
            "check_model",
            title=_("Checking the model"),
            options={"path": str(self._place())} | asked,
            done=on_done,
            failed=on_failed,
            cancelled=self._on_over,
            **self._waiting(),
        )

    def _check_ahead(self) -> None:
        """The same before anybody asks for it, as soon as data and model are known; whatever is wanted meanwhile goes first."""
        asked = self._to_check()
        if self._found is None or self._found.choices or not asked or not Path(asked["model"]).expanduser().exists():
            return

        def on_done(report: dict[str, Any]) -> None:
            if asked == self._to_check():
                self._take(asked, report)
                self._show_ready()

        def on_failed(error: BadcaseError) -> None:
            if asked == self._to_check() and not getattr(error, "untrusted", None):  # which is asked about with Create
                self.notes.show_refusal(str(error), as_controls(error.hint))

        options = {"path": str(self._place())} | asked
        self._lane.run_in_background("check_model", options=options, done=on_done, failed=on_failed)

    def _take(self, asked: dict[str, Any], report: dict[str, Any]) -> None:
        """Show what a look at a few items found."""
        self._checked, self._doubted = asked, self.notes.show_findings(report["findings"])
        self._shown_later.start()

    def _import(self) -> None:
        place = self._place()
        self._lane.start(
            "create",
            title=_("Importing"),
            options={"path": str(place)} | self._data(),
            done=lambda _value: self._on_made(place),
            failed=self._on_failed,
            cancelled=self._on_over,
            **self._waiting(),
        )

    def _on_made(self, place: Path) -> None:
        self._made = place
        self._predict(place)

    def _on_refused(self, error: BadcaseError) -> None:
        """A model that cannot be used is changed where it was chosen."""
        self._checked, self._doubted = {}, False
        self.notes.show_refusal(str(error), as_controls(error.hint))
        self._stop_at_model()

    def _stop_at_model(self) -> None:
        self._on_over()
        field = self.form.model if self.form.model_kind.value == "mine" else self.form.model_kind
        (field.line if isinstance(field, PathField) else field).setFocus(Qt.FocusReason.OtherFocusReason)
        self._shown_later.start()

    def _show_model_field(self) -> None:
        """The notes take room of the form: what is to be changed must be in sight all the same."""
        self._scroll.ensureWidgetVisible(self.form.model if self.form.model.isVisible() else self.form.model_kind, 0, 48)

    def _predict(self, place: Path) -> None:
        options: dict[str, Any] = {"project": str(place)} | self._model()
        verb, title = "predict", _("Running the model")
        if self.form.model_kind.value == "file":
            verb, title = "bring", _("Bringing in predictions")
            options |= self.form.predictions.options()
        elif self.form.model_kind.value == "packaged":
            options["packaged"] = True

        if verb == "predict" and self._found is not None and self._found.count >= MANY:
            self._on_over()
            del options["project"]
            self.predicting.emit(place, {"title": title, "chain": self._waiting()["chain"]} | options)
            return

        def finish() -> None:
            """The project is made; where the prediction was stopped, the review page says what is missing."""
            self._on_over()
            self.created.emit(place)

        def on_failed(error: BadcaseError) -> None:
            if getattr(error, "untrusted", None):
                ask_to_trust(self, error, lambda: self._predict(place), self._on_refused)
            else:
                self._on_refused(error)

        self._lane.start(
            verb,
            title=title,
            options=options,
            done=lambda _value: finish(),
            failed=on_failed,
            cancelled=finish,
            **self._waiting(),
        )

    def _on_failed(self, error: BadcaseError) -> None:
        self._on_over()
        self.failed.emit(error)

    def _on_over(self) -> None:
        self._show_busy(False)
        self._show_ready()

    def show_job(self, job: JobState) -> None:
        if not job.over:
            self.job_card.show_job(job)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self._lane.busy:
            self._leave()
        else:
            super().keyPressEvent(event)

    def commands(self) -> list[Command]:
        return [Command(_("Create the project"), "Ctrl+Enter", self._create, self.create_button.why, icon="plus")]
