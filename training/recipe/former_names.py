"""Knobs that were renamed: recipes and runs made before still say the former name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NAMES = {
    "minimum_epochs": "minimum_checks",
    "initialisation": "initialization",
    "normalisation": "normalization",
    "generalised_q": "generalized_q",
}
_VALUES = {("loss", "generalised"): "generalized"}


def in_names_of_today(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same knobs and values under the names that they have now."""
    return {
        NAMES.get(name, name): _VALUES.get((name, value), value) if isinstance(value, str) else value
        for name, value in values.items()
    }
