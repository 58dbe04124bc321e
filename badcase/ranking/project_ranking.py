"""The ranking of a project with one label an item: how it is made, and what of it is kept."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from badcase.i18n import _
from badcase.items import Kind
from badcase.items.kinds import UNLABELLED
from badcase.probabilities.error_count import CountBelief, Estimate
from badcase.progress import Job, Progress
from badcase.ranking.rank_options import RankOptions
from badcase.ranking.ranking import Ranking, rank_in_steps
from badcase.scorers import Evidence
from badcase.scorers.reasons import Names
from badcase.store.training_dynamics import read_margins
from badcase.store.verdicts import VerdictCode

if TYPE_CHECKING:
    from badcase.ranking.multilabel.ranking import MultilabelRanking
    from badcase.store.prediction_sets import PredictionSet
    from badcase.store.project_data import ProjectData
    from badcase.store.run_table import RunRow

R = TypeVar("R", "Ranking", "MultilabelRanking")

_ROWS = 65_536
ANSWERED = (VerdictCode.KEEP, VerdictCode.RELABEL)  # verdicts that say what the label is
_ARRAYS = ("order", "suspicion", "suggested", "flagged")


def make(project: ProjectData, predictions: PredictionSet, run: RunRow | None, part: NDArray[np.int64]) -> Job[Ranking]:
    """Rank the items that take part.

    Args:
        project: The project.
        predictions: The predictions to rank by.
        run: The last training that kept what it saw of the items; None where there is none.
        part: Ids of the items that take part.
    """
    # Of a cross-validation the probabilities are out-of-sample themselves; of any other model they have learnt the labels.
    learnt = predictions.trained_on[part].any() and predictions.has_embeddings
    probs = None if learnt else predictions.probabilities(part)
    yield Progress(_("Preparing the features"))
    ranking = yield from rank_part(project, predictions, part, probs)
    yield Progress(_("Looking for reasons"))
    ranking = ranking.knowing(**_known(project, predictions, part), **_watched(project, run, part))
    return without_new(ranking.over(part, project.first_labels.astype(np.int64)), project)


def make_early(project: ProjectData, embeddings: NDArray[np.floating], part: NDArray[np.int64]) -> Job[Ranking]:
    """Rank some items while the model still looks at the others: by their features and by what is known of the items.

    Args:
        project: The project.
        embeddings: (m, d) of the part.
        part: (m,) ids of items that take part, ascending.
    """
    ranking = yield from rank_in_steps(project.first_labels[part], None, _options(project, embeddings, part))
    ranking = ranking.knowing(**_of_items(project, part)).over(part, project.first_labels.astype(np.int64))
    return without_new(ranking, project)


def without_new(ranking: R, project: ProjectData) -> R:
    """The same ranking without the items that came without a label in its queue and count: none of theirs could be wrong.

    What a person said of them has been learnt from all the same.
    """
    new = project.given == UNLABELLED
    if not new.any():
        return ranking
    kept = {"order": ranking.order[~new[ranking.order]], "flagged": ranking.flagged & ~new}
    return replace(ranking, **kept, suspicion=np.where(new, np.float32(np.nan), ranking.suspicion))


def rank_part(
    project: ProjectData, predictions: PredictionSet, part: NDArray[np.int64], probs: NDArray[np.floating] | None = None
) -> Job[Ranking]:
    """Rank some items (m,) by their features, and by out-of-sample probabilities (m, k) of them, as if there were no others.

    Predictions without embeddings are ranked by their probabilities alone, also where these have learnt the labels.
    """
    if not predictions.has_embeddings:
        only = RankOptions(class_names=project.classes)
        given = predictions.probabilities(part) if probs is None else probs
        return (yield from rank_in_steps(project.first_labels[part], given, only))
    return (yield from rank_in_steps(project.first_labels[part], probs, _options(project, predictions.embeddings[part], part)))


def _options(project: ProjectData, embeddings: NDArray[np.floating], part: NDArray[np.int64]) -> RankOptions:
    """How to rank some items (m,) by their features (m, d), in the light of the verdicts on them."""
    return RankOptions(
        verified=np.where(np.isin(project.verdicts, ANSWERED), project.labels, -1)[part],
        features=np.asarray(embeddings, np.float32),
        groups=project.items.twins[part],
        class_names=project.classes,
    )


def _known(project: ProjectData, predictions: PredictionSet, part: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """What a project knows of the items that take part, beside what `rank` has looked at: fields of `Evidence`."""
    answers = np.empty(len(part), np.int32)
    for start in range(0, len(part), _ROWS):
        answers[start : start + _ROWS] = predictions.logits[part[start : start + _ROWS]].argmax(1)
    return _of_items(project, part) | {"answers": answers}


def _of_items(project: ProjectData, part: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """The same without any model."""
    items = project.items
    measures = {} if items.measures is None else {"images" if items.kind is Kind.IMAGE else "texts": items.measures[part]}
    return measures | {"copies": items.copies[part], "twins": items.twins[part], "split": items.split[part]}


def _watched(project: ProjectData, run: RunRow | None, part: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """What the last training showed of the items on its way."""
    margins = None if run is None else read_margins(project, run)
    return {} if margins is None else {"margins": margins[part]}


def take_apart(ranking: Ranking) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Its arrays by name, and the rest as JSON can carry it."""
    kept = ranking.evidence.kept()
    arrays = {name: getattr(ranking, name) for name in _ARRAYS}
    arrays |= {f"score_{name}": values for name, values in ranking.scores.items()}
    arrays |= {f"evidence_{name}": values for name, values in kept.items()}
    rest = {"expected_errors": asdict(ranking.expected_errors), "scores": list(ranking.scores), "kept": list(kept)}
    if ranking.belief is not None:  # a window that opens then need not estimate it again
        rest["belief"] = asdict(ranking.belief) | {"points": ranking.belief.points.tolist()}
    return arrays, rest


def put_together(project: ProjectData, arrays: dict[str, NDArray[Any]], rest: dict[str, Any]) -> Ranking:
    """The same ranking from its parts."""
    belief = rest.get("belief")
    evidence: dict[str, Any] = {name: arrays[f"evidence_{name}"] for name in rest["kept"]}
    return Ranking(
        **{name: arrays[name] for name in _ARRAYS},
        expected_errors=Estimate(**rest["expected_errors"]),
        scores={name: arrays[f"score_{name}"] for name in rest["scores"]},
        evidence=Evidence(**evidence),
        names=Names(project.classes, project.items.keys),
        belief=CountBelief(**belief | {"points": np.array(belief["points"], np.float64)}) if belief else None,
    )
