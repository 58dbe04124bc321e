"""Leakage: whether a model may know the labels that are held out from it, because of where it began."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badcase.i18n import _
from badcase.items import Split
from badcase.store.prediction_sets import OURS
from badcase.training.data.training_set import CROSS_VALIDATED_BY
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Method, Start

if TYPE_CHECKING:
    from badcase.project import Project
    from badcase.store.prediction_sets import PredictionSet


def leaks(project: Project, recipe: Recipe, start: Start, origin: PredictionSet) -> str:
    """Why a training on a part of the items may know the labels of the others, in words; empty where it cannot.

    The split of the data is another matter, see `leaks_by_split`.
    """
    brought = _first(project).meta.get("kind") not in OURS
    learnt = learnt_here(project, recipe, start, origin)
    if not learnt and brought and start is Start.PRETRAINED:
        return _("The project's first model may have been trained on the held-out labels.")
    return learnt


def leaks_by_split(project: Project, recipe: Recipe, start: Start, origin: PredictionSet) -> str:
    """The same of a training that holds out the validation items of the data.

    A model that was brought is taken to have learnt its training items alone, and one that was trained here has learnt others
    only where it divided them anew.
    """
    return learnt_here(project, recipe, start, origin) if _split_is_known(project, origin) else ""


def learnt_here(project: Project, recipe: Recipe, start: Start, origin: PredictionSet) -> str:
    """The same as far as trainings of this project are the cause."""
    if start is Start.CURRENT:
        return _("The current weights may have been trained on the held-out labels.")
    if recipe.distill:
        return _("The current model, which is distilled, may have been trained on the held-out labels.")
    first = _first(project)
    if recipe.method == Method.LINEAR_HEAD and origin.meta.get("embedding_id") != first.meta.get("embedding_id"):
        return _("The features come from a network that was trained on the held-out labels.")
    return ""


def _split_is_known(project: Project, origin: PredictionSet) -> bool:
    """Whether a model up to these predictions may have learnt labels of the validation items: it divided the items anew."""
    held = project.split == Split.VALIDATION
    models = [made for made in project.predictions.all() if made.id <= origin.id and CROSS_VALIDATED_BY not in made.meta]
    return any(made.trained_on[held[: made.n]].any() for made in models)


def _first(project: Project) -> PredictionSet:
    """The first predictions of a model that can be trained; those that came from a file have none."""
    return next(made for made in project.predictions.all() if made.has_model)
