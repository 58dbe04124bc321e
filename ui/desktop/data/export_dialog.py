"""The export dialog: which format, where to, what will change; it asks about overwriting only where it must."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from badcase.export import FORMATS, preview
from badcase.i18n import _, plural
from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from badcase.ui import wording
from badcase.ui.desktop.look import theme
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.widgets import Button, Dialog, Hairline, Label

REPORT = "report"
EXAMPLES = 5


class ExportDialog(Dialog):
    """Asks, and starts the export in the worker; the toast at the end says where it is."""

    def __init__(self, over: QWidget, session: Session, *, format: str = "same") -> None:
        super().__init__(over, _("Export the corrected data?"), _("Export"), width=600)
        self._session, self._project = session, session.project
        self._folder = Path(session.view.get("export.folder", "") or session.project.path.parent)
        self.format, self.path = QComboBox(), QLineEdit()
        self.replace = QCheckBox(_("Replace what is there"))
        self._taken = Label(ink="given", px=12, wrap=True)
        self._words = Label(wrap=True)
        self._examples = Label(ink="text2", px=12, wrap=True)
        self._fill(format)
        self._lay_out()
        self.format.activated.connect(lambda _index: self._show_format())
        self.path.textChanged.connect(lambda _text: self._check())
        self.replace.clicked.connect(lambda _on: self._check())
        self.accepted.connect(self._export)
        self._show_format()

    # --- building -----------------------------------------------------------------------------------------------

    def _fill(self, format: str) -> None:
        for name in offered(self._project):
            self.format.addItem(_("Report, one page") if name == REPORT else FORMATS[name].title, name)
        self.format.setCurrentIndex(self.format.findData(format))
        names = {"export_format": self.format, "export_path": self.path, "export_replace": self.replace}
        for name, widget in names.items():
            widget.setObjectName(name)
        self.format.setAccessibleName(_("Format"))
        self.path.setAccessibleName(_("To"))

    def _lay_out(self) -> None:
        browse = Button(_("Browse…"), height=theme.FIELD)
        browse.setObjectName("export_browse")
        browse.clicked.connect(self._browse)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        grid.addWidget(Label(_("Format"), ink="text2"), 0, 0)
        grid.addWidget(self.format, 0, 1)
        grid.addWidget(Label(_("To"), ink="text2"), 1, 0)
        grid.addWidget(self.path, 1, 1)
        grid.addWidget(browse, 1, 2)
        taken = QVBoxLayout()
        taken.setSpacing(4)
        taken.addWidget(self._taken)
        taken.addWidget(self.replace)
        grid.addLayout(taken, 2, 1, 1, 2)
        self.body.addLayout(grid)
        self.body.addSpacing(4)
        self.body.addWidget(Hairline())
        self.body.addSpacing(4)
        self.body.addWidget(self._words)
        self.body.addWidget(self._examples)

    # --- showing ------------------------------------------------------------------------------------------------

    def _show_format(self) -> None:
        format = self._format()
        if format == REPORT:
            name, words = f"{self._project.name}-report.html", [_("What was found, corrected and gained, as one page.")]
        else:
            seen = preview(self._project, format)
            name, words = seen.name, seen.sentences
        self._words.setText("\n".join(words))
        self._examples.setText("" if format == REPORT else "\n".join(changed_labels(self._project)))
        self._examples.setVisible(bool(self._examples.text()))
        self.path.setText(str(self._folder / name))
        self._check()

    def _check(self) -> None:
        """Ask about what is in the way, and say why the export cannot start."""
        taken = self._taken_paths()
        self._taken.setText(_("There is something here already: {names}").format(names=", ".join(path.name for path in taken)))
        for widget in (self._taken, self.replace):
            widget.setVisible(bool(taken))
        why = ""
        if self._session.busy:
            why = _("A job is running; wait for it to end, or stop it")
        elif not self.path.text().strip():
            why = _("Choose where to export to")
        elif taken and not self.replace.isChecked():
            why = _("Choose another name, or allow replacing what is there")
        self.accept_button.set_why(why)
        self._place()

    def _taken_paths(self) -> list[Path]:
        out = self._out()
        written = [out]
        if self._project.set_aside and self._format() != REPORT:
            written.append(out.with_name(f"{out.name}.set_aside.csv"))
        return [path for path in written if path.exists()] if self.path.text().strip() else []

    def _format(self) -> str:
        return str(self.format.currentData())

    def _out(self) -> Path:
        return Path(self.path.text().strip()).expanduser().absolute()

    # --- doing --------------------------------------------------------------------------------------------------

    def _browse(self) -> None:
        options = QFileDialog.Option.DontConfirmOverwrite  # the dialog beneath asks, and only once
        chosen, _kind = QFileDialog.getSaveFileName(self, _("Export to"), self.path.text(), options=options)
        if chosen:
            self.path.setText(chosen)

    def _export(self) -> None:
        out, session = self._out(), self._session
        session.view.set("export.folder", str(out.parent))
        if self._format() == REPORT:
            session.start("report", title=_("Report"), done=lambda _value: _tell(session, out), out=out)
            return
        session.start(
            "export",
            title=_("Export"),
            done=lambda value: _tell(session, Path(value.get("path", out))),
            out=out,
            format=self._format(),
            overwrite=self.replace.isChecked(),
        )


def offered(project: Project) -> list[str]:
    """The formats that can hold a project, some of which take only one label an item, and the report."""
    several = project.task == "multilabel"
    return [*(name for name, exporter in FORMATS.items() if exporter.several or not several), REPORT]


def changed_labels(project: Project) -> list[str]:
    """The first corrected labels in words, and how many more there are."""
    items = np.flatnonzero(project.verdicts == VerdictCode.RELABEL)
    names = project.classes
    lines = [
        f"{project.items.key(item)}: {names[project.given[item]]} → {names[project.labels[item]]}" for item in items[:EXAMPLES]
    ]
    more = len(items) - EXAMPLES
    if more > 0:
        lines.append(plural("and {n} more", "and {n} more", more).format(n=wording.count(more)))
    return lines


def _tell(session: Session, out: Path) -> None:
    session.toast.emit(_("Exported to {path}").format(path=out), "")
