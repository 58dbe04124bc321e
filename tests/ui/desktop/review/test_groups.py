"""Groups in the window: a key finds them off the window's thread, typing narrows them, Enter shows the chosen one's items."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from badcase.groups.of_project import GroupKind
from badcase.project import Project
from badcase.ui.desktop.review.filtering.filters import Filter
from badcase.ui.desktop.review.queue.confusion_matrix import PairRow
from badcase.ui.desktop.review.state.worklist import Order
from badcase.ui.desktop.shell.palette import Palette
from tests.ui.desktop.review.conftest import Shown

Show = Callable[..., Shown]


@pytest.fixture
def shown(show: Show, project: Project) -> Shown:
    return show(project)


def offered(shown: Shown, key: str) -> Palette:
    """Press the key and wait until the list is filled."""
    shown.key(key)
    palette = shown.page.findChild(Palette)
    assert isinstance(palette, Palette), "the list is there at once"
    shown.bot.waitUntil(lambda: not palette.model.shown[0].title.startswith("Looking"), timeout=20_000)
    return palette


def test_a_confusion_is_chosen_with_the_keyboard_alone(shown: Shown, project: Project) -> None:
    palette = offered(shown, "Alt+P")
    first = project.groups(GroupKind.CONFUSIONS)[0]
    assert palette.model.shown[0].title == first.title
    assert f"{len(first.items)} items" in palette.model.shown[0].page
    shown.key("Return")
    assert shown.page.reviewer.worklist.rows.tolist() == first.items.tolist()
    assert shown.page.reviewer.worklist.filter.title == first.title
    assert shown.current == first.items[0]


@pytest.mark.parametrize(("key", "kind"), [("Alt+C", GroupKind.CLUSTERS), ("Alt+S", GroupKind.SLICES)])
def test_clusters_and_slices_are_offered_or_it_is_said_that_there_are_none(
    shown: Shown, project: Project, key: str, kind: GroupKind
) -> None:
    expected = [one.title for one in project.groups(kind)]
    palette = offered(shown, key)
    assert [one.title for one in palette.model.shown] == (expected or ["None stand out"])
    assert bool(palette.model.shown[0].why_not) == (not expected)


def test_while_groups_are_looked_for_no_key_reaches_the_item(shown: Shown, project: Project) -> None:
    shown.key("Alt+C", "Return", "Space", "E")
    assert project.revision == 0
    palette = shown.page.findChild(Palette)
    assert isinstance(palette, Palette) and palette.isVisible()
    shown.key("Esc", "Esc")  # empties the field, then closes
    after: list[None] = []
    shown.session.pool.submit(lambda: None, after.append)  # what was looked for comes before it
    shown.bot.waitUntil(lambda: bool(after), timeout=20_000)
    assert shown.page.findChild(Palette) is None, "what comes after it was closed does not bring it back"
    shown.key("Space")
    assert project.revision == 1


def test_before_a_ranking_the_groups_that_need_one_say_why_not(show: Show, bare: Project) -> None:
    page = show(bare).page
    why = {one.keys: one.why_not for one in page.commands()}
    assert why["Alt+C"] and why["Alt+S"] and why["Alt+W"] and not why["Alt+D"]


def test_a_sweep_goes_from_the_obvious_errors_to_the_obviously_right(shown: Shown, project: Project) -> None:
    facts = shown.page.reviewer.facts
    given = int(facts.given[shown.current])
    shown.key("Alt+G")
    rows = shown.page.reviewer.worklist.rows
    assert sorted(rows) == np.flatnonzero((facts.given == given) & ~facts.gold).tolist()
    assert (np.diff(facts.suspicion[rows]) <= 0).all()
    pair = (given, int(facts.suggested[shown.current]))
    shown.key("Alt+W")
    rows = shown.page.reviewer.worklist.rows
    assert {(int(facts.given[i]), int(facts.suggested[i])) for i in rows} == {pair}


def test_a_list_stands_in_its_own_order_and_gives_it_up_with_the_filter(shown: Shown) -> None:
    worklist = shown.page.reviewer.worklist
    shown.page.reviewer.show_list([7, 3, 11, 3], "mine")
    assert worklist.rows.tolist() == [7, 3, 11] and worklist.order is Order.LISTED
    shown.key("G")
    order = shown.page.centre.grid_header.order
    assert order.currentData() == "listed"
    shown.page.reviewer.show(worklist.filter, Order.DATA)
    assert worklist.rows.tolist() == [3, 7, 11]
    shown.page.reviewer.show(Filter())
    assert worklist.order is Order.DATA and order.findData("listed") < 0
    shown.page.reviewer.show_list([7, 3], "mine")
    shown.page.reviewer.show(Filter())
    assert worklist.order is Order.SUSPECT


def test_what_two_reviewers_judged_differently_is_a_key_away(shown: Shown, project: Project) -> None:
    told: list[str] = []
    shown.session.toast.connect(lambda text, _key: told.append(text))
    shown.key("Alt+R")
    assert told == ["No two reviewers disagree"]
    project.journal.record([4, 5], "keep", who="ann")
    project.journal.record([5, 6], "exclude", who="bob")
    shown.key("Alt+R")
    assert shown.page.reviewer.worklist.rows.tolist() == [5]
    shown.key("Alt+2")
    assert sorted(shown.page.reviewer.worklist.rows.tolist()) == [4, 6]


def test_the_pairs_of_the_panel_are_those_with_most_errors_to_expect(shown: Shown) -> None:
    confusions = shown.page.reviewer.worklist.confusions()
    shown_pairs = [row.pair for row in shown.page.queue.findChildren(PairRow) if row.isVisible()]
    expected = [confusions.expected[pair] for pair in shown_pairs]
    assert len(expected) > 1 and expected == sorted(expected, reverse=True)


def test_a_second_reviewer_goes_through_the_whole_list_of_what_one_has_judged(
    shown: Shown, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The story of a bug: the list was over after its first item, for every item in it had a verdict already."""
    monkeypatch.setenv("LOGNAME", "anna")
    shown.key("Space", "Space", "Space")
    monkeypatch.setenv("LOGNAME", "ben")
    shown.key("Alt+2")
    listed = shown.page.reviewer.worklist.rows.tolist()
    assert len(listed) == 3
    judged = []
    for _verdict in range(3):
        judged.append(shown.current)
        shown.key("E")
    assert judged == listed
    assert shown.page.reviewer.current is None  # nothing of it waits for him any more
    assert len(project.reviewers().disagreements()) == 3
    shown.key("Z")
    assert (shown.current, shown.page.reviewer.worklist.left()) == (listed[2], 1)  # what is undone waits again
    shown.key("E")
    assert shown.page.reviewer.current is None
