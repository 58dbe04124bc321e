"""What a reviewer can rely on from the order of what comes next: it learns, it stands still behind, undo brings it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase.active_learning.learner import Learner
from badcase.project import Project
from badcase.ui.desktop.review.filtering.filters import Filter, Pile
from badcase.ui.desktop.review.state import worklist
from badcase.ui.desktop.review.state.worklist import Order, Worklist
from badcase.ui.desktop.shell.project_facts import review_facts
from tests.ui.desktop.review.conftest import Shown
from tests.ui.desktop.review.test_worklist import make_facts

Show = Callable[..., Shown]
RANDOM = "Mix in random items to estimate the errors"


@pytest.fixture
def shown(show: Show, project: Project) -> Shown:
    return show(project)


def learner_of(shown: Shown) -> Learner:
    learner = shown.session.learner.now()
    assert learner is not None
    return learner


def toggle_random(shown: Shown) -> None:
    """As the palette does, and begin at the first item."""
    next(command for command in shown.page.commands() if command.title == RANDOM).run()
    shown.key("Home")


def ahead(shown: Shown) -> list[int]:
    listed = shown.page.reviewer.worklist
    return [int(item) for item in listed.rows[listed.position + 1 :]]


def in_strip(shown: Shown) -> list[int]:
    """The items that the strip paints behind the current one."""
    listed, strip = shown.page.reviewer.worklist, shown.page.centre.strip
    return [int(listed.rows[row]) for row, _place in strip.places() if row > listed.position]


def why(shown: Shown) -> list[str]:
    return [line.what for line in shown.page.detail.why.lines()]


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_what_comes_forward_leaves_the_rest_in_place_and_goes_back_exactly(data: st.DataObject) -> None:
    listed = Worklist(make_facts(40))
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    listed.facts.verdicts[listed.rows] = rng.random(len(listed)) < 0.3
    before, after = listed.rows.copy(), data.draw(st.integers(-1, len(listed) - 1))
    wanted = rng.permutation(np.flatnonzero((listed.facts.verdicts == 0) & ~listed.facts.gold))[: data.draw(st.integers(0, 12))]
    listed.selected[rng.integers(0, len(listed), 3)] = True
    chosen = set(listed.selected_items())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worklist, "_NEAR", data.draw(st.sampled_from([0, 1, 4, 15, 4096])))  # as if the list were a long one
        done = listed.bring_forward(wanted, after)
    stays = np.r_[: after + 1, after + 1 + np.flatnonzero(listed.facts.verdicts[before[after + 1 :]] != 0)]
    assert np.array_equal(listed.rows[stays], before[stays])
    assert set(before) | set(wanted) == set(listed.rows) and len(set(listed.rows)) == len(listed)
    waits, stood = listed.rows[listed.waiting(after)], set(before[: after + 1])
    front = [item for item in wanted if item not in stood]
    assert list(waits[: len(front)]) == front
    rest = [item for item in before[after + 1 :] if listed.facts.verdicts[item] == 0 and item not in front]
    assert list(waits[len(front) :]) == rest
    assert set(listed.selected_items()) == chosen
    assert all(listed.row_of(int(item)) == row for row, item in enumerate(listed.rows))

    assert listed.put_back(done)
    assert np.array_equal(listed.rows, before)
    assert set(listed.selected_items()) == chosen


def test_what_stood_cannot_be_put_back_where_others_wait_by_now() -> None:
    listed = Worklist(make_facts())
    done = listed.bring_forward(listed.rows[[9, 5]], 2)
    listed.facts.verdicts[listed.rows[7]] = 1  # between the rows that moved
    assert not listed.put_back(done)


def test_behind_what_is_shown_the_waiting_come_as_the_verdicts_teach(shown: Shown) -> None:
    toggle_random(shown)
    shown.page.reviewer.show(Filter(queue=Pile.ALL))
    shown.key("Home")
    listed, seen = shown.page.reviewer.worklist, []
    whole, static = set(listed.rows.tolist()), listed.rows.tolist()
    for key in ("Space", "Space", "Return", "Space"):
        seen.append(shown.current)
        still = in_strip(shown)
        shown.key(key)
        assert listed.rows[: len(seen)].tolist() == seen
        left = [item for item in learner_of(shown).ranked().tolist() if item in whole and item not in still]
        assert [shown.current, *ahead(shown)] == still + left
    assert set(listed.rows.tolist()) == whole
    assert listed.rows.tolist() != static  # or there was nothing to see here


@pytest.mark.parametrize("size", [(1440, 820), (1000, 700)])
def test_what_the_strip_shows_as_next_is_next_whatever_the_verdicts_teach(
    show: Show, project: Project, size: tuple[int, int]
) -> None:
    shown = show(project, size)
    shown.page.reviewer.show(Filter(queue=Pile.ALL))
    shown.key("Home")
    stood = []
    for key in ("Space", "Return", "E", "U", "2", "Space", "Space", "Return", "1", "Space", "3", "Return"):
        coming = in_strip(shown)
        stood.append((shown.current, coming))
        shown.key(key)
        assert len(coming) >= 2 and [shown.current, *ahead(shown)][: len(coming)] == coming
    for item, coming in reversed(stood):
        shown.key("Z")
        assert (shown.current, in_strip(shown)) == (item, coming)


def test_no_card_in_sight_moves_under_a_verdict(shown: Shown) -> None:
    shown.key("G")
    shown.page.reviewer.show(Filter(queue=Pile.ALL))
    grid, listed = shown.page.centre.grid, shown.page.reviewer.worklist
    for keys in (("Return",), ("X", "Right", "X", "Space"), ("E",), ("Right", "Right", "Return")):
        cards = {row: int(listed.rows[row]) for row in grid.in_sight()}
        assert len(cards) >= 20
        shown.key(*keys)
        assert {row: int(listed.rows[row]) for row in cards} == cards


def test_what_was_passed_over_and_what_is_judged_stand_still(shown: Shown) -> None:
    toggle_random(shown)
    listed = shown.page.reviewer.worklist
    shown.key("Right", "Right", "Right", "Space", "Right", "Space")
    shown.key("Home", "Right")
    head = listed.rows[:2].tolist()
    judged = {int(item): listed.row_of(int(item)) for item in listed.rows[~listed.open_rows()]}
    assert len(judged) == 2
    shown.key("Return")
    assert listed.rows[:2].tolist() == head
    assert all(listed.row_of(item) == row for item, row in judged.items())


def test_undo_brings_the_order_back_and_redo_the_one_that_was_learnt(shown: Shown) -> None:
    toggle_random(shown)  # an item that was drawn meanwhile keeps its turn, and no longer stands among the suspect ones
    listed = shown.page.reviewer.worklist
    orders = [listed.rows.tolist()]
    for key in ("Space", "Return", "E", "U", "Space", "Space"):
        shown.key(key)
        orders.append(listed.rows.tolist())
    for order in reversed(orders[:-1]):
        shown.key("Z")
        assert listed.rows.tolist() == order
    for order in orders[1:]:
        shown.key("Shift+Z")
        assert listed.rows.tolist() == order


def test_the_twins_of_what_was_judged_come_right_behind_what_is_shown(shown: Shown) -> None:
    shown.page.reviewer.show(Filter(queue=Pile.ALL))
    shown.key("Home")
    learner, listed = learner_of(shown), shown.page.reviewer.worklist
    twins = np.arange(listed.facts.n)
    like = listed.rows[[-1, -4]]
    twins[like] = twins[shown.current]
    learner.move(replace(learner.ranking, evidence=replace(learner.ranking.evidence, twins=twins)))
    still = in_strip(shown)
    shown.key("Return")
    assert [shown.current, *ahead(shown)][: len(still)] == still
    assert set(ahead(shown)[len(still) - 1 : len(still) + 1]) == set(like.tolist())


def test_only_the_order_by_suspicion_learns(shown: Shown) -> None:
    shown.page.reviewer.show(Filter(), Order.DATA)
    rows = shown.page.reviewer.worklist.rows.tolist()
    shown.key("Home", "Space", "Space", "Return")
    assert shown.page.reviewer.worklist.rows.tolist() == rows


def test_a_list_made_later_begins_with_what_was_learnt(shown: Shown) -> None:
    toggle_random(shown)
    shown.key("Space", "Space", "Return")
    wanted = Filter(queue=Pile.ALL)
    shown.page.reviewer.show(wanted)
    listed = shown.page.reviewer.worklist
    waiting = listed.rows[listed.open_rows()].tolist()
    assert waiting == learner_of(shown).ranked().tolist()


# --- at random ----------------------------------------------------------------------------------------------------


def test_random_items_come_among_the_first_and_say_so(shown: Shown) -> None:
    learner = learner_of(shown)
    coming = [shown.current, *ahead(shown)[:11]]
    drawn = [item for item in coming if learner.in_random_sample(item)]
    assert 1 <= len(drawn) <= 4
    assert not learner.in_random_sample(shown.current)
    assert "Drawn at random" not in why(shown)
    while shown.current != drawn[0]:
        shown.key("Return")
    assert "Drawn at random" in why(shown)


def test_a_random_item_comes_though_no_reason_speaks_for_it(show: Show, project: Project) -> None:
    """Else the count would rest on the suspect items alone."""
    shown = show(project)
    worth, met = shown.page.reviewer.facts.worth, []
    while shown.page.reviewer.current is not None and len(met) < 40:
        met.append(shown.current)
        shown.key("Space")
    learner = learner_of(shown)
    assert any(learner.in_random_sample(item) and not worth[item] for item in met)


def test_a_narrowed_queue_holds_only_what_was_asked_for(shown: Shown) -> None:
    reviewer = shown.page.reviewer
    reviewer.show(Filter(given=(1,)))
    shown.key("Space", "Space")
    assert (reviewer.facts.given[reviewer.worklist.rows] == 1).all()
    assert reviewer.facts.worth[reviewer.worklist.rows].all()


def test_what_was_drawn_stays_drawn_after_a_job_that_ranked_nothing(shown: Shown, project: Project) -> None:
    """A report read the ranking again, and the count forgot its draws; a new ranking made it forget them too."""
    shown.key("Return", "Space", "Space", "Return")
    learner = learner_of(shown)
    drawn, ranking = learner.drawn().tolist(), learner.ranking
    shown.session.changed.emit(project.reload())
    assert drawn and learner_of(shown).drawn().tolist() == drawn and learner.ranking is ranking
    shown.key("Return", "Space")
    drawn = learner.drawn().tolist()
    project.rank()
    shown.session.changed.emit(project.reload())
    assert learner_of(shown).drawn()[: len(drawn)].tolist() == drawn
    assert learner_of(shown).ranking is project.ranking is not ranking


def test_random_items_can_be_switched_off_and_stay_so(show: Show, project: Project) -> None:
    before = show(project)
    toggle_random(before)
    assert before.page.reviewer.facts.worth[before.page.reviewer.worklist.rows].all()
    before.session.view.save()
    before.page.close()
    after = show(project)
    after.key("Space", "Space", "Return")
    assert after.page.reviewer.facts.worth[after.page.reviewer.worklist.rows].all()
    toggle_random(after)
    assert any(learner_of(after).in_random_sample(item) for item in ahead(after))


# --- what the status strip tells ----------------------------------------------------------------------------------


def test_the_strip_counts_by_the_same_learner(shown: Shown, project: Project) -> None:
    shown.key("Return", "Space")
    learner = learner_of(shown)
    facts = review_facts(project, learner)
    left = learner.errors_left()
    assert (facts[2].bold, left.known) == (left.coarse, False)
    assert facts[3].before == "next 50:"
    assert facts[3].bold in ("mostly errors", "about half errors", "few errors")  # two verdicts have not tried the scores yet
    assert [fact.rank for fact in facts] == [2, 1, 0, 3]
