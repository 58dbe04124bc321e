"""What the pages share on which a person judges: where they stand, what is selected, what the keys do."""

from __future__ import annotations

from PySide6.QtCore import QObject

from badcase.ui.desktop.pictures.item_faces import ProjectFaces
from badcase.ui.desktop.review.filtering.filters import ItemRows
from badcase.ui.desktop.review.state.proposed import MachineProposals
from badcase.ui.desktop.review.state.review_state import ReviewState
from badcase.ui.desktop.review.state.verdict_keys import Verdicts
from badcase.ui.desktop.session.session import Session


class ReviewDesk(QObject):
    """One of each session: `desk_of`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self.reviewer = reviewer = ReviewState(session, self)
        self.proposed = MachineProposals(session.project)
        self.verdicts = Verdicts(reviewer, self.proposed)
        self.faces = ProjectFaces(
            session, reviewer.facts, reviewer.blind, reviewer.hidden, reviewer.being_written, self.verdicts.proposed_name
        )
        for told in (reviewer.listed, reviewer.renewed):  # before any page hears of it
            told.connect(self._take_facts)
        self._known = self._stand()

    def _stand(self) -> tuple[object, object]:
        project = self.session.project
        return project.any_ranking, project.predictions.current

    def _take_facts(self) -> None:
        self._known = self._stand()
        if self.faces.facts is not self.reviewer.facts:
            self.faces.take(self.reviewer.facts)

    def heed(self) -> None:
        """Take in a ranking or a prediction set that is new, once, however many pages hear of it."""
        known, stand = self._known, self._stand()
        if stand[0] is None or any(one is not other for one, other in zip(known, stand, strict=True)):
            self.reviewer.reload()

    def choose(self, items: ItemRows, *, add: bool = False, out: bool = False) -> None:
        """Select items of any page alone, or beside the others (add), or take them out. Gold is never selected, nor what the
        filter leaves out; where an item lies on another pile the list widens to all items."""
        reviewer, worklist = self.reviewer, self.reviewer.worklist
        items = items[~reviewer.facts.gold[items]]
        if not out and (worklist.rows_of(items) < 0).any():
            items = items[worklist.filter.passing(reviewer.facts)[items]]
            if (worklist.rows_of(items) < 0).any():
                kept = worklist.selected_items()
                reviewer.widen()
                worklist.select_items(kept)
        reviewer.select(lambda rows: rows.select_items(items, add=add, out=out))

    def label_of(self, digit: str) -> int | None:
        """The class that a digit key gives the selection, else the current item."""
        reviewer = self.reviewer
        choices = reviewer.batch_choices() if reviewer.worklist.selected.any() else reviewer.choices()
        return choices.by_digit(digit) if choices is not None else None


def leave_desk(session: Session) -> None:
    """Give the desk up with the pages that stood at it; the next one begins with what the project holds then."""
    desk = session.findChild(ReviewDesk)
    if isinstance(desk, ReviewDesk):
        for part in desk.findChildren(ReviewState):  # none where the project could not be read
            part.blockSignals(True)  # nothing may reach pages that are about to go
            part.leave()
        desk.setParent(None)
        desk.deleteLater()


def desk_of(session: Session) -> ReviewDesk:
    """The desk of a session, made when it is first asked for."""
    found = session.findChild(ReviewDesk)
    return found if isinstance(found, ReviewDesk) else ReviewDesk(session)
