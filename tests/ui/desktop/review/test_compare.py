"""A pair side by side: opened with C, judged with one key, taken back with one undo; settled at once, everywhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.jobs.worker_lane import DecodingPool, WorkerLane
from badcase.ui.desktop.review.page import ReviewPage
from badcase.ui.desktop.review.state.filters import Filter, Pile
from badcase.ui.desktop.review.state.pair import only_in
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.session.view_state import ViewState
from tests.ui.desktop.review.conftest import Shown, opened_copy, predict_from_shape, write_images

CROSS, DISC = 0, 1


def stand_at_pair(shown: Shown, number: int = 0) -> None:
    """Stand at the copy of a cross that lies among the discs."""
    project = shown.session.project
    shown.page.reviewer.open_item(project.items.find(f"disc/cross9{number}.png"))


@pytest.fixture(scope="session")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn images, five of which lie in a wrong folder too, under another name."""
    folder = tmp_path_factory.mktemp("pairs")
    write_images(folder / "data")
    for number in range(5):
        shutil.copy(folder / "data" / "cross" / f"cross{number:02}.png", folder / "data" / "disc" / f"cross9{number}.png")
    with Project.create(folder / "predicted", folder / "data") as project:
        predict_from_shape(project, project.path / "made")
    return folder


@pytest.fixture
def project(pairs: Path, tmp_path: Path) -> Iterator[Project]:
    yield from opened_copy(pairs, "predicted", tmp_path / "pairs")


@pytest.fixture
def shown(project: Project, qtbot: QtBot, lane: WorkerLane, pool: DecodingPool) -> Iterator[Shown]:
    session = Session(project, lane, pool, ViewState())
    page = ReviewPage(session)
    qtbot.addWidget(page)
    page.resize(1440, 820)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.reviewer.show(Filter(reasons=("conflict",)))
    yield Shown(page, session, qtbot)
    page.close()
    session.close()


def disagreeing(page: ReviewPage) -> int:
    return int(np.count_nonzero(page.reviewer.facts.reasons["conflict"]))


def label(project: Project, item: int) -> int:
    return int(project.labels[item])


def test_one_key_gives_both_the_class_and_the_reason_goes_from_both_at_once(shown: Shown, project: Project) -> None:
    before, waiting = disagreeing(shown.page), shown.page.reviewer.worklist.counts().piles[Pile.TO_REVIEW]
    assert before >= 10
    stand_at_pair(shown)
    shown.key("C")
    view = shown.page.compare
    assert view.isVisible() and not shown.page.columns.isVisible()
    a, b = view.a, view.b
    assert {label(project, a), label(project, b)} == {CROSS, DISC}
    assert view.choices is not None and view.choices.accepted == CROSS  # what both show
    shown.key("Return")
    assert label(project, a) == label(project, b) == CROSS
    assert {project.verdicts[a], project.verdicts[b]} == {VerdictCode.KEEP, VerdictCode.RELABEL}
    assert disagreeing(shown.page) == before - 2
    assert shown.page.reviewer.worklist.counts().reasons["conflict"] <= waiting - 2
    assert view.isVisible() and {view.a, view.b}.isdisjoint({a, b})  # the next pair that disagrees

    shown.key("Z")
    assert project.verdicts[a] == project.verdicts[b] == VerdictCode.NONE  # one undo for both
    assert disagreeing(shown.page) == before and {view.a, view.b} == {a, b}


def test_a_digit_a_click_and_typing_give_both_any_class(shown: Shown, project: Project) -> None:
    stand_at_pair(shown)
    shown.key("C")
    view = shown.page.compare
    a, b = view.a, view.b
    shown.key("2")  # the second row: the label that is not suggested
    assert label(project, a) == label(project, b) == DISC
    shown.key("Escape")
    stand_at_pair(shown, 1)
    shown.key("C")
    c, d = view.a, view.b
    row = next(n for n, one in enumerate(view.rows.rows) if one.title == "Both are cross")
    QTest.mouseClick(view.rows, Qt.MouseButton.LeftButton, pos=view.rows.place(row).center().toPoint())
    assert label(project, c) == label(project, d) == CROSS
    e, f = view.a, view.b
    shown.key("S")
    QTest.keyClicks(QApplication.focusWidget(), "qu")
    shown.key("Return")
    assert project.classes[label(project, e)] == project.classes[label(project, f)] == "square"


def test_both_are_kept_with_space_and_one_is_excluded_with_e(shown: Shown, project: Project) -> None:
    shown.key("C")
    view = shown.page.compare
    a, b = view.a, view.b
    shown.key("Space")
    assert project.verdicts[a] == project.verdicts[b] == VerdictCode.KEEP
    before = disagreeing(shown.page)
    a, b = view.a, view.b
    shown.key("E")
    assert project.verdicts[b] == VerdictCode.EXCLUDE and project.verdicts[a] == VerdictCode.NONE
    assert disagreeing(shown.page) == before - 2  # nobody is left to disagree with
    shown.page.hide_comparison()
    shown.page.reviewer.show(Filter(reasons=("conflict",)))
    shown.key("C")
    a = view.a
    shown.key("Shift+E")
    assert project.verdicts[a] == VerdictCode.EXCLUDE


def test_arrows_walk_through_what_is_nearest_x_swaps_and_escape_goes_back(shown: Shown) -> None:
    shown.key("C")
    view = shown.page.compare
    a, b = view.a, view.b
    assert view.title.text() == "A pair that disagrees"
    shown.key("Right")
    assert view.a == a and view.b != b and view.title.text() == "Nearest items"
    shown.key("Left")
    assert view.b == b
    shown.key("X")
    assert (view.a, view.b) == (b, a) and shown.current == b
    shown.key("Escape")
    assert not view.isVisible() and shown.page.columns.isVisible() and shown.page.hasFocus()
    assert shown.page.reviewer.worklist.filter.reasons == ("conflict",)  # and the filter is as it was


def test_zoom_and_pan_move_both(shown: Shown) -> None:
    shown.key("C")
    one, other = (half.image for half in shown.page.compare.halves)
    shown.bot.waitUntil(lambda: one.image is not None and other.image is not None)
    shown.settle()
    assert one.scale == other.scale and one.scale == int(one.scale)
    at = QPointF(one.rect().center())
    wheel = QWheelEvent(
        at, QPointF(one.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    before = one.scale
    QApplication.sendEvent(one, wheel)
    assert one.scale == other.scale > before
    QTest.mousePress(other, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    QTest.mouseMove(other, QPoint(140, 120))
    QTest.mouseRelease(other, Qt.MouseButton.LeftButton, pos=QPoint(140, 120))
    assert one._offset == other._offset != QPointF()
    shown.key("F")
    assert one.scale == other.scale == before


def test_words_that_only_one_text_has_are_found_in_every_script() -> None:
    text, other = "the red dog barks", "the old red dog sleeps"
    assert [text[start:end] for start, end in only_in(text, other)] == ["barks"]
    assert [other[start:end] for start, end in only_in(other, text)] == ["old", "sleeps"]
    assert [("今天下雨了")[start:end] for start, end in only_in("今天下雨了", "今天下雪了")] == ["雨"]
    assert only_in("the same", "the  same") == []
