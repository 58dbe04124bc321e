"""The dialog that asks where more data are, and whether they have labels."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from badcase.i18n import _
from badcase.ui.desktop.start.path_field import PathField
from badcase.ui.desktop.widgets import Dialog, Label, Segmented


class SourceDialog(Dialog):
    """`wanted` carries the path, and whether its items have labels. Nothing is changed by reading them."""

    wanted = Signal(str, bool)

    def __init__(self, over: QWidget, path: Path | None = None) -> None:
        """path: where they are, if that is known."""
        super().__init__(over, _("Where are the data?"), _("Read"), width=560)
        self.kind = Segmented([("labelled", _("With labels")), ("unlabelled", _("Without labels"))])
        self.kind.setObjectName("update_kind")
        self.path = PathField("update_path", file=True, folder=True, placeholder=_("A table, a folder, or a zip of either"))
        self._words = Label(ink="text2", wrap=True)
        for part in (self.kind, self.path, self._words):
            self.body.addWidget(part)
        self.kind.chosen.connect(lambda _name: self._check())
        self.path.changed.connect(lambda _text: self._check())
        self.accepted.connect(lambda: self.wanted.emit(self.path.text(), self.kind.value == "labelled"))
        if path is not None:
            self.path.set_text(str(path))
        self._check()

    def open(self) -> None:
        self.come_up(self.path.line)

    def _check(self) -> None:
        text = self.path.text()
        there = bool(text) and Path(text).expanduser().exists()
        self.accept_button.set_why(
            "" if there else _("There is nothing at this path") if text else _("Choose a file or a folder")
        )
        if self.kind.value == "labelled":
            words = _(
                "What holds at least half of the items is the source once more: what it lacks is gone. Else it is more data."
            )
        else:
            words = _("Its items have no label; they go to To label.")
        self._words.setText(words)
