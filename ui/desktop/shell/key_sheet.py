"""The key sheet, `?`: every action that has a key, made from the table of actions; found by word or key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.widgets import Button, Hairline, Label, Scrim, SearchField, Sheet
from badcase.ui.desktop.widgets.painting import begin, cap_size, draw_cap, draw_text, text_width

WIDE, HIGH, EDGE = 744, 780, 32
WIDE_WINDOW = 1360  # from here on the page beside the sheet stays readable
_ROW, _HEAD, _GAP, _BETWEEN, _SIDE = 26, 28, 14, 46, 24
_FEW = 4  # keys of a series that are shown one by one


@dataclass(frozen=True, slots=True)
class KeyRow:
    """What is done, and the caps that do it."""

    title: str
    caps: tuple[str, ...]
    found_by: str  # all that it is called, in lower case


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """Rows under a heading."""

    title: str
    rows: tuple[KeyRow, ...]


def key_groups(commands: Sequence[Command], typed: str = "") -> list[KeyGroup]:
    """The actions that have keys, by their groups in the order in which these come up, narrowed to what was typed."""
    groups: dict[str, list[KeyRow]] = {}
    for series, some in groupby((c for c in commands if c.keys), key=lambda c: (c.series, c.series or c)):
        found = list(some)
        title = found[0].group or found[0].page or _("Anywhere")
        groups.setdefault(title, []).append(_key_row(series[0], found))
    words = typed.casefold().split()
    narrowed = {title: [row for row in rows if _has(row, words)] for title, rows in groups.items()}
    return [KeyGroup(title, tuple(rows)) for title, rows in narrowed.items() if rows]


def _key_row(series: str, commands: list[Command]) -> KeyRow:
    keys = [key for command in commands for key in (command.keys, *command.also)]
    caps = (keys[0], "…", keys[-1]) if series and len(keys) > _FEW else tuple(keys)
    title = series or commands[0].title
    names = " ".join([title, *(command.title for command in commands)])
    spelled = " ".join(f"{key} {key.replace('+', ' ')}" for key in keys)
    return KeyRow(title.rstrip("…"), caps, f"{names} {spelled}".casefold())


def _has(row: KeyRow, words: list[str]) -> bool:
    """Whether each word is in what a row is called; a single letter has to be one of its keys."""
    known = set(row.found_by.split())
    return all(word in known if len(word) == 1 else word in row.found_by for word in words)


class _Keys(QWidget):
    """Two columns of groups, painted."""

    def __init__(self) -> None:
        super().__init__()
        self._columns: list[list[KeyGroup]] = [[], []]

    def show_groups(self, groups: Sequence[KeyGroup]) -> None:
        """As level as whole groups allow, in their order."""
        highs = [_high(group) for group in groups]
        best = min(range(len(groups), -1, -1), key=lambda split: max(sum(highs[:split]), sum(highs[split:])))
        self._columns = [list(groups[:best]), list(groups[best:])]
        self.setMinimumHeight(max(sum(map(_high, column)) for column in self._columns) + 2 * 12)
        titles = [f"{row.title} {' '.join(row.caps)}" for group in groups for row in group.rows]
        self.setAccessibleName(", ".join(titles))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDE, self.minimumHeight())

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        wide = (self.width() - 2 * _SIDE - _BETWEEN) / 2
        for number, column in enumerate(self._columns):
            x, y = _SIDE + number * (wide + _BETWEEN), 12.0
            for group in column:
                draw_text(painter, QRectF(x, y, wide, 20), group.title, t.text3, font(12, True))
                y += _HEAD
                for row in group.rows:
                    self._draw_row(painter, QRectF(x, y, wide, _ROW), row)
                    y += _ROW
                y += _GAP
        if not any(self._columns):
            words = _("No key does this. Ctrl+K lists all commands.")
            draw_text(painter, QRectF(_SIDE, 12, self.width() - 2 * _SIDE, _ROW), words, t.text2, font(13))
        painter.end()

    @staticmethod
    def _draw_row(painter: object, rect: QRectF, row: KeyRow) -> None:
        t, right = tokens(), rect.right()
        for cap in reversed(row.caps):
            size = cap_size(_engraved(cap))
            if cap == "…":
                wide = text_width(cap, font(12))
                draw_text(painter, QRectF(right - wide, rect.y(), wide + 1, _ROW), cap, t.text3, font(12))  # type: ignore[arg-type]
                right -= wide + 6
                continue
            draw_cap(painter, QRectF(right - size.width(), rect.y() + 3, size.width(), 20), _engraved(cap))  # type: ignore[arg-type]
            right -= size.width() + 6
        title = QRectF(rect.x(), rect.y(), right - rect.x() - 6, _ROW)
        draw_text(painter, title, row.title, t.text, font(13))  # type: ignore[arg-type]


def _high(group: KeyGroup) -> int:
    return _HEAD + _ROW * len(group.rows) + _GAP


def _engraved(keys: str) -> str:
    """Arrows as they stand on the keys."""
    arrows = {"Left": "←", "Right": "→", "Up": "↑", "Down": "↓", "Return": "Enter"}
    *held, last = keys.split("+") if keys not in ("+",) else ["+"]
    return "+".join([*held, arrows.get(last, last)])


class KeySheet(Scrim):
    """Beside the page where the window is wide enough, else over it. `?`, Escape and a click beside it close it."""

    def __init__(self, over: QWidget, commands: Sequence[Command]) -> None:
        super().__init__(over)
        self.setObjectName("key_sheet")
        self._commands = list(commands)
        self.sheet = Sheet(self)
        self.field = SearchField(_("Find a key or a word"))
        self.field.setObjectName("key_sheet_field")
        self.field.setFixedWidth(196)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._narrow)
        self.field.left.connect(self.close_over)
        self.keys = _Keys()
        close = Button(_("Close"), keys="?", flat=True, height=26)
        close.setObjectName("key_sheet_close")
        close.clicked.connect(self.close_over)
        self._remark = Label(_("those of the page in front come first"), px=12, ink="text2", elide=True)
        head = QHBoxLayout()
        head.setContentsMargins(_SIDE, 16, 16, 14)
        head.setSpacing(12)
        for part in (Label(_("Keys"), px=20, bold=True), self._remark, self.field, close):
            head.addWidget(part, 1 if part is self._remark else 0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.keys)
        foot = Label(_("Keys work while no text field has the cursor. Held Ctrl shows the keys of the tabs."), px=12, ink="text2")
        foot.setContentsMargins(_SIDE, 12, _SIDE, 14)
        column = QVBoxLayout(self.sheet)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(Hairline())
        column.addWidget(scroll, 1)
        column.addWidget(Hairline())
        column.addWidget(foot)
        self._narrow("")

    def open(self) -> None:
        self.come_up(self.field)

    def _narrow(self, typed: str) -> None:
        self.keys.show_groups(key_groups(self._commands, typed))

    def eventFilter(self, watched: object, event: object) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == event.Type.KeyPress and event.text() == "?":
            self.close_over()
            return True
        return super().eventFilter(watched, event)  # type: ignore[arg-type]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text() == "?":
            self.close_over()
        super().keyPressEvent(event)

    def place(self) -> None:
        wide = self.width() >= WIDE_WINDOW
        width = min(WIDE, self.width() - 2 * EDGE)
        height = min(HIGH, self.height() - 100)
        x = self.width() - width - EDGE if wide else (self.width() - width) // 2
        self.sheet.setGeometry(x, (self.height() - height) // 2 + 4, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.width() < WIDE_WINDOW:
            super().paintEvent(event)
