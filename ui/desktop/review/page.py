"""The review page: its parts put together, and which of them shows what when."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.store.changes import Area, Changes
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.gold.why_not import why_no_check
from badcase.ui.desktop.review.actions import ReviewControls, review_actions
from badcase.ui.desktop.review.compare.compare_view import CompareView
from badcase.ui.desktop.review.decision.batch_panel import BatchPanel
from badcase.ui.desktop.review.decision.batch_preview import show_batch
from badcase.ui.desktop.review.decision.label_toggles import ACCEPT, KEEP
from badcase.ui.desktop.review.decision.new_class_dialog import NewClassDialog
from badcase.ui.desktop.review.filtering.filters import Filter, Pile, class_words
from badcase.ui.desktop.review.item.centre import Centre
from badcase.ui.desktop.review.item.detail import DetailPanel
from badcase.ui.desktop.review.item.nothing_to_review import WayOut
from badcase.ui.desktop.review.item.why_hint import WhyHint
from badcase.ui.desktop.review.panes import Panes
from badcase.ui.desktop.review.queue.filter_desk import FilterDesk
from badcase.ui.desktop.review.queue.group_lists import GroupLists
from badcase.ui.desktop.review.queue.queue_panel import QueuePanel
from badcase.ui.desktop.review.seen_page import SeenPage
from badcase.ui.desktop.review.shortcuts import Keyboard
from badcase.ui.desktop.review.state.facts import reason_titles
from badcase.ui.desktop.review.state.label_summary import LabelSummaries
from badcase.ui.desktop.review.state.remembered_filter import remember_filter, restore_filter
from badcase.ui.desktop.review.state.review_desk import desk_of
from badcase.ui.desktop.review.state.review_state import PAGE
from badcase.ui.desktop.session.locate_data import ask_where_the_data_are
from badcase.ui.desktop.session.session import JobState, Session
from badcase.ui.desktop.widgets import Panel, SideScroll


class ReviewPage(SeenPage):
    """The heart of the window. `filter_field` belongs in the top bar; everything else is here."""

    id = PAGE

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("review")
        self.title = _("Review")
        self.session = session
        self.desk = desk_of(session)
        self.reviewer, self.verdicts, self.faces = self.desk.reviewer, self.desk.verdicts, self.desk.faces
        self.filters = FilterDesk(self.reviewer, self)
        self.filter_field = self.filters.field
        self.queue = QueuePanel(self.reviewer.facts.classes)
        self.centre = Centre(self.reviewer, self.faces)
        self.detail = DetailPanel(self.reviewer, self.faces, self.verdicts)
        self.batch = BatchPanel(self.faces, several=self.reviewer.facts.several)
        self.compare = CompareView(self.reviewer, self.verdicts, self.faces)
        self._right = QStackedWidget()
        self._later = QTimer(self, singleShot=True, interval=0)
        self._words = QTimer(self, interval=0)
        self._panel_old = False  # the confusions are of a ranking that is no more
        self._to_label = LabelSummaries(self.reviewer)
        self.groups = GroupLists(self.reviewer, self)
        controls = ReviewControls(
            self.reviewer,
            self.verdicts,
            self.groups,
            self.centre,
            self.faces,
            begin_filter=self.filter_field.begin,
            name_filter=self.filter_field.begin_naming,
            type_class=self.type_class,
            class_of=self.class_of,
            digit=self.digit,
            toggle_around=self.toggle_around,
            toggle_book=self.detail.toggle_book,
            escape=self.escape,
            new_class=self.ask_for_new_class,
            hint=WhyHint(self.reviewer, self.centre, self),
            compare=self.show_comparison,
            why_not_compare=self.compare.why_not,
        )
        self.keyboard = Keyboard(review_actions(controls), refused=lambda why: self.session.toast.emit(why, ""))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lay_out()
        self._connect()
        self.centre.gold_bar.tell_way(why_no_check(session.project))
        self._restore()
        self._on_listed()

    # --- assembly -----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        side = Panel("surface")
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._right)
        for part in (self.detail, self.batch):
            self._right.addWidget(SideScroll(part))
        self._left = SideScroll(self.queue)
        self.toast_places = (self._left, self.compare.right)
        self.columns = Panes(self._left, self.centre, side, self.session.view)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.columns)
        row.addWidget(self.compare)
        self.compare.hide()

    def _connect(self) -> None:
        reviewer, detail, batch = self.reviewer, self.detail, self.batch
        reviewer.moved.connect(lambda: self.hear(self._on_moved))
        reviewer.listed.connect(lambda: self.hear(self._on_listed))
        reviewer.selected.connect(lambda: self.hear(self._on_selected))
        reviewer.renewed.connect(lambda: self.hear(self._on_renewed))
        reviewer.edited.connect(lambda: self.hear(self._on_edited))
        reviewer.labelled_anew.connect(lambda: self.hear(self._on_moved))
        self._later.timeout.connect(self._follow_up)
        self._words.timeout.connect(self._count_words)
        self.queue.queue_chosen.connect(lambda name: reviewer.show(Filter(queue=Pile(name))))
        self.queue.reason_chosen.connect(self._choose_reason)
        self.queue.pair_chosen.connect(self._choose_pair)
        self.queue.listed.connect(lambda items, title: reviewer.show_list(items.tolist(), title))
        self.filter_field.left.connect(self._take_focus)
        self.compare.left.connect(self.hide_comparison)
        self.centre.way_out.connect(self._way_out)
        self.centre.grid_toggled.connect(self._on_selected)
        self.centre.gold_bar.pressed.connect(lambda: self.session.navigate.emit("gold", None))
        for panel in (detail.decide, batch):
            panel.chosen.connect(self.verdicts.answer)
            panel.pressed.connect(self._on_button)
            panel.left.connect(self._take_focus)
        detail.opened.connect(reviewer.open_item)
        detail.decide.answers.chosen.connect(self._take_focus)
        batch.accepted.connect(self.verdicts.accept)
        batch.kept.connect(self.verdicts.keep)
        batch.proposed.connect(self.verdicts.take_proposal)
        batch.cleared.connect(lambda: reviewer.select(lambda listed: listed.clear_selection()))
        self.faces.pictures.arrived.connect(self._on_picture)
        self.session.navigate.connect(self._on_navigate)
        self.session.job.connect(self._on_job)
        self.session.preferred.connect(self._on_preferred)

    def _restore(self) -> None:
        self.centre.restore(self.session.view)
        restore_filter(self.reviewer)
        if self.faces.counts_words:
            self.faces.count_words()
            self._words.start()

    def commands(self) -> list[Command]:
        shown = self.compare.keyboard if self.compare.isVisible() else self.keyboard
        return [*(action.command() for action in shown.actions), *self.filters.commands()]

    # --- what changed elsewhere ---------------------------------------------------------------------------------

    def refresh(self, changes: Changes) -> None:
        """Show what others changed: a job, another page, or a list of groups."""
        self.desk.proposed.forget()
        if Area.SOURCE in changes.areas:
            self.faces.pictures.try_again()
            self.centre.show_item()
            self.update()
        if changes.areas & {Area.PREDICTIONS, Area.RANKING}:
            self.desk.heed()
            if self.faces.counts_words:
                self.faces.count_words()
                self._words.start()
            self._on_listed()
        elif Area.LABELS in changes.areas:
            self.reviewer.others_judged(changes)
            self._on_moved()
        if self.compare.isVisible():
            self.compare.refresh()

    def _on_navigate(self, page: str, what: Any) -> None:
        if page == self.id and isinstance(what, dict) and "search" in what:
            self.reviewer.show(Filter(queue=Pile.ALL, words=tuple(what["search"].split())))
        if page == self.id and isinstance(what, dict) and "items" in what:
            self.hide_comparison()
            self.reviewer.show_list(what["items"], what.get("title", ""), at_waiting=what.get("at_waiting", False))
        if page == self.id and isinstance(what, dict) and what.get("grid"):
            self.hide_comparison()
            self.centre.show_grid()

    def _on_job(self, _state: JobState) -> None:
        if self.reviewer.current is None:  # why there is nothing may be another reason now
            self.centre.show_item()

    def _on_preferred(self) -> None:
        """Another reviewer sits here, or what may be seen is another."""
        self.reviewer.show(self.reviewer.worklist.filter)
        self.update()

    def _on_picture(self, item: int, side: int) -> None:
        self.centre.picture_came(item, side)
        self.detail.update()
        for part in (self.detail.nearest_given, self.detail.nearest_suggested, self.batch):
            part.update()

    # --- showing ------------------------------------------------------------------------------------------------

    def catch_up(self) -> None:
        """Show what another page made of the list; a selection is seen in the grid, for the keys act on all of it."""
        if self.reviewer.worklist.selected.any():
            self.centre.show_grid()
        self._on_listed()

    def _on_listed(self) -> None:
        remember_filter(self.reviewer)
        self._show_panel()
        self._count()
        self._on_moved()

    def _show_panel(self) -> None:
        facts, worklist = self.reviewer.facts, self.reviewer.worklist
        self.filters.show_filter()
        if not facts.several:
            self.queue.show_confusions(worklist.confusions(), worklist.filter)

    def _on_renewed(self) -> None:
        """A refitted ranking holds from the next item on; the panel at the left follows when that is painted."""
        self._panel_old = True

    def _on_moved(self) -> None:
        """Another item is current: what the eye and the next key need now, the rest when that is painted."""
        self.centre.show_item()
        self.detail.show_item()
        self._show_side()
        self._later.start()

    def _on_selected(self) -> None:
        self.centre.show_item()
        self.detail.show_item()
        self._show_side()
        self._later.start()

    def _on_edited(self) -> None:
        """A label was turned on or off."""
        self.detail.show_labels()
        self.centre.strip.update()
        self.centre.grid.viewport().update()
        self._show_side()
        self.detail.decide.tell_hidden()

    def _show_side(self) -> None:
        some = bool(self.reviewer.worklist.selected.any())
        self._right.setCurrentIndex(1 if some else 0)
        if some:
            show_batch(self.batch, self.reviewer, self.faces, self.verdicts)
        empty = self.reviewer.current is None
        self._right.setEnabled(not empty or some)
        self.detail.setVisible(not empty)

    def _follow_up(self) -> None:
        self.detail.show_neighbours()
        self.centre.fetch_ahead()
        remember_filter(self.reviewer)
        self._count()
        item, facts = self.reviewer.current, self.reviewer.facts
        if self._panel_old:
            self._panel_old = False
            self._show_panel()
        elif not facts.several:
            self.queue.recount(self.reviewer.worklist.confusions())
        if not facts.several:
            hidden = item is None or not facts.ranked or self.reviewer.blind(item)
            pair = None if hidden or item is None else (int(facts.given[item]), int(facts.suggested[item]))
            self.queue.matrix.mark(pair)
        for panel in (self.detail.decide, self.batch):
            panel.buttons.set_undo(self.session.project.journal.undo_title)
        self.detail.decide.tell_hidden()

    def _count(self) -> None:
        worklist = self.reviewer.worklist
        facts = self.reviewer.facts
        self.queue.show_counts(worklist.counts(), reason_titles(facts), worklist.filter, facts.silent, self._to_label.now)

    def _count_words(self) -> None:
        words = self.faces.words
        if words is None or not words.step():
            self._words.stop()
            self.centre.words_counted()

    # --- what the person does -----------------------------------------------------------------------------------

    def _choose_reason(self, name: str, add: bool) -> None:
        self.reviewer.show(self.reviewer.worklist.filter.with_reason(name, add=add))

    def _choose_pair(self, given: int, suggested: int, add: bool) -> None:
        self.reviewer.show(self.reviewer.worklist.filter.with_pair((given, suggested), add=add))

    def _on_button(self, name: str) -> None:
        verbs = {
            "exclude": self.verdicts.exclude,
            "unsure": self.verdicts.mark_unsure,
            "undo": self.verdicts.undo,
            "new": self.ask_for_new_class,
            ACCEPT: self.verdicts.accept,
            KEEP: self.verdicts.keep,
        }
        verbs[name]()

    def _way_out(self, way: str) -> None:
        if way == WayOut.PREDICT:
            self.session.start("predict", title=_("Predict"))
        elif way == WayOut.RANK:
            self.session.start("rank", title=_("Rank"))
        elif way == WayOut.ALL:
            self.reviewer.show(Filter(queue=Pile.ALL))
        elif way == WayOut.LOCATE:
            ask_where_the_data_are(self, self.session)
        else:
            self.reviewer.clear_filter()
        self._take_focus()

    def escape(self) -> bool:
        """Leave the labels as they were, else clear the selection, else the filter; False where there is nothing."""
        if self.reviewer.edit:
            self.reviewer.drop_edit()
        elif self.reviewer.worklist.selected.any():
            self.reviewer.select(lambda listed: listed.clear_selection())
        elif self.reviewer.worklist.filter.narrow:
            self.reviewer.clear_filter()
        else:
            return False
        return True

    def ask_for_new_class(self) -> None:
        """Give the selection, else the current item, a class that the project does not have yet."""
        dialog = NewClassDialog(self, self.session.project, self.reviewer.targets())
        dialog.planned.connect(self.verdicts.label_as_new)
        dialog.open()

    def type_class(self, letter: str = "") -> None:
        """Go to the field where a class is typed."""
        batch = self.reviewer.worklist.selected.any()
        (self.batch.field if batch else self.detail.decide.field).begin(letter)

    def digit(self, digit: str) -> None:
        """Judge by a digit key; of several labels, turn one on or off."""
        label = self.desk.label_of(digit)
        if label is not None:
            self.verdicts.answer(label)

    def class_of(self, digit: str) -> str:
        """The name of the class that a digit key gives now, "" where it gives none."""
        label = self.desk.label_of(digit) if self.reviewer.targets() else None
        return class_words(self.reviewer.facts.classes, label) if label is not None else ""

    def toggle_around(self) -> None:
        """Hide the left panel and the strip, or bring them back; the keys go on working."""
        hidden = not self.centre.around_hidden
        self._left.setVisible(not hidden)
        self.centre.hide_around(hidden)

    def show_comparison(self) -> None:
        """The current item beside its twin, or beside what is nearest to it."""
        item = self.reviewer.current
        if item is not None and self.compare.open_at(item):
            self.columns.hide()
            self.compare.show()
            self.compare.setFocus(Qt.FocusReason.OtherFocusReason)

    def hide_comparison(self) -> None:
        """Back to the one item."""
        if not self.compare.isHidden():
            self.compare.hide()
            self.columns.show()
            self._take_focus()

    def _take_focus(self) -> None:
        page = self.compare if self.compare.isVisible() else self
        page.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- events -------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not event.modifiers():
            if not self.hasFocus():  # from a box or a button back to the item, and nothing else
                self._take_focus()
            elif not self.escape():
                event.ignore()
            return
        if self.keyboard.press(event):
            return
        letter = event.text()
        held = event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        if letter.isalpha() and not held and self.reviewer.targets():
            self.type_class(letter)
        else:
            event.ignore()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._take_focus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for part in (self.detail, self.queue):
            part.fit_height(self.height())
