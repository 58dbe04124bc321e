"""A pair side by side: opened with C, judged with one key, taken back with one undo; settled at once, everywhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import WorkerLane
from badcase.ui.desktop.review.compare.difference import difference
from badcase.ui.desktop.review.filtering.filters import Filter, Pile
from badcase.ui.desktop.review.page import ReviewPage
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
    a, b = view.pair
    assert {label(project, a), label(project, b)} == {CROSS, DISC}
    assert view.choices is not None and view.choices.accepted == CROSS  # what both show
    shown.key("Return")
    assert label(project, a) == label(project, b) == CROSS
    assert {project.verdicts[a], project.verdicts[b]} == {VerdictCode.KEEP, VerdictCode.RELABEL}
    assert disagreeing(shown.page) == before - 2
    assert shown.page.reviewer.worklist.counts().reasons["conflict"] <= waiting - 2
    assert view.isVisible() and set(view.pair).isdisjoint({a, b})  # the next pair that disagrees

    shown.key("Z")
    assert project.verdicts[a] == project.verdicts[b] == VerdictCode.NONE  # one undo for both
    assert disagreeing(shown.page) == before and set(view.pair) == {a, b}


def test_a_verdict_that_makes_duplicates_agree_takes_the_other_out_of_the_queue(shown: Shown, project: Project) -> None:
    shown.page.reviewer.show(Filter())
    cases = [(project.items.find(f"disc/cross9{n}.png"), project.items.find(f"cross/cross{n:02}.png")) for n in range(5)]
    flagged = shown.page.reviewer.facts.flagged
    wrong, other = next(pair for pair in cases if not flagged[pair[1]])  # else its label would be a reason of its own
    shown.page.reviewer.open_item(wrong)
    waiting = shown.page.reviewer.worklist.counts().piles[Pile.TO_REVIEW]
    shown.key("Return")
    assert label(project, wrong) == label(project, other) == CROSS
    assert shown.page.reviewer.worklist.counts().piles[Pile.TO_REVIEW] == waiting - 2
    shown.page.reviewer.show(Filter())
    assert shown.page.reviewer.worklist.row_of(other) < 0
    shown.key("Z")
    shown.page.reviewer.show(Filter())
    assert shown.page.reviewer.worklist.row_of(other) >= 0


def test_a_digit_a_click_and_typing_give_both_any_class(shown: Shown, project: Project) -> None:
    stand_at_pair(shown)
    shown.key("C")
    view = shown.page.compare
    a, b = view.pair
    shown.key("2")  # the second row: the label that is not suggested
    assert label(project, a) == label(project, b) == DISC
    shown.key("Escape")
    stand_at_pair(shown, 1)
    shown.key("C")
    c, d = view.pair
    row = next(n for n, one in enumerate(view.side.rows.rows) if one.title == "Both are cross")
    QTest.mouseClick(view.side.rows, Qt.MouseButton.LeftButton, pos=view.side.rows.place(row).center().toPoint())
    assert label(project, c) == label(project, d) == CROSS
    e, f = view.pair
    shown.key("S")
    QTest.keyClicks(QApplication.focusWidget(), "qu")
    shown.key("Return")
    assert project.classes[label(project, e)] == project.classes[label(project, f)] == "square"


def test_both_are_kept_with_space_and_one_is_excluded_with_e(shown: Shown, project: Project) -> None:
    shown.key("C")
    view = shown.page.compare
    a, b = view.pair
    shown.key("Space")
    assert project.verdicts[a] == project.verdicts[b] == VerdictCode.KEEP
    before = disagreeing(shown.page)
    a, b = view.pair
    shown.key("E")
    assert project.verdicts[b] == VerdictCode.EXCLUDE and project.verdicts[a] == VerdictCode.NONE
    assert disagreeing(shown.page) == before - 2  # nobody is left to disagree with
    shown.page.hide_comparison()
    shown.page.reviewer.show(Filter(reasons=("conflict",)))
    shown.key("C")
    a = view.pair[0]
    shown.key("Shift+E")
    assert project.verdicts[a] == VerdictCode.EXCLUDE


def test_arrows_walk_the_pairs_and_what_is_nearest_x_swaps_and_escape_goes_back(shown: Shown) -> None:
    shown.key("C")
    view = shown.page.compare
    first = view.pair
    assert view.header.title.text() == "Duplicates that disagree" and view.header.place.text() == "1 of 6"
    shown.key("Right")
    assert set(view.pair).isdisjoint(first) and view.header.place.text() == "2 of 6"
    shown.key("Left", "Down")
    assert view.pair[0] == first[0] and view.pair[1] != first[1] and view.header.title.text() == "Nearest items"
    shown.key("Up")
    assert view.pair == first
    shown.key("X")
    assert view.pair == first[::-1]
    shown.key("Escape")
    assert not view.isVisible() and shown.page.columns.isVisible() and shown.page.hasFocus()
    assert shown.current == first[1]
    assert shown.page.reviewer.worklist.filter.reasons == ("conflict",)  # and the filter is as it was


def test_the_strip_shows_the_pairs_and_what_became_of_each(shown: Shown) -> None:
    shown.key("C")
    view, words = shown.page.compare, []
    numbers = [number for number, _place in view.strip.places()]
    assert numbers == [0, 1, 2, 3, 4, 5]
    for key in ("Return", "Space", "E"):
        pair, coming = view.pair, view.walk.pairs[view.walk.position + 1]
        shown.key(key)
        assert view.pair == coming  # the one that stood there as next
        became = view.words.became(pair)
        assert became is not None
        words.append(became.words)
    assert words[0].startswith("both ") and words[1:] == ["kept both", "B excluded"]
    assert view.walk.position == 3 and next(n for n, _place in view.strip.places()) == 1
    place = dict(view.strip.places())[1]
    QTest.mouseClick(view.strip, Qt.MouseButton.LeftButton, pos=place.center().toPoint())
    assert view.walk.position == 1 and view.side.history.lines()
    shown.key("Z", "Z", "Z")
    assert view.walk.position == 0 and view.words.became(view.pair) is None
    assert [line.how for line in view.side.history.lines()][-1] == "undone"


def test_d_lays_the_difference_over_b_and_its_share_is_told(shown: Shown) -> None:
    stand_at_pair(shown)
    shown.key("C")
    view, over = shown.page.compare, shown.page.compare.halves[1].image
    shown.bot.waitUntil(lambda: view.side.alike.difference is not None)
    told = {line.what: line.how for line in view.side.alike.lines()}
    assert told["Pixels that differ"].startswith("0.0") and told["Same content"] == "yes"
    shown.key("Down", "Down")
    shown.bot.waitUntil(lambda: view.side.alike.difference is not None)
    told = {line.what: line.how for line in view.side.alike.lines()}
    assert not told["Pixels that differ"].startswith("0.0") and told["Same content"] == "no"
    shown.bot.waitUntil(lambda: over.image is not None)
    assert over._over is None
    before = over.grab().toImage()
    shown.key("D")
    assert over._over is not None and over.grab().toImage() != before
    shown.key("D")
    assert over.grab().toImage() == before


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


def test_where_two_images_differ_is_told_by_colour_and_share() -> None:
    one, other = (QImage(40, 20, QImage.Format.Format_RGB32) for _image in range(2))
    for image in (one, other):
        image.fill(QColor("white"))
    for x in range(10):
        for y in range(20):
            one.setPixelColor(x, y, QColor("black"))
            other.setPixelColor(39 - x, y, QColor("black"))
    made, share = difference(one, other.scaled(80, 40), QColor("red"), QColor("blue"))
    assert share == pytest.approx(0.5, abs=0.03)
    assert [made.pixelColor(x, 10).name() for x in (4, 35)] == ["#ff0000", "#0000ff"]
    assert made.pixelColor(4, 10).alpha() == made.pixelColor(35, 10).alpha() == 255 and made.pixelColor(20, 10).alpha() == 0


def test_words_that_only_one_text_has_are_found_in_every_script() -> None:
    text, other = "the red dog barks", "the old red dog sleeps"
    assert [text[start:end] for start, end in only_in(text, other)] == ["barks"]
    assert [other[start:end] for start, end in only_in(other, text)] == ["old", "sleeps"]
    assert [("今天下雨了")[start:end] for start, end in only_in("今天下雨了", "今天下雪了")] == ["雨"]
    assert only_in("the same", "the  same") == []
