"""A pair side by side at full size: an item and its twin, or the items that are nearest to it. One key judges both."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.store.changes import Changes
from badcase.ui import operations
from badcase.ui.desktop.look.theme import tokens
from badcase.ui.desktop.pictures.item_faces import ProjectFaces
from badcase.ui.desktop.pictures.picture_cache import FULL
from badcase.ui.desktop.review.compare.difference import difference
from badcase.ui.desktop.review.compare.half import Half
from badcase.ui.desktop.review.compare.pair_header import PairHeader
from badcase.ui.desktop.review.compare.pair_rows import KEEP
from badcase.ui.desktop.review.compare.pair_side import PairSide
from badcase.ui.desktop.review.compare.pair_strip import PairStrip
from badcase.ui.desktop.review.compare.pair_words import PairWords, typed_answers
from badcase.ui.desktop.review.item.image_view import ImageView
from badcase.ui.desktop.review.shortcuts import Keyboard, ReviewAction
from badcase.ui.desktop.review.state.class_choices import DIGITS
from badcase.ui.desktop.review.state.pair import Pair, PairChoices, near_both, only_in
from badcase.ui.desktop.review.state.pair_walk import PairWalk
from badcase.ui.desktop.review.state.review_state import ReviewState
from badcase.ui.desktop.review.state.verdict_keys import Verdicts
from badcase.ui.desktop.review.state.word_marks import WordMark
from badcase.ui.desktop.widgets import Hairline, Panel, SideScroll

_RIGHT, _RIGHT_NARROW, _NARROW = 364, 320, 1360
_COMPARED = 320  # pixels of the longer side at which two images are held against each other

Operation = Callable[..., Changes | None]


class CompareView(Panel):
    """Shown in the place of the review; `left` asks to go back to it."""

    left = Signal()

    def __init__(self, reviewer: ReviewState, verdicts: Verdicts, faces: ProjectFaces, parent: QWidget | None = None) -> None:
        super().__init__("window", parent)
        self.setObjectName("compare")
        self._reviewer, self._verdicts, self._faces = reviewer, verdicts, faces
        self.walk, self.words = PairWalk(reviewer), PairWords(reviewer, faces)
        self.choices: PairChoices | None = None
        self._done: list[Pair] = []  # pairs that were judged here, the newest last
        self._zoomed = self._over = False  # the person has chosen scale and place; the difference lies over B
        self._refit = QTimer(self, singleShot=True, interval=0)
        self.halves = Half("A", is_text=faces.is_text), Half("B", is_text=faces.is_text)
        self.header, self.side = PairHeader(is_text=faces.is_text), PairSide(faces)
        self.strip = PairStrip(faces, self.words.became, self.words.names)
        self.keyboard = Keyboard(self._actions(), refused=lambda why: reviewer.session.toast.emit(why, ""))
        self._lay_out()
        self._connect()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.header)
        left.addWidget(Hairline())
        pair = QHBoxLayout()
        pair.setSpacing(1)
        for half in self.halves:
            pair.addWidget(half, 1)
        left.addLayout(pair, 1)
        left.addWidget(self.strip)
        self.right = SideScroll(self.side)
        self.right.setFixedWidth(_RIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        row.addLayout(left, 1)
        row.addWidget(self.right)

    def _connect(self) -> None:
        first, second = (half.image for half in self.halves)
        first.moved.connect(lambda: self._follow(first, second))
        second.moved.connect(lambda: self._follow(second, first))
        self._refit.timeout.connect(lambda: None if self._zoomed else self._one_scale())
        runs = {action.keys[0]: action.run for action in self.keyboard.actions}
        self.header.pressed.connect(lambda keys: runs[keys]())
        self.side.pressed.connect(lambda keys: runs[keys]())
        self.side.chosen.connect(lambda name: self.keep() if name == KEEP else self.both(int(name)))
        self.side.field.textChanged.connect(lambda _text: self._show_rows())
        self.side.field.taken.connect(self._take_typed)
        self.side.field.left.connect(self._take_focus)
        self.side.nearest.opened.connect(self._hold_against)
        self.strip.opened.connect(self._stand)
        self._faces.pictures.arrived.connect(self._on_picture)

    def _actions(self) -> list[ReviewAction]:
        def digit(key: str) -> None:
            label = self.choices.by_digit(key) if self.choices is not None else None
            if label is not None:
                self.both(label)

        def no_label() -> str:
            return "" if self.choices is None or self.choices.kept else _("There is no label to keep")

        no_picture = _("The words that differ are underlined in both") if self._faces.is_text else ""
        return [
            ReviewAction(_("Both are what is suggested"), ("Return", "Enter"), self.accept),
            ReviewAction(_("They differ, both are right"), ("Space",), self.keep, why_not=no_label),
            *[ReviewAction(_("Both with digit {digit}").format(digit=key), (key,), partial(digit, key)) for key in DIGITS],
            ReviewAction(_("Exclude B"), ("E",), partial(self._exclude, False)),
            ReviewAction(_("Exclude A"), ("Shift+E",), partial(self._exclude, True)),
            ReviewAction(_("Both unsure"), ("U",), self.unsure),
            ReviewAction(_("Undo"), ("Z", "Ctrl+Z"), self.undo),
            ReviewAction(_("Swap"), ("X",), self.swap),
            ReviewAction(_("Next pair"), ("Right", "J"), partial(self._walk, 1), repeats=True),
            ReviewAction(_("Previous pair"), ("Left", "K"), partial(self._walk, -1), repeats=True),
            ReviewAction(_("Hold A against the next that is like it"), ("Down",), partial(self._hold, 1), repeats=True),
            ReviewAction(_("Hold A against the one before"), ("Up",), partial(self._hold, -1), repeats=True),
            ReviewAction(_("The difference over B"), ("D",), self._lay_over, why_not=lambda: no_picture),
            ReviewAction(_("Fit"), ("F",), self.fit),
            ReviewAction(_("Zoom in"), ("+", "="), partial(self._zoom, 1), repeats=True),
            ReviewAction(_("Zoom out"), ("-",), partial(self._zoom, -1), repeats=True),
            ReviewAction(_("Pixels as squares"), ("P",), self._pixels, why_not=lambda: no_picture and _("A text has no pixels")),
            ReviewAction(_("Another class for both"), ("/",), self.side.field.begin),
            ReviewAction(_("Back to the item"), ("Esc", "C"), self.leave),
        ]

    # --- what is shown ------------------------------------------------------------------------------------------

    @property
    def pair(self) -> Pair:
        """The items A and B."""
        return self.walk.pair

    def why_not(self) -> str:
        """Why the current item cannot be held against another; "" where it can."""
        item = self._reviewer.current
        if item is None:
            return _("There is no item to compare")
        if self._reviewer.locked:
            return _("Gold is not compared: its labels are locked")
        return "" if self.walk.has_partners(item) else _("Nothing is known to be like this item")

    def open_at(self, item: int, other: int | None = None) -> bool:
        """Show an item and one of its partners, the first where none is named; False where there is none."""
        if not self.walk.open(item, other):
            return False
        self._done.clear()
        self.side.field.clear()
        self._show_pair()
        return True

    def refresh(self) -> None:
        """Labels or what is known of them are others."""
        self._show_pair()

    def _show_pair(self) -> None:
        walk, words, pair = self.walk, self.words, self.walk.pair
        self.choices = words.choices(pair, walk.is_twin)
        self.header.show_place(words.title(pair, walk.is_twin), walk.position + 1, len(walk.pairs))
        for half, item, what in zip(self.halves, pair, words.differs(pair), strict=True):
            half.show_facts(words.half(item, what))
            self._show_item(half, item)
        self._mark_words()
        self._one_scale()
        self._show_rows()
        self._show_difference()
        self.side.show_pair(words.reasons(pair), words.history(pair))
        predictions = self._reviewer.session.project.predictions.current
        self.side.nearest.show_items(_("Nearest to both"), near_both(predictions, pair, 5))
        self.strip.show_pairs(walk.pairs, walk.position)

    def _show_item(self, half: Half, item: int) -> None:
        if self._faces.is_text:
            half.text.show_text(self._faces.text(item), "")
            return
        natural = self._reviewer.session.project.items.size(item)
        facts = f"{natural[0]} × {natural[1]} px" if natural is not None else ""
        image = self._faces.pictures.full(item)
        if image is None and self._faces.pictures.failed(item):
            facts = _("this image cannot be read any more")
        half.image.show_image(image, natural, facts)

    def _mark_words(self) -> None:
        if not self._faces.is_text:
            return
        texts = [self._faces.text(item) for item in self.pair]
        for place, half in enumerate(self.halves):
            spans = only_in(texts[place], texts[1 - place])
            marks = [WordMark(start, end, place == 1, 1.0) for start, end in spans]
            words = _("only in B") if place else _("only in A")
            half.text.set_marks(marks, (words, "", words) if place else ("", words, words))

    def _show_difference(self) -> None:
        """The figures at once, the picture as soon as both images are there."""
        made, share = None, None
        if not self._faces.is_text:
            one, other = (self._faces.pictures.thumbnail(item, _COMPARED) for item in self.pair)
            if one is not None and other is not None:
                made, share = difference(one, other, tokens().text2, tokens().accent)
        self.side.alike.show_lines(self.words.alike(self.pair, share))
        self.side.alike.show_difference(made)
        self.halves[1].image.lay_over(made if self._over else None)

    def _follow(self, moved: ImageView, other: ImageView) -> None:
        """What a person does to one half happens to both."""
        self._zoomed = True
        other.follow(moved)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        self.right.setFixedWidth(_RIGHT_NARROW if narrow else _RIGHT)
        self.side.fit_height(self.height())
        self.header.show_hint(not narrow)
        self._refit.start()  # when both halves have their new size

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self.isVisible():
            self._show_difference()  # in the colours of the theme

    def _one_scale(self) -> None:
        """Both at the largest scale at which both fit, a whole number of pixels where it can be."""
        self._zoomed = False
        if self._faces.is_text:
            return
        scale = min(half.image.fitted() for half in self.halves)
        for half in self.halves:
            half.image.set_scale(float(int(scale)) if scale >= 1 else scale)

    def _show_rows(self) -> None:
        if self.choices is not None:
            typed = self.side.field.text().strip()
            rows = typed_answers(self.choices, typed) if typed else self.words.answers(self.choices, self.pair)
            self.side.rows.show_rows(rows)

    def _on_picture(self, item: int, side: int) -> None:
        if not self.isVisible():
            return
        for half, shown in zip(self.halves, self.pair, strict=True):
            image = self._faces.pictures.full(item) if item == shown and side == FULL else None
            if image is not None:
                half.image.set_image(image)
        if item in self.pair and side == _COMPARED:
            self._show_difference()
        self.strip.update()
        self.side.nearest.update()

    # --- what the person does -----------------------------------------------------------------------------------

    def accept(self) -> None:
        label = self.choices.accepted if self.choices is not None else None
        if label is not None:
            self.both(label)

    def both(self, label: int) -> None:
        """Both are of this class, or of none; whichever has it already is kept."""
        self._judge(operations.relabel, self.pair, label=label)

    def keep(self) -> None:
        self._judge(operations.keep, self.pair)

    def unsure(self) -> None:
        self._judge(operations.mark_unsure, self.pair)

    def _exclude(self, first: bool) -> None:
        self._judge(operations.exclude, self.pair[:1] if first else self.pair[1:])

    def _judge(self, operation: Operation, items: tuple[int, ...], **arguments: Any) -> None:
        pair = self.pair
        if self._verdicts.judge_pair(operation, list(items), pair[0], **arguments):
            self._done.append(pair)
            if self.walk.go_on():
                self._show_pair()
                self._take_focus()
            else:  # to what the review stands at by now
                self.left.emit()

    def undo(self) -> None:
        """Take the newest verdict back and show its pair again."""
        self._verdicts.undo()
        pair = self._done.pop() if self._done else None
        if pair is not None and pair in self.walk.pairs:
            self._stand(self.walk.pairs.index(pair))
        else:
            a, b = pair or (self._reviewer.current, None)
            if a is not None and self.open_at(a, b):
                self._take_focus()

    def swap(self) -> None:
        """B becomes A."""
        self.walk.swap()
        self._show_pair()

    def leave(self) -> None:
        """Back to the item A, where it still waits."""
        a = self.pair[0]
        if not self.walk.settled(self.pair) and a != self._reviewer.current:
            self._reviewer.open_item(a)
        self.left.emit()

    def _walk(self, by: int) -> None:
        self._stand(self.walk.position + by)

    def _stand(self, number: int) -> None:
        self.walk.stand(number)
        self._show_pair()
        self._take_focus()

    def _hold(self, by: int) -> None:
        self.walk.hold(by)
        self._show_pair()

    def _hold_against(self, item: int) -> None:
        """Beside A comes an item that was clicked among what is near."""
        if item in self.walk.partners.items:
            self.walk.hold_against(item)
            self._show_pair()
        self._take_focus()

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

    def _lay_over(self) -> None:
        self._over = not self._over
        self._show_difference()

    def _take_typed(self) -> None:
        rows = self.side.rows.rows
        if rows and self.side.field.text().strip():
            label = int(rows[0].name)
            self.side.field.clear()
            self._take_focus()
            self.both(label)

    def _take_focus(self) -> None:
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.keyboard.press(event):
            return
        letter = event.text()
        if letter.isalpha() and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
            self.side.field.begin(letter)
        else:
            event.ignore()
