"""The same training under several seeds: what chance alone does to each measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from badcase.store.run_table import RunKind, RunRow, RunState
from badcase.training.comparison.gold import gold_labels
from badcase.training.metrics.single_label import measure, titles
from badcase.training.run_folder.run_answers import run_logits, run_thresholds
from badcase.training.run_folder.run_files import LOGITS, META, glance_json

if TYPE_CHECKING:
    from badcase.project import Project

# Two-sided 95 % quantiles of Student's t for 1, 2, ... degrees of freedom.
_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131)
_T_BEYOND = 2.12


@dataclass(frozen=True, slots=True)
class Spread:
    """One measure over several runs: its values, their mean, and their standard deviation, 0 for a single run."""

    name: str
    title: str
    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        return float(np.mean(self.values))

    @property
    def spread(self) -> float:
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else 0.0


def spread(project: Project, runs: Sequence[int | RunRow], *, as_given: bool = False) -> list[Spread]:
    """The measures of `titles` on gold of each run, the one that decides first, with their means and spreads.

    as_given: under the labels that gold was given, and not as it was checked.
    Where the project has no usable gold: on the validation items of each run, as it measured them.
    """
    rows = [project.runs.get(run) if isinstance(run, int) else run for run in runs]
    items, held = gold_labels(project, as_given=as_given)
    if len(items):
        labels = project.taxonomy.answers(held)
        measured = [measure(run_logits(project, row)[items], labels, run_thresholds(project, row)) for row in rows]
    else:
        measured = [row.metrics for row in rows]
    names = titles(several=project.task == "multilabel")
    return [Spread(name, title, tuple(one[name] for one in measured)) for name, title in names.items()]


def siblings(project: Project, row: RunRow) -> list[RunRow]:
    """The finished runs that differ from this one in their seed alone, itself among them: one a seed.

    They began from the same predictions too: others bring other weights, features or label trust.
    """
    alike = [
        run
        for run in project.runs.all()
        if run.state is RunState.DONE
        and run.recipe
        and run.has(LOGITS)
        and (run.kind, run.recipe, run.start, run.revision) == (row.kind, row.recipe, row.start, row.revision)
    ]
    origin = _origin(project, row)
    found = {run.seed: run for run in alike if _origin(project, run) == origin}
    return [found[seed] for seed in sorted(found)]


def _origin(project: Project, row: RunRow) -> object:
    """What a run took from the project besides its labels: from its folder, so only alike runs are asked."""
    number = glance_json(row, META).get("prediction_set")
    if row.kind is RunKind.TRAINING:
        return number
    # each fold ranks for itself, so only the model and its features matter
    meta = next((made.meta for made in project.predictions.all() if made.id == number), {})
    return meta.get("model"), meta.get("embedding_id")


def inside_spread(a: Spread, b: Spread) -> bool:
    """Whether two means differ by no more than the seeds explain: the 95 % interval of Welch's t holds zero.

    Source: Welch 1947, https://doi.org/10.1093/biomet/34.1-2.28
    """
    parts = [one.spread**2 / len(one.values) for one in (a, b)]
    error = sum(parts)
    if error == 0:
        return a.mean == b.mean
    freedom = int(error**2 / sum(part**2 / (len(one.values) - 1) for part, one in zip(parts, (a, b), strict=True)))
    quantile = _T[max(freedom, 1) - 1] if freedom <= len(_T) else _T_BEYOND
    return bool(abs(b.mean - a.mean) <= quantile * error**0.5)
