"""The page of the blind check: choose, answer item by item, see what came of it. It has no tab of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from badcase.errors import BadcaseError
from badcase.gold_check.blind_check import UNSURE, BlindCheck, Rule, check_under_way
from badcase.i18n import _
from badcase.items import Kind
from badcase.store.changes import Area, Changes
from badcase.store.verdicts import NONE_OF_THESE
from badcase.training.comparison.gold_choice import choose_gold, usual_share
from badcase.ui import operations
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.gold.check_view import CheckView
from badcase.ui.desktop.gold.choice_view import ChoiceView
from badcase.ui.desktop.gold.gold_words import intro_words, result_shown, rules_shown, standing_of
from badcase.ui.desktop.gold.result_view import ResultShown, ResultView
from badcase.ui.desktop.gold.why_not import why_no_check
from badcase.ui.desktop.pictures.picture_cache import FULL
from badcase.ui.desktop.pictures.project_pictures import SMALL, pictures_of
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.train.comparison.comparison_text import usual_pair

LONGEST = 300.0  # seconds: who took longer for one item was away
_AHEAD = 3


class GoldPage(QWidget):
    """Shows one of three views, by how far the check is."""

    id = "gold"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gold")
        self.session = session
        project = session.project
        self.is_text = project.kind is Kind.TEXT
        self._runs, self._came_from = usual_pair(project, None), "review"
        self.check: BlindCheck | None = None
        self._who = project.journal.me
        self._result: ResultShown | None = None
        self._since = time.monotonic()
        self._pictures = None if self.is_text else pictures_of(session, SMALL)
        self.choice, self.result = ChoiceView(), ResultView()
        self.view = CheckView(project.label_names, is_text=self.is_text, several=project.task == "multilabel")
        self._turned: set[int] = set()  # labels that the item will get, where it may have several
        self._stack = QStackedWidget()
        for part in (self.choice, self.view, self.result):
            self._stack.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._connect()
        self._take_up()

    def _connect(self) -> None:
        self.choice.begun.connect(self.begin)
        self.view.chosen.connect(self._turn if self.view.several else self.answer)
        self.view.pressed.connect(self._on_pressed)
        self.view.left.connect(self._take_focus)
        self.result.compared.connect(self._open_comparison)
        self.result.opened.connect(self._open_differing)
        self.result.undone.connect(self._undo)
        for part in (self.choice, self.result):
            part.left.connect(self.leave)
        self.session.navigate.connect(self._on_navigate)
        self.session.preferred.connect(self._on_preferred)
        if self._pictures is not None:
            self._pictures.arrived.connect(self._on_picture)

    # --- what changed elsewhere -----------------------------------------------------------------------------------

    def refresh(self, changes: Changes) -> None:
        """Show what others changed; while items are judged nothing but the item is shown anyway."""
        if Area.SOURCE in changes.areas and self.check is not None:
            self._show_item()
        elif self.check is None and changes.areas & {Area.LABELS, Area.RUNS, Area.PREDICTIONS}:
            self._show_choice()

    def _on_navigate(self, page: str, what: Any) -> None:
        if page != self.id:
            return
        pair = what.get("runs") if isinstance(what, dict) else None
        self._came_from = "train" if pair else "review"
        self._runs = tuple(pair) if pair else usual_pair(self.session.project, None)
        self._take_up()

    def _on_preferred(self) -> None:
        """Each reviewer has a check of his own."""
        if self._who != (who := self.session.project.journal.me):
            self._who = who
            self._take_up()

    def commands(self) -> list[Command]:
        page, going = _("Gold check"), "" if self.check is not None else _("No check is under way")
        first = going or ("" if self.check is not None and self.check.answers else _("This is the first item"))
        ended = "" if self._stack.currentWidget() is self.result else _("No check has just ended")
        pictures = [
            Command(_("Fit"), "F", self.view.image.fit, going, "focus", page),
            Command(_("Pixels as squares"), "P", self.view.image.toggle_nearest, going, "image", page),
        ]
        these = going or ("" if self._turned else _("No label is turned on"))
        return [
            *([Command(_("These labels"), "Enter", self.answer_these, these, "check", page)] if self.view.several else []),
            Command(_("None of these"), "X", partial(self._on_pressed, "none"), going, "barred", page),
            Command(_("Unsure"), "U", partial(self._on_pressed, "unsure"), going, "question", page),
            Command(_("Back to the last one"), "Z", self.step_back, first, "undo", page),
            *([] if self.is_text else pictures),
            Command(_("Pause the check of gold"), "Esc", self.leave, going, "lock", page),
            Command(_("Give the check of gold up"), "", self.give_up, going, "cross", page),
            Command(_("Take the check back"), "Z", self._undo, ended, "undo", page),
        ]

    # --- the three views ------------------------------------------------------------------------------------------

    def _take_up(self) -> None:
        """Go on with what was begun, else offer the rules."""
        self.check = check_under_way(self.session.project)
        if self.check is None:
            self._show_choice()
        elif self.check.complete:  # the program ended between the last answer and the journal
            self._conclude()
        else:
            self._show_item()

    def _show_choice(self) -> None:
        project = self.session.project
        self._result = None
        if why := why_no_check(project):
            self.choice.show_nothing(why)
            self._stack.setCurrentWidget(self.choice)
            return
        rules = rules_shown(project, self._runs)
        every = next(one for one in rules if one.rule is Rule.ALL)
        both = next(one for one in rules if one.rule is Rule.DISAGREE)
        chosen = Rule.DISAGREE if not both.why_not else Rule.SHARE
        self.choice.show_rules(intro_words(project), rules, usual_share(every.rest), chosen)
        self._stack.setCurrentWidget(self.choice)

    def begin(self, rule: str, drawn: int) -> None:
        """Choose the items and show the first."""
        project = self.session.project
        try:
            choice = choose_gold(project, Rule(rule), np.random.default_rng(), n=drawn, runs=self._runs)
            self.check = operations.begin_gold_check(project, choice=choice)
        except BadcaseError as error:
            self.session.failed.emit(error)
            return
        self._show_item()

    def _show_item(self) -> None:
        if self.check is None or self.check.current is None:
            return
        self._stack.setCurrentWidget(self.view)
        self._turned.clear()
        self.view.keys.show_turned(self._turned)
        self.view.show_standing(standing_of(self.check))
        self.session.told.emit()
        item, items = self.check.current, self.session.project.items
        if self._pictures is None:
            self.view.show_text(items.text(item))
        else:
            self._show_picture(item)
            ahead = len(self.check.answers) + 1
            self._pictures.ahead(self.check.choice.items[ahead : ahead + _AHEAD])
        self._since = time.monotonic()
        self._take_focus()

    def _show_picture(self, item: int) -> None:
        assert self._pictures is not None
        natural, image = self.session.project.items.size(item), self._pictures.full(item)
        facts = f"{natural[0]} × {natural[1]} px" if natural is not None else ""
        if image is None and self._pictures.failed(item):
            facts = _("this image cannot be read any more")
        self.view.show_image(image, natural, facts)

    def _on_picture(self, item: int, side: int) -> None:
        if self.check is not None and item == self.check.current and side == FULL:
            image = self._pictures.full(item) if self._pictures is not None else None
            if image is not None:
                self.view.image.set_image(image)
                self._since = time.monotonic()  # nobody could look before
            else:
                self._show_picture(item)

    # --- what the person does -------------------------------------------------------------------------------------

    def answer(self, label: int) -> None:
        """Answer for the item that is shown, and go on; the last answer ends the check."""
        self._answer(operations.answer_gold, label=label)

    def answer_these(self) -> None:
        """Answer with the labels that are turned on."""
        if self._turned:
            self._answer(operations.answer_gold_with_labels, labels=frozenset(self._turned))

    def _turn(self, label: int) -> None:
        """Turn a label of the item on or off; nothing is answered yet."""
        self._turned ^= {label}
        self.view.keys.show_turned(self._turned)

    def _answer(self, verb: Callable[..., BlindCheck], **said: Any) -> None:
        if self.check is None or self.check.complete:
            return
        seconds = min(time.monotonic() - self._since, LONGEST)
        try:
            self.check = verb(self.session.project, check=self.check, seconds=seconds, **said)
        except BadcaseError as error:
            self.session.failed.emit(error)
            return
        if self.check.complete:
            self._conclude()
        else:
            self._show_item()

    def step_back(self) -> None:
        if self.check is not None and self.check.answers:
            self.check = operations.take_gold_answer_back(self.session.project, check=self.check)
            self._show_item()

    def _conclude(self) -> None:
        assert self.check is not None
        check = self.check
        try:
            changes = operations.conclude_gold_check(self.session.project, check=check)
        except BadcaseError as error:
            self.session.failed.emit(error)
            return
        self.check = None
        self.session.tell(changes, origin=self.id)  # no toast: the page itself says what came of it
        runs = check.choice.runs or self._runs
        self._result = result_shown(self.session.project, check, (runs[0], runs[1]) if runs else None)
        self.result.show_result(self._result)
        self._stack.setCurrentWidget(self.result)
        self._take_focus()

    def _undo(self) -> None:
        self.session.apply(operations.undo, origin=self.id)
        self._show_choice()

    def give_up(self) -> None:
        if self.check is not None:
            operations.drop_gold_check(self.session.project, check=self.check)
        self.check = None
        self._show_choice()
        self.session.told.emit()

    def leave(self) -> None:
        """Back to where the person came from; a check that is under way goes on where it stopped."""
        self.session.navigate.emit(self._came_from, None)

    def _open_comparison(self) -> None:
        if self._result is not None and self._result.runs is not None:
            self.session.navigate.emit("train", {"compare": self._result.runs})

    def _open_differing(self) -> None:
        if self._result is not None and self._result.differed:
            self.session.navigate.emit("review", {"items": list(self._result.differed), "title": _("Gold that differs")})

    def _on_pressed(self, name: str) -> None:
        verbs = {"pause": self.leave, "back": self.step_back, "these": self.answer_these}
        if name in verbs:
            verbs[name]()
        else:
            self.answer({"none": NONE_OF_THESE, "unsure": UNSURE}[name])

    def _take_focus(self) -> None:
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- events ---------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
        if held or event.isAutoRepeat():
            event.ignore()
            return
        name = event.text().upper() if event.text().isprintable() and event.text() else ""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        showing = self._stack.currentWidget()
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif showing is self.view:
            self._press(name, event)
        elif showing is self.choice and (enter or name in ("1", "2", "3")):
            self.choice.begin() if enter else self.choice.choose(list(Rule)[int(name) - 1])
        elif showing is self.result and (enter or name in ("O", "Z")):
            {"": self.result.compare, "O": self.result.open, "Z": self.result.undo}["" if enter else name].click()
        else:
            event.ignore()

    def _press(self, name: str, event: QKeyEvent) -> None:
        """A key while an item waits for its answer."""
        keys = {"X": "none", "U": "unsure", "Z": "back"}
        label = self.view.keys.by_key(name) if len(name) == 1 and name in "1234567890" else None
        if label is not None:
            self.view.chosen.emit(label)
        elif self.view.several and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.answer_these()
        elif name in keys:
            self._on_pressed(keys[name])
        elif not self.is_text and name in ("F", "P", "+", "=", "-"):
            picture = self.view.image
            {"F": picture.fit, "P": picture.toggle_nearest}.get(name, lambda: picture.step(-1 if name == "-" else 1))()
        elif not (name == "/" or name.isalpha()) or not self.view.keys.begin("" if name == "/" else event.text()):
            event.ignore()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._since = time.monotonic()
        self._take_focus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.view.fit_width(self.width())
