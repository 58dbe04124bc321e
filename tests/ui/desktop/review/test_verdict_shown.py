"""A verdict is shown where it was given: in the decision rows, the strip, the grid and the header, never the suggestion."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from badcase.project import Project
from badcase.store.judgments import user_name
from badcase.ui.desktop.review.grid import strip
from badcase.ui.desktop.review.state.class_choices import Choices, Role
from tests.ui.desktop.review.conftest import Show, Shown


def other_class(shown: Shown, project: Project, item: int) -> int:
    """A class that is neither given nor suggested."""
    taken = {int(project.given[item]), int(shown.page.reviewer.facts.suggested[item])}
    return next(label for label in range(3) if label not in taken)


def rows(shown: Shown) -> list[tuple[str, str]]:
    """Each decision row: the class, and what is said of it."""
    choices = shown.page.reviewer.choices()
    assert isinstance(choices, Choices)
    return [(head.name, choices.said if head.role is Role.DECIDED else str(head.role)) for head in choices.heads()]


def test_another_class_than_the_suggested_one_is_what_every_place_shows(show: Show, project: Project) -> None:
    shown = show(project)
    item = shown.current
    given, other = project.classes[int(project.given[item])], project.classes[other_class(shown, project, item)]
    shown.key(shown.page.reviewer.choices().digit(2))  # type: ignore[union-attr]
    face = shown.page.faces.face(item)
    assert (face.given, face.suggested) == (given, other)
    assert face.state is not None and face.state.words == f"you set {other}"
    shown.key("Left")
    assert shown.current == item
    assert rows(shown) == [(other, f"you set {other}"), (given, "given")]
    decision = shown.page.centre.focus_header.decision
    assert decision.isVisible() and decision.words == f"you set {other}"
    shown.key("Return")  # the first row says what Enter does
    assert project.classes[int(project.labels[item])] == other


def test_what_was_kept_excluded_or_is_unsure_shows_no_suggestion(show: Show, project: Project) -> None:
    shown = show(project)
    for key, words in (("Space", "you kept {name}"), ("E", "you excluded it"), ("U", "you are unsure")):
        item = shown.current
        name = project.classes[int(project.given[item])]
        shown.key(key)
        face = shown.page.faces.face(item)
        assert (face.given, face.suggested) == (name, "")
        assert face.state is not None and face.state.words == words.format(name=name)
        if key == "Space":
            shown.key("Left")
            assert rows(shown) == [(name, words.format(name=name))]
            shown.key("Right")


def test_the_verdict_of_another_person_is_shown_as_theirs(show: Show, project: Project) -> None:
    assert user_name() != "anna"
    shown = show(project)
    shown.session.preferences.others_hidden = False
    item = shown.current
    label = other_class(shown, project, item)
    project.journal.record([item], "relabel", label, who="anna")
    name = project.classes[label]
    assert shown.page.faces.face(item).state.words == f"anna set {name}"  # type: ignore[union-attr]
    assert rows(shown)[0] == (name, f"anna set {name}")
    project.journal.undo()
    assert shown.page.faces.face(item).state is None


def test_where_the_strip_has_no_room_for_who_set_it_the_class_is_told_whole(
    show: Show, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caption was "you set sev…", from which nobody could tell seven from seventy."""
    shown = show(project)
    shown.session.preferences.others_hidden = False
    item = shown.current
    label = other_class(shown, project, item)
    project.journal.record([item], "relabel", label, who="somebody from the second floor")
    said: list[str] = []
    plain = strip.draw_text

    def draw(painter: QPainter, rect: QRectF, text: str, *rest: Any, **more: Any) -> float:
        said.append(text)
        return plain(painter, rect, text, *rest, **more)

    monkeypatch.setattr(strip, "draw_text", draw)
    shown.key("Right")
    shown.page.centre.strip.grab()
    assert project.classes[label] in said and not any("second floor" in text for text in said)


def test_an_item_that_nobody_judged_has_no_decision_in_its_header(show: Show, project: Project) -> None:
    shown = show(project)
    assert not shown.page.centre.focus_header.decision.isVisible()
    shown.key("Space")
    assert not shown.page.centre.focus_header.decision.isVisible()
    shown.key("Left")
    assert shown.page.centre.focus_header.decision.isVisible()
