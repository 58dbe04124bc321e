"""Whether the card of a project still tells the truth: another program, or one that was killed, may have gone on with it.

The project's database is asked, which takes a millisecond; only a project that has changed is opened, beside whoever holds it.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from badcase.errors import BadcaseError
from badcase.store.database import glance
from badcase.ui.desktop.start.recent import Summary

_log = logging.getLogger(__name__)


def fresh(known: Summary) -> Summary | None:
    """What a card has to tell now; None where it tells that already, or it cannot be known. For any thread."""
    if not known.there:
        return None
    now = glance(Path(known.path))
    if not now or now == known.stamp:
        return None
    from badcase.project import Project
    from badcase.ui.desktop.session.live_learner import LiveLearner
    from badcase.ui.desktop.start.summary import summarize

    try:
        with Project.open(known.path, attached=True) as project:
            return replace(summarize(project, LiveLearner(project).now()), opened=known.opened)
    except (BadcaseError, OSError) as error:
        _log.info("the card of %s tells what it told: %s", known.path, error)
        return None
