"""Which items a training learns from under which labels and weights: the corrections folded back in. numpy only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.journal import ItemLabels, VerdictCode
from badcase.language import _
from training.recipe import Recipe

if TYPE_CHECKING:
    from badcase.project import Project

TRAIN, VALIDATION = 0, 1  # codes of badcase.items.Split


@dataclass(frozen=True, slots=True)
class Rows:
    """Some items in rising order: their ids, labels (n,) int64 and weights (n,) float32 whose mean is 1."""

    items: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))

    def __post_init__(self) -> None:
        if not len(self.weights):
            object.__setattr__(self, "weights", np.ones(len(self.items), np.float32))

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True, slots=True)
class Folded:
    """The labels of one revision as a training sees them, and what the verdicts changed in it."""

    train: Rows
    validation: Rows
    corrections: int
    confirmed: int
    exclusions: int
    unsure: int


def fold_back(project: Project, recipe: Recipe, *, revision: int | None = None, seed: int = 0) -> Folded:
    """Labels at a revision (now, where None): corrected ones in, excluded and unsure items out, gold never touched."""
    labels, verdicts = project.labels_at(project.revision if revision is None else revision)
    usable = ~project.gold & (verdicts != VerdictCode.EXCLUDE) & (verdicts != VerdictCode.UNSURE)
    train = np.flatnonzero(usable & (project.split == TRAIN))
    validation = np.flatnonzero(usable & (project.split == VALIDATION))
    if not len(validation):
        train, validation = _set_apart(train, project.items.twins, seed)
    _check(train, validation, labels)
    weights = _weights(np.isin(verdicts[train], (VerdictCode.RELABEL, VerdictCode.KEEP)), recipe)
    inside = ~project.gold & ((project.split == TRAIN) | (project.split == VALIDATION))
    counts = np.bincount(verdicts[inside], minlength=len(VerdictCode))
    return Folded(
        Rows(train, labels[train].astype(np.int64), weights),
        Rows(validation, labels[validation].astype(np.int64)),
        corrections=int(counts[VerdictCode.RELABEL]),
        confirmed=int(counts[VerdictCode.KEEP]),
        exclusions=int(counts[VerdictCode.EXCLUDE]),
        unsure=int(counts[VerdictCode.UNSURE]),
    )


def _set_apart(
    train: npt.NDArray[np.int64], twins: npt.NDArray[np.int64], seed: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """A tenth of the training items for validation where the data has none left; near-duplicates stay together."""
    groups = np.unique(twins[train])
    chosen = np.random.default_rng(seed).permutation(groups)[: max(1, len(groups) // 10)]
    apart = np.isin(twins[train], chosen)
    return train[~apart], train[apart]


def _check(train: npt.NDArray[np.int64], validation: npt.NDArray[np.int64], labels: ItemLabels) -> None:
    if not len(validation) or len(np.unique(labels[train])) < 2:
        raise BadcaseError(
            _("there is too little left to train on"),
            where=_("training items"),
            expected=_("items of at least two classes, and some for validation"),
            got=_("{train} for training, {validation} for validation").format(
                train=len(train), validation=len(validation)
            ),
            hint=_("Bring excluded items back, or check the split column of the data."),
        )


def _weights(confirmed: npt.NDArray[np.bool_], recipe: Recipe) -> npt.NDArray[np.float32]:
    """Weights of mean 1; what a person confirmed counts more, but together at most their share of an epoch."""
    n, c = len(confirmed), int(confirmed.sum())
    weight = recipe.correction_weight
    if c and recipe.correction_share < 1:
        weight = min(weight, recipe.correction_share * (n - c) / ((1 - recipe.correction_share) * c))
    weights = np.where(confirmed, max(weight, 1.0), 1.0)
    return np.asarray(weights / weights.mean(), np.float32)
