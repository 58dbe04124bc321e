"""Who reviews is recorded, and a second reviewer does not see what the first decided, unless that is wanted."""

from __future__ import annotations

import pytest

from badcase.project import Project
from badcase.ui.desktop.review.state.class_choices import Choices, Role
from tests.ui.desktop.review.conftest import Show, Shown


def roles(shown: Shown) -> list[Role]:
    choices = shown.page.reviewer.choices()
    assert isinstance(choices, Choices)
    return [head.role for head in choices.heads()]


def history(shown: Shown) -> list[str]:
    return [line.what for line in shown.page.detail.history.lines()]


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


def test_who_decided_first_sees_it_again(judged: tuple[Shown, int]) -> None:
    shown, item = judged
    become(shown, "Anna")
    assert shown.page.faces.face(item).state.words.startswith("you set")  # type: ignore[union-attr]


def test_an_undo_is_recorded_with_the_name_too(judged: tuple[Shown, int], project: Project) -> None:
    shown, _item = judged
    shown.key("E", "Z")
    assert project._store.rows("SELECT who FROM journal ORDER BY seq DESC LIMIT 1") == [("Ben",)]
