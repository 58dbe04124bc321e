"""What the page shows of a project's items: small pictures, words, states. The only painter's door to the project."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from badcase.items import Kind
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.pictures.project_pictures import LARGE, pictures_of
from badcase.ui.desktop.pictures.recently_used import RecentlyUsed
from badcase.ui.desktop.review.filtering.filters import Facts, LabelChange
from badcase.ui.desktop.review.grid.item_cards import CardState, Face
from badcase.ui.desktop.review.state.verdict_words import verdict_words
from badcase.ui.desktop.review.state.word_marks import WordCounts, WordMark
from badcase.ui.desktop.session.session import Session

_TEXTS, _MARKS = 16 << 20, 4 << 20  # bytes kept; a text may be a book
_MARK = 150  # about what a mark takes
_MARKS_OF = {  # the icon of a verdict and its ink
    VerdictCode.RELABEL: ("check", "fixed"),
    VerdictCode.KEEP: ("ring", "text2"),
    VerdictCode.EXCLUDE: ("barred", "excluded"),
    VerdictCode.UNSURE: ("question", "unsure"),
}


class ProjectFaces:
    """Faces of the items of one project; `facts` is set anew whenever there is a new ranking."""

    def __init__(
        self,
        session: Session,
        facts: Facts,
        blind: Callable[[int], bool] = lambda item: False,
        hidden: Callable[[int], bool] = lambda item: False,
        edited: Callable[[int], npt.NDArray[np.bool_] | None] = lambda item: None,
        proposed: Callable[[int], str] = lambda item: "",
    ) -> None:
        """Whether what the model says of an item is kept from the person (blind), and what others decided (hidden); of several
        labels, which (k,) a person is about to write; which class a machine proposes.
        """
        self._session, self._project, self.facts = session, session.project, facts
        self._blind, self._hidden, self._edited, self._proposed = blind, hidden, edited, proposed
        self.is_text = session.project.kind is Kind.TEXT
        self.pictures = pictures_of(session, LARGE)
        self.words: WordCounts | None = None
        self._texts = RecentlyUsed[int, str](_TEXTS, sys.getsizeof)
        self._marks = RecentlyUsed[int, list[WordMark]](_MARKS, lambda marks: _MARK * len(marks))

    def take(self, facts: Facts) -> None:
        """There is a new ranking."""
        self.facts = facts
        self._marks.clear()

    # --- what the painters ask ----------------------------------------------------------------------------------

    def face(self, item: int) -> Face:
        blind = self._blind(item)
        given, suggested = self.facts.names(item)
        suspicion = float("nan") if blind else float(self.facts.suspicion[item])
        state = self.state(item)
        shown = "" if blind else suggested if state is None else self._decided(item)
        labels = self._labels(item, blind, state) if self.facts.several else None
        proposed, new = self._proposed(item) if state is None else "", bool(self.facts.waits_for_a_label(item))
        return Face(item, given, shown, suspicion, state, labels, proposed, new)

    def _labels(self, item: int, blind: bool, state: CardState | None) -> LabelChange:
        """The set that a person is making, else the one that stands, else the suggestion where it may be seen."""
        given, after = self.facts.given[item], self._edited(item)
        if after is None and state is not None:
            after = self._standing(item)
        elif after is None:
            after = given if blind or not self.facts.ranked else self.facts.suggested[item]
        return LabelChange.of(self.facts.classes, given, after)

    def _standing(self, item: int) -> npt.NDArray[np.bool_]:
        row: npt.NDArray[np.bool_] = self._project.taxonomy.matrix(self._project.labels[[item]])[0]
        return row

    def _decided(self, item: int) -> str:
        """What stands in the place of the suggestion once there is a verdict: the class that was set, "" where none was."""
        if self._project.verdicts[item] != VerdictCode.RELABEL:
            return ""
        if self.facts.several:
            return str(LabelChange.of(self.facts.classes, self.facts.given[item], self._standing(item)))
        return self._project.classes[int(self._project.labels[item])]

    def state(self, item: int) -> CardState | None:
        """What became of an item, None while nobody has judged it whose verdict may be seen."""
        verdict = VerdictCode(int(self._project.verdicts[item]))
        if verdict is VerdictCode.NONE or self._hidden(item):
            return None
        return CardState(_MARKS_OF[verdict][0], verdict_words(self._project, item), _MARKS_OF[verdict][1])

    def picture(self, item: int, pixels: float) -> QImage | None:
        return None if self.is_text else self.pictures.thumbnail(item, pixels)

    def text(self, item: int) -> str:
        return self._texts.get(item, lambda: self._project.items.text(item))

    def marks(self, item: int) -> Sequence[WordMark]:
        """Words that speak for the suggestion or the given label; none until the texts are counted."""
        if self.words is None or not self.words.ready or not self.facts.ranked or self._blind(item):
            return ()
        words, suggested, given = self.words, int(self.facts.suggested[item]), int(self.facts.given[item])
        return self._marks.get(item, lambda: words.marks(item, suggested, given))

    @property
    def counts_words(self) -> bool:
        """Whether words are counted: in texts with one label, where they speak for it or for another."""
        return self.is_text and not self.facts.several

    def count_words(self) -> None:
        """Begin counting the project's texts anew; `words.step` goes on with it."""
        project = self._project
        usable = ~project.gold & (project.verdicts != VerdictCode.EXCLUDE) & project.labelled
        self.words = WordCounts(project.items.text, project.labels, usable)
        self._marks.clear()
