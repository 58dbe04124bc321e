"""The ranking of a project whose items may have any number of labels, and its copy on disk."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.probabilities.error_count import Estimate
from badcase.progress import Job
from badcase.ranking.multilabel.ranking import MultilabelRanking, rank_labels_in_steps
from badcase.ranking.saved_ranking import ANSWERED, age, rankable
from badcase.store.atomic_files import write_folder_whole
from badcase.store.training_dynamics import last_watched, read_label_dynamics
from badcase.store.verdicts import VerdictCode

if TYPE_CHECKING:
    from badcase.store.prediction_sets import PredictionSet
    from badcase.store.project_data import ProjectData

_ARRAYS = ("order", "suspicion", "suggested", "flagged", "probs", "labels", "label_suspicion", "label_flagged", "near", "twins")
_OF_TRAINING = ("area", "wrong_epochs")


def ranking_label_project(project: ProjectData) -> Job[MultilabelRanking]:
    """Rank the given labels in the light of the verdicts; gold and excluded items take no part. Saved beside the
    prediction set."""
    predictions = project.predictions.current
    if predictions is None:
        raise BadcaseError(
            _("there is nothing to rank by yet"),
            where=str(project.path),
            expected=_("a prediction set"),
            hint=_("Run the model first: `badcase predict PROJECT`."),
        )
    run = last_watched(project)
    folder = predictions.folder / f"ranking-{project.revision}-{run.id if run else 0}"
    if not folder.exists():
        part = rankable(project)
        ranking = yield from rank_part(project, predictions, part)
        seen = None if run is None else read_label_dynamics(project, run)
        if seen is not None:
            ranking = ranking.trained(seen, part)
        taught = int(np.isin(project.verdicts, (*ANSWERED, VerdictCode.EXCLUDE)).sum())
        _save(ranking.over(part, project.taxonomy.matrix(project.given)), folder, taught)
        for older in predictions.folder.glob("ranking-*"):
            if older != folder:
                shutil.rmtree(older, ignore_errors=True)
    return _load(folder, project.label_names)


def rank_part(project: ProjectData, predictions: PredictionSet, part: NDArray[np.int64]) -> Job[MultilabelRanking]:
    """Rank some items (m,) by their features, as if there were no others."""
    answered = np.isin(project.verdicts[part], ANSWERED)
    return (
        yield from rank_labels_in_steps(
            project.taxonomy.matrix(project.given[part]),
            features=np.asarray(predictions.embeddings[part], np.float32),
            groups=project.items.twins[part],
            verified=np.where(answered[:, None], project.taxonomy.matrix(project.labels[part]), -1),
            class_names=project.label_names,
        )
    )


def saved_label_ranking(project: ProjectData) -> MultilabelRanking | None:
    """The ranking that was made last for the current prediction set, or None; memory-mapped."""
    if project.predictions.current is None:
        return None
    made = max(project.predictions.current.folder.glob("ranking-*"), key=age, default=None)
    return None if made is None else _load(made, project.label_names)


def _save(ranking: MultilabelRanking, folder: Path, verdicts: int) -> None:
    with write_folder_whole(folder) as making:
        kept = [name for name in (*_ARRAYS, *_OF_TRAINING) if getattr(ranking, name) is not None]
        for name in kept:
            np.save(making / f"{name}.npy", getattr(ranking, name))
        for name, values in ranking.scores.items():
            np.save(making / f"score_{name}.npy", values)
        rest = {
            "expected_errors": asdict(ranking.expected_errors),
            "scores": list(ranking.scores),
            "verdicts": verdicts,
            "arrays": kept,
            "epochs": ranking.epochs,
        }
        (making / "rest.json").write_text(json.dumps(rest), encoding="utf-8")


def _load(folder: Path, names: tuple[str, ...]) -> MultilabelRanking:
    def array(name: str) -> Any:
        return np.load(folder / f"{name}.npy", mmap_mode="r")

    try:
        rest = json.loads((folder / "rest.json").read_text(encoding="utf-8"))
        return MultilabelRanking(
            **{name: array(name) for name in rest["arrays"]},
            epochs=rest["epochs"],
            expected_errors=Estimate(**rest["expected_errors"]),
            scores={name: array(f"score_{name}") for name in rest["scores"]},
            class_names=names,
        )
    except (OSError, ValueError, KeyError) as error:
        raise BadcaseError(
            _("the saved ranking cannot be read"),
            where=str(folder),
            got=str(error),
            hint=_("Delete this folder and rank again; verdicts and labels are not affected."),
        ) from error
