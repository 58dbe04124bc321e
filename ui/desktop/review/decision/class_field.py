"""The field to type a class into: filters as you type, Enter takes the marked one, Esc leaves."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from badcase.i18n import _, plural
from badcase.ui.desktop.widgets import SearchField


class ClassField(SearchField):
    """`typed` while typing, `moved` with the arrow keys, `taken` with Enter, `left` with Esc."""

    moved = Signal(int)
    taken = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None, *, several: bool = False) -> None:
        """several: an item may have any number of labels, so it is one of them that is typed."""
        self._several = several
        super().__init__(self._words(), cap="/", parent=parent)
        self.setObjectName("class-field")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def set_hidden(self, more: int) -> None:
        """How many classes are only found by typing."""
        words = plural("{what}, {n} more", "{what}, {n} more", more).format(what=self._words(), n=more)
        self.setPlaceholderText(words if more else self._words())

    def _words(self) -> str:
        return _("Type a label") if self._several else _("Type a class")

    def begin(self, letter: str = "") -> None:
        """Go to the field, with the letter that led there."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.setText(letter)  # after the focus, which marks all there is: the next letter would take its place

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.taken.emit()
        elif key == Qt.Key.Key_Escape:
            self.clear()
            self.left.emit()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.moved.emit(-1 if key == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)
