"""The items of one list of an update: key, the beginning of what it shows, and its labels before and now."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from badcase.i18n import _
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.update.painted_rows import PaintedRows
from badcase.ui.desktop.widgets.painting import draw_text, text_width
from badcase.updating.update_preview import PreviewRow

_KEY, _LABELS = 130, 280


class ListedRows(PaintedRows):
    """A row opens where the project has its item."""

    def __init__(self) -> None:
        super().__init__("update_rows")
        self.rows: Sequence[PreviewRow] = []
        self.setAccessibleName(_("Items of this list"))

    def show_rows(self, rows: Sequence[PreviewRow]) -> None:
        self.rows = rows
        self.filled()

    def count(self) -> int:
        return len(self.rows)

    def can_open(self, row: int) -> bool:
        return self.rows[row].item >= 0

    def paint_row(self, painter: QPainter, rect: QRectF, row: int) -> None:
        t, one = tokens(), self.rows[row]
        labels = min(float(_LABELS), rect.width() / 3)
        draw_text(painter, QRectF(8, rect.y(), _KEY - 12, rect.height()), one.key, t.text2, font(12))
        text = QRectF(_KEY, rect.y(), rect.width() - _KEY - labels - 16, rect.height())
        draw_text(painter, text, " ".join(one.text.split()), t.text, font(13))
        x, end = rect.right() - labels, rect.right() - 8
        if one.before and one.now and one.before != one.now:
            wide = min(text_width(one.before, font(13)) + 2.0, (labels - 36) / 2)
            draw_text(painter, QRectF(x, rect.y(), wide, rect.height()), one.before, t.given, font(13))
            draw_icon(painter, "arrow", QRectF(x + wide + 6, rect.center().y() - 6, 12, 12), t.text3)
            x += wide + 24
        said = one.now or one.before or _("no label")
        draw_text(
            painter, QRectF(x, rect.y(), end - x, rect.height()), said, t.text if said != _("no label") else t.text3, font(13)
        )
