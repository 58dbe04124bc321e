"""Changes: what one operation touched, so that a view refreshes only for the areas it shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Area(StrEnum):
    """The parts of a project that a view can show."""

    LABELS = "labels"
    CLASSES = "classes"
    PREDICTIONS = "predictions"
    RANKING = "ranking"
    RUNS = "runs"
    SETTINGS = "settings"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Changes:
    """What one operation touched: its title for people, the areas, and the item ids where it is few items.

    `origin` is the view that began it and shows it by itself, so that nobody tells that view again; "" where there is none.
    """

    title: str
    areas: frozenset[Area]
    items: frozenset[int] = frozenset()
    origin: str = ""
