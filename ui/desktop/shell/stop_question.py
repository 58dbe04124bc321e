"""The question before a running job is lost: its answer cannot be undone, so Enter keeps it running."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from badcase.i18n import _
from badcase.ui.desktop.widgets import Dialog, Label


class StopQuestion(Dialog):
    """`accepted` means stop."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over, _("Stop the running job?"), _("Stop it"), cancel=_("Keep it running"), accept_is_safe=False)
        words = _("What it has not finished is lost; your verdicts are not.")
        self.body.addWidget(Label(words, ink="text2", wrap=True))
