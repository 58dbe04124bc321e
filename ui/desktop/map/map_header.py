"""The line over the map: which embedding, the tools with their keys, and the way to the grid; and the zoom at its corner."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.look.theme import BUTTON_BAR, tokens
from badcase.ui.desktop.map.canvas import Tool
from badcase.ui.desktop.widgets import Button, Hairline, IconButton, Label, Panel, ToolButton
from badcase.ui.desktop.widgets.painting import begin, draw_box


class MapHeader(Panel):
    """`source_chosen` tells the place of an embedding in the menu; the rest what was pressed."""

    source_chosen = Signal(int)
    tool_pressed = Signal(str)
    similar_pressed = Signal()
    grid_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self.setObjectName("map-header")
        self.setFixedHeight(40)
        self.sources = QComboBox()
        self.sources.setObjectName("map-source")
        self.sources.setAccessibleName(_("Embedding"))
        self.sources.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.sources.activated.connect(self.source_chosen)
        self._said = Label(ink="text2")
        self._tools = {Tool.LASSO: self._tool(_("Lasso"), "L", "lasso"), Tool.BOX: self._tool(_("Box"), "B", "box")}
        self.similar = self._tool(_("Similar"), "S", "similar")
        self.grid = Button(_("Grid"), keys="G", icon="grid", flat=True, height=BUTTON_BAR)
        self.grid.setObjectName("map-to-grid")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 8, 0)
        row.setSpacing(8)
        for part in (Label(_("Map"), bold=True), Hairline(standing=True, length=14), self.sources, self._said):
            row.addWidget(part)
        row.addStretch(1)
        for button in (*self._tools.values(), self.similar, Hairline(standing=True, length=14), self.grid):
            row.addWidget(button)
        for tool, button in self._tools.items():
            button.clicked.connect(lambda _on=False, tool=tool: self.tool_pressed.emit(str(tool)))
        self.similar.clicked.connect(self.similar_pressed)
        self.grid.clicked.connect(self.grid_pressed)

    def _tool(self, words: str, keys: str, icon: str) -> ToolButton:
        button = ToolButton(words, keys=keys, icon=icon, flat=True, height=BUTTON_BAR)
        button.setObjectName(f"map-{icon}")
        return button

    def show_sources(self, names: Sequence[str], chosen: int) -> None:
        self.sources.clear()
        self.sources.addItems(list(names))
        self.sources.setCurrentIndex(chosen)
        self.sources.setVisible(bool(names))

    def say(self, words: str) -> None:
        """What goes on with the embedding, "" for nothing."""
        self._said.setText(words)

    def show_tool(self, tool: Tool, *, similar: bool) -> None:
        for one, button in self._tools.items():
            button.set_active(one is tool)
        self.similar.set_active(similar)


class ZoomStack(QWidget):
    """Plus, minus and all, one over the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("zoom-stack")
        self.nearer = IconButton("plus", _("Zoom in (+)"), 28)
        self.farther = IconButton("minus", _("Zoom out (−)"), 28)
        self.whole = IconButton("empty", _("Show all (F)"), 28)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.nearer, Hairline(), self.farther, Hairline(), self.whole):
            column.addWidget(part)
        self.setFixedSize(28, 86)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        draw_box(painter, QRectF(self.rect()), 6, t.raised, t.control)
        painter.end()
