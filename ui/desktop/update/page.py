"""The Update page: read the data as they are now, see what it would do, take it in, and see what is new about the new."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from badcase.drift.of_project import DataDrift
from badcase.drift.plain_drift import from_plain
from badcase.i18n import _, plural
from badcase.store.changes import Area, Changes
from badcase.ui import operations, wording
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.data.places_list import PlacesList
from badcase.ui.desktop.session.locate_data import data_path
from badcase.ui.desktop.session.session import JobState, Session
from badcase.ui.desktop.update.conflict_rows import KEEP, TAKE
from badcase.ui.desktop.update.drift_card import DriftCard
from badcase.ui.desktop.update.preview_part import PreviewPart
from badcase.ui.desktop.update.revisions_line import RevisionsLine
from badcase.ui.desktop.update.source_dialog import SourceDialog
from badcase.ui.desktop.update.update_side import UpdateSide
from badcase.ui.desktop.update.update_words import preview_from, revisions_shown, what_happens
from badcase.ui.desktop.widgets import Button, Hairline, Label, Panel, SectionTitle, SideScroll

_WIDEST = 1680


class UpdatePage(QWidget):
    """Revisions at the left, what was found in the middle, what will happen at the right."""

    id = "update"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("update")
        self.title = _("Update")
        self.session, self._project = session, session.project
        self._asked: dict[str, Any] = {}  # what the preview was made of
        self._found: dict[str, Any] | None = None  # the preview that waits to be taken in
        self.drift: DataDrift | None = None
        self.places = PlacesList(session, self.id)
        self.part, self.card, self.side, self.line = PreviewPart(), DriftCard(), UpdateSide(), RevisionsLine()
        self._lay_out()
        self._connect()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._show()

    # --- assembly -------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        centre = Panel("window")
        column = QVBoxLayout(centre)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        for card in (self.part, self.card):
            card.setMaximumWidth(_WIDEST)
            column.addWidget(card)
        column.addStretch(1)
        self._left = self._revisions()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for part, stretch in (
            (self._left, 0),
            (Hairline(standing=True), 0),
            (SideScroll(centre), 1),
            (Hairline(standing=True), 0),
            (self.side, 0),
        ):
            row.addWidget(part, stretch)

    def _revisions(self) -> Panel:
        panel = Panel()
        column = QVBoxLayout(panel)
        column.setContentsMargins(12, 16, 12, 16)
        column.setSpacing(8)
        inner = QWidget()
        lines = QVBoxLayout(inner)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.addWidget(self.line)
        lines.addStretch(1)
        column.addWidget(self.places)
        column.addSpacing(10)
        column.addWidget(SectionTitle(_("Revisions of the data")))
        column.addWidget(SideScroll(inner), 1)
        self.again = Button(_("The source again"), keys="F5", icon="retrain")
        self.another = Button(_("Another source"), keys="Ctrl+O", icon="folder")
        for name, button in (("again", self.again), ("another", self.another)):
            button.setObjectName(f"update_{name}")
            column.addWidget(button)
        column.addWidget(Label(_("or drop a file or folder anywhere"), px=12, ink="text3", wrap=True))
        return panel

    def _connect(self) -> None:
        self.again.clicked.connect(self.read_source)
        self.another.clicked.connect(lambda: self.ask_source())
        self.part.opened.connect(lambda item: self._open([item], self._project.items.key(item)))
        self.part.decided.connect(self._show_foot)
        self.card.opened.connect(self._open)
        self.card.pressed.connect(self._next_step)
        self.side.opened.connect(self._open)
        self.side.pressed.connect(self.take_in)
        self.side.undone.connect(self.undo)
        self.session.navigate.connect(self._on_navigate)
        self.session.job.connect(self._on_job)
        for keys, run in (("F5", self.read_source), ("Ctrl+O", self.ask_source), ("Ctrl+Return", self.take_in)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(run)

    # --- showing --------------------------------------------------------------------------------------------------

    def refresh(self, changes: Changes) -> None:
        """Show what others changed: an update leaves other items, a prediction may cover what is new."""
        if changes.areas & {Area.SOURCE, Area.PREDICTIONS, Area.LABELS}:
            if self._found is None:
                self._show()
            else:
                self._show_foot()

    def _show(self) -> None:
        project, found = self._project, self._found
        self.places.show_counts()
        rows = revisions_shown(project)
        if found is None:
            n = int((~project.gone).sum())
            items = plural("{n} item", "{n} items", n).format(n=wording.count(n))
            title = _("Data revision {n}, {items}").format(n=project.items.revision, items=items)
            self.part.show_words(
                title, _("Read the source again, or bring more data. You see what it would do before it is done.")
            )
            self.side.show_said(*self._standing())
        else:
            preview = preview_from(found["preview"])
            title = _("Revision {n}").format(n=found["revision"])
            rows = [(title, _("preview"), self.part.title.full_text(), _("not taken in yet")), *rows]
            self.side.show_said(_("What will happen"), what_happens(project, found["counts"], preview))
        self.line.show_revisions(rows, waits=found is not None)
        self._show_drift()
        self._show_foot()

    def _standing(self) -> tuple[str, list[tuple[str, str, str]]]:
        """What waits for a person now that nothing is to be taken in."""
        n, said = len(self._project.conflicts), []
        if n:
            words = plural("{n} conflict waits", "{n} conflicts wait", n).format(n=wording.count(n))
            said.append(("fork", words, _("the data say otherwise than a verdict; V opens them in Review")))
        return _("How it stands"), said or [("check", _("No conflict waits"), "")]

    def _show_foot(self) -> None:
        found, busy = self._found, _("A job is running; wait for it to end, or stop it") if self.session.busy else ""
        why = busy or (self._project.read_only.what if self._project.read_only is not None else "")
        if found is not None:
            n = self.part.undecided
            wait = plural("{n} undecided conflict will wait in Review", "{n} undecided conflicts will wait in Review", n)
            take = _("Take in revision {n}").format(n=found["revision"])
            more = wait.format(n=wording.count(n)) if n else ""
            self.side.show_foot(_("One undo takes revision {n} back").format(n=found["revision"]), more, take=take)
        else:
            revisions = self._project.data_revisions
            again = revisions and revisions[-1]["undoes"]
            n = self._project.items.revision if revisions else 0
            undo = (_("Take it in again") if again else _("Take revision {n} back").format(n=n)) if revisions else ""
            self.side.show_foot("", "", undo=undo)
        for button in (self.side.take, self.side.undo, self.again, self.another):
            button.set_why(why)

    def _show_drift(self) -> None:
        """What is new about the newest items, or what is missing to tell it."""
        project = self._project
        brought = project.newest_arrivals
        self.card.setVisible(bool(brought))
        covered = project.predictions.current is not None
        examples = []
        if self.drift is not None and covered:
            examples = [" ".join(project.items.text(int(one.items[0])).split()) for one in self.drift.clusters]
            self.card.show_drift(self.drift)
        elif brought and covered:
            self.card.show_missing(
                _("Compare what revision {n} brought with what was there before.").format(n=brought), _("See what is new")
            )
        elif brought:
            words = _("The predictions do not cover what revision {n} brought. Predict first: the old items are not done again.")
            self.card.show_missing(words.format(n=brought), _("Predict what is new"))
        self.side.show_found(self.drift if covered else None, examples)

    # --- what the person does ---------------------------------------------------------------------------------------

    def commands(self) -> list[Command]:
        page, busy = self.title, _("A job is running; wait for it to end, or stop it") if self.session.busy else ""
        none = busy or ("" if self._found is not None else _("Nothing waits to be taken in"))
        undo = busy or ("" if self._project.data_revisions else _("There is no update to take back"))
        waits = "" if self._project.conflicts else _("No conflict waits")
        return [
            Command(_("Read the source again"), "F5", self.read_source, busy, "retrain", page),
            Command(_("Bring in another source"), "Ctrl+O", self.ask_source, busy, "folder", page),
            Command(_("Take in what was read"), "Ctrl+Enter", self.take_in, none, "check", page),
            Command(_("Take the newest update back"), "Z", self.undo, undo, "undo", page),
            Command(_("Open the conflicts in Review"), "V", self.open_conflicts, waits, "fork", page),
            Command(_("See what is new about the new"), "N", self._next_step, busy, "bars", page),
            Command(_("Back to Data"), "Esc", self.leave, icon="table", page=page),
        ]

    def read_source(self) -> None:
        """Look at the source where it is."""
        self.look({})

    def ask_source(self, path: Path | None = None) -> None:
        """Ask where more data are; path: that of what was dropped."""
        if not self.session.busy:
            dialog = SourceDialog(self, path)
            dialog.wanted.connect(lambda text, labelled: self.look({"data" if labelled else "unlabelled": text}))
            dialog.open()

    def look(self, asked: dict[str, Any]) -> None:
        """Read data, and show what taking them in would do."""
        if self.session.busy:
            return
        self._asked = {name: str(Path(value).expanduser().absolute()) for name, value in asked.items()}
        self.session.start("update", title=_("Reading the data"), dry_run=True, done=self._on_looked, **self._asked)

    def _on_looked(self, found: dict[str, Any]) -> None:
        self._found = found if any(found["counts"].values()) else None
        name = Path(next(iter(self._asked.values()), data_path(self._project))).name
        if self._found is None:
            self._show()
            self.part.show_words(_("Nothing new"), _("{source}, read just now, is as the project has it.").format(source=name))
        else:
            self.part.show_preview(found["counts"], preview_from(found["preview"]), name)
            self._show()
            self.part.take_focus()
        if found["notes"]:
            self.session.toast.emit(" ".join(found["notes"]), "")

    def take_in(self) -> None:
        """Do what was shown; what was decided of conflicts is recorded with it."""
        if self._found is None or self.session.busy:
            return
        answers = dict(self.part.conflicts.answers)
        session, project = self.session, self._project

        def settle(_made: dict[str, Any]) -> None:
            kept, taken = ([item for item, one in answers.items() if one == which] for which in (KEEP, TAKE))
            if answers:
                session.apply(operations.settle_conflicts, keep=kept, take=taken)

        session.start("update", title=_("Taking in the data"), reviewer=project.journal.reviewer, done=settle, **self._asked)

    def undo(self) -> None:
        """Take the newest update back, or bring it back again."""
        if self._found is None and self._project.data_revisions and not self.session.busy:
            self.session.start("undo_update", title=_("Taking the update back"), reviewer=self._project.journal.reviewer)

    def _next_step(self) -> None:
        """See what is new, after a prediction where one is missing."""
        if self.session.busy or not self._project.newest_arrivals:
            return
        if self._project.predictions.current is None:
            self.session.start("predict", title=_("Predict"), done=lambda _made: self._see_drift())
        else:
            self._see_drift()

    def _see_drift(self) -> None:
        self.session.start("drift", title=_("Comparing new with old"), done=self._on_drift)

    def _on_drift(self, found: dict[str, Any]) -> None:
        self.drift = from_plain(found)
        self._show_drift()

    def open_conflicts(self) -> None:
        if waiting := self._project.conflicts:
            self._open(waiting, _("Conflicts with the data"))

    def _open(self, items: Any, title: str) -> None:
        self.session.navigate.emit("review", {"items": np.asarray(items).tolist(), "title": title})

    def leave(self) -> None:
        """Drop what waits, else go back to Data."""
        if self._found is not None:
            self._found = None
            self._show()
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.session.navigate.emit("data", None)

    # --- events ---------------------------------------------------------------------------------------------------

    def _on_navigate(self, page: str, what: Any) -> None:
        if page == self.id and isinstance(what, dict) and "source" in what:
            self.ask_source(Path(what["source"]))

    def _on_job(self, _state: JobState) -> None:
        self._show_foot()
        self.card.button.set_why(_("A job is running; wait for it to end, or stop it") if self.session.busy else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = {Qt.Key.Key_Z: self.undo, Qt.Key.Key_V: self.open_conflicts, Qt.Key.Key_N: self._next_step}
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() == Qt.Key.Key_Escape and not self.session.busy:
            self.leave()
        elif plain and event.key() in keys:
            keys[Qt.Key(event.key())]()
        elif plain and event.key() in steps and self._found is not None:
            self.part.step(steps[Qt.Key(event.key())])
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = event.size().width()
        left, right = (208, 300) if wide < 1360 else (240, 324) if wide < 1920 else (280, 400)
        self._left.setFixedWidth(left)
        self.side.setFixedWidth(right)
        self.part.fit_width(wide - left - right - 40)
