"""What each verdict key does to the project, and where the person stands after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from badcase.class_edits.class_edits import EditPlan
from badcase.i18n import _, plural
from badcase.proposals.taking import PROPOSED_BY
from badcase.store.changes import Changes
from badcase.store.verdicts import Verdict
from badcase.ui import operations, wording
from badcase.ui.desktop.review.filtering.filters import class_words, set_words
from badcase.ui.desktop.review.state.proposed import MachineProposal, MachineProposals
from badcase.ui.desktop.review.state.remembered_filter import remember_filter
from badcase.ui.desktop.review.state.review_state import PAGE, ReviewState

_MANY = 50_000  # items whose verdicts take longer than a person waits without a sign
_GIVES = {
    operations.relabel: Verdict.RELABEL,
    operations.relabel_sets: Verdict.RELABEL,
    operations.keep: Verdict.KEEP,
    operations.exclude: Verdict.EXCLUDE,
    operations.mark_unsure: Verdict.UNSURE,
}


class Verdicts:
    """Judges the selection, else the current item, and goes on to the next that nobody has judged."""

    def __init__(self, reviewer: ReviewState, proposed: MachineProposals) -> None:
        self._reviewer, self._proposed = reviewer, proposed

    def proposals(self) -> list[MachineProposal]:
        """What machines propose of the one item that is judged, as it is told."""
        items = self._reviewer.targets()
        return self._proposals_of(items[0]) if len(items) == 1 else []

    def first_proposals(self) -> dict[int, MachineProposal]:
        """Of each item that is judged what the first machine proposes, where one does."""
        told = {item: self._proposals_of(item) for item in self._reviewer.targets()} if self._proposed.some else {}
        return {item: found[0] for item, found in told.items() if found}

    def proposed_name(self, item: int) -> str:
        """The class that the first machine proposes of an item, "" for none: what its card tells."""
        found = self._proposals_of(item) if self._proposed.some else []
        return self._reviewer.session.project.classes[found[0].label] if found else ""

    def _proposals_of(self, item: int) -> list[MachineProposal]:
        """Of an item drawn at random nothing is told: what people say of that without it is what machines are measured by."""
        return [] if self._reviewer.blind(item) else self._proposed.of(item)

    def take_proposal(self) -> None:
        """Give each item what the first machine proposes of it: verdicts of the person who takes them, with one undo."""
        if proposed := self.first_proposals():
            self._judge(operations.relabel, list(proposed), label=[one.label for one in proposed.values()])

    def accept(self) -> None:
        """Give each target its suggestion; where that is the given label, it is kept. Drawn items have none yet."""
        reviewer, items = self._reviewer, self._reviewer.targets()
        if not (reviewer.facts.several and reviewer.edit):
            items = self._told(items)
        if reviewer.facts.several and items and (reviewer.facts.ranked or reviewer.edit):
            self._judge(operations.relabel_sets, items, sets=reviewer.wanted(items))
        elif self._reviewer.facts.ranked and not reviewer.facts.several:
            self._judge(operations.relabel, items, label=self._accepted(items))

    def _accepted(self, items: list[int]) -> list[int]:
        """What Enter gives each, `NONE_OF_THESE` included: of the one on screen what was decided, if anything; else suggested."""
        alone = len(items) == 1 and not self._reviewer.worklist.selected.any()
        decided = self._reviewer.decided(items[0]) if alone else None
        suggested: list[int] = self._reviewer.facts.suggested[items].tolist()
        return suggested if decided is None else [decided]

    def _told(self, items: list[int]) -> list[int]:
        """Those whose suggestion is shown; says so where some are drawn at random."""
        told: list[int] = self._reviewer.not_blind(np.array(items, np.int64)).tolist()
        if len(told) < len(items):
            one = _("Drawn at random: choose its class yourself, or keep it")
            several = _("Drawn at random: turn its labels yourself, or keep them")
            self._reviewer.session.toast.emit(several if self._reviewer.facts.several else one, "")
        return told

    def answer(self, label: int) -> None:
        """Give the targets a class; where they may have several labels, turn one on or off."""
        if self._reviewer.facts.several:
            self._reviewer.turn(label)
        else:
            self.relabel(label)

    def relabel(self, label: int) -> None:
        self._judge(operations.relabel, self._reviewer.targets(), label=label)

    def keep(self) -> None:
        self._judge(operations.keep, self._reviewer.with_given())

    def exclude(self) -> None:
        self._judge(operations.exclude, self._reviewer.targets())

    def mark_unsure(self) -> None:
        self._judge(operations.mark_unsure, self._reviewer.targets())

    def label_as_new(self, plan: EditPlan) -> None:
        """Add a class and give it to items, as planned; the pages are made anew, and go on at the next item."""
        reviewer, shown = self._reviewer, self._on_screen([one.item for one in plan.judgments])
        if (changes := reviewer.session.apply(operations.change_classes, origin=PAGE, plan=plan, shown=shown)) is not None:
            worklist = reviewer.worklist
            worklist.clear_selection()
            worklist.stand(int(worklist.rows_of(changes.items).max()))
            worklist.judged(changes.items)
            worklist.advance()
            remember_filter(reviewer)

    def _judge(self, operation: Callable[..., Changes | None], items: list[int], **arguments: Any) -> None:
        if not items:
            return
        session, shown = self._reviewer.session, self._on_screen(items)
        if len(items) > _MANY:
            job = operations.judging(session.project, items=items, verdict=_GIVES[operation], shown=shown, **arguments)
            title = plural("Record {n} verdict", "Record {n} verdicts", len(items)).format(n=wording.count(len(items)))
            self._reviewer.order.foresee(items)
            session.apply_in_steps(job, self._judged, title=title, origin=PAGE)
        elif (changes := session.apply(operation, origin=PAGE, items=items, shown=shown, **arguments)) is not None:
            self._judged(changes)

    def _judged(self, changes: Changes) -> None:
        self._reviewer.edit.clear()
        self._reviewer.worklist.clear_selection()
        self._go_on(changes)

    def judge_pair(self, operation: Callable[..., Changes | None], items: list[int], at: int, **arguments: Any) -> bool:
        """Judge items that were looked at side by side as one, and go on from the item that they were held against."""
        reviewer = self._reviewer
        changes = reviewer.session.apply(operation, origin=PAGE, items=items, shown=self._on_screen(items), **arguments)
        if changes is None:
            return False
        reviewer.edit.clear()
        worklist = reviewer.worklist
        worklist.clear_selection()
        worklist.judged(changes.items)
        worklist.stand(max(worklist.row_of(at), 0))
        reviewer.take_over()
        reviewer.order.learn(changes.items, worklist.position)
        if at in changes.items:
            reviewer.finished = not worklist.advance()
        reviewer.moved.emit()
        return True

    def _go_on(self, changes: Changes, *, listed: bool = False) -> None:
        """To what comes next by what the verdicts teach; listed: and the list is another."""
        worklist = self._reviewer.worklist
        worklist.stand(int(worklist.rows_of(changes.items).max()))
        worklist.judged(changes.items)
        self._reviewer.take_over()
        self._reviewer.order.learn(changes.items, worklist.position)
        self._reviewer.finished = not worklist.advance()
        (self._reviewer.listed if listed else self._reviewer.moved).emit()

    def _on_screen(self, items: Sequence[int]) -> dict[str, Any]:
        """What the person saw when judging, for the journal."""
        predictions = self._reviewer.session.project.predictions.current
        shown: dict[str, Any] = {"batch": len(items)} if len(items) > 1 else {}
        some = items if self._proposed.some else []
        if proposed := dict.fromkeys(one.by for item in some for one in self._proposals_of(item)):
            shown[PROPOSED_BY] = ", ".join(proposed)
        if len(items) == 1 and self._reviewer.hidden(items[0]):
            shown["others_hidden"] = True
        if predictions is not None and self._reviewer.facts.ranked:
            shown["prediction_set"] = predictions.id
            if len(items) == 1 and self._reviewer.blind(items[0]):
                shown["blind"] = True
            elif len(items) == 1:
                shown["suggested"] = self._suggested(items[0])
                shown["suspicion"] = round(float(np.nan_to_num(self._reviewer.facts.suspicion[items[0]])), 4)
        return shown

    def _suggested(self, item: int) -> str:
        facts = self._reviewer.facts
        suggested = facts.suggested[item]
        return set_words(facts.classes, suggested) if facts.several else class_words(facts.classes, int(suggested))

    def undo(self) -> None:
        """Take the newest verdict back and return to its item."""
        self._reviewer.edit.clear()
        changes = self._reviewer.session.apply(operations.undo, origin=PAGE)
        if changes is not None and changes.items:
            self._reviewer.worklist.clear_selection()
            self._reviewer.worklist.taken_back(changes.items)
            first = self._first(changes)
            self._reviewer.order.unlearn(changes.items, self._reviewer.worklist.row_of(first))
            self._reviewer.open_item(first)

    def redo(self) -> None:
        """Bring the verdict back that was undone last, and go on after its item."""
        self._reviewer.edit.clear()
        changes = self._reviewer.session.apply(operations.redo, origin=PAGE)
        if changes is not None and changes.items:
            widened = self._reviewer.reach(self._first(changes))
            self._go_on(changes, listed=widened)

    def _first(self, changes: Changes) -> int:
        """Of some items, the one that comes first in the list."""
        worklist = self._reviewer.worklist
        rows = worklist.rows_of(changes.items)
        rows = rows[rows >= 0]
        return int(worklist.rows[rows.min()]) if len(rows) else min(changes.items)
