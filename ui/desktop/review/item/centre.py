"""The middle of the page: one item and its strip, or the grid, or why there is nothing."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.items import Split
from badcase.store.verdicts import VerdictCode
from badcase.ui import wording
from badcase.ui.desktop.pictures.item_faces import ProjectFaces
from badcase.ui.desktop.pictures.picture_cache import FULL
from badcase.ui.desktop.review.filtering.filters import Pile
from badcase.ui.desktop.review.grid.grid import USUAL, Grid
from badcase.ui.desktop.review.grid.strip import Strip
from badcase.ui.desktop.review.item.gold_bar import GoldBar
from badcase.ui.desktop.review.item.header import FocusHeader, GridHeader
from badcase.ui.desktop.review.item.image_view import ImageView
from badcase.ui.desktop.review.item.nothing_to_review import Emptiness, why_empty, why_no_image
from badcase.ui.desktop.review.item.text_view import TextSheet
from badcase.ui.desktop.review.state.review_state import ReviewState
from badcase.ui.desktop.review.state.worklist import Order
from badcase.ui.desktop.session.view_state import ViewState
from badcase.ui.desktop.widgets import EmptyState, Hairline, Panel

_AHEAD = 6


class Centre(Panel):
    """Shows what the reviewer stands at. `way_out` asks to leave an empty list by a `WayOut`."""

    way_out = Signal(str)
    grid_toggled = Signal()

    def __init__(self, reviewer: ReviewState, faces: ProjectFaces, parent: QWidget | None = None) -> None:
        super().__init__("window", parent)
        self._reviewer, self._faces = reviewer, faces
        self._view: ViewState | None = None
        self.in_grid = False
        self.around_hidden = False
        self.image, self.text = ImageView(), TextSheet()
        self.strip, self.grid = Strip(faces), Grid(faces)
        self.focus_header = FocusHeader(is_text=faces.is_text, marks=faces.counts_words)
        self.grid_header = GridHeader(pairs=not reviewer.facts.several)
        self.gold_bar = GoldBar()
        self._strip_line = Hairline()
        self._stack = QStackedWidget()
        self._empty: EmptyState | None = None
        self._why_empty: Emptiness | None = None
        self.missing: Emptiness | None = None  # why the image of the current item is not there
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.focus_header, self.grid_header, Hairline(), self.gold_bar):
            column.addWidget(part)
        column.addWidget(self._stack, 1)
        column.addWidget(self._strip_line)
        column.addWidget(self.strip)
        self._item = self.text if self._faces.is_text else self.image
        self._stack.addWidget(self._item)
        self._stack.addWidget(self.grid)

    def _connect(self) -> None:
        reviewer = self._reviewer
        reviewer.order.last_shown = self._last_shown
        self.strip.opened.connect(lambda row: reviewer.move(lambda rows: rows.stand(row)))
        self.image.zoomed.connect(self.focus_header.show_zoom)
        self.focus_header.fit_pressed.connect(self.toggle_marks if self._faces.is_text else self.fit)
        self.focus_header.grid_pressed.connect(self.toggle_grid)
        self.grid_header.focus_pressed.connect(self.toggle_grid)
        self.grid_header.order_chosen.connect(self._choose_order)
        self.grid_header.size_chosen.connect(self._set_size)
        self.grid.resized.connect(self._set_size)
        self.grid.pressed.connect(self._press_card)
        self.grid.opened.connect(self._open_card)

    # --- showing ------------------------------------------------------------------------------------------------

    def show_item(self) -> None:
        """The current item, large or as a card, or the reason why there is none."""
        item, self.missing = self._reviewer.current, None
        self._arrange(item is None)
        self._show_lists()
        if item is None:
            self._show_empty()
            return
        self._show_header(item)
        if self.in_grid:
            self.grid.reveal(self._reviewer.worklist.position)
        elif self._faces.is_text:
            self._show_text(item)
        else:
            self._show_image(item)

    def _arrange(self, empty: bool) -> None:
        """Which parts are there."""
        grid = self.in_grid and not empty
        self.focus_header.setVisible(not grid and not empty)
        self.grid_header.setVisible(grid or empty)
        self.gold_bar.setVisible(self._reviewer.locked and not grid and not empty)
        strip = not grid and not empty and not self.around_hidden
        self.strip.setVisible(strip)
        self._strip_line.setVisible(strip)
        if not empty:
            self._stack.setCurrentWidget(self.grid if self.in_grid else self._item)

    def hide_around(self, hidden: bool) -> None:
        self.around_hidden = hidden
        self.show_item()

    def _show_lists(self) -> None:
        worklist = self._reviewer.worklist
        if self.in_grid:
            self.grid.show_items(worklist.rows, worklist.selected, worklist.position)
        else:
            self.strip.show_items(worklist.rows, worklist.position)  # type: ignore[arg-type]
        listed = worklist.filter.listed is not None
        what = _("listed") if listed else _PILES[worklist.filter.queue]()
        drawn = self._reviewer.drawn_in_list()
        open_ones = int(np.count_nonzero(self._reviewer.facts.verdicts[drawn] == VerdictCode.NONE))
        left = worklist.left() - open_ones if worklist.filter.queue in _WAITING else len(worklist)
        self.grid_header.show_list(
            len(worklist) - len(drawn), left, open_ones, what, worklist.order, listed, bool(worklist.filter.words)
        )

    def _last_shown(self) -> int:
        """The last row that the person sees, as a card or in the strip; -1 where there is none."""
        rows = self.grid.in_sight() if self.in_grid else [row for row, _place in self.strip.places()]
        return rows[-1] if rows else -1

    def _show_header(self, item: int) -> None:
        project, worklist = self._reviewer.session.project, self._reviewer.worklist
        gold = bool(project.gold[item])
        split = _("gold") if gold else _SPLITS[Split(int(project.split[item]))]()
        if self._reviewer.facts.waits_for_a_label(item):
            split = _("no label")
        blind = self._reviewer.blind(item)
        suspicion = float("nan") if blind else float(self._reviewer.facts.suspicion[item])
        key, state = project.items.key(item), self._faces.state(item)
        drawn = len(self._reviewer.drawn_in_list())
        place = worklist.position + 1, len(worklist) - drawn
        self.focus_header.show_item(
            key, split, *place, suspicion, gain=self._reviewer.order.gain(item), drawn=drawn, gold=gold, decision=state
        )

    def _show_image(self, item: int) -> None:
        items = self._reviewer.session.project.items
        natural = items.size(item)
        facts = items.format(item)
        if natural is not None:
            facts = f"{natural[0]} × {natural[1]} px · {facts}"
        image = self._faces.pictures.full(item)
        self.missing = None
        if image is None and self._faces.pictures.failed(item):
            self.missing = why_no_image(items, item)
            facts = _("this image cannot be read any more")
        self.image.show_image(image, natural, facts)
        if self.missing is not None:
            self._show_reason(self.missing)
        else:
            self._stack.setCurrentWidget(self._item)

    def _show_text(self, item: int) -> None:
        row = self._reviewer.session.project.items.row(item)
        facts = [_("row {n} of the data set").format(n=wording.count(row))]
        predictions = self._reviewer.session.project.predictions.current
        if predictions is not None and predictions.cut is not None and predictions.cut[item]:
            facts.append(_("the model read only the first {n} tokens").format(n=wording.count(predictions.tokens_read or 0)))
        self.text.show_text(self._faces.text(item), " · ".join(facts))
        self._mark_words(item)

    def _mark_words(self, item: int) -> None:
        facts, words = self._reviewer.facts, self._faces.words
        same = not facts.ranked or facts.suggested[item] == facts.given[item]
        if words is None or not words.ready or same or self._reviewer.blind(item):
            return
        title = _("words frequent in “{name}”")
        source = _(
            "Counted in {n} labelled texts of this project, without this one. The words are for a reader to check; they do "
            "not show what the model used."
        ).format(n=wording.count(len(words)))
        names = reversed(facts.names(item))
        marks = self._faces.marks(item)
        sides = {mark.first for mark in marks}
        sentences = [title.format(name=name) for name in names]
        first, second = sentences[0] if True in sides else "", sentences[1] if False in sides else ""
        self.text.set_marks(marks, (first, second, source))

    def words_counted(self) -> None:
        """The marks can be shown now."""
        item = self._reviewer.current
        if item is not None and not self.in_grid and not self.text.hinted:
            self._mark_words(item)
        self.grid.viewport().update()

    def picture_came(self, item: int, side: int) -> None:
        """A picture that was missing is there."""
        if self.in_grid:
            self.grid.touched(item)
            return
        self.strip.update()
        if item == self._reviewer.current and side == FULL:
            image = self._faces.pictures.full(item)
            if image is not None:
                self.image.set_image(image)
            else:
                self._show_image(item)

    def fetch_ahead(self) -> None:
        """Have the next pictures decoded, the very next one first."""
        if not self._faces.is_text and not self.in_grid:
            self._faces.pictures.ahead(self._reviewer.worklist.upcoming(_AHEAD))

    def _show_empty(self) -> None:
        """Say why there is nothing; what says it already stays."""
        self._show_reason(why_empty(self._reviewer))

    def _show_reason(self, why: Emptiness) -> None:
        if why != self._why_empty or self._empty is None:
            if self._empty is not None:
                self._stack.removeWidget(self._empty)
                self._empty.deleteLater()
            self._why_empty = why
            self._empty = EmptyState(why.icon, why.sentence, why.button, why.keys)
            self._empty.pressed.connect(lambda: self.way_out.emit(why.way))
            self._stack.addWidget(self._empty)
        self._stack.setCurrentWidget(self._empty)

    # --- what the person does -----------------------------------------------------------------------------------

    def restore(self, view: ViewState) -> None:
        """Take up how it looked last time."""
        self._view = view
        self.in_grid = bool(view.get("review.grid", False))
        self.text.marked = bool(view.get("review.marks", True))
        self._set_size(int(view.get("review.card", USUAL)))

    def _remember(self, name: str, value: object) -> None:
        if self._view is not None:
            self._view.set(f"review.{name}", value)

    def show_grid(self) -> None:
        """The grid, whatever was shown; what is selected stays so."""
        if not self.in_grid:
            self.toggle_grid()

    def toggle_grid(self) -> None:
        self.in_grid = not self.in_grid
        self._remember("grid", self.in_grid)
        if not self.in_grid:
            self._reviewer.worklist.clear_selection()
        self.grid_toggled.emit()

    def toggle_marks(self) -> None:
        self.text.toggle_marks()
        self._remember("marks", self.text.marked)

    def copy_text(self) -> None:
        """Copy what is selected, else the whole text."""
        item = self._reviewer.current
        if item is not None:
            QGuiApplication.clipboard().setText(self.text.selected_text() or self._faces.text(item))

    def fit(self) -> None:
        (self.text if self._faces.is_text else self.image).fit()

    def zoom(self, direction: int) -> None:
        if self.in_grid:
            self._set_size(self.grid.media + 16 * direction)
        elif self._faces.is_text:
            self.text.zoom(1.1**direction)
        else:
            self.image.step(direction)

    def pan(self, dx: float, dy: float) -> None:
        """Move the image; in the grid the same keys stretch the selection."""
        if self.in_grid:
            step = (1 if dx < 0 else -1) if dx else self.grid.columns * (1 if dy < 0 else -1)
            self._stretch(step)
        elif not self._faces.is_text:
            self.image.pan(dx, dy)

    def _stretch(self, by: int) -> None:
        rows = self._reviewer.worklist
        row = min(max(rows.position + by, 0), len(rows) - 1)
        self._reviewer.select(lambda listed: listed.select_to(row))

    def step_line(self, by: int) -> None:
        """A line of cards; in focus, an item."""
        step = by * (self.grid.columns if self.in_grid else 1)
        rows = self._reviewer.worklist
        if 0 <= rows.position + step < len(rows):
            self._reviewer.move(lambda listed: listed.step(step))

    def step_page(self, by: int) -> None:
        step = by * (self.grid.page_rows() if self.in_grid else 10)
        self._reviewer.move(lambda listed: listed.step(step))

    def toggle_card(self) -> None:
        row = self._reviewer.worklist.position
        self._reviewer.select(lambda listed: listed.select(row, add=True))

    def _press_card(self, row: int, held: Qt.KeyboardModifier) -> None:
        add = bool(held & Qt.KeyboardModifier.ControlModifier)
        if held & Qt.KeyboardModifier.ShiftModifier:
            self._reviewer.select(lambda listed: listed.select_to(row, add=add))
        else:
            self._reviewer.select(lambda listed: listed.select(row, add=add))

    def _open_card(self, row: int) -> None:
        self._reviewer.worklist.clear_selection()
        self._reviewer.worklist.stand(row)
        self.toggle_grid()

    def _choose_order(self, name: str) -> None:
        self._reviewer.show(self._reviewer.worklist.filter, Order(name))

    def _set_size(self, media: int) -> None:
        self.grid.set_media(media)
        self.grid_header.show_size(self.grid.media)
        self._remember("card", self.grid.media)


_SPLITS = {Split.TRAIN: lambda: _("train"), Split.VALIDATION: lambda: _("validation"), Split.TEST: lambda: _("test")}
_WAITING = (Pile.TO_REVIEW, Pile.TO_LABEL, Pile.BOTH)
_PILES = {
    Pile.TO_REVIEW: lambda: _("to review"),
    Pile.TO_LABEL: lambda: _("to label"),
    Pile.BOTH: lambda: _("to label or to review"),
    Pile.REVIEWED: lambda: _("reviewed"),
    Pile.UNSURE: lambda: _("unsure"),
    Pile.ALL: lambda: _("items"),
}
