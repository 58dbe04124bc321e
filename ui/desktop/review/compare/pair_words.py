"""What is said of a pair: whose items they are, how alike, why they are here, what became of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from badcase.i18n import _, percent
from badcase.items import Split
from badcase.store.verdicts import NONE_OF_THESE, VerdictCode
from badcase.ui import wording
from badcase.ui.desktop.pictures.item_faces import ProjectFaces
from badcase.ui.desktop.review.compare.half import HalfFacts
from badcase.ui.desktop.review.compare.pair_rows import KEEP, PairAnswer
from badcase.ui.desktop.review.filtering.filters import class_words
from badcase.ui.desktop.review.grid.item_cards import CardState
from badcase.ui.desktop.review.item.detail import history_of, reasons_of
from badcase.ui.desktop.review.item.evidence_panel import EvidenceLine
from badcase.ui.desktop.review.state.facts import reason_title
from badcase.ui.desktop.review.state.pair import Pair, PairChoices, only_in
from badcase.ui.desktop.review.state.review_state import ReviewState

_VERDICTS, _MATCHES = 4, 5  # that are told of each item; classes that are listed while one types
_BOTH = "AB"


class PairWords:
    """Reads the project as it stands at each call."""

    def __init__(self, reviewer: ReviewState, faces: ProjectFaces) -> None:
        self._reviewer, self._faces, self._seen = reviewer, faces, reviewer.session.seen

    def choices(self, pair: Pair, twin: bool) -> PairChoices:
        """The classes that both can be given. twin: whether the two are duplicates."""
        project, several = self._reviewer.session.project, self._reviewer.facts.several
        labels = self._labels(pair)
        likelihood = None if several else self._likelihood(pair)
        suggested = None if likelihood is None else self._suggested(pair, likelihood, twin)
        return PairChoices(project.classes, likelihood, suggested, labels, listed=not several)

    def _suggested(self, pair: Pair, likelihood: npt.NDArray[np.floating], twin: bool) -> int | None:
        """The class that both are likeliest of (k,), unless either seems to be of none: then none of these for duplicates, which
        are one thing, and of two others only where both seem so."""
        none = self._reviewer.facts.suggested[list(pair)] == NONE_OF_THESE
        if not none.any():
            return int(np.argmax(likelihood))
        return NONE_OF_THESE if twin or none.all() else None

    def _likelihood(self, pair: Pair) -> npt.NDArray[np.floating] | None:
        """(k,) the mean of both; None where either may not be told, or nothing is known."""
        known = [row for row in map(self._reviewer.likelihood_shown, pair) if row is not None]
        return np.mean(known, axis=0) if len(known) == 2 else None

    def half(self, item: int, what: str) -> HalfFacts:
        """What stands around one of the two. what: how it differs from the other."""
        project, facts = self._reviewer.session.project, self._reviewer.facts
        label, given = self._seen.label(item), int(project.given[item])
        row = self._reviewer.likelihood_shown(item)
        suggested, share = "", float("nan")
        if row is not None and not facts.several:
            best = int(facts.suggested[item])
            suggested, share = class_words(project.classes, best), float("nan") if best == NONE_OF_THESE else float(row[best])
        state = self._faces.state(item)
        return HalfFacts(
            project.items.key(item),
            _SPLITS[Split(int(project.split[item]))](),
            what,
            self._name(label),
            "" if label < 0 else _("given") if state is None or label == given else state.words,
            _("row {n} of the data set").format(n=wording.count(project.items.row(item))),
            suggested,
            _("suggested"),
            share,
            changed=label != given,
        )

    def differs(self, pair: Pair) -> tuple[str, str]:
        """What sets each apart from the other, in words."""
        items = self._reviewer.session.project.items
        first, second = (items.size(one) for one in pair)
        if first is not None and second is not None and first != second:
            return f"{first[0]} × {first[1]} px", f"{second[0]} × {second[1]} px"
        return "", _("the same content") if items.copies[pair[0]] == items.copies[pair[1]] else ""

    def answers(self, choices: PairChoices, pair: Pair) -> list[PairAnswer]:
        """The rows of what both can be, and that both stay as they are."""
        rows = []
        for place in range(choices.headed):
            label = choices.order[place]
            first = label == choices.accepted
            of_none = label == NONE_OF_THESE
            title = _("Neither is of any class") if of_none else _("Both are {name}").format(name=choices.names[label])
            sets = self._sets(pair, label)
            rows.append(PairAnswer(str(label), choices.digit(place), title, sets, "Enter" if first else "", first))
        if not choices.kept:
            return rows
        differ = choices.labels[0] != choices.labels[1]
        title = _("They differ, both are right") if differ else _("Both labels are right")
        return [*rows, PairAnswer(KEEP, "", title, _("the pair is not asked for again"), "Space")]

    def _sets(self, pair: Pair, label: int) -> str:
        """What a class for both does to each."""
        names = []
        for letter, now in zip(_BOTH, self._labels(pair), strict=True):
            words = _("keeps {letter}") if now == label else _("sets {letter} from {name}")
            words = _("excludes {letter}") if label == NONE_OF_THESE else words
            names.append(words.format(letter=letter, name=self._name(now)))
        return _("{first}, {second}").format(first=names[0], second=names[1])

    def alike(self, pair: Pair, differing: float | None) -> list[EvidenceLine]:
        """How near the two are. differing: the share of their pixels that differ, None where that is not known."""
        project, lines = self._reviewer.session.project, []
        predictions = project.predictions.current
        if predictions is not None and predictions.has_embeddings:
            rows = np.asarray(predictions.embeddings[list(pair)], np.float32)
            rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
            lines.append(EvidenceLine("", _("Features"), f"{float(rows[0] @ rows[1]):.3f}"))
        if differing is not None:
            lines.append(EvidenceLine("", _("Pixels that differ"), percent(differing, digits=1)))
        if self._faces.is_text:
            a, b = (self._faces.text(one) for one in pair)
            places = max(len(only_in(a, b)), len(only_in(b, a)))
            lines.append(EvidenceLine("", _("Places that differ"), wording.count(places)))
        same = project.items.copies[pair[0]] == project.items.copies[pair[1]]
        return [*lines, EvidenceLine("", _("Same content"), _("yes") if same else _("no"))]

    def reasons(self, pair: Pair) -> list[EvidenceLine]:
        """What speaks of both comes first and once, then what speaks of A or of B alone."""
        told = [reasons_of(self._reviewer, item) for item in pair]
        of_b = {line.what for line in told[1]}
        shared = {line.what for line in told[0]} & of_b
        both = [EvidenceLine(line.icon, line.what, self._of_both(line, pair)) for line in told[0] if line.what in shared]
        alone = [
            EvidenceLine(line.icon, f"{letter}: {line.what}", line.how)
            for letter, lines in zip(_BOTH, told, strict=True)
            for line in lines
            if line.what not in shared
        ]
        return both + alone

    def _of_both(self, line: EvidenceLine, pair: Pair) -> str:
        """What a reason of both says: the two labels or splits where it is about these, else how it shows in A."""
        project = self._reviewer.session.project
        if line.what == reason_title("conflict").title:
            return _("{first} and {second}").format(first=self.names(pair)[0], second=self.names(pair)[1])
        if line.what == reason_title("leak").title:
            first, second = (_SPLITS[Split(int(project.split[item]))]() for item in pair)
            return _("{first}, {second}").format(first=first, second=second)
        return line.how

    def history(self, pair: Pair) -> list[EvidenceLine]:
        """The verdicts on both, the newest last; one line where there is none."""
        lines = []
        for letter, item in zip(_BOTH, pair, strict=True):
            told = history_of(self._reviewer, item)[1:][-_VERDICTS:]
            lines += [EvidenceLine("", f"{letter}: {line.what}", line.how, line.quiet) for line in told]
        return lines or [EvidenceLine("", _("A, B given"), _("no verdict on either yet"), quiet=True)]

    def title(self, pair: Pair, twin: bool) -> str:
        first, second = self._labels(pair)
        if twin and first != second and min(first, second) >= 0:
            return _("Duplicates that disagree")
        return _("Duplicates") if twin else _("Nearest items")

    def became(self, pair: Pair) -> CardState | None:
        """What was decided of a pair, None while nothing is."""
        states = [self._faces.state(one) for one in pair]
        verdicts = [self._seen.verdict(one) for one in pair]
        if states[0] is not None and verdicts == [VerdictCode.EXCLUDE] * 2:
            return CardState(states[0].icon, _("both excluded"), states[0].ink)
        for letter, state, verdict in zip(_BOTH, states, verdicts, strict=True):
            if state is not None and verdict == VerdictCode.EXCLUDE:
                return CardState(state.icon, _("{letter} excluded").format(letter=letter), state.ink)
        first, second = states
        if first is None or second is None:
            return None
        if VerdictCode.UNSURE in verdicts:
            return next(state for state, verdict in zip(states, verdicts, strict=True) if verdict == VerdictCode.UNSURE)
        a, b = self.names(pair)
        if a != b:
            return CardState(first.icon, _("kept both"), first.ink)
        changed = first if verdicts[0] == VerdictCode.RELABEL else second
        return CardState(changed.icon, _("both {name}").format(name=a), changed.ink)

    def names(self, pair: Pair) -> tuple[str, str]:
        """The labels that the two have now."""
        first, second = self._labels(pair)
        return self._name(first), self._name(second)

    def _labels(self, pair: Pair) -> tuple[int, int]:
        return self._seen.label(pair[0]), self._seen.label(pair[1])

    def _name(self, label: int) -> str:
        return _("no label") if label < 0 else self._reviewer.session.project.classes[label]


def typed_answers(choices: PairChoices, typed: str) -> list[PairAnswer]:
    """The classes that have what was typed in their name."""
    found = [choices.order[place] for place in choices.matching(typed)[:_MATCHES]]
    return [
        PairAnswer(str(label), "", choices.called(label), "", "Enter" if not at else "", first=not at, small=True)
        for at, label in enumerate(found)
    ]


_SPLITS = {Split.TRAIN: lambda: _("train"), Split.VALIDATION: lambda: _("validation"), Split.TEST: lambda: _("test")}
