"""Ask where data are that were moved, and have them looked for there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from badcase.i18n import _
from badcase.items import Kind
from badcase.project import Project
from badcase.store.changes import Area, Changes
from badcase.ui.desktop.session.session import Session


def ask_where_the_data_are(over: QWidget, session: Session) -> None:
    """Choose the new place of the data, or of the images, and compare it with the project before it is taken."""
    gone = missing_data(session.project) or data_path(session.project)
    start = next((str(place) for place in gone.parents if place.is_dir()), str(Path.home()))
    title = _("Where is {name} now?").format(name=gone.name)
    if gone.suffix:
        chosen, _kind = QFileDialog.getOpenFileName(over, title, start)
    else:
        chosen = QFileDialog.getExistingDirectory(over, title, start)
    if not chosen:
        return

    def tell(found: dict[str, Any]) -> None:
        session.tell(Changes("", frozenset({Area.SOURCE})))
        session.toast.emit(". ".join(found["sentences"]), "")

    session.start("relocate", title=_("Looking for the data"), path=chosen, done=tell)


def data_path(project: Project) -> Path:
    """The folder, zip or table that the project was made from."""
    source = project.source
    return source.location / source.parts[0].name if source.lone else source.location


def missing_data(project: Project) -> Path | None:
    """The place where nothing is any more: that of the images, else that of the source; None where both are there."""
    gone = project.items.missing_place if project.kind is Kind.IMAGE else None
    if gone is None and not data_path(project).exists():
        gone = data_path(project)
    return gone
