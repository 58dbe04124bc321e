"""What decides a run besides the items themselves; a run that goes on or is repeated takes it from its folder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import Job
from badcase.store.run_table import RunRow
from badcase.training.data.label_trust import LabelTrust, doubts_of
from badcase.training.data.training_set import TrainingSet, build_training_set, suspected
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Method, Start, Suspects, Unsure, Validation
from badcase.training.run_folder.run import META, WITHIN, read_json, reading

if TYPE_CHECKING:
    from badcase.project import Project
    from badcase.store.prediction_sets import PredictionSet
    from badcase.training.network.setups import Setup


@dataclass(frozen=True, slots=True)
class OuterFold:
    """What an outer fold may see: its items, and what a ranking of these alone doubts."""

    items: npt.NDArray[np.int64]
    doubts: LabelTrust

    @classmethod
    def suspects(cls, project: Project, inside: OuterFold | None) -> npt.NDArray[np.bool_]:
        """(n,) who is suspected and not judged, as far as it may be known."""
        if inside is None:
            return suspected(project, project.verdicts)
        return inside.doubts.suspects(len(project.items))

    @classmethod
    def parts(cls, inside: OuterFold | None) -> dict[str, Any]:
        """As arguments of `build_training_set` and `RunSpec`; nothing where all may be seen."""
        return {} if inside is None else {"within": inside.items, "doubts": inside.doubts}


@dataclass(frozen=True, slots=True)
class RunSpec:
    """Recipe, first weights, seed, revision of the labels, and the prediction set whose model and features are meant.

    within: only these items are learnt from; doubts: what is not believed, see `build_training_set` and `weighed`.
    """

    recipe: Recipe
    start: Start
    seed: int
    revision: int
    origin: PredictionSet
    device: str | None = None
    within: npt.NDArray[np.int64] | None = None
    doubts: LabelTrust | None = None

    @classmethod
    def of(cls, project: Project, row: RunRow, device: str | None = None) -> RunSpec:
        """The terms of a run that there is; BadcaseError where its prediction set is gone."""
        wanted = read_json(row.folder / META).get("prediction_set")
        known = {made.id: made for made in project.predictions.all()}
        if wanted not in known:
            raise BadcaseError(
                _("the predictions that this run began from are not in the project"),
                where=_("run {n}").format(n=row.id),
                got=_("prediction set {n}").format(n=wanted),
                hint=_("Train by the same recipe: `badcase train PROJECT --recipe runs/{n}/recipe.toml`.").format(n=row.id),
            )
        recipe = Recipe().replace_from(row.recipe)
        return cls(recipe, Start(row.start), row.seed, row.revision, known[wanted], device, **seen_by(row.folder))

    def weighed(self, project: Project) -> Job[RunSpec]:
        """The same with what the recipe does not believe, as the verdicts stand.

        Where the recipe holds items out, or may see only some, those that are learnt from say it alone: later items nothing
        of earlier ones. With the split of the data it is the ranking of the project, which knows the validation items.
        """
        recipe = self.recipe
        if self.doubts is not None or (recipe.suspects == Suspects.KEEP and recipe.unsure != Unsure.SOFT):
            return self
        within = self.within
        if within is None and recipe.suspects != Suspects.OUT and recipe.validation != Validation.PROJECT:
            within = self.training_set(project).train.items
        return replace(self, doubts=(yield from doubts_of(project, self.origin, within)))

    def training_set(self, project: Project) -> TrainingSet:
        return build_training_set(
            project,
            self.recipe,
            revision=self.revision,
            seed=self.seed,
            within=self.within,
            doubts=self.doubts,
            origin=self.origin,
        )

    def setup(self, project: Project, training_set: TrainingSet) -> Setup:
        from badcase.training.network.setups import SETUPS

        method = Method(self.recipe.method)
        return SETUPS[method](project, self.origin, self.recipe, self.start, self.seed, self.device, training_set)


def seen_by(folder: Path) -> dict[str, Any]:
    """What a run could see and what it did not believe, from its folder: as arguments of `build_training_set` and `RunSpec`."""
    with reading(folder / WITHIN):
        within = np.load(folder / WITHIN) if (folder / WITHIN).exists() else None
    return {"within": within, "doubts": LabelTrust.read(folder)}


def digest_of(training_set: TrainingSet) -> str:
    """A digest that two trainings share exactly when they learn the same targets of the same items, by the same weights."""
    digest = hashlib.blake2b(digest_size=8)
    for rows in (training_set.train, training_set.validation):
        soft = (None, None) if rows.soft is None else (rows.soft.place, rows.soft.values)
        for values in (rows.items, rows.labels, rows.weights, *soft, rows.teacher, rows.teacher_weight):
            digest.update(b"-" if values is None else np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()
