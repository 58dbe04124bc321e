"""The instant head: a linear head on the stored embeddings learns the present labels, to tell what a retraining gains."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.models import Head, fit_head_in_steps
from badcase.models.head import MOST_ROWS
from badcase.progress import Job, Progress
from badcase.store.prediction_sets import PredictionSet
from badcase.training.comparison.retrain_gain import Gain, base_revision, measured, save_gain
from badcase.training.data.label_trust import LabelTrust
from badcase.training.data.run_spec import RunSpec
from badcase.training.data.threshold_tuning import answered_apart, tunes
from badcase.training.data.training_set import TrainingRows, build_training_set
from badcase.training.metrics.single_label import wrong
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Method, Start, Thresholds

if TYPE_CHECKING:
    from badcase.project import Project


def expected_gain(project: Project) -> Job[Gain | None]:
    """Measure what a retraining would gain: a linear head under the present labels against one under those of the model in use.

    Both learn from the embeddings of training items alone, with corrections weighed as a training would, and are judged on
    validation items under the present labels. Gold is never touched.

    Returns:
        The gain, which is saved beside the prediction set too; None where there is nothing to train on.
    """
    predictions = project.predictions.current
    if predictions is None or not predictions.has_embeddings or not predictions.has_model:
        return None
    base, recipe, run = base_revision(project), _recipe(project), project.runs.current
    yield Progress(_("Estimating what a retraining would gain"))
    learnt = None if run is None else LabelTrust.read(run.folder)
    try:
        before = build_training_set(project, recipe, revision=base, trust=learnt)
        spec = RunSpec(recipe, Start.PRETRAINED, 0, project.revision, predictions)
        if project.any_ranking is not None:  # label trust as a training has it; without a ranking that would be too long a wait
            spec = yield from spec.weighed(project)
        now = spec.training_set(project)
    except BadcaseError:  # no classes or no validation items left: there is no training to gain by
        return None
    old = _without(before.train, now.validation.items)
    asked = np.asarray(predictions.embeddings[now.validation.items], np.float32)
    answers: list[np.ndarray] = []
    for rows in (old, now.train):
        if answers and _same(old, now.train):
            answers.append(answers[0])  # the verdicts since have changed no training item
        else:
            head = yield from _fitted(project, predictions, rows)
            answers.append(_right(head.logits(asked), now.validation.labels, recipe))
    gain = measured(base, project.revision, *answers)
    save_gain(project, gain)
    return gain


def _recipe(project: Project) -> Recipe:
    """A linear head that weighs corrections, trusts suspects, and has thresholds, as the recipe in use does."""
    run = project.runs.current
    used = Recipe().replace_from(run.recipe) if run is not None and run.recipe else Recipe()
    same = ("correction_weight", "correction_share", "suspects", "thresholds")
    return replace(Recipe(), method=Method.LINEAR_HEAD, **{name: getattr(used, name) for name in same})


def _right(logits: np.ndarray, labels: np.ndarray, recipe: Recipe) -> np.ndarray:
    """(n,) which items are answered rightly; of several labels with all, by thresholds tuned on the other items."""
    if not tunes(recipe, labels):
        return wrong(logits, labels) == 0
    said = answered_apart(logits, labels, Thresholds(recipe.thresholds))
    return np.asarray((said == labels).all(1), np.bool_)


def _fitted(project: Project, predictions: PredictionSet, rows: TrainingRows) -> Job[Head]:
    rows = rows.part(np.arange(0, len(rows), -(-len(rows) // MOST_ROWS) or 1))
    targets = rows.targets(np.arange(len(rows)))
    return (
        yield from fit_head_in_steps(
            np.asarray(predictions.embeddings[rows.items], np.float32),
            rows.labels if targets is None else targets,
            len(project.label_names),
            sample_weight=rows.weights,
            shares=targets is not None and rows.labels.ndim == 1,
        )
    )


def _without(rows: TrainingRows, items: np.ndarray) -> TrainingRows:
    """Rows that are not among some items, which another revision may have set apart."""
    return rows.part(np.flatnonzero(~np.isin(rows.items, items)))


def _same(one: TrainingRows, other: TrainingRows) -> bool:
    pairs = [(one.items, other.items), (one.labels, other.labels), (one.weights, other.weights)]
    if one.soft is None or other.soft is None:
        return one.soft is other.soft and all(np.array_equal(*pair) for pair in pairs)
    pairs += [(one.soft.place, other.soft.place), (one.soft.values, other.soft.values)]
    return all(np.array_equal(*pair) for pair in pairs)
