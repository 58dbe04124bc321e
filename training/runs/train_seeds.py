"""The same training under several seeds, a run each. Importing this loads no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import Job, Notice
from badcase.store.run_table import RunRow
from badcase.training.recipe import Recipe
from badcase.training.runs.train import train_in_steps

if TYPE_CHECKING:
    from badcase.project import Project


def train_seeds_in_steps(
    project: Project, recipe: Recipe | None = None, *, seeds: int, seed: int = 0, **options: Any
) -> Job[list[RunRow]]:
    """Train under the seeds seed, seed + 1, ...; a run each. options: those of `train_in_steps`."""
    if seeds < 1:
        raise BadcaseError(_("a training needs at least one seed"), where="seeds", expected=_("1 or more"), got=seeds)
    rows = []
    for number in range(seeds):
        row = yield from train_in_steps(project, recipe, seed=seed + number, **options)
        rows.append(row)
        if number + 1 < seeds:
            done = _("Run {run}: seed {seed} of {first} to {last} is done.")
            yield Notice(done.format(run=row.id, seed=seed + number, first=seed, last=seed + seeds - 1))
    return rows
