"""The code that a person trusts on this computer: a row each, what became of it, and Forget."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.trust.gate import Since, TrustedCode, forget, trusted
from badcase.ui import wording
from badcase.ui.desktop.shell.trust_question import read_code
from badcase.ui.desktop.widgets import Button, Dialog, Hairline, IconLabel, Label
from badcase.ui.desktop.widgets.emptying import empty

ROW_BUTTON = 26


class TrustedList(QWidget):
    """Reads the answers when it is shown anew; `failed` where one cannot be taken back."""

    failed = Signal(object)  # BadcaseError

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def refresh(self) -> None:
        """Read anew what is trusted, and whether it is still as it was."""
        empty(self._column)
        kept = trusted()
        for code in kept:
            self._column.addWidget(Hairline())
            self._column.addWidget(self._row(code))
        if not kept:
            self._column.addWidget(Label(_("No code is trusted."), ink="text3"))

    def _row(self, code: TrustedCode) -> QWidget:
        changed = code.since is not Since.SAME
        row, words = QWidget(), QVBoxLayout()
        row.setObjectName(f"trusted_{code.name}")
        words.setSpacing(0)
        words.addWidget(
            Label(_("{name}, in {project}").format(name=_short(code.name), project=Path(code.project).name), elide=True)
        )
        beneath = {
            Since.SAME: wording.at_home(code.file),
            Since.CHANGED: _("changed since you trusted it"),
            Since.GONE: _("its files are gone: {file}").format(file=wording.at_home(code.file)),
        }[code.since]
        words.addWidget(Label(beneath, px=12, ink="given" if changed else "text2", elide=True))
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 5, 0, 5)
        line.setSpacing(12)
        line.addWidget(IconLabel("warning" if changed else "shield", "given" if changed else "fixed", 16))
        line.addLayout(words, 1)
        line.addWidget(Label(_("asks again") if changed else _since(code.at), px=12, ink="text2"))
        if code.since is Since.CHANGED:
            look = Button(_("Show the code"), height=ROW_BUTTON)
            look.setObjectName("trusted_look")
            look.clicked.connect(lambda: _look(self, code))
            line.addWidget(look)
        drop = Button(_("Forget"), height=ROW_BUTTON)
        drop.setObjectName("trusted_forget")
        drop.clicked.connect(lambda: self._forget(code))
        line.addWidget(drop)
        return row

    def _forget(self, code: TrustedCode) -> None:
        try:
            forget(code.project, code.name)
        except BadcaseError as error:
            self.failed.emit(error)
        self.refresh()


def _look(over: QWidget, code: TrustedCode) -> None:
    """Show the code as it is now."""
    dialog = Dialog(over, _("What stands in {name} now").format(name=_short(code.name)), _("Close"), width=720)
    dialog.cancel_button.hide()
    text = QPlainTextEdit(readOnly=True)
    text.setObjectName("trusted_code")
    text.setMinimumHeight(360)
    text.setPlainText(read_code([Path(path) for path in code.files if path.endswith(".py")]))
    dialog.body.addWidget(text)
    dialog.body.addWidget(Label(_("It is asked about before it runs again."), ink="text2", px=12, wrap=True))
    dialog.open()


def _short(name: str) -> str:
    """A folder or file by its name; package.module:function as it is."""
    return Path(name).name if "/" in name or "\\" in name else name


def _since(at: str) -> str:
    try:
        when = datetime.fromisoformat(at).astimezone()
    except ValueError:
        return ""
    return _("since today") if when.date() == datetime.now().date() else _("since {time}").format(time=wording.ago(when))
