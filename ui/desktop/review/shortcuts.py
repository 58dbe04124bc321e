"""The actions of the review page: title, keys, what runs. One table for the keyboard and for the palette."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from badcase.i18n import _
from badcase.ui.desktop.commands import Command


@dataclass(frozen=True, slots=True)
class ReviewAction:
    """One thing a key does. keys: the first is the one shown. repeats: a held key goes on. why_not: "" when it can.
    named: what it does to the item on screen, where that says more than the title."""

    title: str
    keys: tuple[str, ...]
    run: Callable[[], object]
    icon: str = "arrow"
    repeats: bool = False
    why_not: Callable[[], str] = lambda: ""
    named: Callable[[], str] = lambda: ""

    def command(self) -> Command:
        shown = self.keys[0].replace("Return", "Enter") if self.keys else ""
        return Command(self.named() or self.title, shown, self.run, self.why_not(), self.icon, _("Review"))


def key_name(event: QKeyEvent) -> str:
    """The key as it is written in the table: "Ctrl+F", "Shift+Z", "+", "Left"."""
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    key = event.key()
    sign = 0x20 < key < 0x80 and not chr(key).isalpha()
    if sign:  # on some keyboards "/" and "+" need Shift
        held &= ~Qt.KeyboardModifier.ShiftModifier
    return QKeySequence(int(held.value) | int(key)).toString(QKeySequence.SequenceFormat.PortableText)


class Keyboard:
    """Finds the action of a key press."""

    def __init__(self, actions: Iterable[ReviewAction]) -> None:
        self.actions = list(actions)
        self._by_key = {key: action for action in self.actions for key in action.keys}

    def press(self, event: QKeyEvent) -> bool:
        """Run what the key means; False where it means nothing now. A held key repeats only what moves."""
        action = self._by_key.get(key_name(event))
        if action is None or action.why_not():
            return False
        if not event.isAutoRepeat() or action.repeats:
            action.run()
        return True
