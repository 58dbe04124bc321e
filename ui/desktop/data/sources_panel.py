"""Where the data came from, how it is divided, what is locked, and what was set aside."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.project import Project
from badcase.ui import wording
from badcase.ui.desktop.data.places_list import PlacesList
from badcase.ui.desktop.look import theme
from badcase.ui.desktop.review.filtering.filter_syntax import SPLITS, split_words
from badcase.ui.desktop.review.filtering.filters import GOLD_PART
from badcase.ui.desktop.session.locate_data import missing_data
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.start.reading import as_controls
from badcase.ui.desktop.widgets import Button, Label, ListRow, Panel, SectionTitle
from badcase.ui.desktop.widgets.tooltips import plain_tip


class SourcesPanel(Panel):
    """Tells which part of the data a person wants to look at, or that it is the set-aside list."""

    part_chosen = Signal(object)  # the place of a split, or of gold, in `SPLITS`; None for all
    set_aside_chosen = Signal()
    locate_pressed = Signal()

    def __init__(self, session: Session, charts: QWidget, parent: QWidget | None = None) -> None:
        """charts: stand beneath the parts."""
        super().__init__("surface", parent)
        self._project = session.project
        self.places = PlacesList(session, "data")
        self._shown: list[Label] = []  # the values of `source_facts`
        self._parts: dict[int | None, ListRow] = {}
        self._column = QVBoxLayout()
        self._column.setContentsMargins(16, 16, 16, 16)
        self._column.setSpacing(4)
        self._column.addWidget(self.places)
        self._column.addSpacing(theme.SECTION_GAP - 8)
        self._add_parts()
        charts.layout().setContentsMargins(0, theme.SECTION_GAP - 8, 0, 0)  # type: ignore[union-attr]
        self._column.addWidget(charts)
        self._add_set_aside()
        self._add_source()
        self._column.addStretch(1)
        body = QWidget()
        body.setLayout(self._column)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def show_chosen(self, part: int | None, *, set_aside: bool) -> None:
        for one, row in self._parts.items():
            row.setChecked(one == part and not set_aside)
        self.bad.setChecked(set_aside)

    def show_source(self) -> None:
        """Where the source is now, and which path is missing."""
        for shown, (_name, value, tip) in zip(self._shown, source_facts(self._project), strict=True):
            shown.setText(value)
            shown.setToolTip(plain_tip(tip))
        gone = missing_data(self._project)
        self.missing.setText(_("{path} is not there any more.").format(path=gone) if gone is not None else "")
        self.missing.setVisible(gone is not None)

    def _add_parts(self) -> None:
        project = self._project
        self._column.addWidget(SectionTitle(_("Splits")))
        n = int((~project.gone).sum())
        names: list[tuple[int | None, str]] = [(None, _("all")), *enumerate(split_words())]
        for part, name in names:
            inside = (project.gold if part == GOLD_PART else (project.split == part) & ~project.gold) & ~project.gone
            size = n if part is None else int(np.count_nonzero(inside))
            if part is None or size:
                locked = part == GOLD_PART
                share = None if part is None else size / max(1, n)
                row = ListRow("lock" if locked else "list", _("gold, locked") if locked else name, wording.count(size), share)
                row.setObjectName(f"part_{'all' if part is None else SPLITS[part]}")
                row.clicked.connect(lambda _checked=False, part=part: self.part_chosen.emit(part))
                self._parts[part] = row
                self._column.addWidget(row)
        if project.gold.any():
            text = _("Gold is never trained on, ranked or used to stop a training. Runs are compared on it.")
            self._column.addWidget(Label(text, px=12, ink="text3", wrap=True))

    def _add_set_aside(self) -> None:
        self._column.addSpacing(theme.SECTION_GAP - 8)
        self._column.addWidget(SectionTitle(_("Not imported")))
        count = len(self._project.set_aside)
        self.bad = ListRow("barred", _("set aside"), wording.count(count))
        self.bad.setObjectName("part_set_aside")
        self.bad.setEnabled(count > 0)
        self.bad.setToolTip("" if count else _("Every item of the source could be used"))
        self.bad.clicked.connect(self.set_aside_chosen)
        self._column.addWidget(self.bad)

    def _add_source(self) -> None:
        self._column.addSpacing(theme.SECTION_GAP - 8)
        self._column.addWidget(SectionTitle(_("Source")))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row, (name, value, tip) in enumerate(source_facts(self._project)):
            shown = Label(value, px=12, elide=True)
            self._shown.append(shown)
            shown.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if tip:
                shown.setToolTip(plain_tip(tip))
            grid.addWidget(Label(name, px=12, ink="text2"), row, 0)
            grid.addWidget(shown, row, 1)
        self._column.addLayout(grid)
        self.missing = Label(px=12, ink="error", wrap=True)
        self.locate = Button(_("Locate…"), keys="Ctrl+L", icon="folder", height=28)
        self.locate.setObjectName("locate")
        self.locate.setToolTip(_("Say where the data are now that they were moved (Ctrl+L)"))
        self.locate.clicked.connect(self.locate_pressed)
        self._column.addWidget(self.missing)
        self._column.addWidget(self.locate)
        self.show_source()
        for note in self._project.notes:
            self._column.addSpacing(4)
            self._column.addWidget(Label(as_controls(note), px=12, ink="text2", wrap=True))


def source_facts(project: Project) -> list[tuple[str, str, str]]:
    """(name, value, tooltip) of what is known about the source."""
    source = project.source
    facts = [(_("Data"), source.location.name, str(source.location)), (_("Format"), source.format, "")]
    titles = {
        "text": _("Text column"),
        "image": _("Image column"),
        "label": _("Label column"),
        "names": _("Name column"),
        "split": _("Split column"),
        "key": _("Key column"),
        "group": _("Group column"),
        "time": _("Time column"),
    }
    facts += [(title, str(source.columns[role]), "") for role, title in titles.items() if source.columns.get(role)]
    title = _("Labels") if project.task == "multilabel" else _("Classes")
    facts.append((title, wording.count(len(project.label_names)), ""))
    return facts
