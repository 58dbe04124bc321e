"""What growing a selection would add, and what is similar: asked in a thread, shown in the panels at the right."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from badcase.i18n import _
from badcase.maps.likeness import MOST, Alike
from badcase.ui.desktop.map.alike_search import AlikeSearch
from badcase.ui.desktop.map.asking import Asked
from badcase.ui.desktop.map.canvas import MapCanvas
from badcase.ui.desktop.map.map_points import MapPoints
from badcase.ui.desktop.map.map_words import asked_lines, query_lines
from badcase.ui.desktop.map.selection_side import SelectionSide
from badcase.ui.desktop.review.state.review_desk import ReviewDesk

_FOUND = 200  # results of a search
_AT_LEAST = 24  # of them that are shown at first

Items = npt.NDArray[np.int64]


class MapSearch(QObject):
    """`active`: whether likes are shown at the right; `asked`: of which items, none where it is of a picture or words that are
    no item. `changed` when it is another."""

    changed = Signal()

    def __init__(self, desk: ReviewDesk, points: MapPoints, canvas: MapCanvas, side: SelectionSide, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._points, self._canvas, self._side = desk, points, canvas, side
        self._alike = AlikeSearch(desk.session)
        self.active = False
        self.asked: Items = np.empty(0, np.int64)
        self.near: Alike | None = None  # to the selection; None until it is found
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._ask_larger)
        side.similar.narrowed.connect(lambda: canvas.show_found(self.asked, side.similar.shown))

    @property
    def _selected(self) -> Items:
        return self._desk.reviewer.worklist.selected_items()

    # --- a larger selection ---------------------------------------------------------------------------------------

    def count_larger(self) -> None:
        """Find what growing the selection would add."""
        self.near = None
        self._side.larger.show_more(None, None)
        self._side.larger.setVisible(self._alike.possible)
        self._later.start()

    def _ask_larger(self) -> None:
        if len(items := self._selected):
            self._alike.look_for("larger", items, MOST, self._points.choosable, self._on_larger)

    def _on_larger(self, found: Alike) -> None:
        self.near = found
        self._side.larger.show_more(len(self._nearest(found)), len(found.as_like))

    def _nearest(self, found: Alike) -> Items:
        """A sixth as many again as are selected, at least three: the nearest of all."""
        return found.items[: max(3, len(self._selected) // 6)]

    def grow(self) -> None:
        """Select the nearest items too."""
        self._add(self._nearest)

    def fill(self) -> None:
        """Select all that is as like the selected items as they are to each other."""
        self._add(lambda found: found.as_like)

    def _add(self, of: Callable[[Alike], Items]) -> None:
        if self.near is None:
            self._desk.session.toast.emit(_("The nearest items are being looked for"), "")
            return
        self._canvas.forget_outline()
        self._desk.choose(of(self.near), add=True)

    # --- what is similar ------------------------------------------------------------------------------------------

    def why_not(self) -> str:
        """Why nothing can be searched now."""
        if not self._alike.possible:
            return _("These predictions came without features")
        there = self._canvas.hover >= 0 or len(self._selected)
        return "" if there else _("Point at an item, or select some")

    def find(self) -> None:
        """What is like the item under the pointer, else like the selection."""
        asked = np.array([self._canvas.hover], np.int64) if self._canvas.hover >= 0 else self._selected
        began, among = time.perf_counter(), self._points.choosable
        self._alike.look_for(
            "similar", asked, _FOUND, among, lambda found: self._show(asked, found, among, 1000 * (time.perf_counter() - began))
        )

    def ask(self, asked: Asked) -> None:
        """What is like a picture or words that are no item: the worker looks at them with the model in use."""
        session = self._desk.session

        def on_done(value: dict[str, Any]) -> None:
            asked.done()
            among, direction = self._points.choosable, np.array(value["embedding"], np.float32)
            self._alike.look_along("similar", direction, _FOUND, among, lambda found: self._show_asked(asked, found, among))

        session.start("embed", title=_("Find what is like it"), done=on_done, stopped=asked.done, asked=asked.text)

    def why_not_ask(self) -> str:
        """Why nothing that is no item can be asked about."""
        return "" if self._alike.embeds else _("No model is there that could look at it: predict with one")

    def _show_asked(self, asked: Asked, found: Alike, among: npt.NDArray[np.bool_]) -> None:
        is_text = self._desk.faces.is_text
        lines = asked_lines(asked.name, int(np.count_nonzero(among)), is_text=is_text)
        self._show_found(np.empty(0, np.int64), lines, found, asked.picture)

    def _show(self, asked: Items, found: Alike, among: npt.NDArray[np.bool_], ms: float) -> None:
        reviewer, first = self._desk.reviewer, int(asked[0])
        key, n = reviewer.session.project.items.key(first), int(np.count_nonzero(among))
        lines = query_lines(reviewer.facts, key, first, len(asked), n, ms, blind=reviewer.blind(first))
        self._show_found(asked, lines, found)

    def _show_found(self, asked: Items, lines: tuple[str, str, str], found: Alike, picture: QImage | None = None) -> None:
        least = float(found.cosines[min(_AT_LEAST, len(found.cosines)) - 1]) if len(found.cosines) else 0.0
        self.active, self.asked = True, asked
        self._canvas.forget_outline()
        self._side.similar.show_found(asked, lines, found.items, found.cosines, least, picture)
        self.changed.emit()

    def close(self) -> None:
        """Show no results any more."""
        self._alike.forget("similar")
        self.active, self.asked = False, self.asked[:0]
        self._canvas.show_found(self.asked, self.asked)
        self.changed.emit()
