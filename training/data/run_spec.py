"""The spec of a run: all that decides it besides the items themselves. A run that is resumed takes it from its folder."""

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
from badcase.training.data.label_trust import LabelTrust, label_trust_of
from badcase.training.data.training_set import TrainingSet, build_training_set, learnt_from, suspected
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Start, Suspects, Unsure
from badcase.training.run_folder.run_files import META, WITHIN, read_json, reading

if TYPE_CHECKING:
    from badcase.project import Project
    from badcase.store.prediction_sets import PredictionSet


@dataclass(frozen=True, slots=True)
class OuterFold:
    """What an outer fold may see: its items, and how far a ranking of these alone trusts their labels."""

    items: npt.NDArray[np.int64]
    trust: LabelTrust

    @classmethod
    def suspects(cls, project: Project, outer_fold: OuterFold | None) -> npt.NDArray[np.bool_]:
        """(n,) who is suspected and not judged, as far as it may be known."""
        if outer_fold is None:
            return suspected(project)
        return outer_fold.trust.suspects(len(project.items))

    @classmethod
    def parts(cls, outer_fold: OuterFold | None) -> dict[str, Any]:
        """As arguments of `plan` and `build_training_set`; nothing where all may be seen."""
        return {} if outer_fold is None else {"within": outer_fold.items, "trust": outer_fold.trust}


@dataclass(frozen=True, slots=True)
class RunSpec:
    """All that decides a run besides the items themselves.

    Attributes:
        recipe: The recipe.
        start: The first weights.
        seed: Decides every draw.
        revision: Of the labels.
        origin: The prediction set whose model and features are meant.
        device: The device by name; None for the fastest.
        within: (m,) the only items that are learnt from; None for all.
        trust: How far labels are trusted, see `build_training_set` and `weighed`.
    """

    recipe: Recipe
    start: Start
    seed: int
    revision: int
    origin: PredictionSet
    device: str | None = None
    within: npt.NDArray[np.int64] | None = None
    trust: LabelTrust | None = None

    @classmethod
    def of(cls, project: Project, row: RunRow, device: str | None = None) -> RunSpec:
        """The spec of an existing run, from its row and its folder.

        Raises:
            BadcaseError: Where its prediction set is gone, or the classes have changed since.
        """
        if not project.has_classes_of(row.revision):
            raise BadcaseError(
                _("the classes have changed since this run learnt them"),
                where=_("run {n}").format(n=row.id),
                hint=_("Train by the same recipe: `badcase train PROJECT --recipe runs/{n}/recipe.toml`.").format(n=row.id),
            )
        wanted = read_json(row.folder / META).get("prediction_set")
        known = {made.id: made for made in project.predictions.all()}
        if wanted not in known:
            raise BadcaseError(
                _("the predictions that this run started from are missing from the project"),
                where=_("run {n}").format(n=row.id),
                got=_("prediction set {n}").format(n=wanted),
                hint=_("Train by the same recipe: `badcase train PROJECT --recipe runs/{n}/recipe.toml`.").format(n=row.id),
            )
        recipe = Recipe().replace_from(row.recipe)
        return cls(recipe, Start(row.start), row.seed, row.revision, known[wanted], device, **seen_by(row.folder))

    def weighed(self, project: Project) -> Job[RunSpec]:
        """The same spec with the trust in labels that the recipe asks for, as the verdicts stand.

        The items that are learnt from say it alone, so that what is held out measures, and chooses the checkpoint, as new
        items would: it says nothing of what is learnt, nor later items of earlier ones.
        """
        recipe = self.recipe
        trusting = recipe.suspects == Suspects.KEEP and recipe.unsure != Unsure.SOFT and not recipe.soft_labels
        if self.trust is not None or trusting:
            return self
        items = learnt_from(project, recipe, revision=self.revision, seed=self.seed, within=self.within)
        return replace(self, trust=(yield from label_trust_of(project, self.origin, items)))

    def training_set(self, project: Project) -> TrainingSet:
        return build_training_set(
            project, self.recipe, revision=self.revision, seed=self.seed, within=self.within, trust=self.trust, origin=self.origin
        )


def seen_by(folder: Path) -> dict[str, Any]:
    """What a run could see and trusted, from its folder: arguments of `build_training_set` and `RunSpec`."""
    with reading(folder / WITHIN):
        within = np.load(folder / WITHIN) if (folder / WITHIN).exists() else None
    return {"within": within, "trust": LabelTrust.read(folder)}


def digest_of(training_set: TrainingSet) -> str:
    """A digest that two trainings share exactly when they learn the same targets of the same items, by the same weights."""
    digest = hashlib.blake2b(digest_size=8)
    for rows in (training_set.train, training_set.validation):
        soft = (None, None) if rows.soft is None else (rows.soft.place, rows.soft.values)
        for values in (rows.items, rows.labels, rows.weights, *soft, rows.teacher, rows.teacher_weight):
            digest.update(b"-" if values is None else np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()
