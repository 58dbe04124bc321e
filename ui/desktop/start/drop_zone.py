"""Where data is dropped: a folder, a table or a zip."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from badcase.i18n import _
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import RADIUS_CARD, font, mix, tokens
from badcase.ui.desktop.shell.dropped import local_path
from badcase.ui.desktop.widgets import PaintedButton
from badcase.ui.desktop.widgets.painting import CENTER, begin, cap_size, draw_box, draw_cap, draw_text, text_width


class DropZone(PaintedButton):
    """A press asks for a file, a drop brings one: `dropped` tells its path."""

    dropped = Signal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("drop_zone")
        self.setAccessibleName(_("Drop a folder, a table or a zip"))
        self.setToolTip(_("New project  (Ctrl N)"))
        self.setAcceptDrops(True)
        self._over = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(380, 148)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_path(event) is not None:
            event.acceptProposedAction()
            self._over = True
            self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._over = False
        self.update()
        path = local_path(event)
        if path is not None:
            event.acceptProposedAction()
            self.dropped.emit(path)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        rect = QRectF(self.rect())
        strong = self._over or self.underMouse() or self.rings
        draw_box(painter, rect, RADIUS_CARD, mix(t.accent, t.surface, 0.1 if strong else 0.06))
        pen = QPen(t.accent if strong else t.soft_border(t.accent), 2 if self.rings else 1.5, Qt.PenStyle.DashLine)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), RADIUS_CARD, RADIUS_CARD)
        middle = rect.center().x()
        draw_icon(painter, "folder", QRectF(middle - 39, 26, 22, 22), t.accent)
        draw_text(painter, QRectF(middle - 15, 26, 30, 22), "+", t.text2, font(15), CENTER)
        draw_icon(painter, "table", QRectF(middle + 17, 26, 22, 22), t.accent)
        line = QRectF(0, 60, rect.width(), 24)
        draw_text(painter, line, _("Drop a folder, a table or a zip"), t.text, font(15, True), CENTER)
        kinds = _("CSV, JSONL, Parquet, image folders, Hugging Face sets")
        draw_text(painter, line.translated(0, 25), kinds, t.text2, font(12), CENTER)
        words, size = _("or choose one"), cap_size("Ctrl+N")
        wide = text_width(words, font(13))
        x = middle - (wide + 8 + size.width()) / 2
        draw_text(painter, QRectF(x, 111, wide + 2, 20), words, t.accent, font(13))
        draw_cap(painter, QRectF(x + wide + 8, 111, size.width(), size.height()), "Ctrl+N")
        painter.end()
