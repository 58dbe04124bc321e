"""Why there is nothing to review, and the way out of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from badcase.i18n import _
from badcase.items import Items
from badcase.ui.desktop.review.filtering.filters import Pile
from badcase.ui.desktop.review.state.review_state import ReviewState


class WayOut(StrEnum):
    """What the button of an empty list does."""

    PREDICT = "predict"
    RANK = "rank"
    CLEAR = "clear"
    ALL = "all"
    LOCATE = "locate"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Emptiness:
    """An icon, why, and the way out with its words and key; no button where there is none."""

    icon: str
    sentence: str
    way: WayOut = WayOut.NONE
    button: str | None = None
    keys: str | None = None


def why_no_image(items: Items, item: int) -> Emptiness | None:
    """Why an image cannot be shown, where that is because it is not there; None where the file itself is damaged."""
    place = items.missing_place
    if place is None:
        media = items.media(item)
        if media.exists:
            return None
        place = media.path or Path(f"{media.root.location}/{media.name}")
    sentence = _("{path} is not there any more. Labels and verdicts are safe.").format(path=place)
    return Emptiness("image", sentence, WayOut.LOCATE, _("Locate…"), "Ctrl+L")


def why_empty(reviewer: ReviewState) -> Emptiness:
    """Why no item is shown now."""
    shown = reviewer.worklist.filter
    if not reviewer.facts.ranked and not shown.narrow and shown.queue is Pile.TO_REVIEW:
        return _unranked(reviewer)
    if reviewer.early and shown.queue is Pile.TO_REVIEW and not shown.narrow:
        if reviewer.session.busy:
            why = _("What is known so far is reviewed. The model is looking at the rest; more shows up here.")
            return Emptiness("model", why)
        why = _("What is known so far is reviewed. The model was stopped before it had looked at the rest.")
        return Emptiness("model", why, WayOut.PREDICT, _("Predict"))
    if shown.narrow:
        why = _("No items left under this filter.") if reviewer.finished else _("Nothing matches this filter.")
        return Emptiness("filter", _with_rest(why, reviewer), WayOut.CLEAR, _("Clear filter"), "Esc")
    if shown.queue is Pile.TO_REVIEW:
        why = _with_rest(_("Everything that looked wrong is reviewed."), reviewer)
        return Emptiness("check", why, WayOut.ALL, _("Show all items"))
    if shown.queue is Pile.TO_LABEL:
        return Emptiness("check", _("Every item has a label."), WayOut.ALL, _("Show all items"))
    if reviewer.finished:
        return Emptiness("check", _("Every item is reviewed."))
    why = _("No item is marked unsure.") if shown.queue is Pile.UNSURE else _("Nothing is reviewed yet.")
    return Emptiness("list", why, WayOut.ALL, _("Show all items"))


def _unranked(reviewer: ReviewState) -> Emptiness:
    if reviewer.session.busy:
        return Emptiness("model", _("A model is looking at the items. The worst cases show up here as soon as some are known."))
    if reviewer.session.project.predictions.current is not None:
        return Emptiness("model", _("The model's predictions are not ranked yet."), WayOut.RANK, _("Rank"))
    why = _("No model has looked at these items yet, so nothing can be ranked. Predicting finds the worst cases.")
    if asked := reviewer.session.project.asked_model:
        why = _("The model that you chose has not run yet: {name}.").format(name=asked)
        return Emptiness("model", why, WayOut.PREDICT, _("Predict with it"))
    why += " " + _("What a model said elsewhere comes in from a file: Ctrl+K, “Bring in predictions”.")
    return Emptiness("model", why, WayOut.PREDICT, _("Predict"))


def _with_rest(why: str, reviewer: ReviewState) -> str:
    """The sentence, and how much may still be wrong, with its interval."""
    learner = reviewer.session.learner.now()
    left = learner.errors_left() if learner is not None else None
    if left is None or left.high < 1:
        return why
    if left.known:
        return why + " " + _("About {n} errors may remain elsewhere.").format(n=left.number)
    return why + " " + _("Errors that may remain elsewhere: {words}.").format(words=left.words)
