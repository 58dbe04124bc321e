"""What stands on the Train page of a project whose items may have any number of labels: why nothing can be trained."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from badcase.changes import Changes
from badcase.language import _
from ui.desktop.commands import Command
from ui.desktop.session import Session
from ui.desktop.widgets import EmptyState, Panel


def sentence() -> str:
    """Why nothing can be trained."""
    return _(
        "Training takes projects with one label an item. Here an item may have several: "
        "review them, export the corrected data, and train with that."
    )


class OneLabelOnly(Panel):
    """Takes the place of the Train page, and changes with nothing."""

    id = "train"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("window", parent)
        self.setObjectName("train")
        self.title = _("Train")
        column = QVBoxLayout(self)
        column.addWidget(EmptyState("model", sentence()))

    def refresh(self, changes: Changes) -> None:
        """Nothing that changes elsewhere changes this."""

    def commands(self) -> list[Command]:
        return []
