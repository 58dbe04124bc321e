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
    named: what it does to the item on screen, where that says more than the title. group, series: as `Command` has them."""

    title: str
    keys: tuple[str, ...]
    run: Callable[[], object]
    icon: str = "arrow"
    repeats: bool = False
    why_not: Callable[[], str] = lambda: ""
    named: Callable[[], str] = lambda: ""
    group: str = ""
    series: str = ""

    def command(self) -> Command:
        shown, *also = list(dict.fromkeys(key.replace("Return", "Enter") for key in self.keys)) or [""]
        title, why = self.named() or self.title, self.why_not()
        return Command(title, shown, self.run, why, self.icon, _("Review"), tuple(also), self.group, self.series)


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

    def __init__(self, actions: Iterable[ReviewAction], refused: Callable[[str], object] = lambda why: None) -> None:
        """refused: gets why an action cannot run now."""
        self.actions, self._refused = list(actions), refused
        self._by_key = {key: action for action in self.actions for key in action.keys}

    def press(self, event: QKeyEvent) -> bool:
        """Run what the key means, or tell why it cannot; False where it means nothing. A held key repeats only what moves."""
        action = self._by_key.get(key_name(event))
        if action is None:
            return False
        if why := action.why_not():
            self._refused(why)
        elif not event.isAutoRepeat() or action.repeats:
            action.run()
        return True
