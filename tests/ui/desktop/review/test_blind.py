"""An item that was drawn at random is judged without the model's view of it: else the count would rest on that view."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest

from badcase.project import Project
from badcase.ui.desktop.review.state.class_choices import Role
from tests.ui.desktop.review.conftest import Shown, child

Show = Callable[..., Shown]


@pytest.fixture
def shown(show: Show, project: Project) -> Shown:
    """At the first item that was drawn at random."""
    opened = show(project)
    while not opened.page.reviewer.blind(opened.current):
        opened.key("Return")
    return opened


def test_nothing_on_screen_tells_what_the_model_says(shown: Shown) -> None:
    page, item = shown.page, shown.current
    choices = page.reviewer.choices()
    assert choices is not None
    assert [head.role for head in choices.heads()] == [Role.GIVEN]
    assert np.isnan(choices.likelihood).all()
    others = [label for label in choices.order if label != choices.given]
    assert others == sorted(others)  # by class, not by likelihood
    face = page.faces.face(item)
    assert face.suggested == "" and np.isnan(face.suspicion)
    shown.settle()
    assert [line.what for line in page.detail.why.lines()] == ["Drawn at random", "The model's view"]
    assert not page.detail.nearest_suggested.isVisible()
    assert not child(page.centre.focus_header, "suspicion").isVisible()


def test_enter_takes_no_suggestion_that_was_not_shown(shown: Shown, project: Project) -> None:
    told: list[str] = []
    shown.session.toast.connect(lambda text, _key: told.append(text))
    item, before = shown.current, project.revision
    shown.key("Return")
    assert (shown.current, project.revision) == (item, before)
    assert "Drawn at random" in told[0]


def test_in_a_selection_it_is_left_out_of_accepting(shown: Shown, project: Project) -> None:
    item = shown.current
    shown.key("G", "X")
    assert "no suggestion shown" in child(shown.page, "accept-all").toolTip()  # its hidden suggestion is not counted as a class
    shown.key("Ctrl+A", "Return")
    assert project.verdicts[item] == 0
    assert (project.verdicts[shown.page.reviewer.worklist.rows] > 0).any()


def test_the_verdict_reveals_it_and_the_journal_says_that_it_was_blind(shown: Shown, project: Project) -> None:
    item = shown.current
    assert np.isnan(shown.page.faces.face(item).suspicion)
    shown.key("Space")
    assert not shown.page.reviewer.blind(item) and shown.page.faces.face(item).suspicion >= 0
    assert project.journal.history(item)[-1].shown.get("blind") is True
    assert "suggested" not in project.journal.history(item)[-1].shown
    shown.key("Z")
    assert shown.current == item and shown.page.reviewer.blind(item)


def test_what_was_drawn_stays_drawn_and_counts_the_same_when_the_project_is_opened_again(show: Show, project: Project) -> None:
    """The draws lived in the window alone, so a restart threw away what they told of the errors left."""
    before = show(project)
    for key in ("Return", "Space", "Space", "E", "Return", "Space", "Space", "Return"):
        before.key("Space" if before.page.reviewer.blind(before.current) else key)
    learner = before.session.learner.now()
    assert learner is not None and len(learner.drawn())
    before.bot.waitUntil(lambda: project.setting("drawn at random") is not None, timeout=3000)
    before.session.learner.save(closing=True)
    json.dumps(project.setting("drawn at random"))
    before.page.close()
    again = show(project).session.learner.now()
    assert again is not None and again is not learner
    assert again.drawn().tolist() == learner.drawn().tolist()
    assert again.expected_errors() == learner.expected_errors()
