"""What is like the item that was asked for: nearest first, above a likeness that a person sets, as a list like any other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QToolTip, QVBoxLayout, QWidget

from badcase.i18n import _, plural
from badcase.ui import wording
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.map.asking import AskField
from badcase.ui.desktop.review.grid.item_cards import Faces, draw_media, draw_paragraph
from badcase.ui.desktop.widgets import Button, Hairline, Label, SectionTitle, SideScroll
from badcase.ui.desktop.widgets.painting import RIGHT, begin, draw_text
from badcase.ui.desktop.widgets.tooltips import plain_tip

_CARD, _ACROSS, _LINE = 69, 4, 92
_TEXT_LINE = 58
_DRAWN = 200  # results with a face; the others are counted


class _Query(QWidget):
    """The item that was asked for, its key, its labels, and how it was found."""

    def __init__(self, faces: Faces, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._faces, self._item, self._lines = faces, -1, ("", "", "")
        self._picture: QImage | None = None
        self.setFixedHeight(84)

    def show_asked(self, item: int, picture: QImage | None, lines: tuple[str, str, str]) -> None:
        """item: -1 where it is no item, but the picture."""
        self._item, self._picture, self._lines = item, picture, lines
        self.setAccessibleName("; ".join(lines))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        x = 0.0
        if not self._faces.is_text:
            known = self._item >= 0
            picture = self._faces.picture(self._item, 84 * self.devicePixelRatioF()) if known else self._picture
            draw_media(painter, QRectF(0, 0, 84, 84), picture)
            x = 96.0
        inks = ((t.text, font(13, True)), (t.text2, font(13)), (t.text3, font(12)))
        for number, (line, (ink, face)) in enumerate(zip(self._lines, inks, strict=True)):
            room = QRectF(x, 2 + 22 * number, self.width() - x, 20)
            draw_text(painter, room, line, ink, face, mode=Qt.TextElideMode.ElideMiddle)
        painter.end()


class _Results(QWidget):
    """Small pictures, four a row, or first lines: the label at the left, the likeness at the right. `opened` tells an item."""

    opened = Signal(int)

    def __init__(self, faces: Faces, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._faces = faces
        self._items: Sequence[int] = ()
        self._cosines: npt.NDArray[np.floating] = np.empty(0)
        self._more = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_items(self, items: Sequence[int], cosines: npt.NDArray[np.floating]) -> None:
        self._items, self._cosines, self._more = items[:_DRAWN], cosines, max(0, len(items) - _DRAWN)
        lines = len(self._items) if self._faces.is_text else -(-len(self._items) // _ACROSS)
        self.setFixedHeight(max(1, lines * (_TEXT_LINE if self._faces.is_text else _LINE) + 24))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, self.height())

    def place(self, number: int) -> QRectF:
        """Where a result stands."""
        if self._faces.is_text:
            return QRectF(0, number * _TEXT_LINE, self.width(), _TEXT_LINE - 4)
        step = (self.width() - 6 - _CARD) / (_ACROSS - 1)
        return QRectF((number % _ACROSS) * step, (number // _ACROSS) * _LINE, _CARD, _LINE - 4)

    def _at(self, point: object) -> int:
        return next((n for n in range(len(self._items)) if self.place(n).contains(point)), -1)  # type: ignore[call-overload]

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if (number := self._at(event.position())) >= 0:
            self.opened.emit(int(self._items[number]))

    def event(self, event: object) -> bool:
        if isinstance(event, QHelpEvent):
            number = self._at(event.pos().toPointF())
            face = self._faces.face(int(self._items[number])) if number >= 0 else None
            QToolTip.showText(event.globalPos(), plain_tip("" if face is None else f"{face.given} → {face.suggested}"), self)
            return True
        return super().event(event)  # type: ignore[arg-type]

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        for number, item in enumerate(self._items):
            place = self.place(number)
            if not place.intersects(QRectF(event.rect())):
                continue
            face = self._faces.face(int(item))
            if self._faces.is_text:
                draw_paragraph(painter, place.adjusted(0, 0, 0, -20), self._faces.text(int(item)), 2, 17, t.text, px=12)
            else:
                square = QRectF(place.x(), place.y(), _CARD, _CARD)
                draw_media(painter, square, self._faces.picture(int(item), _CARD * self.devicePixelRatioF()))
            foot = QRectF(place.x(), place.bottom() - 19, place.width(), 18)
            ink = t.given if face.suggested and face.suggested != face.given else t.text
            value = f"{self._cosines[number]:.2f}"
            wide = draw_text(painter, foot, value, t.text3, font(11, figures=True), RIGHT)
            draw_text(painter, foot.adjusted(0, 0, -wide - 4, 0), face.given, ink, font(12))
        if self._more:
            words = plural("and {n} more", "and {n} more", self._more).format(n=wording.count(self._more))
            draw_text(painter, QRectF(0, self.height() - 22, self.width(), 20), words, t.text2, font(12))
        painter.end()


class SimilarPanel(QWidget):
    """`closed`, `taken` (select all), `listed` (open in the grid), `opened` an item; `narrowed` that others are shown now."""

    closed = Signal()
    taken = Signal()
    listed = Signal()
    opened = Signal(int)
    narrowed = Signal()

    def __init__(self, faces: Faces, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("similar-panel")
        self._items: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._cosines: npt.NDArray[np.float32] = np.empty(0, np.float32)
        self._several = False
        self._title = Label(px=20, bold=True)
        self._title.setObjectName("similar-title")
        close = Button(_("Close"), keys="Esc", flat=True)
        close.setObjectName("similar-close")
        self._query, self._results = _Query(faces), _Results(faces)
        self.field = AskField(is_text=faces.is_text)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("similar-least")
        self.slider.setAccessibleName(_("At least as like as"))
        self.slider.setRange(0, 100)
        self._value = Label(px=13)
        self._nearest = SectionTitle("")
        self.take = Button(_("Select all"), keys="A")
        self.take.setObjectName("similar-take")
        grid = Button(_("Open in grid"), keys="G")
        grid.setObjectName("similar-grid")
        self._lay_out(close, grid)
        close.clicked.connect(self.closed)
        self.take.clicked.connect(self.taken)
        grid.clicked.connect(self.listed)
        self._results.opened.connect(self.opened)
        self.slider.valueChanged.connect(self._narrow)

    def _lay_out(self, close: Button, grid: Button) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(10)
        top = QHBoxLayout()
        top.addWidget(self._title)
        top.addStretch(1)
        top.addWidget(close)
        least = QHBoxLayout()
        least.addWidget(Label(_("At least"), ink="text2"))
        least.addWidget(self.slider, 1)
        least.addWidget(self._value)
        foot = QHBoxLayout()
        foot.addWidget(self.take, 1)
        foot.addWidget(grid, 1)
        column.addLayout(top)
        column.addWidget(self._query)
        column.addWidget(self.field)
        column.addLayout(least)
        column.addWidget(Hairline())
        column.addWidget(self._nearest)
        column.addWidget(SideScroll(self._results), 1)
        column.addWidget(Hairline())
        column.addLayout(foot)

    @property
    def title(self) -> str:
        """What the results are called."""
        return self._title.full_text()

    @property
    def shown(self) -> npt.NDArray[np.int64]:
        """The results that are like enough, nearest first."""
        return self._items[: int(np.searchsorted(-self._cosines, -self.slider.value() / 100, side="right"))]

    def show_found(
        self,
        asked: npt.NDArray[np.int64],
        lines: tuple[str, str, str],
        items: npt.NDArray[np.int64],
        cosines: npt.NDArray[np.float32],
        least: float,
        picture: QImage | None = None,
    ) -> None:
        """asked: the items that were asked for, none where it was the picture or words that are no item; lines: what is said
        of them; least: where the slider begins."""
        self._items, self._cosines, self._several = items, cosines, len(asked) > 1
        self._query.show_asked(int(asked[0]) if len(asked) else -1, picture, lines)
        self.slider.blockSignals(True)
        self.slider.setValue(int(np.floor(100 * least)))
        self.slider.blockSignals(False)
        self._narrow()

    def _narrow(self) -> None:
        shown = self.shown
        n = wording.count(len(shown))
        these = plural("{n} like these", "{n} like these", len(shown))
        this = plural("{n} like this one", "{n} like this one", len(shown))
        self._title.setText((these if self._several else this).format(n=n))
        self._value.setText(f"{self.slider.value() / 100:.2f}")
        self._nearest.set_texts(_("Nearest first"))
        self._results.show_items(shown.tolist(), self._cosines)
        self.take.set_why("" if len(shown) else _("Nothing is as like as that"))
        self.narrowed.emit()
