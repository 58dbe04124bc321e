"""Who was right: A and B against the gold labels, four counts of which only fixed and broke decide."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from badcase.i18n import _, pgettext
from badcase.ui import wording
from badcase.ui.desktop.look import theme
from badcase.ui.desktop.widgets import Label, PaintedButton
from badcase.ui.desktop.widgets.painting import CENTER, begin, draw_box, draw_ring, draw_text


class TwoByTwo(QWidget):
    """Four cells; fixed and broke can be clicked to see their items."""

    fixed = Signal()
    broke = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells = {"both_right": _Cell(), "broke": _Cell("error"), "fixed": _Cell("fixed"), "both_wrong": _Cell()}
        for name in ("fixed", "broke"):
            self._cells[name].setObjectName(f"cell_{name}")
        self._cells["fixed"].clicked.connect(self.fixed)
        self._cells["broke"].clicked.connect(self.broke)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        names = (_("B right"), _("B wrong"), _("A right"), _("A wrong"))
        self._sides = [Label(name, px=12, ink="text2") for name in names]
        for at, side in enumerate(self._sides, 1):
            if at <= 2:
                grid.addWidget(side, 0, at, Qt.AlignmentFlag.AlignCenter)
            else:
                grid.addWidget(side, at - 2, 0, Qt.AlignmentFlag.AlignVCenter)
        self.show_several(False)
        for place, cell in zip(((1, 1), (1, 2), (2, 1), (2, 2)), self._cells.values(), strict=True):
            grid.addWidget(cell, *place)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)

    def show_several(self, several: bool) -> None:
        """Whether items have several labels: then there is more than right and wrong."""
        fixed = pgettext("by a model", "fixed")
        words = {"both_right": _("both right"), "broke": _("broke"), "fixed": fixed, "both_wrong": _("both wrong")}
        if several:
            words |= {"broke": _("more wrong labels"), "fixed": _("fewer wrong labels"), "both_wrong": _("as many wrong")}
        for name, word in words.items():
            self._cells[name].set_word(word)
        for side in self._sides:
            side.setVisible(not several)

    def show_counts(self, *, both_right: int, broke: int, fixed: int, both_wrong: int) -> None:
        counts = {"both_right": both_right, "broke": broke, "fixed": fixed, "both_wrong": both_wrong}
        for name, count in counts.items():
            self._cells[name].show_count(count)


class _Cell(PaintedButton):
    def __init__(self, ink: str = "") -> None:
        super().__init__()
        self._word, self._ink, self._count = "", ink, 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        if not ink:
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def set_word(self, word: str) -> None:
        self._word = word
        self.update()

    def show_count(self, count: int) -> None:
        self._count = count
        self.setEnabled(bool(self._ink and count))
        self.setAccessibleName(f"{self._word} {count}")
        self.setToolTip(_("Open these items in Review") if self.isEnabled() else "")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, 80)

    def minimumSizeHint(self) -> QSize:
        return QSize(84, 64)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, painter, rect = theme.tokens(), begin(self), QRectF(self.rect())
        color = tokens.ink(self._ink) if self._ink else None
        if color is None:
            draw_box(painter, rect, 6, tokens.window)
        else:
            fill = tokens.soft(color)
            draw_box(painter, rect, 6, fill, color if self.underMouse() else tokens.soft_border(color))
        self._paint_words(painter, rect)
        if self.rings:
            draw_ring(painter, rect, 6)
        painter.end()

    def _paint_words(self, painter: QPainter, rect: QRectF) -> None:
        tokens = theme.tokens()
        ink, middle = tokens.ink(self._ink or "text2"), rect.center().y()
        number = QRectF(rect.left(), middle - 30, rect.width(), 36)
        draw_text(painter, number, wording.count(self._count), ink, theme.font(28, bool(self._ink)), CENTER)
        word = QRectF(rect.left(), middle + 8, rect.width(), 18)
        draw_text(painter, word, self._word, ink, theme.font(12), CENTER)
