"""The parts of a training: after each it looks at the validation items. An epoch is one part, or several. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class EpochPart:
    """A part of a run, after which it looks at the validation items.

    Attributes:
        number: From 1.
        epoch: From 1.
        begin: The first of its batches in the epoch.
        end: The first batch behind it.
        steps: How many of the run came before it.
        items: How many of the run came before it.
    """

    number: int
    epoch: int
    begin: int
    end: int
    steps: int
    items: int


def parts(recipe: Recipe, items: int) -> list[EpochPart]:
    """All parts of a training on so many items; BadcaseError where an epoch has fewer steps than parts."""
    batches = max(-(-items // recipe.batch_size), 1)
    steps = -(-batches // recipe.accumulate)
    if recipe.checks > steps:
        raise BadcaseError(
            _("an epoch cannot have more checks than steps"),
            where="checks",
            expected=_("at most {n}").format(n=steps),
            got=recipe.checks,
            hint=_("Set fewer checks or a smaller batch_size."),
        )
    ends = [steps * place // recipe.checks for place in range(recipe.checks + 1)]
    made: list[EpochPart] = []
    for epoch in range(recipe.epochs):
        for first, last in pairwise(ends):
            begin, end = first * recipe.accumulate, min(last * recipe.accumulate, batches)
            before = begin * (items // batches) + min(begin, items % batches)  # the first batches have one item more
            made.append(EpochPart(len(made) + 1, epoch + 1, begin, end, epoch * steps + first, epoch * items + before))
    return made
