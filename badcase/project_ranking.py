"""The ranking of a project: which items take part, and the copy on disk that a window opens in milliseconds."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from badcase.errors import BadcaseError
from badcase.estimate import Estimate
from badcase.files import write_folder_whole
from badcase.journal import VerdictCode
from badcase.language import _
from badcase.ranking import Ranking, rank

if TYPE_CHECKING:
    from badcase.project import Project

_ARRAYS = ("order", "suspicion", "suggested", "flagged", "probs", "labels")


def rank_project(project: Project) -> Ranking:
    """Rank the given labels in the light of the verdicts; gold and excluded items take no part. Saved beside the
    prediction set."""
    predictions = project.predictions
    if predictions is None:
        raise BadcaseError(
            _("there is nothing to rank by yet"),
            where=str(project.path),
            expected=_("a prediction set"),
            hint=_("Run the model first: `badcase predict PROJECT`."),
        )
    folder = predictions.folder / f"ranking-{project.revision}"
    if not folder.exists():
        judged = (project.verdicts == VerdictCode.KEEP) | (project.verdicts == VerdictCode.RELABEL)
        part = np.flatnonzero(~project.gold & (project.verdicts != VerdictCode.EXCLUDE))
        ranking = rank(
            project.given[part],
            verified=np.where(judged, project.labels, -1)[part],
            features=np.asarray(predictions.embeddings[part], np.float32),
            groups=project.items.twins[part],
            class_names=project.classes,
        )
        _save(ranking.over(part, project.given.astype(np.int64)), folder)
        for older in predictions.folder.glob("ranking-*"):
            if older != folder:
                shutil.rmtree(older, ignore_errors=True)
    return _load(folder, project.classes)


def saved_ranking(project: Project) -> Ranking | None:
    """The ranking that was made last for the current prediction set, or None; memory-mapped."""
    if project.predictions is None:
        return None
    made = sorted(project.predictions.folder.glob("ranking-*"), key=lambda folder: int(folder.name.split("-")[1]))
    return _load(made[-1], project.classes) if made else None


def _save(ranking: Ranking, folder: Path) -> None:
    with write_folder_whole(folder) as making:
        for name in _ARRAYS:
            np.save(making / f"{name}.npy", getattr(ranking, name))
        for name, values in ranking.scores.items():
            np.save(making / f"score_{name}.npy", values)
        if ranking.near_labels is not None:
            np.save(making / "near_labels.npy", ranking.near_labels)
        rest = {"expected_errors": asdict(ranking.expected_errors), "scores": list(ranking.scores)}
        (making / "rest.json").write_text(json.dumps(rest), encoding="utf-8")


def _load(folder: Path, classes: tuple[str, ...]) -> Ranking:
    def array(name: str) -> Any:
        return np.load(folder / f"{name}.npy", mmap_mode="r")

    try:
        rest = json.loads((folder / "rest.json").read_text(encoding="utf-8"))
        return Ranking(
            **{name: array(name) for name in _ARRAYS},
            expected_errors=Estimate(**rest["expected_errors"]),
            scores={name: array(f"score_{name}") for name in rest["scores"]},
            near_labels=array("near_labels") if (folder / "near_labels.npy").exists() else None,
            class_names=classes,
        )
    except (OSError, ValueError, KeyError) as error:
        raise BadcaseError(
            _("the saved ranking cannot be read"),
            where=str(folder),
            got=str(error),
            hint=_("Delete this folder and rank again; verdicts and labels are not affected."),
        ) from error
