"""The map page: its parts put together, and which of them shows what when."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.store.changes import Area, Changes
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.map.asking import AskDrops
from badcase.ui.desktop.map.canvas import Tool
from badcase.ui.desktop.map.charts.chart_desk import ChartDesk
from badcase.ui.desktop.map.map_actions import MapControls, map_actions
from badcase.ui.desktop.map.map_centre import MapCentre
from badcase.ui.desktop.map.map_ground import GroundState, MapGround
from badcase.ui.desktop.map.map_points import MapPoints
from badcase.ui.desktop.map.map_search import MapSearch
from badcase.ui.desktop.map.map_words import count_line, given_line, gold_line
from badcase.ui.desktop.map.selection_side import SelectionSide
from badcase.ui.desktop.review.decision.batch_preview import show_batch
from badcase.ui.desktop.review.decision.label_toggles import ACCEPT, KEEP
from badcase.ui.desktop.review.panes import Panes
from badcase.ui.desktop.review.queue.filter_desk import FilterDesk
from badcase.ui.desktop.review.seen_page import SeenPage
from badcase.ui.desktop.review.shortcuts import Keyboard
from badcase.ui.desktop.review.state.review_desk import desk_of
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.widgets import Hairline, Panel, SectionTitle, SideScroll

Items = npt.NDArray[np.int64]


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
        self.points = MapPoints(self.reviewer, self.canvas, self)
        self.charts = ChartDesk(self.reviewer, self)
        self.search = MapSearch(self.desk, self.points, self.canvas, self.side, self)
        parts = (self.canvas, self.side)
        self.drops = AskDrops(parts, lambda: not self.search.why_not_ask(), is_text=self.faces.is_text, parent=self)
        self.toast_places = (self.side,)
        self.keyboard = Keyboard(map_actions(self._controls()), refused=lambda why: session.toast.emit(why, ""))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lay_out()
        self._connect()
        self._on_listed()
        self.ground.show()

    def _controls(self) -> MapControls:
        return MapControls(
            desk=self.desk,
            canvas=self.canvas,
            use=self.use,
            similar=self.search.find,
            why_not_similar=self.search.why_not,
            grow=self.search.grow,
            paste=self.paste,
            why_not_paste=self.search.why_not_ask,
            fill=self.fill,
            why_not_fill=self._why_not_fill,
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
        head = QVBoxLayout()
        head.setContentsMargins(16, 12, 16, 8)
        head.setSpacing(8)
        head.addWidget(SectionTitle(_("Colour by")))
        head.addWidget(self.points.colour_by)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 12)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.points.legend)
        column.addSpacing(12)
        column.addWidget(Hairline())
        column.addWidget(self.charts.panel)
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
        for told in (reviewer.listed, reviewer.moved, reviewer.renewed, self.session.preferred):
            told.connect(lambda: self.hear(self._on_listed))
        reviewer.selected.connect(lambda: self.hear(self._on_selected))
        reviewer.edited.connect(lambda: self.hear(self._show_side))
        self.ground.changed.connect(self._on_ground)
        self.search.changed.connect(self._on_selected)
        self.points.chosen.connect(self._on_listed)
        self.charts.turned.connect(self._on_turned)
        self.points.chosen.connect(self._take_focus)
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
        batch.proposed.connect(self.desk.verdicts.take_proposal)
        batch.cleared.connect(self.clear_selection)
        batch.chosen.connect(self.desk.verdicts.answer)
        batch.pressed.connect(self._on_button)
        batch.left.connect(self._take_focus)
        self.side.larger.grown.connect(self.search.grow)
        self.side.larger.filled.connect(self.fill)
        similar = self.side.similar
        for field in (similar.field, self.side.field):
            field.asked.connect(self.search.ask)
        self.drops.asked.connect(self.search.ask)
        similar.closed.connect(self.close_similar)
        similar.taken.connect(self.fill)
        similar.listed.connect(self.to_grid)
        similar.opened.connect(canvas.reveal)
        self.faces.pictures.arrived.connect(self._on_picture)

    def commands(self) -> list[Command]:
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
            current, seen = self.session.project.predictions.current, self.ground.source
            if current is not None and (seen is None or seen.predictions != current.id):
                self.ground.show()
            self._show_sources()
        if changes.areas & {Area.PREDICTIONS, Area.RANKING, Area.LABELS}:
            self._on_listed()

    def catch_up(self) -> None:
        """Show what another page made of the list."""
        self._on_listed()

    def _on_picture(self, _item: int, _side: int) -> None:
        for part in (self.canvas, self.centre.strip, *self.side.findChildren(QWidget)):
            part.update()

    # --- the ground ---------------------------------------------------------------------------------------------

    def _on_ground(self) -> None:
        state, there = self.ground.state, self.ground.ground
        if state is GroundState.READY and there is not None:
            self.canvas.show_ground(there)
            self.points.recolour()
            self.centre.show_map()
        elif state is GroundState.LOADING and there is None:
            self.centre.show_loading()
        elif state is GroundState.FAILED:
            said = _("The map cannot be made: {why}").format(why=self.ground.failure)
            self.centre.show_empty("warning", said, _("Try again"))
        elif state is GroundState.NONE:
            self._show_no_ground()
        underway = self.ground.computing or (state is GroundState.LOADING and there is not None)
        self.centre.header.say(_("laying out…") if underway else "")
        self._show_sources()
        self._on_selected()

    def _show_no_ground(self) -> None:
        if self.session.project.predictions.current is None:
            said = _("No model has looked at the items yet, so nobody knows which lie together.")
            self.centre.show_empty("map", said, _("Predict"))
        else:
            said = _("These predictions came without features, so the items have no places.")
            self.centre.show_empty("map", said, None)

    def _way_out(self) -> None:
        if self.ground.state is GroundState.FAILED:
            self.ground.show(self.ground.source)
        else:
            self.session.start("predict", title=_("Predict"))

    def _show_sources(self) -> None:
        sources = self.ground.sources()
        names = [f"{source.layout.upper()} · {self.ground.name_of(source.predictions)}" for source in sources]
        if self.ground.can_compute() is not None:
            names.append(_("Lay out by UMAP…"))
        self.centre.header.show_sources(names, sources.index(self.ground.source) if self.ground.source in sources else -1)

    def _choose_source(self, place: int) -> None:
        sources = self.ground.sources()
        if place < len(sources):
            self.ground.show(sources[place])
        else:
            self.ground.compute()
            self._show_sources()
        self._take_focus()

    # --- what is seen -------------------------------------------------------------------------------------------

    def _on_listed(self) -> None:
        """Another filter, other facts or other labels: what passes, in which colours."""
        self.filters.show_filter()
        self.points.renew()
        self.charts.show_facts()
        passing, facts = self.points.passing, self.reviewer.facts
        unlabelled = 0 if facts.several else int(np.count_nonzero(facts.given[passing] < 0))
        n, total = int(np.count_nonzero(passing)), int(np.count_nonzero(~self.session.project.gone))
        self.centre.say(count_line(n, total, unlabelled, is_text=self.faces.is_text))
        self._on_selected()

    def _on_turned(self) -> None:
        self.centre.show_chart(self.charts.middle)
        if self.charts.middle is None:
            self._take_focus()

    @property
    def selected(self) -> Items:
        """The selected items, in the order of the list."""
        return self.reviewer.worklist.selected_items()

    def _on_selected(self) -> None:
        items = self.selected
        if not len(items):
            self.canvas.forget_outline()
        self.points.select(items)
        suspicion = np.nan_to_num(self.reviewer.facts.suspicion[items], nan=-1.0)
        most_suspect = items[np.argsort(-suspicion, kind="stable")]
        self.centre.show_strip(items[:0] if self.search.active else most_suspect)
        self._show_side()

    def _show_side(self) -> None:
        items = self.selected
        if self.search.active:
            self.side.show_similar()
        elif len(items):
            show_batch(self.side.batch, self.reviewer, self.faces, self.desk.verdicts)
            self.side.given.setText(given_line(self.reviewer.facts, items))
            self.side.batch.buttons.set_undo(self.session.project.journal.undo_title)
            self.side.show_selection()
            self.search.count_larger()
        else:
            self.side.show_nothing(can_ask=not self.search.why_not_ask())
        self.centre.header.show_tool(self.canvas.tool, similar=self.search.active)

    # --- the selection ------------------------------------------------------------------------------------------

    def _on_outlined(self, items: Items, held: Qt.KeyboardModifier) -> None:
        outline = self.canvas.kept_outline
        meant = items[self.points.passing[items]]
        self._choose(meant, add=bool(held & Qt.KeyboardModifier.ShiftModifier), out=bool(held & Qt.KeyboardModifier.AltModifier))
        if outline is not None and len(self.selected):
            self.canvas.keep_outline(outline, len(self.selected))

    def _on_pressed(self, item: int, held: Qt.KeyboardModifier) -> None:
        if item >= 0:
            beside = bool(held & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))
            out = bool(held & Qt.KeyboardModifier.AltModifier) or (beside and self.points.is_selected(item))
            self._choose(np.array([item], np.int64), add=beside, out=out)

    def _choose(self, items: Items, *, add: bool = False, out: bool = False) -> None:
        """Select items that a person pointed at; results of a search give way."""
        self.canvas.forget_outline()
        if self.search.active:
            self.search.close()
        self.side.larger.say(gold_line(int(np.count_nonzero(self.reviewer.facts.gold[items]))))
        self.desk.choose(items, add=add, out=out)

    def select_near(self) -> None:
        """The cluster that the keyboard stands at, else all in view."""
        at = self.canvas.at_cluster
        items = at.items if at is not None else self.canvas.items_in_view()
        self._choose(items[self.points.passing[items]])

    def clear_selection(self) -> None:
        self._choose(self.selected[:0])

    def fill(self) -> None:
        """Select all that are like these: of a search its results, of a selection what is as like it as its own items."""
        if self.search.active:
            self._choose(self.side.similar.shown)
        else:
            self.search.fill()

    def _why_not_fill(self) -> str:
        if self.search.active:
            return "" if len(self.side.similar.shown) else _("Nothing is as like as that")
        return "" if self.reviewer.worklist.selected.any() else _("Nothing is selected")

    def paste(self) -> None:
        """Look for what is like the picture or the words of the clipboard."""
        if not self.drops.paste():
            words, picture = _("There are no words to paste"), _("There is no picture to paste")
            self.session.toast.emit(words if self.faces.is_text else picture, "")

    def close_similar(self) -> None:
        self.search.close()
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
        found = self.search.active
        items = self.side.similar.shown if found else self.selected
        if len(items):
            self.reviewer.show_list(items.tolist(), self.side.similar.title if found else _("From the map"))
            self.desk.choose(items[:0] if found else items)
        self.session.navigate.emit("review", {"grid": True})

    def escape(self) -> bool:
        """Leave the labels as they were, else the search, the selection, the tool, the filter; False where there is nothing."""
        if self.reviewer.edit:
            self.reviewer.drop_edit()
        elif self.charts.close():
            pass
        elif self.search.active:
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
        self._run({"exclude": "E", "unsure": "U", "undo": "Z", ACCEPT: "Return", KEEP: "Space"}[name])

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
