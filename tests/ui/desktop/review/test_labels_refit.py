"""On items with any number of labels the classifiers learn in the background too, and taking that over moves nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from badcase.active_learning.refit_schedule import refit_at
from badcase.project import Project
from tests.ui.desktop.review.conftest import Shown
from tests.ui.desktop.review.test_labels import labels_project, made_labels

__all__ = ["labels_project", "made_labels"]  # fixtures

Show = Callable[..., Shown]


@pytest.fixture
def refitted(show: Show, labels_project: Project) -> Shown:
    """The page after a few verdicts, with a new ranking that waits for the next one."""
    ranking = labels_project.any_ranking
    assert ranking is not None
    for item in ranking.order[::-1][: refit_at(len(labels_project.items), 0) - 3].tolist():
        labels_project.journal.record([item], "keep")
    shown = show(labels_project)
    shown.key("Space", "Space")
    with shown.bot.waitSignal(shown.session.refit.ready, timeout=60_000):
        shown.key("Space")
    shown.bot.waitUntil(lambda: shown.page.reviewer.coming is not None, timeout=5000)
    return shown


def test_what_was_judged_is_learnt_in_the_background_and_comes_in_with_the_next_verdict(
    refitted: Shown, labels_project: Project
) -> None:
    project, ranking, refit = labels_project, refitted.page.reviewer.ranking, refitted.session.refit
    assert project.any_ranking is ranking and refit.gain is not None and refit.gain.base == 0
    refitted.key("Space")
    newer = project.any_ranking
    assert newer is not ranking and newer is refitted.page.reviewer.ranking
    assert project.verdicts_ranked == project.journal.counts().reviewed - 1
    learner = refitted.session.learner.now()
    assert learner is not None and learner.ranking is newer


def test_taking_a_refit_over_lists_nothing_anew_within_the_key_and_what_was_judged_stays(refitted: Shown) -> None:
    """The page took its own change for that of another, made its list anew, and three judged items were gone from it."""
    page = refitted.page
    listed = page.reviewer.worklist
    stood, told = listed.rows[: listed.position + 1].tolist(), []
    assert len(stood) == 4  # three that were judged, and the current one
    page.reviewer.listed.connect(lambda: told.append("listed"))
    page.reviewer.renewed.connect(lambda: told.append("renewed"))
    refitted.key("Space")
    assert told == ["renewed"]
    assert listed.rows[: listed.position].tolist() == stood
    refitted.settle()
    assert listed.rows[: listed.position].tolist() == stood
    refitted.key("Left")
    assert refitted.current == stood[-1]  # the strip goes by the same rows
