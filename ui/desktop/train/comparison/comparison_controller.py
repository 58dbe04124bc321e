"""What stands between the comparison view and the project: compare two runs, accept one, open items."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items import Kind
from badcase.ui.desktop.pictures.project_pictures import SMALL, pictures_of
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.train.comparison.comparison_text import comparison_shown
from badcase.ui.desktop.train.comparison.comparison_view import ComparisonView

PICTURE = 80  # device pixels of a small picture in the lists


class ComparisonDesk(QObject):
    """Owns the view. `compared` tells that it has something to show."""

    compared = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._pictures = session, pictures_of(session, SMALL)
        has_pictures = session.project.kind is Kind.IMAGE
        self.view = ComparisonView(self._picture if has_pictures else None)
        self._pictures.arrived.connect(self.view.update_pictures)
        self.view.picked.connect(self.compare)
        self.view.accepted.connect(self.accept)
        self.view.opened.connect(self._open)
        self.view.gold_wanted.connect(lambda: session.navigate.emit("gold", {"runs": self.view.runs}))

    def compare(self, a: int, b: int) -> None:
        """Show run b against run a."""
        try:
            shown = comparison_shown(self._session.project, a, b)
        except BadcaseError as error:
            self._session.failed.emit(error)
            return
        self.view.show_comparison(shown)
        self.compared.emit()

    def refresh(self) -> None:
        """Labels or runs have changed: compare the same two again."""
        if self.view.runs != (0, 0):
            self.compare(*self.view.runs)

    def accept(self, number: int) -> None:
        """Make the model of a run the one in use; its predictions begin the next round."""
        self._session.start("accept", title=_("Accept run {n}").format(n=number), done=self._on_accepted, run=number)

    def _on_accepted(self, value: dict[str, Any]) -> None:
        text = _("Run {n} is in use; its predictions are the next round").format(n=value["run"])
        self._session.toast.emit(text, "")

    def _open(self, items: list[int], title: str) -> None:
        self._session.navigate.emit("review", {"items": items, "title": title})

    def _picture(self, item: int) -> QImage | None:
        return self._pictures.thumbnail(item, PICTURE)
