"""The top bar: the mark, the tabs, a slot for the page's filter, and the way to all commands."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from badcase.i18n import _
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import TOP_BAR, font, tokens
from badcase.ui.desktop.widgets import Button, PaintedButton
from badcase.ui.desktop.widgets.painting import CENTER, begin, cap_size, draw_box, draw_cap, draw_ring, draw_text, text_width
from badcase.ui.desktop.widgets.tooltips import plain_tip

WIDEST_FILTER = 780


class _Mark(PaintedButton):
    """The program's mark; a click goes back to the start page."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("mark")
        self.setFixedSize(20, 20)
        self.setToolTip(_("All projects  (Ctrl W)"))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = begin(self)
        draw_icon(painter, "mark", QRectF(self.rect()), tokens().text)
        painter.end()


class _Tab(PaintedButton):
    """The name of a page; the current one is bold over an accent line."""

    def __init__(self, page: str, title: str, keys: str) -> None:
        super().__init__()
        self.page, self._keys, self.caps = page, keys, False
        self.setText(title)
        self.setObjectName(f"tab_{page}")
        self.setToolTip(plain_tip(f"{title}  ({keys.replace('+', ' ')})"))
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def nextCheckState(self) -> None:
        """The window decides which tab is current."""

    def sizeHint(self) -> QSize:
        return QSize(text_width(self.text(), font(13, True)) + 24, TOP_BAR)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        rect, holds = QRectF(self.rect()), self.isChecked()
        ink = t.text if holds or self.underMouse() else t.text2
        if self.caps:
            size = cap_size(self._keys)
            cap = QRectF((self.width() - size.width()) / 2, 12, size.width(), size.height())
            draw_cap(painter, cap, self._keys)
        else:
            draw_text(painter, rect, self.text(), ink, font(13, holds), CENTER)
        if holds:
            draw_box(painter, QRectF(12, TOP_BAR - 3, self.width() - 24, 2), 1, t.accent)
        if self.rings:
            draw_ring(painter, rect.adjusted(2, 7, -2, -7), 6)
        painter.end()


class TopBar(QWidget):
    """Tells which page is wanted; shows which one is."""

    wanted = Signal(str)
    commands_wanted = Signal()
    start_wanted = Signal()

    def __init__(self, pages: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        """pages: (id, title) in the order of Ctrl+1, Ctrl+2, …"""
        super().__init__(parent)
        self.setFixedHeight(TOP_BAR)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(0)
        mark = _Mark()
        mark.clicked.connect(self.start_wanted)
        row.addWidget(mark)
        row.addSpacing(4)
        self._tabs = [_Tab(page, title, f"Ctrl+{number}") for number, (page, title) in enumerate(pages, 1)]
        for tab in self._tabs:
            tab.clicked.connect(lambda _checked=False, page=tab.page: self.wanted.emit(page))
            row.addWidget(tab)
        self._slot = QHBoxLayout()
        self._slot.setContentsMargins(24, 0, 24, 0)
        row.addLayout(self._slot, 1)
        commands = Button(_("Commands"), keys="Ctrl+K", icon="search", flat=True, height=32)
        commands.setObjectName("commands")
        commands.clicked.connect(self.commands_wanted)
        row.addWidget(commands)

    def show_page(self, page: str, filter_field: QWidget | None) -> None:
        """Mark the page's tab and put its filter into the slot."""
        for tab in self._tabs:
            tab.setChecked(tab.page == page)
        while self._slot.count():
            item = self._slot.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
        self._slot.addStretch(1)
        if filter_field is not None:
            filter_field.setMaximumWidth(WIDEST_FILTER)
            self._slot.addWidget(filter_field, 100)
            self._slot.addStretch(1)
            filter_field.show()

    def show_caps(self, shown: bool) -> None:
        """Show the keys of the tabs instead of their names, while Ctrl is held."""
        for tab in self._tabs:
            tab.caps = shown
            tab.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        painter.fillRect(self.rect(), t.surface)
        painter.fillRect(0, self.height() - 1, self.width(), 1, t.line)
        painter.end()

    def sizeHint(self) -> QSize:
        return QSize(800, TOP_BAR)
