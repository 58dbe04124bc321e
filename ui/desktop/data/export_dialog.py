"""The export dialog: which format, where to, what will change; it asks about overwriting only where it must."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from badcase.errors import BadcaseError
from badcase.export import FORMATS, ExportPreview, Media, preview
from badcase.i18n import _
from badcase.items import Kind
from badcase.project import Project
from badcase.ui import wording
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.data.changed_examples import ChangedExamples
from badcase.ui.desktop.look import theme
from badcase.ui.desktop.pictures.picture_cache import Pictures
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.widgets import Button, Dialog, Hairline, Label

REPORT = "report"
LAST = "export.last"  # in the view state: what was written last


class ExportDialog(Dialog):
    """Asks, and starts the export in the worker; the toast at the end says where it is."""

    def __init__(self, over: QWidget, session: Session, *, format: str = "same", pictures: Pictures | None = None) -> None:
        """pictures: of the items, for those that changed."""
        super().__init__(over, _("Export the corrected data?"), _("Export"), width=600)
        self._over, self._session, self._project = over, session, session.project
        self._folder = Path(session.view.get("export.folder", "") or session.project.path.parent)
        self.format, self.media, self.path = QComboBox(), QComboBox(), QLineEdit()
        self._media_label = Label(_("Images"), ink="text2")
        self.replace = QCheckBox(_("Replace what is there"))
        self._taken = Label(ink="given", px=12, wrap=True)
        self._words = Label(wrap=True)
        self._examples = ChangedExamples(self._project, pictures)
        self._fill(format)
        self._lay_out()
        self.format.activated.connect(lambda _index: self._show_format())
        self.media.activated.connect(lambda _index: self._check())
        self.path.textChanged.connect(lambda _text: self._check())
        self.replace.clicked.connect(lambda _on: self._check())
        self.accepted.connect(self._export)
        self._show_format()

    # --- building -----------------------------------------------------------------------------------------------

    def _fill(self, format: str) -> None:
        for name in offered(self._project):
            self.format.addItem(_("Report, one page") if name == REPORT else FORMATS[name].title, name)
        self.format.setCurrentIndex(self.format.findData(format))
        names = {"export_format": self.format, "export_media": self.media, "export_path": self.path}
        for name, widget in {**names, "export_replace": self.replace}.items():
            widget.setObjectName(name)
        self.format.setAccessibleName(_("Format"))
        self.media.setAccessibleName(_("Images"))
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
        grid.addWidget(self._media_label, 1, 0)
        grid.addWidget(self.media, 1, 1)
        grid.addWidget(Label(_("To"), ink="text2"), 2, 0)
        grid.addWidget(self.path, 2, 1)
        grid.addWidget(browse, 2, 2)
        taken = QVBoxLayout()
        taken.setSpacing(4)
        taken.addWidget(self._taken)
        taken.addWidget(self.replace)
        grid.addLayout(taken, 3, 1, 1, 2)
        self.body.addLayout(grid)
        self.body.addSpacing(4)
        self.body.addWidget(Hairline())
        self.body.addSpacing(4)
        self.body.addWidget(self._words)
        self.body.addWidget(self._examples)

    # --- showing ------------------------------------------------------------------------------------------------

    def _show_format(self) -> None:
        """Fill in what the format decides: what can be done with the images, and a name."""
        seen = self._preview(media=None, out=None)
        self.media.clear()
        for media in seen.choices if seen else []:
            self.media.addItem(_media_title(media), str(media))
        if seen is not None and seen.media is not None:
            self.media.setCurrentIndex(self.media.findData(str(seen.media)))
        for widget in (self._media_label, self.media):
            widget.setVisible(self.media.count() > 1)
        self._examples.setVisible(seen is not None and bool(self._examples.items))
        self.path.setText(str(self._folder / (f"{self._project.name}-report.html" if seen is None else seen.name)))
        self._check()

    def _preview(self, *, media: str | None, out: Path | None) -> ExportPreview | None:
        """What the export would write; None for the report."""
        format = self._format()
        return None if format == REPORT else preview(self._project, format, media=media, out=out)

    def _check(self) -> None:
        """Say what would be written, ask about what is in the way, and say why the export cannot start."""
        seen = self._preview(media=self._media(), out=self._out())
        words = [_("What was found, corrected and gained, as one page.")] if seen is None else seen.sentences
        self._words.setText("\n".join(words))
        places = [self._out()] if seen is None else seen.places
        taken = [path for path in places if path.exists()] if self.path.text().strip() else []
        self._taken.setText(_("There is something here already: {names}").format(names=", ".join(path.name for path in taken)))
        for widget in (self._taken, self.replace):
            widget.setVisible(bool(taken))
        why = ""
        if self._session.exporting:
            why = _("Something is being exported; wait for it to end")
        elif not self.path.text().strip():
            why = _("Choose where to export to")
        elif taken and not self.replace.isChecked():
            why = _("Choose another name, or allow replacing what is there")
        self.accept_button.set_why(why)
        self.place()

    def _format(self) -> str:
        return str(self.format.currentData())

    def _media(self) -> str | None:
        return None if self.media.currentData() is None else str(self.media.currentData())

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
            session.start("report", title=_("Report"), done=lambda _value: tell_where(session, out), out=out)
            return
        options = {"format": self._format(), "media": self._media(), "overwrite": self.replace.isChecked()}
        _write(self._over, session, out, set(self._words.text().split("\n")), options)


def _write(over: QWidget, session: Session, out: Path, said: set[str], options: dict[str, Any]) -> None:
    """Export; where corrections find no row in the source as it is now, ask whether the others are to be written."""

    def ask(error: BadcaseError) -> bool:
        if "--allow-changed" not in error.hint or options.get("allow_changed"):
            return False
        dialog = Dialog(over, _("Export without what finds no row?"), _("Export the others"), width=600, accept_is_safe=False)
        dialog.body.addWidget(Label(str(error), wrap=True))
        words = _("The others are written where their rows are now; these are listed in a table beside the export.")
        dialog.body.addWidget(Label(words, ink="text2", wrap=True))
        dialog.accepted.connect(lambda: _write(over, session, out, said, options | {"allow_changed": True}))
        dialog.open()
        return True

    session.start(
        "export",
        title=_("Export"),
        done=lambda value: tell_where(session, Path(value.get("path", out)), set(value.get("notes", ())) - said),
        answered=ask,
        out=out,
        **options,
    )


def offered(project: Project) -> list[str]:
    """The formats that can hold a project, some of which take only one label an item or only images, and the report."""
    several, texts = project.task == "multilabel", project.kind is Kind.TEXT
    can = [name for name, one in FORMATS.items() if (one.several or not several) and (one.texts or not texts)]
    return [*can, REPORT]


def _media_title(media: Media) -> str:
    match media:
        case Media.NONE:
            return _("Leave them where they are, and name their paths")
        case Media.COPY:
            return _("Copy them along")
        case Media.LINK:
            return _("Link them, which takes no space")
        case Media.EMBED:
            return _("Hold them inside the file")


def tell_where(session: Session, out: Path, news: Iterable[str] = ()) -> None:
    """Say where it is, and what nobody could know before it was written; the folder is one click away."""
    session.view.set(LAST, str(out))
    words = " ".join([_("Exported to {path}").format(path=wording.at_home(str(out))), *sorted(news)])
    session.toast.emit(words, "")
    session.offer.emit(Command(_("Open folder"), "", lambda: open_folder(out), icon="folder"))


def open_folder(out: Path) -> None:
    """Have the desktop show a folder, or the one that a file lies in."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(out if out.is_dir() else out.parent)))
