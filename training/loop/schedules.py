"""Learning-rate schedules: the share of the peak rate at a point of the run, warm-up included."""

from __future__ import annotations

import math
from collections.abc import Callable

from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import ScheduleName


def constant(_after: float, _epoch: float, _recipe: Recipe) -> float:
    return 1.0


def linear(after: float, _epoch: float, _recipe: Recipe) -> float:
    return 1.0 - after


def cosine(after: float, _epoch: float, _recipe: Recipe) -> float:
    return 0.5 * (1.0 + math.cos(math.pi * after))


def one_cycle(after: float, _epoch: float, _recipe: Recipe) -> float:
    """Down to a ten-thousandth of where it began; the rise is the warm-up (Smith 2018, arXiv 1708.07120)."""
    return 4e-6 + (1.0 - 4e-6) * cosine(after, _epoch, _recipe)


def step(_after: float, epoch: float, recipe: Recipe) -> float:
    return float(recipe.step_factor ** (int(epoch) // recipe.step_every))


def warmup_stable_decay(after: float, _epoch: float, recipe: Recipe) -> float:
    """Down by a root over the last part (Hägele et al. 2024, https://arxiv.org/abs/2405.18392)."""
    return 1.0 - math.sqrt(max(0.0, 1.0 - (1.0 - after) / recipe.decay_share))


# Each gets `after` in [0, 1], the share done of what follows the warm-up, and the epochs done so far.
SCHEDULES: dict[ScheduleName, Callable[[float, float, Recipe], float]] = {
    ScheduleName.CONSTANT: constant,
    ScheduleName.LINEAR: linear,
    ScheduleName.COSINE: cosine,
    ScheduleName.ONE_CYCLE: one_cycle,
    ScheduleName.STEP: step,
    ScheduleName.WSD: warmup_stable_decay,
}


def rate_at(step_number: int, total: int, epochs: int, recipe: Recipe) -> float:
    """Share of the peak rate for step 0 to total - 1 of a run (or of a stage of it) of so many epochs."""
    name = ScheduleName(recipe.schedule)
    rising = int(recipe.warmup * total)
    if step_number < rising:
        share = (step_number + 1) / (rising + 1)
        if name is ScheduleName.ONE_CYCLE:  # a cosine rise from a 25th, as its author has it
            return 0.04 + 0.96 * 0.5 * (1.0 - math.cos(math.pi * share))
        return share
    after = (step_number - rising) / max(total - rising, 1)
    return SCHEDULES[name](after, epochs * step_number / max(total, 1), recipe)
