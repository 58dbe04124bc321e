"""The middle of the page: the line over the map, the map or why there is none, and the strip of what is selected."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.map.canvas import MapCanvas
from badcase.ui.desktop.map.cluster_names import ClusterNames
from badcase.ui.desktop.map.map_header import MapHeader, ZoomStack
from badcase.ui.desktop.pictures.item_faces import ProjectFaces
from badcase.ui.desktop.review.grid.strip import Strip
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.widgets import EmptyState, Hairline, Label, Panel

_STRIP = 400  # of a selection, most suspect first, that the strip can hold


class MapCentre(Panel):
    """`way_out` asks for what would make a map; `shown` tells an item of the strip that was clicked."""

    way_out = Signal()
    shown = Signal(int)

    def __init__(self, session: Session, faces: ProjectFaces, classes: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__("window", parent)
        self.header = MapHeader()
        self.names = ClusterNames(classes, faces)
        self.canvas = MapCanvas(self.names, faces, session.project.items.keys)
        self._zoom = ZoomStack(self.canvas)
        self._said = Label(ink="text2", px=12, parent=self.canvas)
        self._said.setObjectName("map-count")
        self._said.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._said.setProperty("panel", "window")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.canvas)
        self._empty: EmptyState | None = None
        self._chart: QWidget | None = None
        self._ground: QWidget = self.canvas  # what stands there without a chart
        self.foot = Panel("surface", self)  # lies over the map, which does not move when it comes
        self.strip = Strip(faces)
        foot = QVBoxLayout(self.foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(0)
        foot.addWidget(Hairline())
        foot.addWidget(self.strip)
        self._items: list[int] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.header, Hairline()):
            column.addWidget(part)
        column.addWidget(self._stack, 1)
        self.canvas.installEventFilter(self)
        self._zoom.nearer.clicked.connect(self.canvas.zoom_in)
        self._zoom.farther.clicked.connect(self.canvas.zoom_out)
        self._zoom.whole.clicked.connect(self.canvas.fit)
        self.strip.opened.connect(lambda row: self.shown.emit(self._items[row]))
        self.show_strip(np.empty(0, np.int64))

    def say(self, words: str) -> None:
        """The line at the lower left of the map."""
        self._said.setText(words)
        self._said.adjustSize()
        self._place()

    def show_strip(self, items: npt.NDArray[np.int64]) -> None:
        """The first of these; no strip where there are none."""
        self._items = items[:_STRIP].tolist()
        self.strip.show_items(self._items, -1)
        self.foot.setVisible(bool(self._items))
        self._place()

    def show_map(self) -> None:
        self._ground = self.canvas
        self._stack.setCurrentWidget(self._chart or self.canvas)

    def show_chart(self, chart: QWidget | None) -> None:
        """A chart in place of the map; None for the map."""
        if self._chart is not None:
            self._stack.removeWidget(self._chart)
        self._chart = chart
        if chart is not None:
            self._stack.addWidget(chart)
        self.header.setVisible(chart is None)
        self._stack.setCurrentWidget(chart or self._ground)

    def show_empty(self, icon: str, sentence: str, button: str | None) -> None:
        """Why there is no map, and what would make one."""
        if self._empty is not None:
            self._stack.removeWidget(self._empty)
            self._empty.deleteLater()
        self._empty = EmptyState(icon, sentence, button)
        self._empty.setObjectName("map-empty")
        self._empty.pressed.connect(self.way_out)
        self._stack.addWidget(self._empty)
        self._ground = self._empty
        self._stack.setCurrentWidget(self._chart or self._empty)

    def show_loading(self) -> None:
        self.show_empty("map", _("Laying out the items…"), None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.canvas and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        wide, high = self.canvas.width(), self.canvas.height()
        taken = self.foot.sizeHint().height()
        self.foot.setGeometry(0, self.height() - taken, self.width(), taken)
        self.foot.raise_()
        high -= 0 if self.foot.isHidden() else taken
        self._zoom.move(wide - self._zoom.width() - 12, high - self._zoom.height() - 12)
        self._said.move(16, high - self._said.height() - 12)
