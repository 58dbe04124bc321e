"""How a measure is written for a person: alike in the window, on the command line and in what a run notes of itself."""

from __future__ import annotations

from badcase.i18n import MINUS, percent


def written(name: str, value: float) -> str:
    """A measure by its name: "92.8 %" of a share, "0.417" of a loss."""
    return f"{value:.3f}" if name.endswith("loss") else percent(value, 1)


def written_change(name: str, change: float) -> str:
    """What a measure changed by: "+1.2" points of a share, "−0.031" of a loss."""
    return (f"{change:+.3f}" if name.endswith("loss") else f"{100 * change:+.1f}").replace("-", MINUS)
