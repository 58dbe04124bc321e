"""The training set: which items are learnt from, under which labels and weights, with the corrections in. numpy only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.items.kinds import UNLABELLED
from badcase.store.verdicts import ItemLabels, VerdictCode
from badcase.training.data.label_trust import LabelTrust, hard_targets, quick_label_trust
from badcase.training.data.soft_targets import hard_cases, soft_targets, teacher
from badcase.training.data.splitting import Division, divide, hold_out
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Sampling, Suspects, Unsure, Validation

if TYPE_CHECKING:
    from badcase.project import Project
    from badcase.store.prediction_sets import PredictionSet

TRAIN, VALIDATION = 0, 1  # codes of badcase.items.Split
CROSS_VALIDATED_BY = "cross_validation"  # in the meta of a prediction set: the run whose folds predicted it
APART = 0.1  # of the training items, for validation where the data has none left


@dataclass(frozen=True, slots=True)
class SoftTargets:
    """What some of n rows teach instead of their label.

    Attributes:
        place: (n,) int32, a row's place in `values`, -1 of those that teach their label.
        values: (m, k) sum to 1 in each row; of several labels an item they are entries from 0 to 1.
    """

    place: npt.NDArray[np.int32]
    values: npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """Some items in rising order, with what each teaches.

    Attributes:
        items: (n,) ids.
        labels: (n,) int64, or a matrix (n, k) bool where an item may have any number of labels.
        weights: (n,) float32 whose mean is 1.
        soft: The targets of those that do not teach their label alone; None where there are none.
        teacher: (n, k) float16, logits of the model before.
        teacher_weight: (n,) float32 how much these count; (n, k) where an item may have any number of labels.
    """

    items: npt.NDArray[np.int64]
    labels: npt.NDArray[Any]
    weights: npt.NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    soft: SoftTargets | None = None
    teacher: npt.NDArray[np.float16] | None = None
    teacher_weight: npt.NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        if not len(self.weights):
            object.__setattr__(self, "weights", np.ones(len(self.items), np.float32))

    def __len__(self) -> int:
        return len(self.items)

    def part(self, places: npt.NDArray[np.int64]) -> TrainingRows:
        """Some of the rows, by their places; weights stay as they are."""
        return TrainingRows(
            self.items[places],
            self.labels[places],
            self.weights[places],
            None if self.soft is None else SoftTargets(self.soft.place[places], self.soft.values),
            None if self.teacher is None else self.teacher[places],
            None if self.teacher_weight is None else self.teacher_weight[places],
        )

    def targets(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.float32] | None:
        """(b, k) what some of the rows teach; None where all teach their label alone."""
        if self.soft is None:
            return None
        made, place = hard_targets(self.labels[places], self.soft.values.shape[1]), self.soft.place[places]
        made[place >= 0] = self.soft.values[place[place >= 0]]
        return made


def chances(labels: npt.NDArray[Any], recipe: Recipe) -> npt.NDArray[np.float64] | None:
    """(n,) how likely a draw of an epoch is each item, summing to 1; None where each comes once."""
    power = {Sampling.SHUFFLED: 0.0, Sampling.SQRT: 0.5, Sampling.BALANCED: 1.0}[Sampling(recipe.sampling)]
    if not power:
        return None
    each = np.bincount(labels)[labels] ** -power
    return np.asarray(each / each.sum(), np.float64)


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """The labels of one revision as a training sees them, and what the verdicts changed in it.

    Attributes:
        train: What is learnt from.
        validation: What is held out.
        corrections: How many labels a person changed.
        confirmed: How many a person kept.
        exclusions: How many items a person excluded.
        unsure: How many stay out as such.
        soft: How many teach a distribution.
        suspects: How many of the suspects stay out.
        notes: What a person should know, in words.
    """

    train: TrainingRows
    validation: TrainingRows
    corrections: int
    confirmed: int
    exclusions: int
    unsure: int
    soft: int = 0
    suspects: int = 0
    notes: tuple[str, ...] = ()


def build_training_set(
    project: Project,
    recipe: Recipe,
    *,
    revision: int | None = None,
    seed: int = 0,
    within: npt.NDArray[np.int64] | None = None,
    trust: LabelTrust | None = None,
    origin: PredictionSet | None = None,
) -> TrainingSet:
    """Build what a training learns from: corrected labels in, excluded items out, gold never touched.

    Args:
        recipe: decides validation, weights, soft targets, and what becomes of suspects and unsure items.
        revision: of the labels; the present one where None.
        seed: of the division into training and validation items.
        within: (m,) the only items that take part: the training part of an outer fold. No other label is seen, except
            through the model in use where the recipe distils it.
        trust: how far labels that nobody has judged are trusted. None for a look in advance: the training items that the
            ranking of the project flags stay out where the recipe says so, and every other label is taken as it is.
        origin: the predictions whose model is distilled; the current ones where None.

    Raises:
        BadcaseError: fewer than two classes, or no validation items, are left.
    """
    pool = _pool(project, recipe, revision, within)
    train, validation, notes = _divided(project, recipe, pool, seed)
    labels, verdicts = pool.labels, pool.verdicts
    trust = trust or quick_label_trust(project, verdicts, train)
    left_out = trust.suspects(len(verdicts)) & (recipe.suspects == Suspects.OUT)
    suspects = int(left_out[train].sum())
    # No validation item is among them, but of a run whose doubts an earlier version found: it can be repeated.
    train, validation = train[~left_out[train]], validation[~left_out[validation]]
    soft = soft_targets(project, recipe, labels, verdicts, pool.revision, train, trust)
    train = train[(verdicts[train] != VerdictCode.UNSURE) | np.isin(train, soft[0])]
    _check(train, validation, labels)
    hard = hard_cases(project, labels, verdicts, pool.revision)[train]
    weights = item_weights(np.isin(verdicts[train], (VerdictCode.RELABEL, VerdictCode.KEEP)), recipe, hard)
    taking_part = ~project.gold & ((project.split == TRAIN) | (project.split == VALIDATION))
    counts = np.bincount(verdicts[taking_part], minlength=len(VerdictCode))
    learnt = project.taxonomy.answers(labels[train])
    taught = _distilled(project, origin or project.predictions.current, recipe, train, learnt, verdicts[train])
    softened = np.isin(soft[0], train)
    doubtful = int((softened & (verdicts[soft[0]] == VerdictCode.UNSURE)).sum())
    return TrainingSet(
        TrainingRows(train, learnt, weights, _softened(train, *soft), *taught),
        TrainingRows(validation, project.taxonomy.answers(labels[validation])),
        corrections=int(counts[VerdictCode.RELABEL]),
        confirmed=int(counts[VerdictCode.KEEP]),
        exclusions=int(counts[VerdictCode.EXCLUDE]),
        unsure=int(counts[VerdictCode.UNSURE]) - doubtful,
        soft=int(softened.sum()),
        suspects=suspects,
        notes=notes,
    )


def learnt_from(
    project: Project, recipe: Recipe, *, revision: int | None = None, seed: int = 0, within: npt.NDArray[np.int64] | None = None
) -> npt.NDArray[np.int64]:
    """(m,) what a training could learn from, before it is known whom to suspect; the arguments of `build_training_set`."""
    return _divided(project, recipe, _pool(project, recipe, revision, within), seed)[0]


def outer_folds(
    project: Project, recipe: Recipe, *, revision: int | None = None, seed: int = 0, within: npt.NDArray[np.int64] | None = None
) -> list[Division]:
    """The folds of a recipe whose `folds` is above 1: for each the items to choose and train with, and those held out.

    Nested validation: whatever looks at a fold gets its `train` as `within=`, and so sees nothing that is held out. Suspects
    are divided as all others are.
    """
    pool = _pool(project, recipe, revision, within)
    items = np.flatnonzero(pool.usable)
    return divide(project, items, project.taxonomy.answers(pool.labels[items]), Validation(recipe.validation), recipe.folds, seed)


@dataclass(frozen=True, slots=True)
class _Pool:
    """All items (n,): labels and verdicts of a revision, and which can be used."""

    revision: int
    labels: ItemLabels
    verdicts: npt.NDArray[np.int8]
    usable: npt.NDArray[np.bool_]


def _pool(project: Project, recipe: Recipe, revision: int | None, within: npt.NDArray[np.int64] | None) -> _Pool:
    revision = project.revision if revision is None else revision
    labels, verdicts = project.journal.labels_at(revision)
    usable = ~project.gold & (verdicts != VerdictCode.EXCLUDE) & (labels != UNLABELLED)
    if recipe.unsure != Unsure.SOFT:
        usable &= verdicts != VerdictCode.UNSURE
    usable &= (project.split == TRAIN) | (project.split == VALIDATION)
    if within is not None:
        usable &= np.isin(np.arange(len(labels)), within)
    return _Pool(revision, labels, verdicts, usable)


def _softened(items: npt.NDArray[np.int64], soft: npt.NDArray[np.int64], values: npt.NDArray[np.floating]) -> SoftTargets | None:
    """For items (n,) the targets of those among the soft ones (m,), whose values are (m, k); None where none is."""
    if not len(soft):
        return None
    at = np.minimum(np.searchsorted(soft, items), len(soft) - 1)
    place = np.where(soft[at] == items, at, -1)
    return SoftTargets(place.astype(np.int32), values) if (place >= 0).any() else None


def suspected(project: Project) -> npt.NDArray[np.bool_]:
    """(n,) whose label the ranking of the project flags and nobody has judged; none before the first ranking.

    For a person to read: that ranking has learnt all labels, so nothing that is trained or measured goes by it.
    """
    every = np.arange(len(project.items))
    return quick_label_trust(project, project.verdicts, every).suspects(len(every))


def _divided(
    project: Project, recipe: Recipe, pool: _Pool, seed: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], tuple[str, ...]]:
    """Items to train on and to validate on. One that nobody could judge may teach, but judges nothing."""
    sure = pool.verdicts != VerdictCode.UNSURE
    how = Validation(recipe.validation)
    if how is not Validation.PROJECT:
        items = np.flatnonzero(pool.usable)
        if not len(items):
            return items, items, ()
        part = hold_out(project, items, project.taxonomy.answers(pool.labels[items]), how, recipe.holdout_share, seed)
        return part.train, part.held[sure[part.held]], part.notes
    train = np.flatnonzero(pool.usable & (project.split == TRAIN))
    validation = np.flatnonzero(pool.usable & sure & (project.split == VALIDATION))
    twins, n = project.items.twins, len(validation)
    validation = validation[~np.isin(twins[validation], twins[train])]
    n -= len(validation)
    note = plural(
        "{n} validation item is a near-duplicate of a training item and is left out.",
        "{n} validation items are near-duplicates of training items and are left out.",
        n,
    )
    notes = (note.format(n=n),) if n else ()
    if len(validation) or not len(train):
        return train, validation, notes
    part = hold_out(project, train, project.taxonomy.answers(pool.labels[train]), how, APART, seed)
    return part.train, part.held[sure[part.held]], (*notes, *part.notes)


def _distilled(
    project: Project,
    origin: PredictionSet | None,
    recipe: Recipe,
    train: npt.NDArray[np.int64],
    labels: npt.NDArray[Any],
    verdicts: npt.NDArray[np.int8],
) -> tuple[npt.NDArray[np.float16] | None, npt.NDArray[np.float32] | None]:
    """The answers of the model in use, where the recipe distils them; those of a cross-validation are of no one model."""
    if not recipe.distill or origin is None:
        return None, None
    own = [made for made in project.predictions.all() if made.id <= origin.id and CROSS_VALIDATED_BY not in made.meta]
    return teacher(own[-1], train, labels, verdicts)


def _check(train: npt.NDArray[np.int64], validation: npt.NDArray[np.int64], labels: ItemLabels) -> None:
    if not len(validation) or len(np.unique(labels[train])) < 2:
        raise BadcaseError(
            _("there is too little left to train on"),
            where=_("training items"),
            expected=_("items of at least two classes, and some for validation"),
            got=_("{train} for training, {validation} for validation").format(train=len(train), validation=len(validation)),
            hint=_("Bring excluded items back, or check the split column of the data."),
        )


def item_weights(
    confirmed: npt.NDArray[np.bool_], recipe: Recipe, hard: npt.NDArray[np.bool_] | None = None
) -> npt.NDArray[np.float32]:
    """Weights of mean 1; what a person confirmed counts more, hard cases by a weight of their own.

    Each of the two kinds has at most its share of an epoch; where that asks for less than 1, the weight is 1.
    """
    hard = np.zeros(len(confirmed), np.bool_) if hard is None else hard
    kinds = [
        (confirmed & ~hard, recipe.correction_weight, recipe.correction_share),
        (hard, recipe.hard_case_weight, recipe.hard_case_share),
    ]
    weights = np.ones(len(confirmed))
    for _round in range(10):  # each cap depends on the other's weight; they settle at once unless both bind
        for mine, weight, share in kinds:
            if mine.any() and share < 1:
                weight = min(weight, share * weights[~mine].sum() / ((1 - share) * mine.sum()))
            weights[mine] = max(weight, 1.0)
    return np.asarray(weights / weights.mean(), np.float32)
