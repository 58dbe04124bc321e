"""A chart of a category of the items: a bar for each kind, with how many pass. A click filters, Ctrl-click adds."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from badcase.i18n import _, plural
from badcase.ui import wording
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.map.charts.counting import Counts
from badcase.ui.desktop.map.colouring import Sort
from badcase.ui.desktop.review.queue.reason_list import adds
from badcase.ui.desktop.widgets import PaintedButton
from badcase.ui.desktop.widgets.emptying import empty
from badcase.ui.desktop.widgets.painting import RIGHT, begin, draw_bar, draw_box, draw_ring, draw_text, text_width
from badcase.ui.desktop.widgets.tooltips import plain_tip

_HIGH = 21
_FEW, _MOST = 5, 60  # kinds that are shown at first, and when all are asked for
_LEAST_BAR = 24  # a shorter bar says nothing


class KindRow(PaintedButton):
    """Name, bar, count. The bar is what passes on the track of what there is, as a share of the largest kind."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count, self._share, self._named = 0, 0.0, 0
        self.setText(name)
        self.setCheckable(True)
        self.setFixedHeight(_HIGH)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_values(self, count: int, share: float, named: int, *, chosen: bool) -> None:
        """named: what the longest name of the chart takes."""
        self._count, self._share, self._named = count, share, named
        self.setChecked(chosen)
        self.setAccessibleName(f"{self.text()} {wording.count(count)}")
        self.update()

    def nextCheckState(self) -> None:
        """Whoever listens decides what is chosen."""

    def sizeHint(self) -> QSize:
        return QSize(160, _HIGH)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter, rect = tokens(), begin(self), QRectF(self.rect())
        if self.isChecked():
            draw_box(painter, rect, 5, t.soft(t.accent))
        elif self.underMouse() and self.isEnabled():
            draw_box(painter, rect, 5, t.hover)
        if self.rings:
            draw_ring(painter, rect, 5)
        numbers, words = font(12, figures=True), wording.count(self._count)
        right = rect.right() - 3
        draw_text(painter, QRectF(4, 0, right - 4, _HIGH), words, t.text2 if self._count else t.text3, numbers, RIGHT)
        left = 4.0 + min(self._named, round(rect.width() * 0.45)) + 10
        bar = QRectF(left, rect.center().y() - 2, right - 52 - left, 4)
        ends = bar.left() - 6 if bar.width() >= _LEAST_BAR else right - text_width(words, numbers) - 6
        draw_text(painter, QRectF(4, 0, ends - 4, _HIGH), self.text(), t.text, font(12, self.isChecked()))
        if bar.width() >= _LEAST_BAR:
            draw_bar(painter, bar, self._share, t.accent if self.isChecked() else t.line2)
        painter.end()


class _Fold(PaintedButton):
    """ "12 more", and back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(_HIGH)

    def sizeHint(self) -> QSize:
        return QSize(text_width(self.text(), font(12)) + 16, _HIGH)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        if self.rings:
            draw_ring(painter, QRectF(self.rect()), 5)
        ink = t.text if self.underMouse() and self.isEnabled() else t.text3
        draw_text(painter, QRectF(self.rect()).adjusted(4, 0, 0, 0), self.text(), ink, font(12))
        painter.end()


class KindChart(QWidget):
    """`chosen` tells the place of a kind, and whether it is added to what is asked for already."""

    chosen = Signal(int, bool)

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"chart-{name}")
        self.setAccessibleName(title)
        self._title, self._said = title, _("all")
        self._sorts: list[Sort] = []
        self._whole: Counts = np.empty(0, np.int64)
        self._counts = self._whole
        self._rows: dict[int, KindRow] = {}
        self._asked: list[bool] = []
        self._opened = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 20, 0, 4)
        self._column.setSpacing(0)

    @property
    def rows(self) -> dict[int, KindRow]:
        """What is shown, by the place of the kind."""
        return dict(self._rows)

    def show_kinds(self, sorts: list[Sort], whole: Counts) -> None:
        """Other kinds, and how many of all items are of each."""
        named = [one.name for one in sorts]
        anew = named != [one.name for one in self._sorts] or (len(sorts) > _FEW and not np.array_equal(whole, self._whole))
        self._sorts, self._whole = sorts, whole
        if anew:
            self._lay_out([False] * len(sorts))

    def show_counts(self, counts: Counts, asked: list[bool]) -> None:
        """counts (kinds,) of what passes all other conditions; asked: whether the filter asks for each kind."""
        if asked != self._asked and any(one and place not in self._rows for place, one in enumerate(asked)):
            self._lay_out(asked)
        self._counts, self._asked = counts, asked
        most = max(1, int(self._whole.max(initial=0)))
        named = max((text_width(row.text(), font(12, True)) for row in self._rows.values()), default=0)
        for place, row in self._rows.items():
            row.show_values(int(counts[place]), counts[place] / most, named, chosen=asked[place])
        names = [self._sorts[place].name for place, one in enumerate(asked) if one]
        self._said = _("all") if not names else names[0] if len(names) == 1 else wording.count(len(names))
        self.setAccessibleDescription(", ".join(names) or self._said)
        self.update()

    def _lay_out(self, asked: list[bool]) -> None:
        """Rows for the largest kinds and those that are asked for, in their own order."""
        empty(self._column)
        most = _MOST if self._opened else _FEW
        most += len(self._sorts) == most + 1  # a line that says "1 more" takes as much room as the one
        places = set(np.argsort(-self._whole, kind="stable")[:most].tolist())
        places |= {place for place, one in enumerate(asked) if one}
        self._rows = {}
        for place in sorted(places):
            row = KindRow(self._sorts[place].name)
            row.setObjectName(f"kind-{place}")
            row.setEnabled(self._sorts[place].choose is not None)
            row.setToolTip(plain_tip(self._sorts[place].name))
            row.clicked.connect(lambda _on=False, place=place: self.chosen.emit(place, adds(QGuiApplication.keyboardModifiers())))
            self._rows[place] = row
            self._column.addWidget(row)
        rest = len(self._sorts) - len(places)
        if rest or self._opened:
            fold = _Fold()
            fold.setObjectName("kinds-more")
            fold.setText(_("fewer") if self._opened else plural("{n} more", "{n} more", rest).format(n=wording.count(rest)))
            fold.clicked.connect(self._turn)
            self._column.addWidget(fold)

    def _turn(self) -> None:
        self._opened = not self._opened
        self._lay_out(self._asked)
        self.show_counts(self._counts, self._asked)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        narrowed = any(self._asked)
        ink = t.accent if narrowed else t.text3
        right = draw_text(painter, QRectF(0, 0, self.width(), 18), self._said, ink, font(12, narrowed), RIGHT)
        draw_text(painter, QRectF(0, 0, self.width() - right - 8, 18), self._title, t.text, font(12))
        painter.end()
