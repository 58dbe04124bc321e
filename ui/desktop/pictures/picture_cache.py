"""Pictures of items for painting: asked for by size, decoded elsewhere, kept while there is room."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from badcase.store.changes import Area, Changes
from badcase.ui.desktop.pictures.recently_used import RecentlyUsed

Deliver = Callable[[QImage | None], None]
Fetch = Callable[[int, int, Deliver], None]

SIDES = (160, 320, 640)  # a thumbnail is decoded at the smallest of these that serves
FULL = 2560  # as large as a window draws it; a budget of eight such pictures


class Pictures(QObject):
    """Decoded pictures by item and size; `arrived` tells (item, side) when one that was missing has come.

    fetch(item, max_side, deliver) decodes in the background and calls deliver in the window's thread.
    """

    arrived = Signal(int, int)

    def __init__(self, fetch: Fetch, parent: QObject | None = None, *, budget: int) -> None:
        super().__init__(parent)
        self._fetch = fetch
        self._kept = RecentlyUsed[tuple[int, int], QImage | None](budget, _bytes)
        self._asked: set[tuple[int, int]] = set()
        self._ahead: list[int] = []

    def thumbnail(self, item: int, pixels: float) -> QImage | None:
        """A picture at least `pixels` (device pixels) on its longer side, or None until it has arrived."""
        side = next((one for one in SIDES if one >= pixels), SIDES[-1])
        return self._get(item, side)

    def full(self, item: int) -> QImage | None:
        """The picture as large as the window would ever draw it."""
        return self._get(item, FULL)

    def ahead(self, items: Sequence[int]) -> None:
        """Have pictures decoded that will be wanted soon: one after the other, the soonest first."""
        self._ahead = list(items)
        self._go_ahead()

    def _go_ahead(self) -> None:
        if not any(side == FULL for _item, side in self._asked):
            missing = next((item for item in self._ahead if (item, FULL) not in self._kept), None)
            if missing is not None:
                self._get(missing, FULL)

    def failed(self, item: int, side: int = FULL) -> bool:
        """Whether the picture was tried and cannot be read."""
        return (item, side) in self._kept and self._kept.peek((item, side)) is None

    def hear(self, changes: Changes) -> None:
        """The data may be found again."""
        if Area.SOURCE in changes.areas:
            self.try_again()

    def try_again(self) -> None:
        """Pictures that could not be read may be there now."""
        self._kept.forget(lambda image: image is None)

    def _get(self, item: int, side: int) -> QImage | None:
        key = (item, side)
        if key in self._kept:
            return self._kept[key]
        if key not in self._asked:
            self._asked.add(key)
            self._fetch(item, side, lambda image: self._take(key, image))
        return None

    def _take(self, key: tuple[int, int], image: QImage | None) -> None:
        self._asked.discard(key)
        self._kept[key] = image
        self.arrived.emit(*key)
        self._go_ahead()


def _bytes(image: QImage | None) -> int:
    """Of a picture; nothing of one that cannot be read."""
    return image.sizeInBytes() if image is not None else 0
