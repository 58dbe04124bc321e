"""What the points of the map look like: by what they are coloured, which pass the filter, which are suspected and selected."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QComboBox

from badcase.i18n import _
from badcase.maps.raster import Layer
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.map.canvas import MapCanvas
from badcase.ui.desktop.map.colouring import Colouring, colouring, colourings
from badcase.ui.desktop.map.legend import Legend
from badcase.ui.desktop.map.map_layers import Marked, ink_names, layers_of, selected_layers
from badcase.ui.desktop.review.state.review_state import ReviewState

_NAME = "map.colour"  # by which points are coloured, remembered


class MapPoints(QObject):
    """Keeps the canvas and the legend by the list of the review. `chosen` when a person chose by what to colour."""

    chosen = Signal()

    def __init__(self, reviewer: ReviewState, canvas: MapCanvas, parent: QObject) -> None:
        super().__init__(parent)
        self._reviewer, self._canvas = reviewer, canvas
        self.legend, self.colour_by = Legend(), QComboBox()
        self.colour_by.setObjectName("colour-by")
        self.colour_by.setAccessibleName(_("Colour by"))
        self._made = Colouring((), np.full(reviewer.facts.n, -1))
        self._named: list[str] | None = None
        none = np.zeros(reviewer.facts.n, np.bool_)
        self._marked = Marked(none, none, none.copy())
        self._lit = -1
        self._below: list[Layer] = []
        self.colour_by.activated.connect(self._choose_colour)
        self.legend.chosen.connect(self._choose_sort)
        self.legend.lit.connect(self._light)
        self._fill_menu()

    @property
    def passing(self) -> npt.NDArray[np.bool_]:
        """(n,) the items that pass the filter, whichever pile they lie on."""
        return self._marked.passing

    @property
    def choosable(self) -> npt.NDArray[np.bool_]:
        """(n,) those of them that can be selected."""
        allowed: npt.NDArray[np.bool_] = self._marked.passing & ~self._reviewer.facts.gold
        return allowed

    def is_selected(self, item: int) -> bool:
        return bool(self._marked.selected[item])

    # --- by what they are coloured --------------------------------------------------------------------------------

    def _fill_menu(self) -> None:
        offered = colourings(self._reviewer.facts)
        kept = self._reviewer.session.view.get(_NAME) if self.colour_by.count() == 0 else self.colour_by.currentData()
        self.colour_by.clear()
        for name, words in offered.items():
            self.colour_by.addItem(words, name)
        self.colour_by.setCurrentIndex(max(0, self.colour_by.findData(kept)))

    def colour(self, name: str) -> None:
        """Colour by a name of `colourings`, from now on."""
        self.colour_by.setCurrentIndex(max(0, self.colour_by.findData(name)))
        self._choose_colour()

    def _choose_colour(self, _place: int = 0) -> None:
        self._reviewer.session.view.set(_NAME, self.colour_by.currentData())
        self.chosen.emit()

    def renew(self) -> None:
        """Take in another filter, other facts or other labels."""
        facts, shown = self._reviewer.facts, self._reviewer.worklist.filter
        if list(colourings(facts)) != [self.colour_by.itemData(row) for row in range(self.colour_by.count())]:
            self._fill_menu()
        blind = self._reviewer.all_blind()
        self._made = colouring(self.colour_by.currentData(), facts, blind)
        suspected = facts.flagged & (facts.verdicts == VerdictCode.NONE) & ~facts.gold
        suspected[blind] = False
        self._marked = Marked(shown.passing(facts), suspected, np.zeros(facts.n, np.bool_))
        named = [one.name for one in self._made.sorts]
        if named != self._named:
            self._named = named
            self.legend.show_sorts(self._made.sorts, self._made.counts(self._marked.passing))
        self.recolour()

    def _choose_sort(self, place: int, add: bool) -> None:
        choose = self._made.sorts[place].choose
        if choose is not None:
            self._reviewer.show(choose(self._reviewer.worklist.filter, add))

    # --- what is drawn --------------------------------------------------------------------------------------------

    def _lit_sorts(self) -> set[int]:
        """Of many sorts those that the filter asks for, and the one under the pointer."""
        shown = self._reviewer.worklist.filter
        lit = {place for place, one in enumerate(self._made.sorts) if one.chosen(shown)}
        return lit | ({self._lit} if 0 <= self._lit < len(self._made.sorts) else set())

    def recolour(self) -> None:
        """Draw all points anew, and count what passes in the legend."""
        made, marked, lit = self._made, self._marked, self._lit_sorts()
        shown = self._reviewer.worklist.filter
        own = [one.ink if not made.grey or place in lit else "line2" for place, one in enumerate(made.sorts)]
        self.legend.show_counts(made.counts(marked.passing), own, [one.chosen(shown) for one in made.sorts])
        if self._canvas.field is None:
            return
        seen = marked
        if self._lit >= 0 and not made.grey:  # the points of one sort alone, while the pointer is on it
            seen = Marked(marked.passing & (made.of == self._lit), marked.suspected, marked.selected)
        self._below = layers_of(self._canvas.field, made, seen, lit)
        self._show_layers(lit)

    def select(self, items: npt.NDArray[np.int64]) -> None:
        """Mark these as selected, and no others."""
        self._marked.selected[:] = False
        self._marked.selected[items] = True
        if self._canvas.field is not None:
            self._show_layers(self._lit_sorts())

    def _show_layers(self, lit: set[int]) -> None:
        assert self._canvas.field is not None
        over = selected_layers(self._canvas.field, self._made, self._marked, lit)
        self._canvas.show_layers(self._below, over, ink_names(self._made, lit))

    def _light(self, place: int) -> None:
        if place != self._lit:
            self._lit = place
            self.recolour()
