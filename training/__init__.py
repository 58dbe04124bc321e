"""Training: a recipe and the corrected labels become a run, runs are compared, and a tuning looks for a better recipe.

>>> import badcase.training
>>> run = badcase.training.train(project, {"epochs": 3})
>>> badcase.training.accept(project, run.id)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from badcase.training.verbs_in_python import (
        accept,
        check_gold,
        compare,
        draw_gold,
        recipe_for,
        repeat,
        report,
        resume,
        train,
        tune,
    )

__all__ = ["accept", "check_gold", "compare", "draw_gold", "recipe_for", "repeat", "report", "resume", "train", "tune"]


def __getattr__(name: str) -> Any:
    """Import what is handed on when it is first asked for: the rooms below need none of it."""
    if name not in __all__:
        raise AttributeError(f"module 'badcase.training' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module("badcase.training.verbs_in_python"), name)
    return value
