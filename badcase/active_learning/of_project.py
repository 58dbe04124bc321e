"""The errors left in a project: one count for the window, the command line, the report and Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badcase.active_learning.errors_left import ErrorsLeft
from badcase.active_learning.learner import Learner
from badcase.active_learning.learner_state import LearnerState
from badcase.errors import BadcaseError

if TYPE_CHECKING:
    from badcase.ranking.any_ranking import AnyRanking
    from badcase.store.project_data import ProjectData

_SETTING = "drawn at random"
_JUDGED = "judged before draws"  # kept apart: it grows with the verdicts, and is of use only where one of them is taken back


def errors_left(project: ProjectData, ranking: AnyRanking) -> ErrorsLeft:
    """The wrong labels among the items without a verdict, by the ranking in use and what was drawn at random."""
    learner = Learner(ranking, kept=kept_state(project))
    learner.update(project.verdicts)
    return learner.errors_left()


def kept_state(project: ProjectData) -> LearnerState | None:
    """What was drawn at random, as it was kept; None where nothing was, or it cannot be read."""
    try:
        plain = project.setting(_SETTING)
        if plain is None:
            return None
        return LearnerState.of({"judged": project.setting(_JUDGED, [])} | plain, len(project.items))
    except (BadcaseError, ValueError, TypeError):  # a damaged list of draws costs the draws, never the project
        return None


def keep_state(project: ProjectData, state: LearnerState, *, judged: bool = True) -> None:
    """Keep what was drawn at random, for whoever counts next.

    judged: Also which verdicts were there before which draw; what is not kept of that counts as newer than all draws.
    """
    plain = state.plain()
    with project.one_step():
        before = plain.pop("judged")
        if judged:
            project.set_setting(_JUDGED, before)
        project.set_setting(_SETTING, plain)
