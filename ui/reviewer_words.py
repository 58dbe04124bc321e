"""How reviewers and what they say are called, in the window and on the command line."""

from __future__ import annotations

from datetime import datetime

from badcase.i18n import _
from badcase.project import Project
from badcase.reviewers.of_project import CONSENSUS, Reviewers
from badcase.ui import wording


def reviewer_name(who: str) -> str:
    """A reviewer by name; what nobody said alone is the consensus'."""
    return _("the consensus") if who == CONSENSUS else who


def since(at: str) -> str:
    """How long ago a time was that the journal keeps: "yesterday"; in words too where nobody knows."""
    try:
        return wording.ago(datetime.fromisoformat(at))
    except ValueError:
        return _("at an unknown time")


def answer_name(project: Project, reviewers: Reviewers, answer: int) -> str:
    """A class by name, "excluded", or nothing."""
    if answer < 0:
        return ""
    return _("excluded") if answer == reviewers.excluded else project.classes[answer]


def answers_given(project: Project, reviewers: Reviewers, item: int) -> dict[str, str]:
    """What each reviewer answered of an item, by name."""
    said = {name: answer_name(project, reviewers, int(reviewers.answers[item, j])) for j, name in enumerate(reviewers.names)}
    return {name: answer for name, answer in said.items() if answer}
