"""What mouse and keys select on the map, and what the verdict keys make of it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.map.canvas import Tool
from badcase.ui.desktop.review.page import ReviewPage
from tests.ui.desktop.map.conftest import OnMap, child

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


def some(shown: OnMap, count: int) -> list[int]:
    """Items that lie near each other."""
    first = int(np.flatnonzero(~shown.page.reviewer.facts.gold)[0])
    away = [
        (shown.page.canvas.place(item) - shown.page.canvas.place(first)).manhattanLength()
        for item in range(shown.page.reviewer.facts.n)
    ]
    return np.argsort(away)[:count].tolist()


def test_a_box_selects_what_lies_in_it_shift_adds_and_alt_takes_out(shown: OnMap) -> None:
    gold = set(np.flatnonzero(shown.page.reviewer.facts.gold).tolist())
    shown.key("B")
    assert shown.page.canvas.tool is Tool.BOX
    box = shown.around(some(shown, 9))
    shown.drag([box[0], box[2]])
    first = shown.in_box(box) - gold
    assert shown.selected == first and len(first) > 3
    rest = [item for item in range(shown.page.reviewer.facts.n) if item not in first][:4]
    other = shown.around(rest[:1], 20)
    shown.drag([other[0], other[2]], SHIFT)
    both = first | (shown.in_box(other) - gold)
    assert shown.selected == both
    shown.drag([box[0], box[2]], ALT)
    assert shown.selected == both - shown.in_box(box)


def test_a_lasso_selects_what_it_goes_around(shown: OnMap) -> None:
    gold = set(np.flatnonzero(shown.page.reviewer.facts.gold).tolist())
    shown.key("L")
    corners = shown.around(some(shown, 12))
    shown.drag([*corners, corners[0]])
    assert shown.selected == shown.in_box(corners) - gold
    shown.key("L")
    assert shown.page.canvas.tool is Tool.PAN


def test_a_click_selects_one_shift_turns_it_over_and_escape_clears(shown: OnMap) -> None:
    one, other = (item for item in some(shown, 30)[::14][:2])
    shown.click(one)
    hit = shown.selected
    assert len(hit) == 1
    shown.click(other, SHIFT)
    assert len(shown.selected) == 2
    shown.click(other, SHIFT)
    assert shown.selected == hit
    shown.key("Escape")
    assert shown.selected == set()


def test_verdict_keys_judge_the_selection_and_one_undo_takes_it_back(shown: OnMap, project: Project) -> None:
    shown.key("B")
    box = shown.around(some(shown, 9))
    shown.drag([box[0], box[2]])
    chosen = sorted(shown.selected)
    suggested = shown.page.reviewer.facts.suggested[chosen].tolist()
    assert child(shown.page, "selected-count").text() == f"{len(chosen)} selected"  # type: ignore[attr-defined]
    shown.key("Return")
    assert project.labels[chosen].tolist() == suggested
    assert shown.selected == set()
    shown.key("Z")
    assert project.journal.counts().reviewed == 0
    for key, code in (("E", VerdictCode.EXCLUDE), ("U", VerdictCode.UNSURE), ("Space", VerdictCode.KEEP)):
        shown.drag([box[0], box[2]])
        assert sorted(shown.selected) == chosen
        shown.key(key)
        assert (project.verdicts[chosen] == code).all()
        shown.key("Z")
    shown.drag([box[0], box[2]])
    label = shown.page.desk.label_of("2")
    shown.key("2")
    assert (project.labels[chosen] == label).all()


def test_without_a_selection_no_key_judges_an_item_that_is_not_seen(shown: OnMap, project: Project) -> None:
    told: list[str] = []
    shown.session.toast.connect(lambda text, _key: told.append(text))
    shown.key("E", "Return", "Space", "U", "1")
    assert project.journal.counts().reviewed == 0
    assert set(told) == {"Nothing is selected"}


def test_gold_in_an_outline_is_not_selected_and_that_is_said(shown: OnMap, project: Project) -> None:
    shown.key("B")
    canvas = shown.page.canvas
    shown.drag([QPoint(1, 1), QPoint(canvas.width() - 1, canvas.height() - 1)])
    gold = int(np.count_nonzero(project.gold))
    assert gold and shown.selected == set(np.flatnonzero(~project.gold).tolist())
    assert child(shown.page, "stays").text() == f"{gold} are gold and stay"  # type: ignore[attr-defined]


def test_grown_by_nearest_and_by_all_like_these(shown: OnMap) -> None:
    shown.key("B")
    box = shown.around(some(shown, 6))
    shown.drag([box[0], box[2]])
    before = shown.selected
    shown.bot.waitUntil(lambda: shown.page.search.near is not None)
    shown.key("W")
    grown = shown.selected
    assert len(grown) == len(before) + 3 and before < grown
    shown.bot.waitUntil(lambda: shown.page.search.near is not None)
    assert shown.page.search.near is not None
    wanted = set(shown.page.search.near.as_like.tolist())
    shown.key("A")
    assert shown.selected == grown | wanted and wanted


def test_g_opens_the_selection_in_the_grid_where_it_is_selected_still(shown: OnMap) -> None:
    shown.key("B")
    box = shown.around(some(shown, 9))
    shown.drag([box[0], box[2]])
    chosen = shown.selected
    shown.key("G")
    review = shown.pages.page("review")
    assert isinstance(review, ReviewPage) and review.isVisible() and review.centre.in_grid
    assert set(review.reviewer.worklist.rows.tolist()) == chosen
    assert set(review.reviewer.worklist.selected_items().tolist()) == chosen
    QTest.keyClick(review, Qt.Key.Key_Escape)
    shown.pages.show("map")
    assert shown.selected == set()


def test_what_the_grid_selects_is_selected_on_the_map(shown: OnMap) -> None:
    review = shown.pages.show("review")
    assert isinstance(review, ReviewPage)
    QTest.keyClick(review, Qt.Key.Key_G)
    QTest.keyClick(review, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    chosen = set(review.reviewer.worklist.selected_items().tolist())
    shown.pages.show("map")
    assert shown.selected == chosen and chosen
    assert {item for item in range(shown.page.reviewer.facts.n) if shown.page.points.is_selected(item)} == chosen


def test_an_item_of_another_pile_is_selected_beside_those_of_the_queue(shown: OnMap) -> None:
    """The list widens to all items then, and nothing of the selection is lost."""
    facts, worklist = shown.page.reviewer.facts, shown.page.reviewer.worklist
    waiting = int(worklist.rows[0])
    rest = int(np.flatnonzero(~facts.worth & ~facts.gold)[0])
    shown.page.desk.choose(np.array([waiting]))
    assert worklist.row_of(rest) < 0
    shown.click(rest, SHIFT)
    hit = shown.page.canvas.item_at(shown.page.canvas.place(rest))
    assert shown.selected == {waiting, hit} and worklist.row_of(hit) >= 0
