"""Why there is nothing to review, and the way out of it."""

from __future__ import annotations

from badcase.language import _
from ui import wording
from ui.desktop.review.filters import Queue
from ui.desktop.review.reviewer import Reviewer
from ui.desktop.widgets import EmptyState


def make_empty(reviewer: Reviewer) -> tuple[str, EmptyState]:
    """What the button does ("predict", "all", "clear", "wait", with what tells it from others), and the state."""
    shown = reviewer.worklist.filter
    if not reviewer.facts.ranked and not shown.narrow and shown.queue is Queue.TO_REVIEW:
        return _unranked(reviewer)
    if shown.narrow:
        sentence = _("Nothing left above this filter.") if reviewer.finished else _("Nothing matches this filter.")
        sentence = " ".join([sentence, _remaining(reviewer)]).strip()
        return f"clear:{sentence}", EmptyState("filter", sentence, _("Clear filter"), "Esc")
    if shown.queue is Queue.TO_REVIEW:
        sentence = " ".join([_("Everything that looked wrong is reviewed."), _remaining(reviewer)]).strip()
        return f"all:{sentence}", EmptyState("check", sentence, _("Show all items"))
    if reviewer.finished:
        return "all:done", EmptyState("check", _("Every item is reviewed."), None)
    nothing = {Queue.REVIEWED: _("Nothing is reviewed yet."), Queue.UNSURE: _("No item is marked unsure.")}
    sentence = nothing.get(shown.queue, _("There are no items."))
    return f"all:{shown.queue}", EmptyState("list", sentence, _("Show all items"))


def _unranked(reviewer: Reviewer) -> tuple[str, EmptyState]:
    if reviewer.session.busy:
        sentence = _("A model is looking at the items. The worst cases show up here when it is done.")
        return "wait", EmptyState("model", sentence)
    sentence = _("No model has looked at these items yet, so nothing can be ranked. Predicting finds the worst cases.")
    return "predict", EmptyState("model", sentence, _("Predict"))


def _remaining(reviewer: Reviewer) -> str:
    """What may still be wrong, with its doubt."""
    if reviewer.ranking is None:
        return ""
    fixed = reviewer.session.project.counts().fixed
    errors = reviewer.ranking.expected_errors
    left = [max(0.0, value - fixed) for value in (errors.value, errors.low, errors.high)]
    if left[2] < 1:
        return ""
    return _("About {n} errors may remain elsewhere.").format(n=wording.about(*left))
