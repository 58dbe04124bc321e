"""The blind check by real keys: nothing speaks for a class, it goes on where it stopped, and its end tells both figures."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from badcase.gold_check.blind_check import NONE_OF_THESE, UNSURE, Rule, answer, begin_check, check_under_way
from badcase.project import Project
from badcase.store.run_table import RunKind
from badcase.store.verdicts import VerdictCode
from badcase.training.comparison.gold_choice import choose_gold
from badcase.ui.desktop.gold.page import GoldPage
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import WorkerLane
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.session.view_state import ViewState
from tests.training.projects import write_noisy_texts

Show = Callable[[Project], GoldPage]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    write_noisy_texts(tmp_path / "texts.csv", 60, wrong=0.0)
    made = Project.create(tmp_path / "project", tmp_path / "texts.csv")
    right = 4.0 * np.eye(3)[made.given]
    other = right.copy()
    gold = np.flatnonzero(made.gold)
    right[gold[:2]] = other[gold[:2]] = np.roll(right, 1, axis=1)[gold[:2]]  # both disagree with two labels, alike
    other[gold[2]] = np.roll(right, 1, axis=1)[gold[2]]
    for logits in (right, other):
        number = made.runs.add(kind=RunKind.TRAINING, title="made", state="done")
        np.save(made.runs.get(number).folder / "logits.npy", logits.astype(np.float16))
    return made


@pytest.fixture
def show(qtbot: QtBot, lane: WorkerLane, tmp_path: Path) -> Iterator[Show]:
    held: list[Any] = []

    def shown(project: Project) -> GoldPage:
        pool = DecodingPool()
        session = Session(project, lane, pool, ViewState(tmp_path / "view.json"))
        page = GoldPage(session)
        session.changed.connect(page.refresh)
        page.resize(1440, 820)
        page.show()
        qtbot.waitExposed(page)
        held.append((page, session, pool))
        return page

    yield shown
    for page, session, pool in held:
        shiboken6.delete(page)
        session.close()
        pool.close()


def key(page: GoldPage, *names: str) -> None:
    for name in names:
        target = page.focusWidget() or page
        if len(name) == 1:
            QTest.keyClicks(target, name)
        else:
            QTest.keyClick(target, getattr(Qt.Key, f"Key_{name}"))


def words(page: QWidget) -> str:
    """All that a person can read on it."""
    shown = [label.full_text() if hasattr(label, "full_text") else label.text() for label in page.findChildren(QLabel)]
    return "\n".join(shown)


def begun(page: GoldPage, rule: str = "1") -> GoldPage:
    key(page, rule, "Return")
    assert page.check is not None
    return page


def test_the_rules_say_what_they_take_and_a_number_is_typed(project: Project, show: Show) -> None:
    page = show(project)
    assert page.choice.isVisible() and "nobody has checked them" in words(page.choice)
    assert "The 2 items that run 1 and run 2 answer alike" in page.choice.rows["disagree"].accessibleName()
    key(page, "2")
    page.choice.drawn.setFocus()
    page.choice.drawn.selectAll()
    key(page, "5", "Return")
    assert page.check is not None and (page.check.choice.rule, len(page.check.choice.items)) == ("share", 5)
    assert "random" in words(page.view) and "Favors no run" in words(page.view)


def test_each_item_has_one_key_and_the_end_is_one_batch_in_the_journal(project: Project, show: Show) -> None:
    page = begun(show(project))
    items = page.check.choice.items
    said = []
    for place, item in enumerate(items):
        answer = {0: "X", 1: "U"}.get(place, str(int(project.given[item] + (place == 2)) % 3 + 1))
        said.append(answer)
        assert page.view.isVisible() and project.revision == 0
        assert page.view.text._text == project.items.text(item)
        key(page, answer)
    assert page.check is None and page.result.isVisible()
    found = project.checked_verdicts[list(items)]
    assert found[:3].tolist() == [VerdictCode.EXCLUDE, VerdictCode.UNSURE, VerdictCode.RELABEL]
    assert (found[3:] == VerdictCode.KEEP).all()
    assert project.journal.undo_title == f"gold check of {len(items)} items"
    assert page.result.title.text().startswith(f"2 of {len(items)} differ")
    assert "as given" in words(page.result) and "as checked" in words(page.result)
    went: list[Any] = []
    page.session.navigate.connect(lambda where, what: went.append((where, what)))
    key(page, "O")
    assert went[-1][0] == "review" and went[-1][1]["items"] == sorted([items[0], items[2]])
    key(page, "Return")
    assert went[-1] == ("train", {"compare": (1, 2)})
    key(page, "Z")
    assert page.choice.isVisible() and (project.checked_verdicts == VerdictCode.NONE).all()


def test_nothing_speaks_for_a_class(project: Project, show: Show) -> None:
    page = begun(show(project))
    orders = set()
    for _place in range(len(page.check.choice.items) - 1):
        item = page.check.current
        told = words(page.view)
        assert project.items.key(item) not in told.split() and "suggest" not in told.replace("a suggestion", "")
        names = [child.text() for child in (page.findChild(QWidget, f"gold-class-{n}") for n in range(3))]
        orders.add(tuple(names))
        heights = {page.findChild(QWidget, f"gold-class-{n}").height() for n in range(3)}
        assert heights == {40}
        assert page.view.text._facts == "" and not page.view.text._marks
        before = page.check
        key(page, "Return", "Space", "E", "G", "9")  # mean nothing here
        assert page.check is before
        key(page, "1")
    assert orders == {project.classes}, "always in the project's order"
    assert list(page.check.choice.items) != sorted(page.check.choice.items)


def test_back_takes_the_last_answer_and_escape_pauses_until_another_day(project: Project, show: Show) -> None:
    page = begun(show(project))
    went: list[str] = []
    page.session.navigate.connect(lambda where, _what: went.append(where))
    _first, second, *_rest = page.check.choice.items
    key(page, "1", "2", "Z")
    assert page.check.answers == (0,) and page.check.current == second
    key(page, "Z", "Z", "U", "X")
    assert page.check.answers == (UNSURE, NONE_OF_THESE) and page.view._left._head.done == 2
    key(page, "Escape")
    assert went == ["review"] and check_under_way(project) == page.check
    with Project.open(project.path):
        again = show(project)
        assert again.view.isVisible() and again.check.answers == (UNSURE, NONE_OF_THESE)
        assert again.view.text._text == project.items.text(again.check.current)
    again.give_up()
    assert check_under_way(project) is None and again.choice.isVisible()


def test_each_reviewer_has_a_check_of_his_own_and_finds_it_again(project: Project, show: Show) -> None:
    page = begun(show(project))
    key(page, "1", "2")
    ours = page.check

    def become(name: str) -> None:
        page.session.preferences.reviewer = name
        page.session.prefer()

    become("Ben")
    assert page.choice.isVisible() and page.check is None
    begun(page)
    key(page, "3")
    assert page.check.who == "Ben" and page.check.answers == (2,)
    page.session.preferences.reviewer = ""
    page.session.prefer()
    assert page.view.isVisible() and page.check == ours
    key(page, "1")
    assert page.check.answers == (*ours.answers, 0) and page.check.who != "Ben"


def test_the_palette_offers_what_can_be_done_now(project: Project, show: Show) -> None:
    def can(page: GoldPage) -> set[str]:
        return {one.title for one in page.commands() if not one.why_not}

    page = show(project)
    assert can(page) == set()
    begun(page)
    always = {"None of these", "Unsure", "Pause the check of gold", "Give the check of gold up"}
    assert can(page) == always
    next(one for one in page.commands() if one.title == "None of these").run()
    assert page.check.answers == (NONE_OF_THESE,) and can(page) == always | {"Back to the last one"}
    for _item in page.check.choice.items[1:]:
        key(page, "U")
    assert can(page) == {"Take the check back"}


def test_a_program_that_ended_after_the_last_answer_loses_nothing(project: Project, show: Show) -> None:
    check = begin_check(project, choose_gold(project, Rule.SHARE, np.random.default_rng(0), n=3))
    for item in check.choice.items:
        check = answer(project, check, int(project.given[item]), 1.0)
    page = show(project)
    assert page.result.isVisible() and page.result.title.text() == "0 of 3 differ from their labels"
    assert check_under_way(project) is None and (project.checked_verdicts[list(check.choice.items)] == VerdictCode.KEEP).all()


def test_above_ten_classes_nine_have_a_digit_and_the_rest_are_typed(tmp_path: Path, show: Show) -> None:
    names = [f"{letter}-kind" for letter in "abcdefghijklmnopqrst"]
    with (tmp_path / "many.csv").open("w", newline="", encoding="utf-8") as file:
        rng = np.random.default_rng(0)
        rows = [
            [" ".join(map(str, rng.integers(1_000_000, 9_000_000, 6))), names[i % 20], ("train", "val", "test")[i % 3]]
            for i in range(240)
        ]
        csv.writer(file).writerows([["text", "label", "split"], *rows])
    page = begun(show(Project.create(tmp_path / "many", tmp_path / "many.csv")), "2")
    key(page, "9")
    assert page.check.answers == (8,)
    key(page, "0")
    assert page.check.answers == (8,), "the tenth class is typed"
    key(page, "m", "Return")
    assert page.check.answers == (8, 12)
    key(page, "/", "t", "-", "Return", "Z")
    assert page.check.answers == (8, 12), "t-kind was answered and taken back"
    key(page, "/", "q", "Escape")
    assert page.check.answers == (8, 12) and page.focusWidget() is page, "Escape leaves the field first"


def test_of_several_labels_each_key_turns_one_and_enter_answers_with_those_that_are_on(tmp_path: Path, show: Show) -> None:
    with (tmp_path / "several.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [[f"text {i}", ("a", "a;b", "b;c")[i % 3], ("train", "val", "test")[i % 3]] for i in range(60)]
        csv.writer(file).writerows([["text", "label", "split"], *rows])
    project = Project.create(tmp_path / "several", tmp_path / "several.csv", task="multilabel")
    page = begun(show(project))
    first, second, third, *_rest = page.check.choice.items
    key(page, "Return")
    assert page.check.answers == (), "nothing is turned on"
    key(page, "1", "3", "2", "2")
    assert page.view.keys._turned.text() == "a, c" and page.check.answers == ()
    key(page, "Return", "X")
    assert [project.classes[said] for said in page.check.answers] == ["a;c", "(none)"]
    assert not page.view.keys._turned.isVisible(), "the next item begins with none"
    for _item in page.check.choice.items[2:]:
        key(page, "2", "3", "Return")
    assert page.result.isVisible() and page.result.title.text().startswith("2 of 20 differ")
    found = [project.classes[label] for label in project.checked_labels[[first, second, third]]]
    assert found == ["a;c", "(none)", "b;c"] and (project.labels == project.given).all()
    key(page, "Z")
    assert (project.checked_labels == project.given).all()
