"""The filter and the place a person left a project at, taken up again the next time. Kept with the window, not in the project."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from badcase.errors import BadcaseError
from badcase.ui.desktop.review.filtering.filter_syntax import parse, tokens
from badcase.ui.desktop.review.filtering.filters import Filter, Pile
from badcase.ui.desktop.review.state.review_state import ReviewState

_NAME, _SAVED = "review.places", "review.saved-filters"
_MOST = 40  # projects that are remembered, the last left first


def remember_filter(reviewer: ReviewState) -> None:
    """Keep the filter as text, and the item; a list that another page asked for is not kept."""
    shown = replace(reviewer.worklist.filter, listed=None, title="")
    item = reviewer.current
    at = [-1, ""] if item is None else [item, reviewer.session.project.items.key(item)]
    place = [*as_text(shown, reviewer), *at]
    _put(reviewer, _NAME, place)


def restore_filter(reviewer: ReviewState) -> None:
    """Take them up where they still mean something and leave something to see."""
    match _of_project(reviewer, _NAME):
        case [str(queue), str(text), item, str(key)]:
            pass
        case _:
            return
    wanted = as_filter(queue, text, reviewer)
    if wanted is None or not wanted.mask(reviewer.facts).any():
        return
    keys = reviewer.session.project.items.keys
    same = isinstance(item, int) and 0 <= item < len(keys) and keys[item] == key  # the data may be others since
    reviewer.show(wanted, at=item if same else None)


def as_text(shown: Filter, reviewer: ReviewState) -> list[str]:
    """A filter as its pile and the text of its conditions."""
    return [str(shown.queue), " ".join(str(token) for token in tokens(shown, reviewer.facts))]


def as_filter(queue: str, text: str, reviewer: ReviewState) -> Filter | None:
    """The filter of such a text; None where it names what there is no more."""
    try:
        return parse(text, reviewer.facts, Filter(queue=Pile(queue)))
    except (BadcaseError, ValueError):
        return None


# --- filters that were given a name ------------------------------------------------------------------------------


def saved_filters(reviewer: ReviewState) -> dict[str, Filter]:
    """The named filters of this project that still mean something, by name."""
    kept = _of_project(reviewer, _SAVED)
    found = {}
    for name, text in kept.items() if isinstance(kept, dict) else ():
        match text:
            case [str(queue), str(conditions)]:
                wanted = as_filter(queue, conditions, reviewer)
                if wanted is not None:
                    found[str(name)] = wanted
    return found


def save_filter(reviewer: ReviewState, name: str) -> None:
    """Keep the filter that is shown under a name, which may have meant another one before."""
    kept = _of_project(reviewer, _SAVED)
    kept = dict(kept) if isinstance(kept, dict) else {}
    shown = replace(reviewer.worklist.filter, listed=None, title="")
    _put(reviewer, _SAVED, kept | {name: as_text(shown, reviewer)})
    reviewer.session.view.save()


def forget_filter(reviewer: ReviewState, name: str) -> None:
    kept = _of_project(reviewer, _SAVED)
    if isinstance(kept, dict):
        _put(reviewer, _SAVED, {other: text for other, text in kept.items() if other != name})
        reviewer.session.view.save()


def _of_project(reviewer: ReviewState, name: str) -> Any:
    kept = reviewer.session.view.get(name, {})
    return kept.get(str(reviewer.session.project.path))


def _put(reviewer: ReviewState, name: str, value: Any) -> None:
    kept, project = reviewer.session.view.get(name, {}), str(reviewer.session.project.path)
    others = {path: other for path, other in kept.items() if path != project}
    reviewer.session.view.set(name, {project: value} | dict(list(others.items())[: _MOST - 1]))
