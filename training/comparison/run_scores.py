"""The scores of runs side by side: each from what it predicts and from the labels that hold today, on the same items."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items import Split
from badcase.store.run_table import RunRow
from badcase.store.verdicts import VerdictCode
from badcase.training.comparison.gold import gold_labels
from badcase.training.metrics.single_label import measure, titles
from badcase.training.run_folder.run_answers import run_logits, run_thresholds
from badcase.training.run_folder.run_files import LOGITS

if TYPE_CHECKING:
    from badcase.project import Project


@dataclass(frozen=True, slots=True)
class RunScores:
    """The measures of runs on gold, else on the validation items where no gold is left; of one revision of the labels.

    Attributes:
        of: By the number of the run, what `titles` names; a run without predictions is not in it.
        items: How many items they stand on.
        on_gold: Whether these are gold.
        revision: Of the labels.
        measure: The measure that decides first.
        measure_title: What it is called.
    """

    of: dict[int, dict[str, float]]
    items: int
    on_gold: bool
    revision: int
    measure: str
    measure_title: str

    def value(self, run: int) -> float | None:
        """The first measure of a run; None where there is nothing to score."""
        return self.of.get(run, {}).get(self.measure)

    @property
    def heading(self) -> str:
        """Over a column of them: "accuracy on gold"."""
        words = _("{measure} on gold") if self.on_gold else _("{measure} on validation items")
        return words.format(measure=self.measure_title)


def run_scores(project: Project, runs: Iterable[RunRow]) -> RunScores:
    """Score runs by the labels that hold now. What a run measured on its own day stays in its `metrics`."""
    items, held = gold_labels(project)
    on_gold = bool(len(items))
    if not on_gold:
        items = _validation_items(project)
        held = project.labels[items]
    named = titles(several=project.task == "multilabel")
    first = next(iter(named))
    labels = project.taxonomy.answers(held)
    found = {}
    for run in runs if len(items) else ():
        if (made := _measured(project, run, items, labels)) is not None:
            found[run.id] = made
    return RunScores(found, len(items), on_gold, project.revision, first, named[first])


def _validation_items(project: Project) -> npt.NDArray[np.int64]:
    """The same for every run, whichever of them it held out by itself."""
    judged = (VerdictCode.EXCLUDE, VerdictCode.UNSURE)
    return np.flatnonzero((project.split == Split.VALIDATION) & ~project.gold & ~np.isin(project.verdicts, judged))


def _measured(
    project: Project, run: RunRow, items: npt.NDArray[np.int64], labels: npt.NDArray[np.integer]
) -> dict[str, float] | None:
    if not run.has(LOGITS):
        return None
    try:
        logits = run_logits(project, run)[items]
        if not np.isfinite(logits).all():  # of a run that predicts a part of the items
            return None
        return measure(logits, labels, run_thresholds(project, run))
    except (BadcaseError, IndexError):  # damaged predictions score nothing; whoever compares is told
        return None
