"""A pair side by side at full size: an item and its twin, or the items that are nearest to it. One key judges both."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.items import Split
from badcase.ui import operations, wording
from badcase.ui.desktop.pictures.item_faces import ProjectFaces
from badcase.ui.desktop.pictures.picture_cache import FULL
from badcase.ui.desktop.review.compare.half import Half, HalfFacts
from badcase.ui.desktop.review.compare.pair_rows import PairAnswer, PairRows
from badcase.ui.desktop.review.decision.class_field import ClassField
from badcase.ui.desktop.review.item.evidence_panel import EvidenceLine, EvidenceList
from badcase.ui.desktop.review.item.image_view import ImageView
from badcase.ui.desktop.review.shortcuts import Keyboard, ReviewAction
from badcase.ui.desktop.review.state.class_choices import DIGITS
from badcase.ui.desktop.review.state.facts import reason_title
from badcase.ui.desktop.review.state.pair import PairChoices, Partners, only_in, partners_of
from badcase.ui.desktop.review.state.review_state import ReviewState
from badcase.ui.desktop.review.state.verdict_keys import Verdicts
from badcase.ui.desktop.review.state.word_marks import WordMark
from badcase.ui.desktop.widgets import Button, Hairline, Label, Panel, SideScroll

_RIGHT = 364
_MATCHES = 5  # classes that are listed while one types
KEEP = "keep"


class CompareView(Panel):
    """Shown in the place of the review; `left` asks to go back to it."""

    left = Signal()

    def __init__(self, reviewer: ReviewState, verdicts: Verdicts, faces: ProjectFaces, parent: QWidget | None = None) -> None:
        super().__init__("window", parent)
        self.setObjectName("compare")
        self._reviewer, self._verdicts, self._faces = reviewer, verdicts, faces
        self.a, self.b = -1, -1
        self.partners = Partners((), 0, 0)
        self.choices: PairChoices | None = None
        self._done: list[tuple[int, int]] = []  # pairs that were judged here, the newest last
        self._zoomed = False  # the person has chosen scale and place
        self._refit = QTimer(self, singleShot=True, interval=0)
        self.halves = Half("A", is_text=faces.is_text), Half("B", is_text=faces.is_text)
        self.title, self.place = Label(bold=True), Label(ink="text2")
        self.rows, self.field = PairRows(), ClassField()
        self.alike = EvidenceList(_("How alike"), "pair_alike", "text2")
        self.why = EvidenceList(_("Why it is here"), "pair_why")
        self.keyboard = Keyboard(self._actions())
        self._lay_out()
        self._connect()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self._header())
        left.addWidget(Hairline())
        pair = QHBoxLayout()
        pair.setSpacing(1)
        for half in self.halves:
            pair.addWidget(half, 1)
        left.addLayout(pair, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        row.addLayout(left, 1)
        row.addWidget(self._side())

    def _header(self) -> QWidget:
        head = Panel("surface")
        head.setFixedHeight(40)
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(12)
        back = Button(_("Back"), keys="Esc", flat=True, height=28)
        back.setObjectName("compare_back")
        back.clicked.connect(self.left)
        walk = Button(_("Next to compare"), keys="Right", flat=True, height=28)
        walk.setObjectName("compare_next")
        walk.clicked.connect(partial(self.walk, 1))
        fit = Button(_("Fit"), keys="F", flat=True, height=28)
        fit.clicked.connect(self.fit)
        for part in (back, self.title, self.place):
            row.addWidget(part)
        row.addStretch(1)
        if not self._faces.is_text:
            row.addWidget(Label(_("Zoom and pan move both"), ink="text2"))
        row.addWidget(walk)
        row.addWidget(fit)
        return head

    def _side(self) -> QWidget:
        inner = Panel("surface")
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(self.rows)
        column.addWidget(self.field)
        for line in ((("exclude_a", _("Exclude A"), "Shift+E"), ("exclude_b", _("Exclude B"), "E")), _others()):
            buttons = QHBoxLayout()
            buttons.setSpacing(8)
            for name, words, keys in line:
                button = Button(words, keys=keys)
                button.setObjectName(f"pair_{name}")
                button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
                button.clicked.connect(self._runs()[name])
                buttons.addWidget(button, 1)
            column.addLayout(buttons)
        for part in (Hairline(), self.alike, Hairline(), self.why):
            column.addWidget(part)
        column.addStretch(1)
        side = SideScroll(inner)
        side.setFixedWidth(_RIGHT)
        return side

    def _runs(self) -> dict[str, object]:
        return {
            "exclude_a": partial(self._exclude, True),
            "exclude_b": partial(self._exclude, False),
            "unsure": self.unsure,
            "undo": self.undo,
            "swap": self.swap,
        }

    def _connect(self) -> None:
        first, second = (half.image for half in self.halves)
        first.moved.connect(lambda: self._follow(first, second))
        second.moved.connect(lambda: self._follow(second, first))
        self._refit.timeout.connect(lambda: None if self._zoomed else self._one_scale())
        self.rows.chosen.connect(lambda name: self.keep() if name == KEEP else self.both(int(name)))
        self.field.textChanged.connect(lambda _text: self._show_rows())
        self.field.taken.connect(self._take_typed)
        self.field.left.connect(self._take_focus)
        self._faces.pictures.arrived.connect(self._on_picture)

    def _actions(self) -> list[ReviewAction]:
        def digit(key: str) -> None:
            label = self.choices.by_digit(key) if self.choices is not None else None
            if label is not None:
                self.both(label)

        return [
            ReviewAction(_("Both are what is suggested"), ("Return", "Enter"), self.accept),
            ReviewAction(_("They differ, both are right"), ("Space",), self.keep),
            *[ReviewAction(_("Both with digit {digit}").format(digit=key), (key,), partial(digit, key)) for key in DIGITS],
            ReviewAction(_("Exclude B"), ("E",), partial(self._exclude, False)),
            ReviewAction(_("Exclude A"), ("Shift+E",), partial(self._exclude, True)),
            ReviewAction(_("Both unsure"), ("U",), self.unsure),
            ReviewAction(_("Undo"), ("Z", "Ctrl+Z"), self.undo),
            ReviewAction(_("Swap"), ("X",), self.swap),
            ReviewAction(_("Next to compare"), ("Right", "J", "Down"), partial(self.walk, 1), repeats=True),
            ReviewAction(_("Previous to compare"), ("Left", "K", "Up"), partial(self.walk, -1), repeats=True),
            ReviewAction(_("Fit"), ("F",), self.fit),
            ReviewAction(_("Zoom in"), ("+", "="), partial(self._zoom, 1), repeats=True),
            ReviewAction(_("Zoom out"), ("-",), partial(self._zoom, -1), repeats=True),
            ReviewAction(_("Pixels as squares"), ("P",), self._pixels),
            ReviewAction(_("Another class for both"), ("/",), self.field.begin),
            ReviewAction(_("Back to the item"), ("Esc", "C"), self.left.emit),
        ]

    # --- what is shown ------------------------------------------------------------------------------------------

    def open_at(self, item: int, other: int | None = None) -> bool:
        """Show an item and one of its partners, the first where none is named; False where there is none."""
        project = self._reviewer.session.project
        self.partners = partners_of(project, self._reviewer.ranking, item)
        if not self.partners.items:
            return False
        self.a = item
        self.b = other if other is not None and other in self.partners.items else self.partners.items[0]
        self.field.clear()
        self._show_pair()
        return True

    def _show_pair(self) -> None:
        reviewer, (a, b) = self._reviewer, (self.a, self.b)
        labels = int(reviewer.session.project.labels[a]), int(reviewer.session.project.labels[b])
        several = reviewer.facts.several
        likelihood = None if several else self._likelihood()
        self.choices = PairChoices(reviewer.session.project.classes, likelihood, labels, listed=not several)
        at = self.partners.items.index(b)
        twin = at < self.partners.twins
        disagree = twin and labels[0] != labels[1]
        words = _("A pair that disagrees") if disagree else _("Duplicates") if twin else _("Nearest items")
        self.title.setText(words)
        self.place.setText(_("{n} of {all}").format(n=at + 1, all=len(self.partners.items)))
        for half, item, what in zip(self.halves, (a, b), self._what_differs(), strict=True):
            half.show_facts(self._facts(item, what))
            self._show_item(half, item)
        self._mark_words()
        self._one_scale()
        self._show_rows()
        self.alike.show_lines(self._how_alike())
        self.why.show_lines(self._reasons(), none=_("no sign of a wrong label"))

    def _likelihood(self) -> npt.NDArray[np.floating] | None:
        """(k,) the mean of both; None where either may not be told, or nothing is known."""
        rows = [self._reviewer.likelihood_shown(item) for item in (self.a, self.b)]
        known = [row for row in rows if row is not None]
        return np.mean(known, axis=0) if len(known) == 2 else None

    def _facts(self, item: int, what: str) -> HalfFacts:
        project, facts = self._reviewer.session.project, self._reviewer.facts
        label, given = int(project.labels[item]), int(project.given[item])
        row = self._reviewer.likelihood_shown(item)
        suggested, share = "", float("nan")
        if row is not None and not facts.several:
            best = int(np.argmax(row))
            suggested, share = project.classes[best], float(row[best])
        state = self._faces.state(item)
        return HalfFacts(
            project.items.key(item),
            _SPLITS[Split(int(project.split[item]))](),
            what,
            project.classes[label],
            _("given") if state is None or label == given else state.words,
            _("row {n} of the data set").format(n=wording.count(project.items.row(item))),
            suggested,
            _("suggested"),
            share,
        )

    def _what_differs(self) -> tuple[str, str]:
        """What sets B apart, in words."""
        items = self._reviewer.session.project.items
        first, second = items.size(self.a), items.size(self.b)
        if first is not None and second is not None and first != second:
            return f"{first[0]} × {first[1]} px", f"{second[0]} × {second[1]} px"
        return "", _("the same content") if items.copies[self.a] == items.copies[self.b] else ""

    def _show_item(self, half: Half, item: int) -> None:
        if self._faces.is_text:
            half.text.show_text(self._faces.text(item), "")
            return
        items = self._reviewer.session.project.items
        natural = items.size(item)
        facts = f"{natural[0]} × {natural[1]} px" if natural is not None else ""
        image = self._faces.pictures.full(item)
        if image is None and self._faces.pictures.failed(item):
            facts = _("this image cannot be read any more")
        half.image.show_image(image, natural, facts)

    def _mark_words(self) -> None:
        if not self._faces.is_text:
            return
        texts = self._faces.text(self.a), self._faces.text(self.b)
        for place, half in enumerate(self.halves):
            spans = only_in(texts[place], texts[1 - place])
            marks = [WordMark(start, end, place == 1, 1.0) for start, end in spans]
            words = _("only in B") if place else _("only in A")
            half.text.set_marks(marks, (words, "", words) if place else ("", words, words))

    def _follow(self, moved: ImageView, other: ImageView) -> None:
        """What a person does to one half happens to both."""
        self._zoomed = True
        other.follow(moved)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._refit.start()  # when both halves have their new size

    def _one_scale(self) -> None:
        """Both at the largest scale at which both fit, a whole number of pixels where it can be."""
        self._zoomed = False
        if self._faces.is_text:
            return
        scale = min(half.image.fitted() for half in self.halves)
        for half in self.halves:
            half.image.set_scale(float(int(scale)) if scale >= 1 else scale)

    def _show_rows(self) -> None:
        if self.choices is None:
            return
        choices, names = self.choices, self.choices.names
        typed = self.field.text().strip()
        if typed:
            found = [choices.order[place] for place in choices.matching(typed)[:_MATCHES]]
            self.rows.show_rows(
                [
                    PairAnswer(str(label), "", names[label], "", "Enter" if not at else "", first=not at, small=True)
                    for at, label in enumerate(found)
                ]
            )
            return
        rows = []
        for place in range(choices.headed):
            label = choices.order[place]
            first = label == choices.accepted
            title = _("Both are {name}").format(name=names[label])
            rows.append(PairAnswer(str(label), choices.digit(place), title, self._sets(label), "Enter" if first else "", first))
        differ = choices.labels[0] != choices.labels[1]
        title = _("They differ, both are right") if differ else _("Both labels are right")
        rows.append(PairAnswer(KEEP, "", title, _("the pair is not asked for again"), "Space"))
        self.rows.show_rows(rows)

    def _sets(self, label: int) -> str:
        """What a class for both does to each."""
        project, names = self._reviewer.session.project, []
        for letter, item in (("A", self.a), ("B", self.b)):
            now = int(project.labels[item])
            words = _("keeps {letter}") if now == label else _("sets {letter} from {name}")
            names.append(words.format(letter=letter, name=project.classes[now]))
        return _("{first}, {second}").format(first=names[0], second=names[1])

    def _how_alike(self) -> list[EvidenceLine]:
        project = self._reviewer.session.project
        predictions, lines = project.predictions.current, []
        if predictions is not None and predictions.has_embeddings:
            pair = np.asarray(predictions.embeddings[[self.a, self.b]], np.float32)
            pair /= np.maximum(np.linalg.norm(pair, axis=1, keepdims=True), 1e-12)
            lines.append(EvidenceLine("", _("Features"), f"{float(pair[0] @ pair[1]):.3f}"))
        same = project.items.copies[self.a] == project.items.copies[self.b]
        return [*lines, EvidenceLine("", _("Same content"), _("yes") if same else _("no"))]

    def _reasons(self) -> list[EvidenceLine]:
        ranking, lines = self._reviewer.ranking, []
        for letter, item in (("A", self.a), ("B", self.b)):
            if ranking is None or self._reviewer.blind(item):
                continue
            for reason in ranking.reasons(item)[:3]:
                title = reason_title(reason.scorer)
                lines.append(EvidenceLine(title.icon, f"{letter}: {title.title}", reason.brief or reason.text))
        return lines

    def _on_picture(self, item: int, side: int) -> None:
        if not self.isVisible() or side != FULL:
            return
        for half, shown in zip(self.halves, (self.a, self.b), strict=True):
            image = self._faces.pictures.full(item) if item == shown else None
            if image is not None:
                half.image.set_image(image)

    # --- what the person does -----------------------------------------------------------------------------------

    def accept(self) -> None:
        label = self.choices.accepted if self.choices is not None else None
        if label is not None:
            self.both(label)

    def both(self, label: int) -> None:
        """Both are of this class; whichever has it already is kept."""
        self._judge(partial(operations.relabel, label=label), [self.a, self.b])

    def keep(self) -> None:
        self._judge(operations.keep, [self.a, self.b])

    def unsure(self) -> None:
        self._judge(operations.mark_unsure, [self.a, self.b])

    def _exclude(self, first: bool) -> None:
        self._judge(operations.exclude, [self.a if first else self.b])

    def _judge(self, operation: partial[object] | object, items: list[int]) -> None:
        pair = self.a, self.b
        if self._verdicts.judge_pair(operation, items, self.a):  # type: ignore[arg-type]
            self._done.append(pair)
            self._go_on()

    def _go_on(self) -> None:
        """To the next pair that disagrees; back to the item where it has none."""
        item = self._reviewer.current
        if item is None or not self.open_at(item) or not self.partners.disagree:
            self.left.emit()
        else:
            self._take_focus()

    def undo(self) -> None:
        """Take the newest verdict back and show its pair again."""
        self._verdicts.undo()
        a, b = self._done.pop() if self._done else (self._reviewer.current, None)
        if a is not None and self.open_at(a, b):
            self._reviewer.open_item(a)
            self._take_focus()

    def swap(self) -> None:
        """B becomes A."""
        a, b = self.a, self.b
        if self.open_at(b, a):
            self._reviewer.open_item(b)
            self._take_focus()

    def walk(self, by: int) -> None:
        """Hold A against another of its partners."""
        items = self.partners.items
        self.b = items[(items.index(self.b) + by) % len(items)]
        self._show_pair()

    def fit(self) -> None:
        for half in self.halves:
            half.text.fit()
        self._one_scale()

    def _zoom(self, direction: int) -> None:
        if self._faces.is_text:
            for half in self.halves:
                half.text.zoom(1.1**direction)
        else:
            self.halves[0].image.step(direction)

    def _pixels(self) -> None:
        for half in self.halves:
            half.image.toggle_nearest()

    def _take_typed(self) -> None:
        if self.rows.rows and self.field.text().strip():
            label = int(self.rows.rows[0].name)
            self.field.clear()
            self._take_focus()
            self.both(label)

    def _take_focus(self) -> None:
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.keyboard.press(event):
            return
        letter = event.text()
        if letter.isalpha() and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
            self.field.begin(letter)
        else:
            event.ignore()


def _others() -> tuple[tuple[str, str, str], ...]:
    return ("unsure", _("Unsure"), "U"), ("undo", _("Undo"), "Z"), ("swap", _("Swap"), "X")


_SPLITS = {Split.TRAIN: lambda: _("train"), Split.VALIDATION: lambda: _("validation"), Split.TEST: lambda: _("test")}
