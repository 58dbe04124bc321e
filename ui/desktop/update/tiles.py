"""Six tiles, a list of the update each: its count, and a word on it. The chosen one decides what stands beneath."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from badcase.i18n import _, plural
from badcase.ui import wording
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import RADIUS_CARD, font, tokens
from badcase.ui.desktop.widgets import PaintedButton
from badcase.ui.desktop.widgets.painting import begin, draw_box, draw_ring, draw_text

_NARROW = 760  # narrower than this they stand three by two


@dataclass(frozen=True, slots=True)
class TileShown:
    """One tile: the list it stands for, its icon, title, count and remark."""

    name: str
    icon: str
    title: str
    count: int
    remark: str


def tiles_shown(counts: Mapping[str, int]) -> list[TileShown]:
    """The tiles of an update, by what it counts."""
    bare, again, n = counts["unlabelled"], counts["reencoded"], counts["conflicts"]
    new = plural("{n} no label", "{n} no label", bare).format(n=wording.count(bare)) if bare else _("all labelled")
    moved = (
        plural("{n} encoded anew", "{n} encoded anew", again).format(n=wording.count(again)) if again else _("other key, same")
    )
    return [
        TileShown("added", "plus", _("New"), counts["added"], new if counts["added"] else ""),
        TileShown("changed", "text", _("Changed"), counts["changed"], _("content edited")),
        TileShown("moved", "arrow", _("Moved"), counts["moved"], moved),
        TileShown("gone", "minus", _("Gone"), counts["gone"], _("kept aside")),
        TileShown("relabelled", "tag", _("Relabelled"), counts["relabelled"], _("by the source")),
        TileShown("conflicts", "fork", _("Conflicts"), n, _("need a person") if n else _("none")),
    ]


class UpdateTile(PaintedButton):
    """Icon and name, the count large, a remark."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"tile_{name}")
        self.setCheckable(True)
        self.setFixedHeight(88)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._shown: TileShown | None = None

    def show_tile(self, shown: TileShown) -> None:
        self._shown = shown
        self.setText(shown.title)
        self.setAccessibleName(f"{shown.title} {shown.count}, {shown.remark}")
        self.update()

    def nextCheckState(self) -> None:
        """Whoever listens decides what is chosen."""

    def sizeHint(self) -> QSize:
        return QSize(128, 88)

    def minimumSizeHint(self) -> QSize:
        return QSize(96, 88)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._shown is None:
            return
        t, painter, rect = tokens(), begin(self), QRectF(self.rect())
        calls = self._shown.name == "conflicts" and self._shown.count > 0
        fill = t.soft(t.accent) if self.isChecked() else t.hover if self.underMouse() else t.surface
        draw_box(painter, rect, RADIUS_CARD, fill, t.accent if self.isChecked() else t.line)
        if self.rings:
            draw_ring(painter, rect, RADIUS_CARD)
        ink = t.given if calls else t.text2
        draw_icon(painter, self._shown.icon, QRectF(12, 12, 14, 14), ink)
        draw_text(painter, QRectF(32, 9, self.width() - 40, 20), self._shown.title, ink, font(13))
        number = t.given if calls else t.text if self._shown.count else t.text3
        draw_text(painter, QRectF(12, 30, self.width() - 20, 32), wording.count(self._shown.count), number, font(24, True))
        draw_text(painter, QRectF(12, 62, self.width() - 20, 18), self._shown.remark, t.text2, font(12))
        painter.end()


class UpdateTiles(QWidget):
    """`chosen` carries the name of a list; left and right walk along the tiles."""

    chosen = Signal(str)
    NAMES = ("added", "changed", "moved", "gone", "relabelled", "conflicts")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(12)
        self.tiles = {name: UpdateTile(name) for name in self.NAMES}
        self._across = 0
        for name, tile in self.tiles.items():
            tile.clicked.connect(lambda _checked=False, name=name: self.chosen.emit(name))
        self.fit_width(1_000)

    def show_counts(self, counts: Mapping[str, int]) -> None:
        for shown in tiles_shown(counts):
            self.tiles[shown.name].show_tile(shown)

    def mark(self, name: str) -> None:
        """Show which list is chosen."""
        for one, tile in self.tiles.items():
            tile.setChecked(one == name)

    @property
    def marked(self) -> str:
        """The name of the list that is chosen; "" for none."""
        return next((name for name, tile in self.tiles.items() if tile.isChecked()), "")

    def fit_width(self, wide: int) -> None:
        across = 3 if wide < _NARROW else len(self.NAMES)
        if across != self._across:
            self._across = across
            for number, tile in enumerate(self.tiles.values()):
                self._grid.addWidget(tile, number // across, number % across)
            for column in range(len(self.NAMES)):
                self._grid.setColumnStretch(column, int(column < across))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in steps:
            self.step(steps[Qt.Key(event.key())])
        else:
            event.ignore()

    def step(self, by: int) -> None:
        """Choose the next tile, or the one before."""
        at = self.NAMES.index(self.marked) if self.marked else 0
        self.chosen.emit(self.NAMES[(at + by) % len(self.NAMES)])
