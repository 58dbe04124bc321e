"""What the worker found when it looked at this machine, each with its remedy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QGridLayout, QWidget

from badcase.i18n import _
from badcase.ui import wording
from badcase.ui.desktop.widgets import Dialog, IconLabel, Label
from badcase.ui.desktop.window_words import in_window

_ICONS = {"ok": ("check", "fixed"), "note": ("info", "text2"), "missing": ("warning", "given")}


class MachineCheck(Dialog):
    """A list to read; its one button closes it."""

    def __init__(self, over: QWidget, findings: Sequence[dict[str, Any]]) -> None:
        super().__init__(over, _("What this machine has"), _("Close"), width=640)
        self.cancel_button.hide()
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(2, 1)
        for row, finding in enumerate(findings):
            icon, ink = _ICONS[finding["state"]]
            words = wording.with_hint(finding["found"], in_window(finding.get("remedy", "")))
            grid.addWidget(IconLabel(icon, ink, 14), row, 0)
            grid.addWidget(Label(finding["name"]), row, 1)
            grid.addWidget(Label(words, ink="text2", wrap=True), row, 2)
        self.body.addLayout(grid)
