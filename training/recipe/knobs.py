"""Settings that describe themselves: the form, the command line, the file and the docs are made from one place."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeAlias, TypeVar, cast

from badcase.errors import BadcaseError
from badcase.i18n import _

T = TypeVar("T")
Value: TypeAlias = "bool | int | float | str | None"

_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


@dataclass(frozen=True, slots=True)
class Condition:
    """The knob acts only where `name` has one of `values`; no values: where it is a text, a yes, or more than `above`."""

    name: str
    values: tuple[str, ...] = ()
    above: float = 0

    def holds(self, context: Mapping[str, Value]) -> bool:
        """Whether it does beside these values; which weights a training begins with may not be known yet."""
        value = context[self.name]
        if self.name == "start" and value is None:
            return True
        if self.values:
            return value in self.values
        return value > self.above if isinstance(value, int | float) else bool(value)

    def __str__(self) -> str:
        return f"{self.name} = {' | '.join(self.values)}" if self.values else f"{self.name} > {self.above:g}"


@dataclass(frozen=True, slots=True)
class Either:
    """The knob acts where all conditions of one of several ways hold."""

    ways: tuple[tuple[Condition, ...], ...]

    def holds(self, context: Mapping[str, Value]) -> bool:
        return any(all(one.holds(context) for one in way) for way in self.ways)

    def __str__(self) -> str:
        return " | ".join(" & ".join(map(str, way)) for way in self.ways)


@dataclass(frozen=True, slots=True)
class Knob:
    """One field of a recipe. `low` and `high` are inclusive; `optional` allows None, "as the model has it".

    A text that is no closed set has an `example` of its form, and is empty where it says nothing. A form may fold away
    what is `rare`ly changed.
    """

    name: str
    type: type
    default: Value
    raw_title: str
    raw_group: str
    raw_help: str
    raw_unit: str = ""
    example: str = ""
    low: float | None = None
    high: float | None = None
    raw_choices: Mapping[str, str] = dataclasses.field(default_factory=dict)
    optional: bool = False
    logarithmic: bool = False
    rare: bool = False
    only_with: tuple[Condition | Either, ...] = ()

    @property
    def title(self) -> str:
        return _(self.raw_title)

    @property
    def group(self) -> str:
        return _(self.raw_group)

    @property
    def help(self) -> str:
        return _(self.raw_help)

    @property
    def unit(self) -> str:
        return _(self.raw_unit) if self.raw_unit else ""

    @property
    def choices(self) -> dict[str, str]:
        """Value to title, in order; empty where the knob is a number or a switch."""
        return {value: _(title) for value, title in self.raw_choices.items()}

    @property
    def bounds(self) -> str:
        """What is allowed, in words."""
        if self.raw_choices:
            return " | ".join(self.raw_choices)
        if self.type is bool:
            return "true | false"
        if self.type is str:
            return self.example
        return _("{low:g} to {high:g}").format(low=self.low or 0, high=self.high or 0)

    def read(self, value: Any) -> Value:
        """The value as this knob's type, from a TOML value, a form or the text of `--set`; refuses by name."""
        if self.optional and (value is None or value == ""):
            return None
        try:
            typed = str(value).strip() if self.example else _READERS[self.type](value)
        except (TypeError, ValueError, OverflowError):
            raise self._refused(value) from None
        if self.raw_choices and typed not in self.raw_choices:
            raise self._refused(value)
        if self.low is not None and not self.low <= cast(float, typed) <= cast(float, self.high):
            raise self._refused(value)
        return typed

    def _refused(self, value: object) -> BadcaseError:
        near = get_close_matches(str(value), self.raw_choices, n=1, cutoff=0.5)
        hint = _("Did you mean {name}?").format(name=near[0]) if near else self.help
        expected = _("{bounds}, whole number").format(bounds=self.bounds) if self.type is int else self.bounds
        return BadcaseError(_("not a value of this knob"), where=self.name, expected=expected, got=value, hint=hint)

    def show(self, value: Value) -> str:
        """A value as a person reads it."""
        if value is None:
            return _("as the model has it")
        if value == "":
            return _("none")
        if isinstance(value, bool):
            return _("on") if value else _("off")
        return self.choices.get(str(value), f"{value:g}" if isinstance(value, int | float) else str(value))


def knob(
    default: T,
    title: str,
    group: str,
    help: str,
    *,
    unit: str = "",
    example: str = "",
    bounds: tuple[float, float] | None = None,
    choices: Mapping[str, str] | None = None,
    optional: bool = False,
    logarithmic: bool = False,
    rare: bool = False,
    only_with: tuple[Condition | Either, ...] = (),
) -> T:
    """A dataclass field that carries its own title, group, unit, bounds and one sentence of help."""
    kind = float if default is None else str if choices else type(default)
    low, high = bounds or (None, None)
    describe = {
        "type": kind,
        "raw_title": title,
        "raw_group": group,
        "raw_help": help,
        "raw_unit": unit,
        "example": example,
        "low": low,
        "high": high,
        "raw_choices": dict(choices or {}),
        "optional": optional,
        "logarithmic": logarithmic,
        "rare": rare,
        "only_with": only_with,
    }
    return dataclasses.field(default=default, metadata=describe)


def knobs_of(recipe: type) -> dict[str, Knob]:
    """The knobs of a dataclass made with `knob`, by name, in the order they were written."""
    return {
        field.name: Knob(name=field.name, default=_plain(field.default), **field.metadata) for field in dataclasses.fields(recipe)
    }


def _plain(value: Any) -> Value:
    return str(value) if isinstance(value, str) else cast(Value, value)


def _read_bool(value: Any) -> bool:
    word = str(value).strip().lower()
    if word not in _YES + _NO:
        raise ValueError(word)
    return word in _YES


def _read_int(value: Any) -> int:
    number = float(value)
    if isinstance(value, bool) or number != int(number):
        raise ValueError(value)
    return int(number)


def _read_float(value: Any) -> float:
    number = float(value)
    if isinstance(value, bool) or not math.isfinite(number):
        raise ValueError(value)
    return number


def _read_choice(value: Any) -> str:
    return str(value).strip().lower().replace("-", "_").replace(" ", "_")


_READERS: dict[type, Callable[[Any], bool | int | float | str]] = {
    bool: _read_bool,
    int: _read_int,
    float: _read_float,
    str: _read_choice,
}
