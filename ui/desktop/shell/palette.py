"""The palette, Ctrl+K: every command by name, found as you type, with its keys; a disabled one says why."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.widgets import Scrim, SearchField, Sheet
from badcase.ui.desktop.widgets.painting import RIGHT, cap_size, draw_box, draw_cap, draw_text
from badcase.ui.desktop.widgets.tooltips import plain_tip

ROW, WIDE, TOP, SHOWN = 34, 640, 96, 12
_NEAR = 4  # commands that may have been meant
_Index = QModelIndex | QPersistentModelIndex


def matching(commands: Sequence[Command], typed: str) -> list[Command]:
    """The commands whose title or page holds every typed word, those that begin with it first."""
    words = typed.lower().split()
    found = [c for c in commands if all(word in f"{c.title} {c.page}".lower() for word in words)]
    return sorted(found, key=lambda c: (bool(c.why_not), not c.title.lower().startswith(typed.lower().strip())))


def nearest(commands: Sequence[Command], typed: str) -> list[Command]:
    """Commands that may have been meant: those with one of the typed words, else with a title that is spelled alike."""
    words = [word for word in typed.casefold().split() if len(word) > 2]
    some = [c for c in commands if any(word in f"{c.title} {c.page}".casefold() for word in words)]
    by_word = {part: c for c in reversed(commands) for part in c.title.casefold().split()}
    alike = [one for word in words for one in difflib.get_close_matches(word, list(by_word), n=_NEAR, cutoff=0.7)]
    return (some or list(dict.fromkeys(by_word[one] for one in alike)))[:_NEAR]


class CommandListModel(QAbstractListModel):
    """The commands that match, else those of `elsewhere`; where none does, it says so, and what else there is (`otherwise`)."""

    def __init__(
        self,
        commands: Sequence[Command],
        parent: QWidget | None = None,
        otherwise: Callable[[str], list[Command]] | None = None,
        elsewhere: Callable[[], list[Command]] | None = None,
    ) -> None:
        super().__init__(parent)
        self._all, self._otherwise, self._elsewhere = list(commands), otherwise, elsewhere
        self.shown = matching(self._all, "")
        self._measure()

    def _measure(self) -> None:
        """What stands before the caps ends at one line."""
        self.widest_cap = max((cap_size(command.keys).width() for command in self._all if command.keys), default=0)

    def offer(self, commands: Sequence[Command], typed: str) -> None:
        """Other commands in the place of these."""
        self._all = list(commands)
        self._measure()
        self.narrow(typed)

    def narrow(self, typed: str) -> None:
        self.beginResetModel()
        self.shown = matching(self._all, typed)
        if not self.shown and self._elsewhere is not None and typed.strip():
            self.shown = matching(self._elsewhere(), typed)
        self.shown = self.shown or self._instead(typed.strip())
        self.endResetModel()

    def _instead(self, typed: str) -> list[Command]:
        other = self._otherwise(typed) if self._otherwise is not None and typed else []
        near = nearest(self._all, typed)
        words = _("Nothing is called “{text}”").format(text=typed)
        rest = _("perhaps one of these") if other or near else _("Esc shows everything")
        return [Command(words, "", lambda: None, why_not=rest, icon="info"), *other, *near]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        command = self.shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return command.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(command.why_not) or None
        return None


class _RowDelegate(QStyledItemDelegate):
    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        return QSize(WIDE, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        assert isinstance(model, CommandListModel)
        command, t = model.shown[index.row()], tokens()
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            draw_box(painter, rect.adjusted(8, 0, -8, 0), 6, t.soft(t.accent))
        ink = t.disabled if command.why_not else t.text
        draw_icon(painter, command.icon, QRectF(20, rect.y() + 10, 14, 14), t.disabled if command.why_not else t.text2)
        right = rect.right() - 20
        if command.keys:
            size = cap_size(command.keys)
            draw_cap(painter, QRectF(right - size.width(), rect.y() + 7, size.width(), size.height()), command.keys)
        right -= model.widest_cap + 12
        taken = draw_text(painter, QRectF(46, rect.y(), right - 46, ROW), command.title, ink, font(13))
        rest = QRectF(46 + taken + 16, rect.y(), right - 46 - taken - 16, ROW)
        draw_text(painter, rest, command.why_not or command.page, t.text3, font(12), RIGHT)
        painter.restore()


class Palette(Scrim):
    """Type, choose with the arrows, run with Enter."""

    def __init__(
        self,
        over: QWidget,
        commands: Sequence[Command],
        hint: str = "",
        otherwise: Callable[[str], list[Command]] | None = None,
        elsewhere: Callable[[], list[Command]] | None = None,
    ) -> None:
        """hint: what may be typed. elsewhere: what is looked through where no command has what was typed in its name.
        otherwise: what is offered where none of those has it either."""
        super().__init__(over)
        self.setObjectName("palette")
        self.sheet = Sheet(self)
        column = QVBoxLayout(self.sheet)
        column.setContentsMargins(0, 12, 0, 8)
        column.setSpacing(8)
        self.field = SearchField(hint or _("Type a command"))
        self.field.setObjectName("palette_field")
        self.field.setFixedHeight(32)
        self.model = CommandListModel(commands, self, otherwise, elsewhere)
        self.list = QListView()
        self.list.setObjectName("palette_list")
        self.list.setModel(self.model)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_RowDelegate(self.list))
        self.list.setStyleSheet("background: transparent")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.clicked.connect(lambda _index: self._run())
        self.field.textChanged.connect(self._on_typed)
        self.field.left.connect(self.close_over)
        around = QVBoxLayout()
        around.setContentsMargins(12, 0, 12, 0)
        around.addWidget(self.field)
        column.addLayout(around)
        column.addWidget(self.list, 1)
        self._on_typed("")

    def open(self) -> None:
        self.come_up(self.field)

    def offer(self, commands: Sequence[Command]) -> None:
        """Other commands in the place of these; what was typed goes on narrowing."""
        self.model.offer(commands, self.field.text())
        self._show_first()

    def _on_typed(self, typed: str) -> None:
        self.model.narrow(typed)
        self._show_first()

    def _show_first(self) -> None:
        first = next((row for row, command in enumerate(self.model.shown) if not command.why_not), 0)
        self.list.setCurrentIndex(self.model.index(first, 0))
        self.place()

    def _run(self) -> None:
        row = self.list.currentIndex().row()
        if 0 <= row < len(self.model.shown) and not self.model.shown[row].why_not:
            command = self.model.shown[row]
            self.close_over()
            command.run()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step and self.model.shown:
            row = (self.list.currentIndex().row() + step) % len(self.model.shown)
            self.list.setCurrentIndex(self.model.index(row, 0))
            event.accept()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run()
            event.accept()
        else:
            super().keyPressEvent(event)

    def place(self) -> None:
        width = min(WIDE, self.width() - 32)
        rows = max(1, min(SHOWN, len(self.model.shown)))
        self.sheet.setGeometry(QRect((self.width() - width) // 2, TOP, width, 64 + rows * ROW))
