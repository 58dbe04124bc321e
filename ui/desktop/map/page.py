"""The map page: its parts put together, and which of them shows what when."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.maps.likeness import Alike
from badcase.store.changes import Area, Changes
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.map.alike_search import AlikeSearch
from badcase.ui.desktop.map.canvas import Tool
from badcase.ui.desktop.map.colouring import Colouring, colouring, colourings
from badcase.ui.desktop.map.legend import Legend
from badcase.ui.desktop.map.map_actions import MapControls, map_actions
from badcase.ui.desktop.map.map_centre import MapCentre
from badcase.ui.desktop.map.map_ground import GroundState, MapGround
from badcase.ui.desktop.map.map_layers import Marked, ink_names, layers_of, selected_layers
from badcase.ui.desktop.map.map_words import count_line, given_line, gold_line, query_lines
from badcase.ui.desktop.map.selection_side import SelectionSide
from badcase.ui.desktop.review.decision.batch_preview import show_batch
from badcase.ui.desktop.review.panes import Panes
from badcase.ui.desktop.review.queue.filter_desk import FilterDesk
from badcase.ui.desktop.review.seen_page import SeenPage
from badcase.ui.desktop.review.shortcuts import Keyboard
from badcase.ui.desktop.review.state.review_desk import desk_of
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.widgets import Hairline, Panel, SectionTitle, SideScroll

_NAME = "map.colour"  # by which points are coloured, remembered
_FOUND = 200  # results of a search
_AT_LEAST = 24  # of them that are shown at first


class MapPage(SeenPage):
    """Every item at its place. `filter_field` belongs in the top bar; everything else is here."""

    id = "map"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("map")
        self.title = _("Map")
        self.session = session
        self.desk = desk_of(session)
        self.reviewer, self.faces = self.desk.reviewer, self.desk.faces
        self.filters = FilterDesk(self.reviewer, self)
        self.filter_field = self.filters.field
        self.ground = MapGround(session, self)
        self.centre = MapCentre(session, self.faces, session.project.label_names)
        self.canvas = self.centre.canvas
        self.side = SelectionSide(self.faces, several=self.reviewer.facts.several)
        self.legend = Legend()
        self.colour_by = QComboBox()
        self.alike = AlikeSearch(session)
        self.colouring: Colouring | None = None
        self._marked: Marked | None = None
        self._lit = -1
        self._found: dict[str, Alike] = {}
        self._asked: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._follow_up = QTimer(self, singleShot=True, interval=0)
        self.toast_places = (self.side,)
        self.keyboard = Keyboard(map_actions(self._controls()), refused=lambda why: session.toast.emit(why, ""))
        self._lay_out()
        self._connect()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._show_colours()
        self.ground.show()

    def _controls(self) -> MapControls:
        return MapControls(
            desk=self.desk,
            canvas=self.canvas,
            use=self.use,
            similar=self.find_similar,
            why_not_similar=self._why_not_similar,
            grow=lambda: self._enlarge("nearest"),
            fill=self.fill,
            select_near=self.select_near,
            to_grid=self.to_grid,
            type_class=lambda: self.side.batch.field.begin(""),
            digit=self.digit,
            escape=self.escape,
            begin_filter=self.filter_field.begin,
        )

    # --- assembly -----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        left, right = Panel("surface"), Panel("surface")
        self.colour_by.setObjectName("colour-by")
        self.colour_by.setAccessibleName(_("Colour by"))
        self.colour_by.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        head = QVBoxLayout()
        head.setContentsMargins(16, 12, 16, 8)
        head.setSpacing(8)
        head.addWidget(SectionTitle(_("Colour by")))
        head.addWidget(self.colour_by)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 12)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.legend)
        column.addSpacing(12)
        column.addWidget(Hairline())
        column.addStretch(1)
        inside = QVBoxLayout(right)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.side)
        self.columns = Panes(SideScroll(left), self.centre, right, self.session.view)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.columns)

    def _connect(self) -> None:
        reviewer, canvas, header, batch = self.reviewer, self.canvas, self.centre.header, self.side.batch
        reviewer.listed.connect(lambda: self.hear(self._on_listed))
        reviewer.moved.connect(lambda: self.hear(self._on_judged))
        reviewer.renewed.connect(lambda: self.hear(self._on_listed))
        reviewer.selected.connect(lambda: self.hear(self._on_selected))
        reviewer.edited.connect(lambda: self.hear(self._show_side))
        self.ground.changed.connect(self._on_ground)
        self._follow_up.timeout.connect(self._count_larger)
        self.colour_by.activated.connect(self._choose_colour)
        self.legend.chosen.connect(self._choose_sort)
        self.legend.lit.connect(self._light)
        canvas.outlined.connect(self._on_outlined)
        canvas.pressed.connect(self._on_pressed)
        canvas.hovered.connect(self._on_hovered)
        header.source_chosen.connect(self._choose_source)
        header.tool_pressed.connect(lambda tool: self.use(Tool(tool)))
        header.similar_pressed.connect(lambda: self._run("S"))
        header.grid_pressed.connect(self.to_grid)
        self.centre.way_out.connect(self._way_out)
        self.centre.shown.connect(canvas.reveal)
        self.filter_field.left.connect(self._take_focus)
        batch.accepted.connect(self.desk.verdicts.accept)
        batch.kept.connect(self.desk.verdicts.keep)
        batch.cleared.connect(self.clear_selection)
        batch.chosen.connect(self.desk.verdicts.answer)
        batch.pressed.connect(self._on_button)
        batch.left.connect(self._take_focus)
        self.side.larger.grown.connect(lambda: self._enlarge("nearest"))
        self.side.larger.filled.connect(self.fill)
        similar = self.side.similar
        similar.closed.connect(self.close_similar)
        similar.taken.connect(self.fill)
        similar.listed.connect(self.to_grid)
        similar.opened.connect(canvas.reveal)
        similar.narrowed.connect(self._mark_found)
        self.faces.pictures.arrived.connect(self._on_picture)
        self.session.preferred.connect(lambda: self.hear(self._on_listed))

    def commands(self) -> list[Command]:
        from dataclasses import replace

        return [*(replace(action.command(), page=self.title) for action in self.keyboard.actions), *self.filters.commands()]

    def _run(self, key: str) -> None:
        """What a key does, or why it cannot."""
        action = next(one for one in self.keyboard.actions if key in one.keys)
        if why := action.why_not():
            self.session.toast.emit(why, "")
        else:
            action.run()

    # --- what changed elsewhere ---------------------------------------------------------------------------------

    def refresh(self, changes: Changes) -> None:
        """Show what others changed: a job, another page, or a key of this one."""
        if changes.areas & {Area.PREDICTIONS, Area.RANKING}:
            self.desk.heed()
            current = self.session.project.predictions.current
            seen = self.ground.source
            if current is not None and (seen is None or seen.predictions != current.id):
                self.ground.show()
            self._show_sources()
        if changes.areas & {Area.PREDICTIONS, Area.RANKING, Area.LABELS}:
            self._on_listed()

    def catch_up(self) -> None:
        self._on_listed()

    def _on_picture(self, _item: int, _side: int) -> None:
        for part in (self.canvas, self.centre.strip, self.side.batch, self.side.similar):
            part.update()

    # --- the ground ---------------------------------------------------------------------------------------------

    def _on_ground(self) -> None:
        state = self.ground.state
        if self.ground.ground is not None and state is not GroundState.FAILED:
            if state is GroundState.READY:
                self.canvas.show_ground(self.ground.ground)
                self._recolour()
            self.centre.show_map()
        elif state is GroundState.LOADING:
            self.centre.show_loading()
        elif state is GroundState.FAILED:
            said = _("The map cannot be made: {why}").format(why=self.ground.failure)
            self.centre.show_empty("warning", said, _("Try again"))
        else:
            self._show_no_ground()
        self.centre.header.say(_("laying out…") if state is GroundState.LOADING and self.ground.ground is not None else "")
        self._show_sources()
        self._show_side()

    def _show_no_ground(self) -> None:
        predictions = self.session.project.predictions.current
        if predictions is None:
            self.centre.show_empty(
                "map", _("No model has looked at the items yet, so nobody knows which lie together."), _("Predict")
            )
        else:
            self.centre.show_empty("map", _("These predictions came without features, so the items have no places."), None)

    def _way_out(self) -> None:
        if self.ground.state is GroundState.FAILED:
            self.ground.show(self.ground.source)
        else:
            self.session.start("predict", title=_("Predict"))

    def _show_sources(self) -> None:
        sources = self.ground.sources()
        names = [f"{source.layout.upper()} · {self._name(source.predictions)}" for source in sources]
        chosen = sources.index(self.ground.source) if self.ground.source in sources else -1
        self.centre.header.show_sources(names, chosen)

    def _name(self, predictions: int) -> str:
        found = self.session.project.predictions.get(predictions)
        run = found.meta.get("run")
        name = found.meta.get("name")
        return _("run {n}").format(n=run) if run else str(name or _("prediction set {n}").format(n=predictions))

    def _choose_source(self, place: int) -> None:
        self.ground.show(self.ground.sources()[place])
        self._take_focus()

    # --- colours and the filter ---------------------------------------------------------------------------------

    def _show_colours(self) -> None:
        """Fill the menu of what points can be coloured by, and take up the last choice."""
        offered = colourings(self.reviewer.facts)
        kept = self.session.view.get(_NAME)
        self.colour_by.clear()
        for name, words in offered.items():
            self.colour_by.addItem(words, name)
        self.colour_by.setCurrentIndex(max(0, self.colour_by.findData(kept)))
        self._on_listed()

    def _choose_colour(self, _place: int) -> None:
        self.session.view.set(_NAME, self.colour_by.currentData())
        self._on_listed()
        self._take_focus()

    def _on_listed(self) -> None:
        """Another filter, other facts or other labels: what passes, in which colours."""
        self.filters.show_filter()
        facts, shown = self.reviewer.facts, self.reviewer.worklist.filter
        drawn = self.reviewer.order.all_drawn()
        blind = drawn[facts.verdicts[drawn] == VerdictCode.NONE]
        sorts = None if self.colouring is None else [one.name for one in self.colouring.sorts]
        self.colouring = colouring(self.colour_by.currentData(), facts, blind)
        suspected = facts.flagged & (facts.verdicts == VerdictCode.NONE) & ~facts.gold
        suspected[blind] = False
        self._marked = Marked(shown.passing(facts), suspected, np.zeros(facts.n, np.bool_))
        counts = self.colouring.counts(self._marked.passing)
        if sorts != [one.name for one in self.colouring.sorts]:
            self.legend.show_sorts(self.colouring.sorts, counts)
        unlabelled = 0 if facts.several else int(np.count_nonzero(facts.given[self._marked.passing] < 0))
        passing = int(np.count_nonzero(self._marked.passing))
        self.centre.say(count_line(passing, facts.n, unlabelled, is_text=self.faces.is_text))
        self._recolour()
        self._on_selected()

    def _on_judged(self) -> None:
        self._on_listed()

    def _lit_sorts(self) -> set[int]:
        """Of many sorts those that the filter asks for, and the one under the pointer."""
        assert self.colouring is not None
        shown = self.reviewer.worklist.filter
        lit = {place for place, one in enumerate(self.colouring.sorts) if one.chosen(shown)}
        return lit | ({self._lit} if 0 <= self._lit < len(self.colouring.sorts) else set())

    def _recolour(self) -> None:
        made, marked = self.colouring, self._marked
        if made is None or marked is None:
            return
        lit, shown = self._lit_sorts(), self.reviewer.worklist.filter
        inks = ink_names(made, lit)
        own = [one.ink if not made.grey or place in lit else "line2" for place, one in enumerate(made.sorts)]
        self.legend.show_counts(made.counts(marked.passing), own, [one.chosen(shown) for one in made.sorts])
        if self.canvas.field is None:
            return
        seen = marked
        if self._lit >= 0 and not made.grey:  # the points of one sort alone, while the pointer is on it
            seen = Marked(marked.passing & (made.of == self._lit), marked.suspected, marked.selected)
        self._below = layers_of(self.canvas.field, made, seen, lit)
        self._show_selected_points(inks, lit)

    def _show_selected_points(self, inks: list[str], lit: set[int]) -> None:
        assert self.colouring is not None and self._marked is not None and self.canvas.field is not None
        over = selected_layers(self.canvas.field, self.colouring, self._marked, lit)
        self.canvas.show_layers(self._below, over, inks)

    def _light(self, place: int) -> None:
        if place != self._lit:
            self._lit = place
            self._recolour()

    def _choose_sort(self, place: int, add: bool) -> None:
        assert self.colouring is not None
        choose = self.colouring.sorts[place].choose
        if choose is not None:
            self.reviewer.show(choose(self.reviewer.worklist.filter, add))

    # --- the selection ------------------------------------------------------------------------------------------

    @property
    def selected(self) -> npt.NDArray[np.int64]:
        """The selected items, in the order of the list."""
        return self.reviewer.worklist.selected_items()

    def _on_selected(self) -> None:
        if self._marked is None or self.colouring is None:
            return
        items = self.selected
        self._marked.selected[:] = False
        self._marked.selected[items] = True
        if self.canvas.kept_outline is not None and not len(items):
            self.canvas.forget_outline()
        if self.canvas.field is not None:
            lit = self._lit_sorts()
            self._show_selected_points(ink_names(self.colouring, lit), lit)
        self.centre.show_strip(self._most_suspect(items) if not self.side.in_similar else items[:0])
        self._show_side()

    def _most_suspect(self, items: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        suspicion = np.nan_to_num(self.reviewer.facts.suspicion[items], nan=-1.0)
        return items[np.argsort(-suspicion, kind="stable")]

    def _show_side(self) -> None:
        items = self.selected
        if len(self._asked):
            self.side.show_similar()
        elif len(items):
            show_batch(self.side.batch, self.reviewer, self.faces)
            self.side.given.setText(given_line(self.reviewer.facts, items))
            self.side.batch.buttons.set_undo(self.session.project.journal.undo_title)
            self.side.show_selection()
            self._follow_up.start()
        else:
            self.side.show_nothing()
        self.centre.header.show_tool(self.canvas.tool, similar=bool(len(self._asked)))

    def _on_outlined(self, items: npt.NDArray[np.int64], held: Qt.KeyboardModifier) -> None:
        add, out = bool(held & Qt.KeyboardModifier.ShiftModifier), bool(held & Qt.KeyboardModifier.AltModifier)
        self._asked = self._asked[:0]
        assert self._marked is not None
        meant = items[self._marked.passing[items]]
        self.side.larger.say(gold_line(int(np.count_nonzero(self.reviewer.facts.gold[meant]))))
        self.desk.choose(meant, add=add, out=out)
        self.canvas.keep_outline(len(self.selected))

    def _on_pressed(self, item: int, held: Qt.KeyboardModifier) -> None:
        if item < 0:
            return
        self.canvas.forget_outline()
        assert self._marked is not None
        taken = bool(self._marked.selected[item])
        beside = bool(held & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))
        out = bool(held & Qt.KeyboardModifier.AltModifier) or (beside and taken)
        self.side.larger.say(gold_line(int(self.reviewer.facts.gold[item])))
        self.desk.choose(np.array([item], np.int64), add=beside, out=out)

    def select_near(self) -> None:
        """The cluster that the keyboard stands at, else all in view."""
        at = self.canvas.at_cluster
        self.canvas.forget_outline()
        self.desk.choose(at.items if at is not None else self.canvas.items_in_view())

    def clear_selection(self) -> None:
        self.canvas.forget_outline()
        self.side.larger.say("")
        self.reviewer.select(lambda rows: rows.clear_selection())

    def _count_larger(self) -> None:
        """What growing would add, found beside the window."""
        larger, items = self.side.larger, self.selected
        self._found = {}
        larger.nearest.show_more(None)
        larger.alike.show_more(None)
        if not len(items) or not self.alike.possible:
            larger.setVisible(self.alike.possible)
            return
        self.alike.ask("larger", items, 5_000, self._choosable(), self._on_larger)

    def _choosable(self) -> npt.NDArray[np.bool_]:
        assert self._marked is not None
        allowed: npt.NDArray[np.bool_] = self._marked.passing & ~self.reviewer.facts.gold
        return allowed

    def _on_larger(self, found: Alike) -> None:
        self._found["nearest"] = found
        self.side.larger.nearest.show_more(len(self._grown(found)))
        self.side.larger.alike.show_more(len(found.as_like))

    def _grown(self, found: Alike) -> npt.NDArray[np.int64]:
        """A sixth as many again as are selected, at least three: the nearest of all."""
        return found.items[: max(3, len(self.selected) // 6)]

    def _enlarge(self, how: str) -> None:
        found = self._found.get("nearest")
        if found is None:
            self.session.toast.emit(_("The nearest items are being looked for"), "")
            return
        self.canvas.forget_outline()
        self.desk.choose(self._grown(found) if how == "nearest" else found.as_like, add=True)

    def fill(self) -> None:
        """Select all that are like these: of a search its results, of a selection what is as like it as its own items."""
        if len(self._asked):
            shown = self.side.similar.shown
            self._asked = self._asked[:0]
            self.canvas.show_found(self._asked, self._asked)
            self.desk.choose(shown)
        else:
            self._enlarge("alike")

    # --- what is similar ----------------------------------------------------------------------------------------

    def _why_not_similar(self) -> str:
        if not self.alike.possible:
            return _("These predictions came without features")
        there = self.canvas.hover >= 0 or len(self._asked) or self.reviewer.worklist.selected.any()
        return "" if there else _("Point at an item, or select some")

    def find_similar(self) -> None:
        """What is like the item under the pointer, else like the selection; again closes it."""
        hover, items = self.canvas.hover, self.selected
        if hover < 0 and len(self._asked):
            self.close_similar()
            return
        asked = np.array([hover], np.int64) if hover >= 0 else items
        began, among = time.perf_counter(), self._choosable()

        def on_found(found: Alike) -> None:
            self._show_similar(asked, found, int(np.count_nonzero(among)), 1000 * (time.perf_counter() - began))

        self.alike.ask("similar", asked, _FOUND, among, on_found)

    def _show_similar(self, asked: npt.NDArray[np.int64], found: Alike, among: int, ms: float) -> None:
        first = int(asked[0])
        blind, key = self.reviewer.blind(first), self.session.project.items.key(first)
        lines = query_lines(self.reviewer.facts, key, first, len(asked), among, ms, blind=blind)
        least = float(found.cosines[min(_AT_LEAST, len(found.cosines)) - 1]) if len(found.cosines) else 0.0
        self._asked = asked
        self.side.show_similar()
        self.side.similar.show_found(asked, lines, found.items, found.cosines, least)
        self.centre.show_strip(asked[:0])
        self.canvas.forget_outline()
        self._show_side()

    def _mark_found(self) -> None:
        self.canvas.show_found(self._asked, self.side.similar.shown)

    def close_similar(self) -> None:
        self._asked = self._asked[:0]
        self.canvas.show_found(self._asked, self._asked)
        self.side.show_nothing()
        self._on_selected()
        self._take_focus()

    # --- what the person does -----------------------------------------------------------------------------------

    def use(self, tool: Tool) -> None:
        """Take a tool up, or lay it down where it is in use."""
        self.canvas.set_tool(Tool.PAN if self.canvas.tool is tool else tool)
        self._show_side()
        self._take_focus()

    def digit(self, digit: str) -> None:
        label = self.desk.label_of(digit)
        if label is not None:
            self.desk.verdicts.answer(label)

    def to_grid(self) -> None:
        """The selection, or what was found, as a list in the grid of Review; without either the list as it is."""
        items = self.side.similar.shown if len(self._asked) else self.selected
        if len(items):
            title = self.side.similar.findChild(QWidget, "similar-title").full_text() if len(self._asked) else _("From the map")  # type: ignore[union-attr]
            chosen = bool(self._asked.size == 0)
            self.reviewer.show_list(items.tolist(), title)
            if chosen:
                self.desk.choose(items)
        self.session.navigate.emit("review", {"grid": True})

    def escape(self) -> bool:
        """Leave the labels as they were, else the tool, the search, the selection, the filter; False where there is nothing."""
        if self.reviewer.edit:
            self.reviewer.drop_edit()
        elif self.canvas.outline:
            self.canvas.set_tool(self.canvas.tool)
        elif len(self._asked):
            self.close_similar()
        elif self.reviewer.worklist.selected.any():
            self.clear_selection()
        elif self.canvas.tool is not Tool.PAN:
            self.use(self.canvas.tool)
        elif self.reviewer.worklist.filter.narrow:
            self.reviewer.clear_filter()
        else:
            return False
        return True

    def _on_button(self, name: str) -> None:
        self._run({"exclude": "E", "unsure": "U", "undo": "Z"}.get(name, "Return" if name == "accept" else "Space"))

    def _on_hovered(self, item: int) -> None:
        if item >= 0:
            face = self.faces.face(item)
            self.canvas.setAccessibleDescription(f"{self.session.project.items.key(item)}: {face.given} → {face.suggested}")

    def _take_focus(self) -> None:
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- events -------------------------------------------------------------------------------------------------

    @property
    def _map_has_focus(self) -> bool:
        return self.hasFocus() or self.canvas.hasFocus()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """From the map Tab goes through the clusters, and behind the last one on to the next part of the page."""
        if self._map_has_focus and self.canvas.clusters and self.canvas.step_cluster(1 if forward else -1) is not None:
            return True
        return super().focusNextPrevChild(forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not event.modifiers():
            if not self._map_has_focus:
                self._take_focus()
            elif not self.escape():
                event.ignore()
        elif not self.keyboard.press(event):
            event.ignore()
