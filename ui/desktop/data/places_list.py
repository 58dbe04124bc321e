"""The places of Data, as a list at the left of each of its pages: items, classes, the update, gold, and the way out."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.project import Project
from badcase.ui import wording
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.widgets import ListRow, SectionTitle

EXPORT = "export"


class PlacesList(QWidget):
    """A click goes to the page of a row; the export is asked about in Data."""

    def __init__(self, session: Session, here: str, parent: QWidget | None = None) -> None:
        """here: the id of the page that it stands on."""
        super().__init__(parent)
        self._session, self._here = session, here
        self._rows: dict[str, ListRow] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(SectionTitle(_("Data")))
        self._column = column
        self.show_counts()

    def show_counts(self) -> None:
        """What each place holds now."""
        for place, (icon, name, count) in _places(self._session.project).items():
            if place not in self._rows:
                row = ListRow(icon, name, count)
                row.setObjectName(f"place_{place}")
                row.setChecked(place == self._here)
                row.clicked.connect(lambda _checked=False, place=place: self._go(place))
                self._rows[place] = row
                self._column.addWidget(row)
            self._rows[place].set_values(count)

    def _go(self, place: str) -> None:
        if place == EXPORT:
            self._session.navigate.emit("data", {EXPORT: True})
        elif place != self._here:
            self._session.navigate.emit(place, None)


def _places(project: Project) -> dict[str, tuple[str, str, str]]:
    waits, gold = len(project.conflicts), int(project.gold.sum())
    labels = _("Labels") if project.task == "multilabel" else _("Classes")
    places = {
        "data": ("table", _("Items"), wording.count(project.items_now)),
        "classes": ("tag", labels, wording.count(len(project.label_names))),
        "update": ("retrain", _("Update"), _("{n} wait").format(n=wording.count(waits)) if waits else ""),
    }
    if gold:
        places["gold"] = ("lock", _("Gold"), wording.count(gold))
    return places | {EXPORT: ("export", _("Export"), "")}
