"""How alike the two are: where their images differ, in colours that are named, and the figures."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from badcase.i18n import _
from badcase.ui.desktop.look.theme import RADIUS_MEDIA, font, tokens
from badcase.ui.desktop.review.item.evidence_panel import EvidenceLine
from badcase.ui.desktop.widgets.painting import RIGHT, begin, draw_box, draw_text, text_width

SIDE = 104
_TITLE, _LINE, _GAP = 24, 26, 16


class AlikePanel(QWidget):
    """Keeps the place of the picture while that is on its way; texts have none."""

    def __init__(self, *, is_text: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pair_alike")
        self._is_text = is_text
        self._lines: Sequence[EvidenceLine] = ()
        self.difference: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(self, lines: Sequence[EvidenceLine]) -> None:
        self._lines = lines
        self.updateGeometry()
        self.update()

    def show_difference(self, image: QImage | None) -> None:
        """The picture that `difference` makes; None while it is not known."""
        self.difference = image
        self.update()

    def lines(self) -> Sequence[EvidenceLine]:
        return self._lines

    def sizeHint(self) -> QSize:
        return QSize(280, _TITLE + (len(self._lines) * _LINE if self._is_text else SIDE + 8 + 20))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        draw_text(painter, QRectF(0, 0, self.width(), 20), _("How alike"), t.text3, font(12, bold=True))
        x = 0.0
        if not self._is_text:
            square = QRectF(0, _TITLE, SIDE, SIDE)
            draw_box(painter, square, RADIUS_MEDIA, t.sunken)
            if self.difference is not None:
                size = self.difference.size().scaled(SIDE, SIDE, Qt.AspectRatioMode.KeepAspectRatio)
                place = QRectF(0, 0, size.width(), size.height())
                place.moveCenter(square.center())
                painter.drawImage(place, self.difference)
            x = SIDE + _GAP
        for number, line in enumerate(self._lines):
            row = QRectF(x, _TITLE + number * _LINE, self.width() - x, _LINE)
            how = text_width(line.how, font(13, bold=True)) + 4
            draw_text(painter, row.adjusted(0, 0, -how - 8, 0), line.what, t.text2, font(13))
            draw_text(painter, row, line.how, t.text, font(13, bold=not number, figures=True), RIGHT)
        if not self._is_text:
            foot, x = _TITLE + SIDE + 8.0, 0.0
            for ink, words in ((t.text2, _("darker in A")), (t.accent, _("darker in B"))):
                draw_box(painter, QRectF(x, foot + 5, 10, 10), 2, ink)
                x += 16 + draw_text(painter, QRectF(x + 16, foot, self.width() - x - 16, 20), words, t.text2, font(12)) + 20
        painter.end()
