"""What stands between the finder view and the project: start a finder in the worker, show what it found."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from badcase.i18n import _
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.train.recipe.recipe_panel import RecipePanel
from badcase.ui.desktop.train.tuning.finder_view import FinderView

FINDER_OF = {"learning_rate": "rate", "head_learning_rate": "rate", "batch_size": "batch"}  # by knob


class FinderDesk(QObject):
    """Owns the view. `found` tells that it has something to show."""

    found = Signal()

    def __init__(self, session: Session, panel: RecipePanel) -> None:
        super().__init__(panel)
        self._session, self._panel, self.view = session, panel, FinderView()
        panel.form.find_wanted.connect(self.find)

    def find(self, knob: str) -> None:
        """Look for a good value of a knob under the recipe as it stands; nothing is written to the project."""
        recipe, what = self._panel.form.recipe, FINDER_OF[knob]
        if recipe is None or self._session.busy:
            self._session.toast.emit(_("A job is running, or a field holds something that is not a value"), "")
            return
        title = _("Finding a learning rate") if what == "rate" else _("Finding a batch size")
        self._session.start(
            "find", title=title, done=partial(self._show, what), what=what, recipe=recipe.values(), start=self._panel.start.value
        )

    def _show(self, what: str, value: dict[str, Any]) -> None:
        (self.view.show_rate if what == "rate" else self.view.show_batch)(value)
        self.found.emit()
