"""What a person can do from the palette: a page offers commands, the palette lists them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One action: its title, its keys ("Ctrl+R" or ""), what runs, and why it cannot run now."""

    title: str
    keys: str
    run: Callable[[], object]
    why_not: str = ""
    icon: str = "arrow"
    page: str = ""
