"""The question before code runs that a project, a model or a recipe brings: where it lies, and what stands there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.trust.gate import trust_facts
from badcase.ui.desktop.widgets import Button, Dialog, Label

_LONGEST = 200_000  # characters that are shown


class TrustQuestion(Dialog):
    """`accepted` means that the person trusts it; Enter does not run it."""

    def __init__(self, over: QWidget, facts: Mapping[str, Any]) -> None:
        super().__init__(over, _("Run this code?"), _("Trust and run"), cancel=_("Do not run"), width=640, accept_is_safe=False)
        files = [str(path) for path in facts["files"]]
        for words, ink in (
            (_("This is code that the project names, and it has not run: {name}").format(name=facts["name"]), "text"),
            ("\n".join(files[:6]) + ("\n…" if len(files) > 6 else ""), "text2"),
            (_("It can do on this machine whatever you can. Read it, and trust it only where you know who wrote it."), "text"),
            (_("Your answer holds for this code as it is, in this project: {path}").format(path=facts["project"]), "text2"),
        ):
            self.body.addWidget(Label(words, ink=ink, wrap=True))
        self._files = [Path(path) for path in files if path.endswith(".py")]
        self.code = QPlainTextEdit(readOnly=True)
        self.code.setObjectName("trust_code")
        self.code.setMinimumHeight(240)
        self.code.setVisible(False)
        self.body.addWidget(self.code)
        self.show_button = Button(_("Show the code"))
        self.show_button.setObjectName("trust_show")
        self.show_button.setVisible(bool(self._files))
        self.show_button.clicked.connect(self._show_code)
        self.footer.insertWidget(0, self.show_button)

    def _show_code(self) -> None:
        self.code.setPlainText(read_code(self._files))
        self.code.setVisible(True)
        self.show_button.setVisible(False)


def ask_to_trust(over: QWidget, error: BadcaseError, again: Callable[[], None], refused: Callable[[BadcaseError], None]) -> None:
    """Ask about the code that stopped a job.

    Args:
        over: What the question covers.
        error: Of the job; its `untrusted` says which code it is.
        again: Starts the job again, once the answer is kept.
        refused: Gets the error where the person does not trust the code, or the answer cannot be kept.
    """
    facts = getattr(error, "untrusted", None) or {}
    question = TrustQuestion(over, facts)
    answered: list[bool] = []

    def trust() -> None:
        answered.append(True)
        try:
            trust_facts(facts)
        except BadcaseError as unkept:
            refused(unkept)
        else:
            again()

    question.accepted.connect(trust)
    question.closed.connect(lambda: None if answered else refused(error))
    question.open()


def read_code(files: list[Path]) -> str:
    """The files one after the other, as far as they are shown."""
    text = ""
    for path in files:
        if len(text) < _LONGEST:
            try:
                text += f"# --- {path}\n{path.read_text(encoding='utf-8', errors='replace')}\n"
            except OSError as error:
                text += f"# --- {path}: {error.strerror}\n"
    return text[:_LONGEST]
