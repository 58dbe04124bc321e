"""The ranking of a project: which items take part, and the copy on disk that a window opens in milliseconds."""

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
from badcase.items import Kind
from badcase.probabilities.error_count import CountBelief, Estimate
from badcase.progress import Job, Progress
from badcase.ranking.ranking import Ranking, rank_in_steps
from badcase.scorers import Evidence
from badcase.scorers.reasons import Names
from badcase.store.atomic_files import write_folder_whole
from badcase.store.training_dynamics import last_watched, read_margins
from badcase.store.verdicts import VerdictCode

if TYPE_CHECKING:
    from badcase.store.prediction_sets import PredictionSet
    from badcase.store.project_data import ProjectData
    from badcase.store.run_table import RunRow

_ROWS = 65_536
ANSWERED = (VerdictCode.KEEP, VerdictCode.RELABEL)  # verdicts that say what the label is
_ARRAYS = ("order", "suspicion", "suggested", "flagged")


def ranking_project(project: ProjectData) -> Job[Ranking]:
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
        # Of a cross-validation the probabilities are honest themselves; of any other model they have learnt the labels.
        honest = None if predictions.trained_on[part].any() else predictions.probabilities(part)
        yield Progress(_("features"))
        ranking = yield from rank_part(project, predictions, part, honest)
        yield Progress(_("reasons"))
        ranking = ranking.knowing(**_known(project, predictions, part), **_watched(project, run, part))
        taught = int(np.isin(project.verdicts, (*ANSWERED, VerdictCode.EXCLUDE)).sum())
        _save(ranking.over(part, project.given.astype(np.int64)), folder, taught)
        for older in predictions.folder.glob("ranking-*"):
            if older != folder:
                shutil.rmtree(older, ignore_errors=True)
    return _load(folder, _names(project))


def rankable(project: ProjectData) -> NDArray[np.int64]:
    """The items that take part in a ranking: all but gold and what was excluded."""
    return np.flatnonzero(~project.gold & (project.verdicts != VerdictCode.EXCLUDE))


def rank_part(
    project: ProjectData, predictions: PredictionSet, part: NDArray[np.int64], honest: NDArray[np.floating] | None = None
) -> Job[Ranking]:
    """Rank some items (m,) by their features, and by honest probabilities (m, k) of them, as if there were no others."""
    return (
        yield from rank_in_steps(
            project.given[part],
            honest,
            verified=np.where(np.isin(project.verdicts, ANSWERED), project.labels, -1)[part],
            features=np.asarray(predictions.embeddings[part], np.float32),
            groups=project.items.twins[part],
            class_names=project.classes,
        )
    )


def saved_ranking(project: ProjectData) -> Ranking | None:
    """The ranking that was made last for the current prediction set, or None; memory-mapped."""
    if project.predictions.current is None:
        return None
    made = sorted(project.predictions.current.folder.glob("ranking-*"), key=age)
    return _load(made[-1], _names(project)) if made else None


def verdicts_ranked(project: ProjectData) -> int:
    """How many verdicts the saved ranking has learnt from; 0 where it does not say."""
    if project.predictions.current is None:
        return 0
    made = sorted(project.predictions.current.folder.glob("ranking-*"), key=age)
    return int(_rest(made[-1]).get("verdicts", 0)) if made else 0


def age(folder: Path) -> tuple[int, ...]:
    """Revision and run of a ranking, from the name of its folder: later ones are larger."""
    return tuple(int(number) for number in folder.name.split("-")[1:])


def _names(project: ProjectData) -> Names:
    return Names(project.classes, project.items.keys)


def _known(project: ProjectData, predictions: PredictionSet, part: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """What a project knows of the items that take part, beside what `rank` has looked at: fields of `Evidence`."""
    items = project.items
    answers = np.empty(len(part), np.int32)
    for start in range(0, len(part), _ROWS):
        answers[start : start + _ROWS] = predictions.logits[part[start : start + _ROWS]].argmax(1)
    measures = {} if items.measures is None else {"images" if items.kind is Kind.IMAGE else "texts": items.measures[part]}
    return measures | {"answers": answers, "copies": items.copies[part], "twins": items.twins[part], "split": items.split[part]}


def _watched(project: ProjectData, run: RunRow | None, part: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """What the last training showed of the items on its way."""
    margins = None if run is None else read_margins(project, run)
    return {} if margins is None else {"margins": margins[part]}


def _save(ranking: Ranking, folder: Path, verdicts: int) -> None:
    with write_folder_whole(folder) as making:
        for name in _ARRAYS:
            np.save(making / f"{name}.npy", getattr(ranking, name))
        for name, values in ranking.scores.items():
            np.save(making / f"score_{name}.npy", values)
        kept = ranking.evidence.kept()
        for name, values in kept.items():
            np.save(making / f"evidence_{name}.npy", values)
        rest = {
            "expected_errors": asdict(ranking.expected_errors),
            "scores": list(ranking.scores),
            "kept": list(kept),
            "verdicts": verdicts,
        }
        if ranking.belief is not None:  # a window that opens then need not come to believe it again
            rest["belief"] = asdict(ranking.belief) | {"points": ranking.belief.points.tolist()}
        (making / "rest.json").write_text(json.dumps(rest), encoding="utf-8")


def _load(folder: Path, names: Names) -> Ranking:
    def array(name: str) -> Any:
        return np.load(folder / f"{name}.npy", mmap_mode="r")

    try:
        rest = _rest(folder)
        belief = rest.get("belief")
        return Ranking(
            **{name: array(name) for name in _ARRAYS},
            expected_errors=Estimate(**rest["expected_errors"]),
            scores={name: array(f"score_{name}") for name in rest["scores"]},
            evidence=Evidence(**{name: array(f"evidence_{name}") for name in rest["kept"]}),
            names=names,
            belief=CountBelief(**belief | {"points": np.array(belief["points"])}) if belief else None,
        )
    except (OSError, ValueError, KeyError) as error:
        raise BadcaseError(
            _("the saved ranking cannot be read"),
            where=str(folder),
            got=str(error),
            hint=_("Delete this folder and rank again; verdicts and labels are not affected."),
        ) from error


def _rest(folder: Path) -> dict[str, Any]:
    """What is not an array."""
    rest: dict[str, Any] = json.loads((folder / "rest.json").read_text(encoding="utf-8"))
    return rest
