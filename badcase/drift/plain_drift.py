"""What is new about the new data, as JSON can carry it from one process to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from badcase.drift.energy_test import Distance
from badcase.drift.of_project import DataDrift, PartDrift, UnseenCluster


def as_plain(found: DataDrift) -> dict[str, Any]:
    """Its fields; arrays as lists."""
    plain: dict[str, Any] = _plain(asdict(found))
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.tolist() if isinstance(value, np.ndarray) else value


def from_plain(plain: Mapping[str, Any]) -> DataDrift:
    """The same from what `as_plain` gave."""
    made = dict(plain)
    made["whole"] = _part(plain["whole"])
    made |= {name: [_part(one) for one in plain[name]] for name in ("classes", "slices")}
    made["clusters"] = [UnseenCluster(**one | {"items": _ids(one["items"])}) for one in plain["clusters"]]
    return DataDrift(**made | {name: _ids(plain[name]) for name in ("twins", "edited")})


def _part(plain: Mapping[str, Any]) -> PartDrift:
    distance = None if plain["distance"] is None else Distance(**plain["distance"])
    return PartDrift(**dict(plain) | {"items": _ids(plain["items"]), "distance": distance})


def _ids(values: list[int]) -> np.ndarray:
    return np.array(values, np.int64)
