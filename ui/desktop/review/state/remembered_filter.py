"""The filter a person left a project with, taken up again the next time. Kept with the window, not in the project."""

from __future__ import annotations

from dataclasses import replace

from badcase.errors import BadcaseError
from badcase.ui.desktop.review.state.filter_syntax import parse, tokens
from badcase.ui.desktop.review.state.filters import Filter, Pile
from badcase.ui.desktop.review.state.review_state import ReviewState

_NAME = "review.filter"


def remember_filter(reviewer: ReviewState) -> None:
    """Keep the filter as text; a list that another page asked for is not kept."""
    shown = replace(reviewer.worklist.filter, listed=None, title="")
    text = " ".join(str(token) for token in tokens(shown, reviewer.facts))
    kept = [str(reviewer.session.project.path), str(shown.queue), text]
    reviewer.session.view.set(_NAME, kept)


def restore_filter(reviewer: ReviewState) -> None:
    """Take it up where it belongs to this project, still means something and leaves something to see."""
    kept = reviewer.session.view.get(_NAME)
    if not isinstance(kept, list) or kept[:1] != [str(reviewer.session.project.path)]:
        return
    try:
        wanted = parse(kept[2], reviewer.facts, Filter(queue=Pile(kept[1])))
    except (BadcaseError, ValueError, IndexError, TypeError, AttributeError):
        return  # classes or reasons have changed since, or it is no filter at all
    if wanted.mask(reviewer.facts).any():
        reviewer.show(wanted)
