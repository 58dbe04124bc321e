"""The right side while one item is judged: the decision, why it is here, its nearest neighbours, its history."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.labelling.label_reasons import details, title
from badcase.project import Project
from badcase.proposals.taking import MachineAgreement, agreement_sentence
from badcase.store.journal_reader import HistoryEntry
from badcase.store.verdicts import NONE_OF_THESE, Verdict
from badcase.ui import wording
from badcase.ui.desktop.review.decision.decision_panel import DecidePanel
from badcase.ui.desktop.review.grid.item_cards import Faces
from badcase.ui.desktop.review.item.codebook_lines import codebook_lines, first_label, is_described
from badcase.ui.desktop.review.item.evidence_panel import EvidenceLine, EvidenceList, NearestItems
from badcase.ui.desktop.review.state.facts import WHY_ICONS, reason_title
from badcase.ui.desktop.review.state.nearest_wishes import Answers, Wish
from badcase.ui.desktop.review.state.proposed import MachineProposal
from badcase.ui.desktop.review.state.review_state import ReviewState
from badcase.ui.desktop.review.state.verdict_keys import Verdicts
from badcase.ui.desktop.widgets import Hairline, needed_height
from badcase.ui.reviewer_words import reviewer_name, since

# Class rows, lines of reasons and of history, and what is nearest: in full, small, or not at all. The first that fits.
_ROOMS = (
    (8, 6, 5, 2),
    (6, 4, 3, 2),
    (6, 3, 2, 2),
    (5, 2, 2, 2),
    (5, 2, 2, 1),
    (4, 2, 2, 1),
    (3, 2, 2, 1),
    (4, 2, 2, 0),
    (3, 2, 1, 0),
    (2, 1, 1, 0),
)
_NEAREST = 5  # items of each row
_BOOK, _BOOK_LINES = "codebook", 4  # how it is remembered whether it is folded away; lines of it


class DetailPanel(QWidget):
    """Everything about the current item. `opened` tells a neighbour that was clicked."""

    opened = Signal(int)

    def __init__(self, reviewer: ReviewState, faces: Faces, verdicts: Verdicts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("detail")
        self._reviewer, self._verdicts = reviewer, verdicts
        self.decide = DecidePanel(several=reviewer.facts.several)
        self.proposed = EvidenceList(_("Machines propose; Shift Enter takes the first"), "proposed", ink="accent")
        self.said = EvidenceList(_("Who said what"), "said", ink="text2")
        self.why = EvidenceList(_("Why it is here"), "why")
        self.book = EvidenceList(_("What it means"), "codebook", ink="text2")
        self.nearest_given = NearestItems(faces, "nearest-given", "given")
        self.nearest_suggested = NearestItems(faces, "nearest-suggested", "accent")
        self.history = EvidenceList(_("History"), "history", ink="text2")
        self._near, self._has_room, self._high = QWidget(), True, 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        why, history = _padded(self.why), _padded(self.history)
        self._proposed_by = [_padded(self.proposed), Hairline()]  # where a machine proposes something
        self._said_by = [_padded(self.said), Hairline()]  # where others have judged the item too
        self._judged = [self.decide, Hairline(), why, Hairline()]  # what an item of gold does not have
        self._book = [_padded(self.book), Hairline()]
        self._parts = [self.decide, self._book[0], why, self._near, history]
        for part in [*self._judged[:2], *self._proposed_by, *self._book, *self._said_by, *self._judged[2:]]:
            column.addWidget(part)
        near = QVBoxLayout(self._near)
        near.setContentsMargins(16, 12, 16, 14)
        near.setSpacing(12)
        near.addWidget(self.nearest_given)
        near.addWidget(self.nearest_suggested)
        column.addWidget(self._near)
        column.addWidget(Hairline())
        column.addWidget(history)
        column.addStretch(1)
        for row in (self.nearest_given, self.nearest_suggested):
            row.opened.connect(self.opened)
            kept = row.sizePolicy()
            kept.setRetainSizeWhenHidden(True)
            row.setSizePolicy(kept)

    def fit_height(self, height: int) -> None:
        """As much as there is room for. Each part keeps its height under every item, so that none moves."""
        self._high = height
        for rows, reasons, verdicts, near in _ROOMS:
            self.decide.answers.set_rows(rows)
            self.why.set_room(reasons)
            self.history.set_room(verdicts, newest=True)
            for part in (self.nearest_given, self.nearest_suggested):
                part.set_low(near == 1)
            self.book.set_room(_BOOK_LINES if near == 2 else _BOOK_LINES - 2)
            gone = [*([] if near else [self._near]), *([] if self.is_book_open else self._book)]
            parts = [part for part in self._parts if part not in gone]
            if needed_height(parts) + len(parts) <= height:  # each has a line
                break
        if self._has_room != (near > 0):
            self._has_room = near > 0
            self._near.setVisible(self._has_room)
            self.show_neighbours()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():  # what is nearest is as high as its width tells, once it has that
            QTimer.singleShot(0, self, lambda: self.fit_height(self._high))

    def show_item(self) -> None:
        """What the next key press needs, at once; `show_neighbours` follows when the item is on the screen."""
        reviewer, item = self._reviewer, self._reviewer.current
        new = item is not None and reviewer.facts.waits_for_a_label(item)
        self.decide.show_choices(reviewer.choices(), locked=reviewer.locked, new=new)
        for part in self._judged:
            part.setVisible(not reviewer.locked)
        if item is None:
            return
        self._show_book(item)
        proposed = [] if reviewer.locked else proposals_of(self._verdicts.proposals(), reviewer.facts.classes)
        self.proposed.show_lines(proposed)
        for part in self._proposed_by:
            part.setVisible(bool(proposed))
        said = _who_said(reviewer, item)
        self.said.show_lines(said)
        for part in self._said_by:
            part.setVisible(bool(said) and not reviewer.locked)
        none = _("what its label would teach is not known yet") if new else _("no sign of a wrong label")
        self.why.show_lines(reasons_of(reviewer, item), none)
        self.history.show_lines(history_of(reviewer, item))

    @property
    def is_book_open(self) -> bool:
        """Whether what a class means is shown: where anybody has said it, and it was not folded away."""
        return self._reviewer.session.view.get(_BOOK, True) and is_described(self._reviewer.session.project)

    def toggle_book(self) -> None:
        """Show what the class of the first answer means, or fold it away."""
        view = self._reviewer.session.view
        view.set(_BOOK, not view.get(_BOOK, True))
        self.show_item()
        self.fit_height(self._high)

    def _show_book(self, item: int) -> None:
        reviewer = self._reviewer
        shown = self.is_book_open and not reviewer.locked
        for part in self._book:
            part.setVisible(shown)
        if shown:
            label = first_label(reviewer, item)
            self.book.set_title(_("What {name} means").format(name=reviewer.facts.classes[label]))
            self.book.show_lines(codebook_lines(reviewer.session.project, label), none=_("nobody has said it yet"))

    def show_neighbours(self) -> None:
        reviewer, item = self._reviewer, self._reviewer.current
        if item is None:
            return
        if reviewer.facts.several:
            self._show_having(item)
            return
        facts = reviewer.facts
        given, suggested = int(facts.given[item]), int(facts.suggested[item])
        both = facts.ranked and suggested not in (given, NONE_OF_THESE) and not reviewer.blind(item)
        self._near.setVisible(self._has_room and facts.ranked and reviewer.has_features)
        self.nearest_given.setVisible(given >= 0)
        self.nearest_suggested.setVisible(both)
        rows = [(self.nearest_given, given), (self.nearest_suggested, suggested)][given < 0 : 1 + both]
        labelled = _("Nearest labelled {name}")
        titles = [labelled.format(name=facts.classes[label]) for _row, label in rows]
        self._fill([row for row, _label in rows], titles, [Wish(item, label, _NEAREST) for _row, label in rows])

    def _show_having(self, item: int) -> None:
        """The nearest items with and without the most doubtful label: first those that are as this one is given."""
        reviewer, facts = self._reviewer, self._reviewer.facts
        choices = reviewer.choices()
        self._near.setVisible(self._has_room and facts.ranked and reviewer.has_features)
        self.nearest_suggested.setVisible(facts.ranked)
        if choices is None or not facts.ranked:
            return
        label = choices.order[0]
        given, name = bool(facts.given[item, label]), facts.classes[label]
        titles = [_("Nearest with {name}") if having else _("Nearest without {name}") for having in (given, not given)]
        wishes = [Wish(item, label, _NEAREST, having) for having in (given, not given)]
        self._fill([self.nearest_given, self.nearest_suggested], [title.format(name=name) for title in titles], wishes)

    def _fill(self, rows: list[NearestItems], titles: list[str], wishes: list[Wish]) -> None:
        """Each row with what its wish asks for, when that is found."""

        def on_found(found: Answers) -> None:
            if self._reviewer.current == wishes[0].item:
                for row, title, nearest in zip(rows, titles, found, strict=True):
                    row.show_items(title, nearest)

        self._reviewer.find_nearest(wishes, on_found)

    def show_labels(self) -> None:
        """A label was turned on or off."""
        self.decide.show_choices(self._reviewer.choices(), locked=self._reviewer.locked)


def _padded(part: QWidget) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(16, 12, 16, 10)
    column.addWidget(part)
    return holder


def reasons_of(reviewer: ReviewState, item: int) -> list[EvidenceLine]:
    """Why an item is a bad case, as far as it may be told before a verdict."""
    if reviewer.locked:
        return []
    if (to_label := reviewer.order.why_label(item)) is not None:
        return [EvidenceLine(WHY_ICONS[to_label.why], title(to_label.why), details(to_label, reviewer.facts.classes))]
    if reviewer.ranking is None:
        return []
    lines = [EvidenceLine("info", _("Drawn at random"), _("to count the errors"))] if reviewer.order.drawn(item) else []
    if reviewer.blind(item):  # what the model says would sway the count that it is drawn for
        return [*lines, EvidenceLine("question", _("The model's view"), _("once you have decided"))]
    for reason in reviewer.ranking.reasons(item):
        named = reason_title(reason.scorer)
        lines.append(EvidenceLine(named.icon, named.title, reason.brief or reason.text))
    return lines


def proposals_of(proposed: Sequence[MachineProposal], classes: Sequence[str]) -> list[EvidenceLine]:
    """Who proposes which class, and on how many items that machine was found to agree with people."""
    return [
        EvidenceLine("model", _("{by}: {name}").format(by=one.by, name=classes[one.label]), _agrees(one.agreement))
        for one in proposed
    ]


def _agrees(one: MachineAgreement) -> str:
    words = agreement_sentence(one)
    return _("agrees on {words}").format(words=words) if one.judged else words


def _who_said(reviewer: ReviewState, item: int) -> list[EvidenceLine]:
    """What each reviewer says of an item, the newest last; nothing where no other has judged it, or that is hidden."""
    journal = reviewer.session.project.journal
    said = {entry.who: entry for entry in journal.history(item) if not entry.undone and not entry.gold}
    if not set(said) - {journal.me} or reviewer.hidden(item):
        return []
    entries, lines = sorted(said.values(), key=lambda entry: entry.seq), []
    holds = max((entry.seq for entry in entries if entry.decides), default=-1)
    for entry in entries:
        who = _("you") if entry.who == journal.me else reviewer_name(entry.who)
        words = _("{label}, {when}").format(label=_answer(reviewer.session.project, item, entry), when=since(entry.at))
        lines.append(EvidenceLine("check" if entry.seq == holds else "person", who, words, quiet=entry.seq != holds))
    return lines


def _answer(project: Project, item: int, entry: HistoryEntry) -> str:
    """The class that holds by a verdict, or what became of the item."""
    if entry.verdict is Verdict.EXCLUDE:
        return _("excluded")
    if entry.verdict is Verdict.UNSURE:
        return _("unsure")
    return project.classes[entry.label if entry.label >= 0 else int(project.given[item])]


def history_of(reviewer: ReviewState, item: int) -> list[EvidenceLine]:
    """Where the label came from, then every verdict that may be seen, the newest last."""
    project = reviewer.session.project
    row = _("data set, row {n}").format(n=wording.count(project.items.row(item)))
    given = project.classes[int(project.given[item])]
    lines = [EvidenceLine("", _("given {name}").format(name=given) if given else _("came without a label"), row)]
    if reviewer.hidden(item):
        return [*lines, EvidenceLine("", _("verdicts of others"), _("shown when you have decided"), quiet=True)]
    return lines + [_verdict(project, entry) for entry in project.journal.history(item)[-4:]]


def _verdict(project: Project, entry: HistoryEntry) -> EvidenceLine:
    if entry.gold:
        return _gold_check(project, entry)
    words = {
        Verdict.RELABEL: _("fixed: {name}").format(name=project.classes[entry.label] if entry.label >= 0 else ""),
        Verdict.KEEP: _("kept"),
        Verdict.EXCLUDE: _("excluded"),
        Verdict.UNSURE: _("unsure"),
    }[entry.verdict]
    how = _("undone") if entry.undone else _by_whom(entry)
    if not entry.decides and not entry.undone:
        how = _("opinion of {how}").format(how=how)
    return EvidenceLine("", words, how, quiet=entry.undone or not entry.decides)


def _gold_check(project: Project, entry: HistoryEntry) -> EvidenceLine:
    words = {
        Verdict.RELABEL: _("checked blind: {name}").format(name=project.classes[entry.label] if entry.label >= 0 else ""),
        Verdict.KEEP: _("checked blind: as given"),
        Verdict.EXCLUDE: _("checked blind: no class fits"),
        Verdict.UNSURE: _("checked blind: unsure"),
    }[entry.verdict]
    return EvidenceLine("", words, _("undone") if entry.undone else _by_whom(entry), quiet=entry.undone)


def _by_whom(entry: HistoryEntry) -> str:
    return f"{reviewer_name(entry.who)}, {since(entry.at)}"
