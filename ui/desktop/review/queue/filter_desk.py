"""The filter field at work: it shows the filter of the list, offers what a person may mean, and keeps filters by name."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from badcase.i18n import _
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.review.filtering.filter_suggestions import Suggestion, suggestions
from badcase.ui.desktop.review.queue.filter_field import FilterField
from badcase.ui.desktop.review.state.remembered_filter import forget_filter, save_filter, saved_filters
from badcase.ui.desktop.review.state.review_state import ReviewState


class FilterDesk(QObject):
    """`field` belongs in the top bar."""

    def __init__(self, reviewer: ReviewState, parent: QObject) -> None:
        super().__init__(parent)
        self._reviewer, self.field = reviewer, FilterField()
        self.field.suggest = self._suggest
        self.field.changed.connect(reviewer.show)
        self.field.entered.connect(reviewer.add_filter)
        self.field.named.connect(self._save)
        self.field.forgotten.connect(lambda name: forget_filter(reviewer, name))
        parent.destroyed.connect(self.field.deleteLater)  # it lives in the top bar, not in the page

    def show_filter(self) -> None:
        self.field.show_filter(self._reviewer.worklist.filter, self._reviewer.facts)

    def commands(self) -> list[Command]:
        """The filters that were saved."""
        return [
            Command(
                _("Filter: {name}").format(name=name), "", partial(self._reviewer.show, wanted), icon="star", page=_("Review")
            )
            for name, wanted in saved_filters(self._reviewer).items()
        ]

    def _suggest(self, typed: str) -> list[Suggestion]:
        reviewer = self._reviewer
        return suggestions(typed, reviewer.worklist.filter, reviewer.facts, saved_filters(reviewer))

    def _save(self, name: str) -> None:
        save_filter(self._reviewer, name)
        self._reviewer.session.toast.emit(_("Filter saved as “{name}”").format(name=name), "")
