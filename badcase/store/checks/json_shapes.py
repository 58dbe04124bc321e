"""Shapes of what was written as JSON: whether a value has the parts, of the kinds, that are read from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

# A type; None; a condition; a tuple of shapes, one of which fits; [shape] for a list; {name: shape} for a mapping, where a name
# with "?" behind it may be missing, and `str` stands for all names that are not said.
Shape: TypeAlias = Any


def misfit(value: Any, shape: Shape, at: str = "") -> str | None:
    """The place of the first part that does not fit, "." for the whole; None where all does."""
    if isinstance(shape, tuple):
        return None if any(misfit(value, one) is None for one in shape) else at or "."
    if isinstance(shape, list):
        if not isinstance(value, list):
            return at or "."
        return _first(misfit(one, shape[0], f"{at}[{number}]") for number, one in enumerate(value))
    if isinstance(shape, Mapping):
        return _misfit_of_parts(value, shape, at) if isinstance(value, dict) else at or "."
    return None if _fits(value, shape) else at or "."


def _misfit_of_parts(value: dict[str, Any], shape: Mapping[Any, Shape], at: str) -> str | None:
    named = {str(name).removesuffix("?"): one for name, one in shape.items() if name is not str}
    for name in shape:
        if name is not str and not name.endswith("?") and name not in value:
            return f"{at}.{name}"
    rest = shape.get(str, object)
    return _first(misfit(one, named.get(name, rest), f"{at}.{name}") for name, one in value.items())


def _fits(value: Any, shape: type | Callable[[Any], bool] | None) -> bool:
    if shape is None:
        return value is None
    if not isinstance(shape, type):
        return shape(value)
    if isinstance(value, bool):
        return shape in (bool, object)
    return isinstance(value, (int, float) if shape is float else shape)


def _first(places: Any) -> str | None:
    return next((place for place in places if place is not None), None)
