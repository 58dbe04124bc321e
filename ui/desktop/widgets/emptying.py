"""Taking out of a layout what it shows, before it shows something else."""

from __future__ import annotations

from PySide6.QtWidgets import QLayout


def empty(layout: QLayout) -> None:
    """Take all parts out of a layout; their widgets are hidden at once and gone with the next turn of the loop."""
    while (part := layout.takeAt(0)) is not None:
        if (widget := part.widget()) is not None:
            widget.hide()
            widget.deleteLater()
