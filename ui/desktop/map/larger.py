"""Two ways to make a selection larger, each with what it would add; and what of it stays as it is."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui import wording
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.widgets import Hairline, Label, PaintedButton, SectionTitle
from badcase.ui.desktop.widgets.painting import RIGHT, begin, cap_size, draw_box, draw_cap, draw_ring, draw_text


class GrowRow(PaintedButton):
    """Icon, what it does, how many it would add, and its key."""

    def __init__(self, icon: str, text: str, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._keys, self._more = icon, keys, ""
        self.setText(text)
        self.setFixedHeight(28)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_more(self, more: int | None) -> None:
        """How many it would add; None while that is not known."""
        self._more = "" if more is None else f"+{wording.count(more)}"
        self.setEnabled(more is None or more > 0)
        self.setAccessibleName(f"{self.text()} {self._more}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter, rect = tokens(), begin(self), QRectF(self.rect())
        if self.underMouse() and self.isEnabled():
            draw_box(painter, rect, 6, t.hover)
        if self.rings:
            draw_ring(painter, rect, 6)
        ink = t.text if self.isEnabled() else t.disabled
        draw_icon(painter, self._icon, QRectF(0, 8, 12, 12), t.text2)
        cap = cap_size(self._keys)
        draw_cap(painter, QRectF(rect.right() - cap.width(), 4, cap.width(), 20), self._keys, enabled=self.isEnabled())
        room = QRectF(22, 0, rect.right() - cap.width() - 34, 28)
        draw_text(painter, room, self._more, t.text2, font(13, figures=True), RIGHT)
        draw_text(painter, room.adjusted(0, 0, -48, 0), self.text(), ink, font(13))
        painter.end()


class Larger(QWidget):
    """`grown` by nearest items, `filled` with all that are like these; the line over them says what is in the selection."""

    grown = Signal()
    filled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.nearest = GrowRow("hub", _("Grow by nearest"), "W")
        self.nearest.setObjectName("grow-nearest")
        self.alike = GrowRow("similar", _("All like these"), "A")
        self.alike.setObjectName("all-like-these")
        self._stays = Label(ink="text2", px=12, wrap=True)
        self._stays.setObjectName("stays")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        for part in (self._stays, Hairline(), SectionTitle(_("Make the selection larger")), self.nearest, self.alike):
            column.addWidget(part)
        self.nearest.clicked.connect(self.grown)
        self.alike.clicked.connect(self.filled)
        self.say("")

    def show_more(self, nearest: int | None, alike: int | None) -> None:
        """How many each would add; None while that is not known."""
        self.nearest.show_more(nearest)
        self.alike.show_more(alike)

    def say(self, words: str) -> None:
        """What of the outline stays as it is, "" where nothing does."""
        self._stays.setText(words)
        self._stays.setVisible(bool(words))
