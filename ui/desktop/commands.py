"""What a person can do: a page offers commands; the palette lists them, and the key sheet those that have keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One action: its title, its keys ("Ctrl+R" or ""), what runs, and why it cannot run now.

    also: keys that do the same. group: under which heading of the key sheet it stands; else under its page. series: what
    several commands in a row are called together, each of which has one of their keys.
    """

    title: str
    keys: str
    run: Callable[[], object]
    why_not: str = ""
    icon: str = "arrow"
    page: str = ""
    also: tuple[str, ...] = ()
    group: str = ""
    series: str = ""
