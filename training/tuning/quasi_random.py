"""Quasi-random search: points spread evenly over a space of recipes that the user declares."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.training.diagnosis.diagnose import can_act
from badcase.training.diagnosis.remedies import Remedy, main_rate
from badcase.training.recipe import KNOBS, Recipe
from badcase.training.recipe.tasks import ONE
from badcase.training.recipe.toml_files import read_toml
from badcase.training.tuning.proposals import FIXED

LONGEST = 4096  # points that are looked at
LOOK = 256  # of them, to see whether a knob acts at any


@dataclass(frozen=True, slots=True)
class Range:
    """From low to high, evenly or by its logarithm; what a whole number falls on is rounded."""

    low: float
    high: float
    logarithmic: bool

    def at(self, share: float) -> float:
        if not self.logarithmic:
            return self.low + share * (self.high - self.low)
        return math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))


@dataclass(frozen=True, slots=True)
class Space:
    """What each knob may be: a range, or one of some values."""

    knobs: Mapping[str, Range | tuple[Any, ...]]

    @classmethod
    def load(cls, path: Path) -> Space:
        """Read TOML: `NAME = [low, high]` of a number, `NAME = [one, other, ...]` of anything else.

        A number whose knob is logarithmic is drawn by its logarithm. `NAME = { values = [...] }` takes numbers as they
        are. BadcaseError where a knob is unknown, out of its bounds, or one that trials must share.
        """
        read = read_toml(path, _("the space cannot be read"))
        if not read:
            raise BadcaseError(_("the space is empty"), where=str(path), expected="learning_rate = [1e-5, 1e-3]")
        return cls({name: _side(name, value) for name, value in read.items()})

    def values(self) -> dict[str, Any]:
        """As JSON can carry it; `of` reads it."""
        return {name: asdict(side) if isinstance(side, Range) else list(side) for name, side in self.knobs.items()}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Space:
        return cls({name: Range(**side) if isinstance(side, dict) else tuple(side) for name, side in values.items()})

    @classmethod
    def around(cls, recipe: Recipe) -> Space:
        """The rate a thirtieth to thirty times of what it is, weight decay, dropout and label smoothing."""
        rate, decay = main_rate(recipe), max(recipe.weight_decay, 1e-4)
        low, high = KNOBS[rate].low or 0.0, KNOBS[rate].high or math.inf
        old = getattr(recipe, rate)
        sides: dict[str, Range | tuple[Any, ...]] = {
            rate: Range(max(low, old / 30), min(high, old * 30), True),
            "weight_decay": Range(decay / 100, decay * 100, True),
            "dropout": Range(0.0, 0.5, False),
            "label_smoothing": Range(0.0, 0.2, False),
        }
        idle = recipe.idle("")  # none of these asks for a kind of items
        return cls({name: side for name, side in sides.items() if name not in idle})

    def require_points(self, recipe: Recipe, kind: str, start: str | None, task: str = ONE) -> None:
        """Refuse by name a knob that acts at no point beside this recipe, and a space of which no point can be tried."""
        drawn = [recipe.replace_from(changes) for changes in islice(self._drawn(0), LOOK)]
        idle = [point.idle(kind, start, task) for point in drawn]
        for name in self.knobs:
            if all(name in one for one in idle):
                raise BadcaseError(
                    _("this knob would do nothing here: it {reason}").format(reason=idle[0][name]),
                    where=name,
                    hint=_("Leave it out of the space, or add what it depends on to the space."),
                )
        if next(self.points(recipe, kind, start, 0, task), None) is None:
            drawn[0].rested(kind, start, task).check(kind, start, task)  # says why, if it is not the recipe itself
            raise BadcaseError(
                _("the space contains only the recipe at its center"),
                where=", ".join(self.knobs),
                hint=_("Widen a range, or name more values of a knob."),
            )

    def points(self, recipe: Recipe, kind: str, start: str | None, seed: int, task: str = ONE) -> Iterator[Remedy]:
        """A scrambled Sobol sequence; a point that comes again, or that the model or the items cannot have, is passed over.

        A knob that cannot act beside the others of its point is at its default there.
        Source: Sobol 1967; Owen 1998 for the scrambling, by scipy.stats.qmc
        """
        why = _("A point of the declared space. Several settings change at once, so the result has no single cause.")
        seen: set[Recipe] = set()
        for changes in self._drawn(seed):
            point = recipe.replace_from(changes).rested(kind, start, task)
            remedy = Remedy("", point.values(), why)
            if point not in seen and can_act(remedy, recipe, kind, start, task):
                seen.add(point)
                yield remedy

    def _drawn(self, seed: int) -> Iterator[dict[str, Any]]:
        from scipy.stats.qmc import Sobol

        for row in Sobol(len(self.knobs), rng=seed).random_base2(int(math.log2(LONGEST))):
            yield self._at(row.tolist())

    def _at(self, shares: Sequence[float]) -> dict[str, Any]:
        return {name: _value(name, side, share) for (name, side), share in zip(self.knobs.items(), shares, strict=True)}


def _value(name: str, side: Range | tuple[Any, ...], share: float) -> Any:
    if isinstance(side, tuple):
        return side[min(int(share * len(side)), len(side) - 1)]
    value = side.at(share)
    return round(value) if KNOBS[name].type is int else float(f"{value:.3g}")


def _side(name: str, value: Any) -> Range | tuple[Any, ...]:
    """One side of the space, checked against the knob."""
    knob = KNOBS.get(name)
    if knob is None or name in FIXED - {"batch_size"}:
        raise BadcaseError(
            _("a search cannot change this knob"),
            where=name,
            hint=_("`badcase recipe` lists the knobs; those that split the data or choose the method stay fixed."),
        )
    listed = value.get("values") if isinstance(value, dict) else value
    if not isinstance(listed, list) or not listed:
        raise BadcaseError(_("this is neither a range nor a list"), where=name, expected="[low, high]", got=value)
    for one in listed:
        Recipe().replace_from({name: one})  # out of bounds, or of the wrong type
    numbers = knob.type in (int, float) and not isinstance(value, dict)
    if not numbers:
        return tuple(listed)
    if len(listed) != 2 or listed[0] >= listed[1]:
        raise BadcaseError(
            _("a range has two ends, the lower one first"),
            where=name,
            expected="[low, high]",
            got=value,
            hint=_("For single values write {{ values = [...] }}.").format(),
        )
    return Range(float(listed[0]), float(listed[1]), knob.logarithmic and listed[0] > 0)
