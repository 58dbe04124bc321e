"""A file or folder that is dropped anywhere on the window: what can be done with it, said before it is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from badcase.i18n import _
from badcase.ui.desktop.widgets import Button, Dialog, Label, is_asking

_PREDICTIONS = (".npy", ".npz", ".csv", ".parquet", ".tsv", ".jsonl")


def local_path(event: QDropEvent) -> Path | None:
    """The one local file or folder that is dragged, None for anything else."""
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None


def brings_verdicts(path: Path) -> bool:
    """Whether a file is a patch, which needs no new project."""
    from badcase.export import is_patch  # numpy comes with it: not needed to come up

    return path.is_file() and is_patch(path)


class Drops(QObject):
    """Takes what lands where no part of the window takes it. `dropped` tells its path."""

    dropped = Signal(Path)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and isinstance(event, QDropEvent):
            path = None if is_asking(self._window) else local_path(event)
            if path is not None and event.type() in (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop):
                event.acceptProposedAction()
                if event.type() == QEvent.Type.Drop:
                    self.dropped.emit(path)
                return True
        return super().eventFilter(watched, event)


def ask_what_to_do(
    over: QWidget,
    path: Path,
    project: str,
    begin: Callable[[], object],
    open_other: Callable[[], object],
    bring: Callable[[], object],
    update: Callable[[], object],
) -> None:
    """Say what a drop on an open project can mean.

    Args:
        over: What the question covers.
        path: What was dropped.
        project: The name of the project that is open.
        begin: Starts a new project with it.
        open_other: Opens it, where it is a project.
        bring: Brings it in as predictions.
        update: Looks at it as data of the open project, as they are now or more of them.
    """
    name, wanted = path.name, list[Callable[[], object]]()
    if (path / "project.db").is_file():
        dialog = Dialog(over, _("Open the project {name}?").format(name=name), _("Open"))
        dialog.accepted.connect(lambda: wanted.append(open_other))
        words = _("{project} is closed first; every verdict in it is saved.")
    else:
        dialog = Dialog(over, _("Start a new project with {name}?").format(name=name), _("New project"), width=560)
        dialog.accepted.connect(lambda: wanted.append(begin))
        words = _("The assistant shows what is in it before anything is made. {project} is closed first; every verdict is saved.")
        others = [("drop_update", _("Update with it"), "retrain", update)]
        if path.suffix.lower() in _PREDICTIONS:
            others.append(("drop_predictions", _("Bring in as predictions"), "model", bring))
        for at, (called, title, icon, run) in enumerate(others):
            other = Button(title, icon=icon)
            other.setObjectName(called)
            other.clicked.connect(lambda _checked=False, run=run: wanted.append(run))
            other.clicked.connect(dialog.close_over)
            dialog.footer.insertWidget(at, other)
    dialog.body.addWidget(Label(words.format(project=project), ink="text2", wrap=True))
    dialog.closed.connect(lambda: [run() for run in wanted])  # the keyboard has been given back by then
    dialog.open()
