"""Who reviews is recorded, and a second reviewer does not see what the first decided, unless that is wanted."""

from __future__ import annotations

import numpy as np
import pytest

from badcase.project import Project
from badcase.ui.desktop.review.compare.pair_words import PairWords
from badcase.ui.desktop.review.state.class_choices import Choices, Role
from tests.ui.desktop.review.conftest import Show, Shown


def roles(shown: Shown) -> list[Role]:
    choices = shown.page.reviewer.choices()
    assert isinstance(choices, Choices)
    return [head.role for head in choices.heads()]


def history(shown: Shown) -> list[str]:
    return [line.what for line in shown.page.detail.history.lines()]


LIVE = ("label", "status", "reviewer", "suggestion")


def fields(shown: Shown) -> dict[str, list[str]]:
    """What charts, colours and filters say of every item, by what they go by."""
    told = shown.page.reviewer.facts.fields
    assert told is not None
    found = {name: told.kinds(name) for name in LIVE}
    return {name: [kinds.names[place] if place >= 0 else "" for place in kinds.of.tolist()] for name, kinds in found.items()}


def become(shown: Shown, name: str) -> None:
    shown.session.preferences.reviewer = name
    shown.session.prefer()


@pytest.fixture
def judged(show: Show, project: Project) -> tuple[Shown, int]:
    """Anna has relabelled the first item and kept the second; Ben sits down before them."""
    shown = show(project)
    become(shown, "Anna")
    item = shown.current
    shown.key("Return", "Space")
    assert project.journal.judge_of(item) == "Anna"
    become(shown, "Ben")
    shown.page.reviewer.show_list([item], "again")
    return shown, item


def test_what_another_decided_is_shown_in_no_place(judged: tuple[Shown, int], project: Project) -> None:
    shown, item = judged
    face = shown.page.faces.face(item)
    assert face.state is None
    assert face.suggested == project.classes[int(shown.page.reviewer.facts.suggested[item])]
    assert roles(shown) == [Role.SUGGESTION, Role.GIVEN]
    assert not shown.page.centre.focus_header.decision.isVisible()
    assert history(shown)[1:] == ["verdicts of others"]


def test_it_is_shown_once_this_reviewer_has_decided_and_both_verdicts_are_kept(
    judged: tuple[Shown, int], project: Project
) -> None:
    shown, item = judged
    shown.key("Space", "Left")
    assert shown.page.faces.face(item).state.words == f"you kept {project.classes[int(project.given[item])]}"  # type: ignore[union-attr]
    assert len(history(shown)) == 3
    said = {one.who: one.verdict for one in project.journal.by_reviewer() if one.item == item}
    assert said == {"Anna": "relabel", "Ben": "keep"}
    assert project.journal.history(item)[-1].shown["others_hidden"] is True


def test_it_is_shown_where_that_is_wanted(judged: tuple[Shown, int], project: Project) -> None:
    shown, item = judged
    shown.session.preferences.others_hidden = False
    shown.session.prefer()
    assert shown.page.faces.face(item).state.words == f"Anna set {project.classes[int(project.labels[item])]}"  # type: ignore[union-attr]
    assert roles(shown)[0] is Role.DECIDED
    assert len(history(shown)) == 2


def test_charts_colours_and_filters_tell_of_it_as_of_what_nobody_has_judged(show: Show, project: Project) -> None:
    shown = show(project)
    become(shown, "Anna")
    before, first = fields(shown), shown.current
    shown.key("Return", "Space", "U", "E")
    for_anna = fields(shown)
    assert sum(a != b for a, b in zip(for_anna["status"], before["status"], strict=True)) == 4
    become(shown, "Ben")
    assert fields(shown) == before
    shown.page.reviewer.show_list([first], "again")
    shown.key("Space")  # what Ben decided he sees, and nothing of the other three
    changed = [item for item, (a, b) in enumerate(zip(fields(shown)["status"], before["status"], strict=True)) if a != b]
    assert changed == [first]
    shown.session.preferences.others_hidden = False
    shown.session.prefer()
    assert sum(a != b for a, b in zip(fields(shown)["status"], before["status"], strict=True)) == 4


def test_side_by_side_and_among_the_nearest_it_stands_as_it_came(judged: tuple[Shown, int], project: Project) -> None:
    shown, item = judged
    other = (item + 1) % len(project.items)
    words = PairWords(shown.page.reviewer, shown.page.faces)
    assert words.names((item, other))[0] == project.classes[int(project.given[item])]
    assert not words.half(item, "").changed
    shown.bot.waitUntil(lambda: shown.page.reviewer._finder is not None)
    finder, now = shown.page.reviewer._finder, int(project.labels[item])
    assert finder is not None and now != project.given[item]
    every = finder.nearest(other, now, len(project.items))
    assert item not in [near for near, _how in every]
    shown.session.preferences.others_hidden = False
    finder.hidden = shown.session.seen.hidden()
    assert item in [near for near, _how in finder.nearest(other, now, len(project.items))]


def test_what_is_seen_is_the_same_item_by_item_and_all_at_once(judged: tuple[Shown, int], project: Project) -> None:
    shown, _item = judged
    seen, n = shown.session.seen, len(project.items)
    assert [seen.hides(item) for item in range(n)] == seen.hidden().tolist()
    assert [seen.label(item) for item in range(n)] == seen.labels().tolist()
    assert [seen.verdict(item) for item in range(n)] == seen.verdicts().tolist()
    assert seen.hidden(np.array([3, 1])).tolist() == seen.hidden()[[3, 1]].tolist()
    assert int(seen.hidden().sum()) == 2


def test_who_decided_first_sees_it_again(judged: tuple[Shown, int]) -> None:
    shown, item = judged
    become(shown, "Anna")
    assert shown.page.faces.face(item).state.words.startswith("you set")  # type: ignore[union-attr]


def test_an_undo_is_recorded_with_the_name_too(judged: tuple[Shown, int], project: Project) -> None:
    shown, _item = judged
    shown.key("E", "Z")
    assert project._store.rows("SELECT who FROM journal ORDER BY seq DESC LIMIT 1") == [("Ben",)]
