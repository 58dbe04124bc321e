"""The list of runs: what each changed against its parent, its value on one common scale, how it rose, its state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from badcase.i18n import _, percent
from badcase.ui.desktop.look import theme
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.plots.spark import paint_position, paint_sparkline
from badcase.ui.desktop.widgets import Button, Label, PaintedButton, Panel
from badcase.ui.desktop.widgets.painting import RIGHT, begin, draw_box, draw_ring, draw_text, text_width
from badcase.ui.desktop.widgets.tooltips import plain_tip

ROW, PAD, SPARK = 70, 12, 64


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One run as the list shows it. value: 0 to 1, None before the first validation; chip_ink is a token's name."""

    number: int
    change: str
    value: float | None = None
    chip: str = ""
    chip_ink: str = "text2"
    accepted: bool = False
    error: str = ""
    rise: Sequence[float] = field(default_factory=tuple)

    @property
    def score(self) -> str:
        return "" if self.value is None else percent(self.value, 1)


class RunsPanel(QWidget):
    """Newest first. A click chooses a run; the button compares the chosen one."""

    chosen = Signal(int)
    compared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.measure = Label(ink="text3", px=12)
        self._rows: list[_RunRow] = []
        self._list = Panel()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(8, 0, 8, 8)
        self._column.setSpacing(2)
        self.compare = Button(_("Compare"), keys="Ctrl+D")
        self.compare.setObjectName("compare_runs")
        self.compare.clicked.connect(self.compared)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._list)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 12)
        layout.setSpacing(0)
        layout.addWidget(self._head())
        layout.addWidget(scroll, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(16, 8, 16, 0)
        foot.addWidget(self.compare)
        layout.addLayout(foot)

    def _head(self) -> QWidget:
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 14, 16, 8)
        row.addWidget(Label(_("Runs"), px=15, bold=True))
        row.addStretch(1)
        row.addWidget(self.measure)
        return head

    def show_runs(self, entries: Sequence[RunEntry], chosen: int | None) -> None:
        """Show the runs, newest first, with one of them chosen."""
        scale = _scale(entries)
        while len(self._rows) > len(entries):
            row = self._rows.pop()
            self._column.removeWidget(row)
            row.deleteLater()
        while len(self._rows) < len(entries):
            row = _RunRow()
            row.clicked.connect(lambda _checked=False, row=row: self.chosen.emit(row.entry.number))
            self._rows.append(row)
            self._column.insertWidget(len(self._rows) - 1, row)
        if self._column.count() == len(self._rows):
            self._column.addStretch(1)
        for row, entry in zip(self._rows, entries, strict=True):
            row.show_entry(entry, scale, entry.number == chosen)

    def show_pair(self, pair: tuple[int, int] | None) -> None:
        """Which two runs the button would compare; None: there are no two that came to their end."""
        words = _("Compare run {b} with run {a}").format(a=pair[0], b=pair[1]) if pair else _("Compare")
        self.compare.setText(words)
        self.compare.set_why("" if pair else _("There must be two finished runs"))
        self.compare.updateGeometry()


class _RunRow(PaintedButton):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = RunEntry(0, "")
        self._scale = (0.0, 1.0)
        self._is_chosen = False
        self.setFixedHeight(ROW)

    def show_entry(self, entry: RunEntry, scale: tuple[float, float], is_chosen: bool) -> None:
        self.entry, self._scale, self._is_chosen = entry, scale, is_chosen
        self.setObjectName(f"run_{entry.number}")
        words = [_("Run {n}").format(n=entry.number), entry.score, entry.chip, entry.change, entry.error]
        self.setAccessibleName(", ".join(word for word in words if word))
        self.setToolTip(plain_tip("\n".join(word for word in (entry.change, entry.error) if word)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(230, ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, tokens, entry = begin(self), theme.tokens(), self.entry
        rect = QRectF(self.rect())
        if self._is_chosen:
            draw_box(painter, rect, 6, tokens.soft(tokens.accent))
        elif self.underMouse():
            draw_box(painter, rect, 6, tokens.hover)
        if self.rings:
            draw_ring(painter, rect, 6)
        inner = rect.adjusted(PAD, 0, -PAD, 0)
        self._paint_title(painter, inner)
        wide = inner.width() - SPARK - 12
        draw_text(painter, QRectF(inner.left(), 27, wide, 18), entry.change, tokens.text2, theme.font(12))
        if entry.error:
            draw_text(painter, QRectF(inner.left(), 45, inner.width(), 18), entry.error, tokens.error, theme.font(12))
        elif entry.value is not None:
            at = QRectF(inner.left(), 52, wide, 8)
            paint_position(painter, at, entry.value, self._scale, own=self._is_chosen)
        ink = tokens.accent if self._is_chosen else tokens.line2
        paint_sparkline(painter, QRectF(inner.right() - SPARK, 34, SPARK, 24), entry.rise, ink)
        painter.end()

    def _paint_title(self, painter: QPainter, inner: QRectF) -> None:
        tokens, entry = theme.tokens(), self.entry
        title, bold = _("Run {n}").format(n=entry.number), theme.font(13, bold=True)
        line = QRectF(inner.left(), 6, inner.width(), 20)
        x = inner.left() + draw_text(painter, line, title, tokens.text, bold) + 8
        if entry.accepted:
            draw_icon(painter, "star", QRectF(x, 10, 12, 12), tokens.given)
            label = QRectF(x + 16, 6, inner.right() - x - 16, 20)
            x += 24 + draw_text(painter, label, _("in use"), tokens.given, theme.font(12))
        if entry.chip:
            ink = tokens.ink(entry.chip_ink)
            chip = QRectF(x, 7, text_width(entry.chip, theme.font(12)) + 16, 19)
            draw_box(painter, chip, 9.5, tokens.soft(ink))
            draw_text(painter, chip.adjusted(8, 0, -4, 0), entry.chip, ink, theme.font(12))
        draw_text(painter, line, entry.score, tokens.text, theme.font(13, bold=self._is_chosen, figures=True), RIGHT)


def _scale(entries: Sequence[RunEntry]) -> tuple[float, float]:
    """One scale for all runs, with a little room at both ends."""
    values = [entry.value for entry in entries if entry.value is not None]
    if not values:
        return 0.0, 1.0
    room = max(0.02, (max(values) - min(values)) * 0.15)
    return min(values) - room, max(values) + room
