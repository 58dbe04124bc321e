"""The first corrected items of an export: small picture, key, and given → label."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from badcase.i18n import plural
from badcase.items import Kind
from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from badcase.ui import wording
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.pictures.picture_cache import Pictures
from badcase.ui.desktop.review.grid.item_cards import draw_media
from badcase.ui.desktop.widgets.painting import begin, draw_text, text_width

EXAMPLES = 5
_ROW, _THUMB, _LINE = 32, 26, 18


class ChangedExamples(QWidget):
    """Painted; pictures come a moment after they were first asked for."""

    def __init__(self, project: Project, pictures: Pictures | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("export_examples")
        self._project = project
        self._pictures = pictures if project.kind is Kind.IMAGE else None
        changed = np.flatnonzero(project.checked_verdicts == VerdictCode.RELABEL)
        self.items: list[int] = changed[:EXAMPLES].tolist()
        self._more = max(0, len(changed) - EXAMPLES)
        self._row = _ROW if self._pictures is not None else _LINE
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("\n".join(self._words(item) for item in self.items))
        if self._pictures is not None:
            self._pictures.arrived.connect(self._on_picture)

    def sizeHint(self) -> QSize:
        return QSize(300, len(self.items) * self._row + (_LINE if self._more else 0))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _on_picture(self, _item: int, _side: int) -> None:
        self.update()

    def _names(self, item: int) -> tuple[str, str]:
        classes = self._project.classes
        return classes[int(self._project.given[item])], classes[int(self._project.checked_labels[item])]

    def _words(self, item: int) -> str:
        given, label = self._names(item)
        return f"{self._project.items.key(item)}: {given} → {label}"

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        for number, item in enumerate(self.items):
            top, x = number * self._row, 0.0
            if self._pictures is not None:
                image = self._pictures.thumbnail(item, _THUMB * self.devicePixelRatioF())
                draw_media(painter, QRectF(0, top + (self._row - _THUMB) / 2, _THUMB, _THUMB), image)
                x = _THUMB + 10
            given, label = self._names(item)
            after = text_width(given, font(12)) + text_width(label, font(12, True)) + 34
            key = QRectF(x, top, max(60.0, self.width() - x - after), self._row)
            x += draw_text(painter, key, self._project.items.key(item), t.text2, font(12)) + 12
            x += draw_text(painter, QRectF(x, top, self.width() - x, self._row), given, t.given, font(12)) + 4
            draw_icon(painter, "arrow", QRectF(x, top + self._row / 2 - 5, 12, 12), t.text3)
            x += 16
            draw_text(painter, QRectF(x, top, max(0.0, self.width() - x), self._row), label, t.fixed, font(12, True))
        if self._more:
            words = plural("and {n} more", "and {n} more", self._more).format(n=wording.count(self._more))
            line = QRectF(0, len(self.items) * self._row, self.width(), _LINE)
            draw_text(painter, line, words, t.text2, font(12))
        painter.end()
