"""The stages of a training: which epochs train the head alone, and how much of the backbone the others train."""

from __future__ import annotations

from fractions import Fraction

from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Freeze, Method


def stages(recipe: Recipe) -> dict[int, tuple[int, bool]]:
    """The first epoch of each stage to its number of epochs and whether it trains the head alone."""
    if recipe.method == Method.LINEAR_HEAD or recipe.freeze == Freeze.NOTHING:
        return {1: (recipe.epochs, False)}
    if recipe.freeze == Freeze.BACKBONE:
        return {1: (recipe.epochs, True)}
    head = recipe.head_epochs
    made = {1: (head, True)}
    first = head + 1
    if recipe.freeze == Freeze.BY_STAGE:
        for _stage in range(recipe.unfreeze_stages - 1):
            made[first] = (recipe.unfreeze_every, False)
            first += recipe.unfreeze_every
    return made | {first: (recipe.epochs - first + 1, False)}


def open_share(recipe: Recipe, epoch: int) -> Fraction:
    """How much of the backbone the stage that begins at `epoch` trains, counted in blocks from the last one down."""
    starts = sorted(stages(recipe))
    if recipe.freeze == Freeze.BACKBONE and recipe.method == Method.FINE_TUNE:
        return Fraction(0)
    return Fraction(starts.index(epoch), len(starts) - 1) if len(starts) > 1 else Fraction(1)


def last_start(recipe: Recipe) -> int:
    """The first epoch that trains all that the recipe trains."""
    return max(stages(recipe))
