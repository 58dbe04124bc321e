"""What the look at a few items says of the model that was chosen, or why it cannot be used; beneath the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.widgets import IconLabel, Label
from badcase.ui.desktop.widgets.emptying import empty

WARNING = "warning"  # the level of a finding that is likely a mistake
_ICONS = {"fine": ("check", "fixed"), "note": ("question", "text2"), WARNING: ("warning", "given")}


class ModelNotes(QWidget):
    """A title, and sentences with what to do about each; hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("model_notes")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 12)
        self._column.setSpacing(6)
        self.texts: list[str] = []
        self.hide()

    def show_findings(self, findings: Sequence[Mapping[str, Any]]) -> bool:
        """Show the findings of a preflight; true where one of them should be answered before the model is run."""
        self.clear()
        bad = any(one["level"] == WARNING for one in findings)
        self._add_title(_("Is this the right model?") if bad else _("The model on a few items"))
        for one in findings:
            self._add(str(one["level"]), str(one["text"]), str(one.get("hint", "")) if one["level"] != "fine" else "")
        self.setVisible(bool(findings))
        return bad

    def show_refusal(self, what: str, hint: str) -> None:
        """The model cannot be used: why, and that another can be chosen here."""
        self.clear()
        self._add_title(_("This model cannot be used"))
        self._add(WARNING, what, hint)
        self.show()

    def clear(self) -> None:
        self.texts = []
        empty(self._column)
        self.hide()

    def _add_title(self, text: str) -> None:
        self._column.addWidget(Label(text, bold=True))

    def _add(self, level: str, text: str, hint: str) -> None:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        icon, ink = _ICONS.get(level, _ICONS["note"])
        row.addWidget(IconLabel(icon, ink, 14), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Label(text, px=12, wrap=True))
        if hint:
            words.addWidget(Label(hint, px=12, ink="text2", wrap=True))
        row.addLayout(words, 1)
        self._column.addWidget(line)
        self.texts += [text, hint] if hint else [text]
