"""The ranking of a project whose items may have any number of labels: how it is made, and what of it is kept."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from badcase.probabilities.error_count import Estimate
from badcase.progress import Job
from badcase.ranking.multilabel.ranking import MultilabelRanking, rank_labels_in_steps
from badcase.ranking.project_ranking import ANSWERED, without_new
from badcase.ranking.rank_options import RankOptions
from badcase.store.training_dynamics import read_label_dynamics

if TYPE_CHECKING:
    from badcase.store.prediction_sets import PredictionSet
    from badcase.store.project_data import ProjectData
    from badcase.store.run_table import RunRow

_ARRAYS = ("order", "suspicion", "suggested", "flagged", "probs", "labels", "label_suspicion", "label_flagged", "near", "twins")
_OF_TRAINING = ("area", "wrong_epochs")


def make(project: ProjectData, predictions: PredictionSet, run: RunRow | None, part: NDArray[np.int64]) -> Job[MultilabelRanking]:
    """Rank the items that take part.

    Args:
        project: The project.
        predictions: The predictions to rank by.
        run: The last training that kept what it saw of the items; None where there is none.
        part: Ids of the items that take part.
    """
    ranking = yield from rank_part(project, predictions, part)
    seen = None if run is None else read_label_dynamics(project, run)
    if seen is not None:
        ranking = ranking.trained(seen, part)
    return without_new(ranking.over(part, project.taxonomy.matrix(project.first_labels)), project)


def make_early(project: ProjectData, embeddings: NDArray[np.floating], part: NDArray[np.int64]) -> Job[MultilabelRanking]:
    """Rank some items while the model still looks at the others, by their features.

    Args:
        project: The project.
        embeddings: (m, d) of the part.
        part: (m,) ids of items that take part, ascending.
    """
    labels = project.taxonomy.matrix(project.first_labels[part])
    ranking = yield from rank_labels_in_steps(labels, None, _options(project, embeddings, part))
    return without_new(ranking.over(part, project.taxonomy.matrix(project.first_labels)), project)


def rank_part(project: ProjectData, predictions: PredictionSet, part: NDArray[np.int64]) -> Job[MultilabelRanking]:
    """Rank some items (m,) by their features, as if there were no others; by their probabilities where there are no features."""
    labels = project.taxonomy.matrix(project.first_labels[part])
    if not predictions.has_embeddings:
        only = RankOptions(class_names=project.label_names)
        return (yield from rank_labels_in_steps(labels, predictions.label_probabilities(part), only))
    elsewhere = not predictions.has_model and not predictions.trained_on[part].any()  # out-of-sample, as a person said
    probs = predictions.label_probabilities(part) if elsewhere else None
    return (yield from rank_labels_in_steps(labels, probs, _options(project, predictions.embeddings[part], part)))


def _options(project: ProjectData, embeddings: NDArray[np.floating], part: NDArray[np.int64]) -> RankOptions:
    """How to rank some items (m,) by their features (m, d), in the light of the verdicts on them."""
    answered = np.isin(project.verdicts[part], ANSWERED)
    return RankOptions(
        features=np.asarray(embeddings, np.float32),
        groups=project.items.twins[part],
        verified=np.where(answered[:, None], project.taxonomy.matrix(project.labels[part]), -1),
        class_names=project.label_names,
    )


def take_apart(ranking: MultilabelRanking) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Its arrays by name, and the rest as JSON can carry it."""
    kept = [name for name in (*_ARRAYS, *_OF_TRAINING) if getattr(ranking, name) is not None]
    arrays = {name: getattr(ranking, name) for name in kept}
    arrays |= {f"score_{name}": values for name, values in ranking.scores.items()}
    rest = {"expected_errors": asdict(ranking.expected_errors), "scores": list(ranking.scores), "arrays": kept}
    return arrays, rest | {"epochs": ranking.epochs}


def put_together(project: ProjectData, arrays: dict[str, NDArray[Any]], rest: dict[str, Any]) -> MultilabelRanking:
    """The same ranking from its parts."""
    return MultilabelRanking(
        **{name: arrays[name] for name in rest["arrays"]},
        epochs=rest["epochs"],
        expected_errors=Estimate(**rest["expected_errors"]),
        scores={name: arrays[f"score_{name}"] for name in rest["scores"]},
        class_names=project.label_names,
    )
