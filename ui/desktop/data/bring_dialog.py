"""The dialog that brings in predictions which were computed elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from badcase.i18n import _
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.start.predictions_form import PredictionsForm
from badcase.ui.desktop.widgets import Dialog


class BringDialog(Dialog):
    """Asks for the file, and reads it in the worker; the review page shows the new ranking when it is done."""

    def __init__(self, over: QWidget, session: Session, path: Path | None = None) -> None:
        """path: the file, where it is known."""
        super().__init__(over, _("Bring in predictions from a file?"), _("Bring in"), width=560)
        self._session = session
        self.form = PredictionsForm()
        self.form.offer(session.project.items.metadata_names)
        self.body.addWidget(self.form)
        self.form.changed.connect(self._check)
        self.accepted.connect(self._bring)
        if path is not None:
            self.form.probs.set_text(str(path))
        self._check()

    def _check(self) -> None:
        path = self.form.options().get("probs", "")
        why = ""
        if self._session.busy:
            why = _("A job is running; wait for it to end, or stop it")
        elif not path:
            why = _("Choose the file of the predictions")
        elif not Path(path).is_file():
            why = _("There is no such file")
        self.accept_button.set_why(why)

    def _bring(self) -> None:
        options: dict[str, Any] = dict(self.form.options())
        self._session.start("bring", title=_("Bringing in predictions"), **options)
