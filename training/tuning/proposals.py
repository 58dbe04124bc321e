"""Proposals of the guided loop, one change each: the rate, what a plain model lacks, what is diagnosed, what practice knows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from badcase.i18n import _
from badcase.training.data.run_spec import OuterFold
from badcase.training.data.training_set import build_training_set
from badcase.training.diagnosis.diagnose import MANY_SUSPECTS, can_act, diagnose
from badcase.training.diagnosis.remedies import (
    Remedy,
    bags,
    knob_remedy,
    larger,
    main_rate,
    plain_loss,
    rates,
    steadier,
    usual_norm,
)
from badcase.training.metrics.single_label import sizes
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import ClassWeights, LossName, Method, Network, Normalization, ScheduleName, Start, Suspects
from badcase.training.recipe.tasks import ONE
from badcase.training.tuning.trials import Trial

if TYPE_CHECKING:
    from badcase.project import Project

# Found by a stopwatch, or part of what judges, or another model altogether: not for a trial to change.
FIXED = {"batch_size", "validation", "folds", "holdout_share", "method", "network", "patience"}
RARE = 1 / 3  # of the size of the largest class


def plainest(recipe: Recipe, kind: str, start: str | None = None, task: str = ONE) -> Recipe:
    """The recipe without anything that has yet to earn its place.

    From scratch that is also without weight decay and under a constant rate; a small network has no norm and no dropout
    either. What others built may not train without theirs, and keeps them.
    """
    plain = {**plain_loss(task), "class_weights": ClassWeights.NONE, "averaging": 0.0, "flip": False}
    plain |= dict.fromkeys(("label_smoothing", "crop", "mixup", "jitter", "erase", "token_drop", "embedding_dropout"), 0.0)
    if start == Start.SCRATCH:
        plain |= {"weight_decay": 0.0, "schedule": ScheduleName.CONSTANT, "warmup": 0.0}
        if recipe.network == Network.SMALL:
            plain |= {"normalization": Normalization.NONE, "dropout": 0.0}
    return recipe.replace_from(plain).settled(kind, start, task)


class Guide:
    """Proposes changes of the best recipe at each time; nothing is tried twice."""

    def __init__(
        self,
        project: Project,
        start: Start,
        best: Callable[[], Trial],
        outer_fold: OuterFold | None = None,
        tried: Iterable[Recipe] = (),
    ) -> None:
        """Begin with the recipe that is best so far.

        Args:
            project: The project.
            start: The first weights of every trial.
            best: Gives the best trial at each time.
            outer_fold: All that may be seen; None for all items.
            tried: Recipes that need no trial besides the best one so far.
        """
        self._project, self._start, self._best, self._outer_fold = project, start, best, outer_fold
        self._tried: set[Recipe] = {best().recipe, *tried}

    def proposals(self, rate: Remedy, given: Recipe) -> Iterator[Remedy]:
        """Changes of the recipe that is best at each time, one after the other.

        Args:
            rate: The learning rate that the finder picked.
            given: The recipe that the plain one was made from.
        """
        name = main_rate(self._best().recipe)
        lower = rate.changes.get(name, math.inf) < getattr(self._best().recipe, name)
        yield from self._one(rate)
        if self._start is Start.SCRATCH:
            for remedy in self._additions(given):
                yield from self._one(remedy)
        yield from self._given(given)
        yield from self._rates(1 / 3 if lower else 3, rungs=2)  # first to where the finder pointed
        yield from self._one(steadier())
        yield from self._diagnosed()
        for look in (self._suspects, self._length, self._regularization, self._imbalance, self._shape):
            for remedy in look(self._best().recipe):
                before = self._best()
                yield from self._one(remedy)
                if self._best() is not before:  # what was the best rate may be so no more
                    yield from self._rates(2, rungs=1)
        yield from self._diagnosed()
        yield from self._rates(1.7, rungs=1)

    def _additions(self, given: Recipe) -> list[Remedy]:
        """What a plain network from scratch lacks, each alone: as the given recipe has it, else as practice has."""
        why = _("added alone, to see what it does")
        small = given.network == Network.SMALL
        norm = given.normalization if given.normalization != Normalization.NONE else usual_norm(given, self._project.kind)
        schedule = given.schedule if given.schedule != ScheduleName.CONSTANT else ScheduleName.COSINE
        return [
            *([knob_remedy("normalization", norm, why)] if small else []),
            knob_remedy("schedule", schedule, why),
            knob_remedy("warmup", given.warmup or 0.1, why),
            *([knob_remedy("dropout", given.dropout or 0.5, why)] if small else []),
            knob_remedy("weight_decay", given.weight_decay or 0.01, why),
            knob_remedy("crop", given.crop or 0.1, why),
            knob_remedy("flip", True, why),
            knob_remedy("token_drop", given.token_drop or 0.1, why),
        ]

    def _given(self, given: Recipe) -> Iterator[Remedy]:
        """All that the plain recipe lacks, at once: what is found must not be behind what a person began with."""
        plain = plainest(given, self._project.kind, self._start, self._project.task)
        lacks = {name: value for name, value in given.values().items() if value != plain.values()[name]}
        yield from self._one(Remedy("", lacks, _("everything the recipe adds to the plain one, all at once")))

    def _one(self, remedy: Remedy) -> Iterator[Remedy]:
        recipe = self._best().recipe
        if set(remedy.changes) & FIXED or not self._can_act(remedy, recipe):
            return
        changed = recipe.replace_from(remedy.changes)
        if remedy.changes and changed not in self._tried:
            self._tried.add(changed)
            yield remedy

    def _can_act(self, remedy: Remedy, recipe: Recipe) -> bool:
        return can_act(remedy, recipe, self._project.kind, self._start, self._project.task)

    def _rates(self, factor: float, *, rungs: int) -> Iterator[Remedy]:
        """That way while it helps, else the other way while it helps."""
        for step in (factor, 1 / factor):
            for _rung in range(rungs):
                before = self._best()
                for remedy in rates(before.recipe, step):
                    yield from self._one(remedy)
                if self._best() is before:
                    break
            else:
                return

    def _diagnosed(self) -> Iterator[Remedy]:
        """The remedies of what the best run shows, and of what shows after one of them helped."""
        before = self._best()
        findings = diagnose(self._project, before.run, self._outer_fold)
        found = [(finding.title, one) for finding in findings for one in finding.remedies]
        for title, remedy in found:
            yield from self._one(Remedy(remedy.title, remedy.changes, f"{title}: {remedy.why}"))
            if self._best() is not before:
                yield from self._diagnosed()
                return

    def _length(self, recipe: Recipe) -> list[Remedy]:
        return [knob_remedy("epochs", min(10_000, recipe.epochs * 2), _("some good plateaus come late"))]

    def _regularization(self, recipe: Recipe) -> list[Remedy]:
        decay, whole = recipe.weight_decay, recipe.method != Method.LINEAR_HEAD  # a new head has no dropout of its own
        return [
            knob_remedy("dropout", 0.5, _("dropout first against overfitting")),
            knob_remedy("dropout", 0.2, _("a little dropout")),
            *([knob_remedy("dropout", 0.0, _("no dropout sometimes works best"))] if whole else []),
            knob_remedy("label_smoothing", 0.1, _("softer targets tolerate wrong labels")),
            knob_remedy("weight_decay", min(10.0, max(decay * 10, 1e-4)), _("stronger weight decay")),
            knob_remedy("weight_decay", decay / 10, _("weaker weight decay")),
        ]

    def _imbalance(self, recipe: Recipe) -> list[Remedy]:
        found = sizes(
            build_training_set(self._project, recipe, **OuterFold.parts(self._outer_fold)).train.labels,
            len(self._project.label_names),
        )
        rare = found.min() < RARE * found.max()
        return [knob_remedy("class_weights", ClassWeights.BALANCED, _("some classes are rare"))] if rare else []

    def _suspects(self, recipe: Recipe) -> list[Remedy]:
        outer_fold = self._outer_fold
        flagged = OuterFold.suspects(self._project, outer_fold)
        if flagged[slice(None) if outer_fold is None else outer_fold.items].mean() < MANY_SUSPECTS:
            return []
        return [
            knob_remedy("suspects", Suspects.SOFT, _("likely wrong labels count less")),
            knob_remedy("suspects", Suspects.OUT, _("likely wrong labels are left out")),
            knob_remedy("suspects", Suspects.KEEP, _("likely wrong labels may be right")),
            knob_remedy("loss", LossName.GENERALIZED, _("many labels are suspect, and this loss trusts them less")),
        ]

    def _shape(self, recipe: Recipe) -> list[Remedy]:
        if recipe.method == Method.LINEAR_HEAD:
            return []
        wider = [knob_remedy("lora_rank", min(1024, recipe.lora_rank * 4), _("wider adapters"))]
        return [
            *(wider if recipe.method == Method.LORA else []),
            knob_remedy("freeze", "nothing", _("the head may need to train alone first")),
            knob_remedy("layer_decay", 0.9, _("the features of the lowest layers are worth keeping")),
            *([*larger(recipe), *bags(self._project.kind)] if recipe.network == Network.SMALL else []),
            knob_remedy("head_hidden", 256, _("a larger head")),
        ]
