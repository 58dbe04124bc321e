"""Functions of the user's that a recipe names as package.module:function, and whether they may run in a project.

`admit` asks once, before a training begins; `own_function` gives what was admitted.
"""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.out_of_memory import is_out_of_memory
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import LossName, SelectBy
from badcase.training.recipe.former_names import in_names_of_today
from badcase.trust import foreign_code, verified_import
from badcase.trust.foreign_code import NAME, named_code
from badcase.trust.gate import require, trust

_KNOBS = ("loss_function", "rule")
_admitted: dict[str, Callable[..., Any]] = {}


def admit(recipe: Recipe, project: Path) -> None:
    """Import the functions of the user's that a recipe calls, where the person trusts them in this project.

    Raises:
        UntrustedCode: The person does not.
        BadcaseError: One cannot be imported.
    """
    wanted = {"loss_function": recipe.loss == LossName.OWN, "rule": recipe.select_by == SelectBy.RULE and names_code(recipe.rule)}
    for knob in _KNOBS:
        name = getattr(recipe, knob)
        if wanted[knob]:
            _admitted.pop(name, None)
            _admitted[name] = _imported(name, knob, project)


def trust_typed(values: Mapping[str, Any], project: Path) -> None:
    """Keep that a person typed these knobs, which is their word for the functions that they name."""
    values = in_names_of_today(values)
    for name in (values.get(knob) for knob in _KNOBS):
        if isinstance(name, str) and names_code(name):
            with suppress(ImportError):  # told where it is imported
                trust(named_code(name), project)


def names_code(text: str) -> bool:
    """Whether it is package.module:function, and no rule that is read."""
    return NAME.fullmatch(text) is not None


def own_function(name: str, where: str) -> Callable[..., Any]:
    """A function of the user's that was admitted; one that no project's recipe names is asked for by itself.

    It is looked for in the folder that the program was started in as well.

    What the function itself raises is said with its line.

    Args:
        name: package.module:function.
        where: The knob that names it, for the error.
    """
    if name not in _admitted:
        _admitted[name] = _imported(name, where, None)
    return _admitted[name]


def _imported(name: str, where: str, project: Path | None) -> Callable[..., Any]:
    try:
        code = named_code(name)
        require(code, project)
        found = verified_import.function_of(code)
    except BadcaseError:
        raise
    except Exception as error:  # the module is run, so it may be any
        if is_out_of_memory(error):
            raise
        raise BadcaseError(
            _("this function cannot be imported"),
            where=where,
            expected="package.module:function",
            got=f"{name} ({_told(error)})" if name else _("nothing"),
            hint=_("Correct it there, then train again.")
            if _place(error)
            else _("Run badcase from the folder that holds the package."),
        ) from error
    if not callable(found):
        raise BadcaseError(_("this is not a function"), where=where, got=f"{name} ({type(found).__name__})")
    return _named(found, name, where)


def _named(function: Callable[..., Any], name: str, where: str) -> Callable[..., Any]:
    """The function, whose mistakes are told as those of who wrote it."""

    def called(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except Exception as error:
            if isinstance(error, BadcaseError) or is_out_of_memory(error):  # then a batch is done in smaller parts
                raise
            what, hint = _("your function failed"), _("Correct it there, then train again.")
            raise BadcaseError(what, where=where, got=f"{name} ({_told(error)})", hint=hint) from error

    return called


def _told(error: Exception) -> str:
    """An error by its kind, with where it came from in the user's file, if it came from there."""
    text, place = f"{type(error).__name__}: {error}", _place(error)
    return text if place is None else _("{file}, line {line}: {error}").format(file=place[0], line=place[1], error=text)


def _place(error: Exception) -> tuple[str, int | None] | None:
    """The file of the user's that an error came through, and its last line there; None where it was raised by our call."""
    if isinstance(error, SyntaxError) and error.filename:
        return error.filename, error.lineno
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _above(frame.filename)]
    return next(((frame.filename, frame.lineno) for frame in reversed(frames) if frame.filename == frames[0].filename), None)


def _above(file: str) -> bool:
    """Whether it is this file, or one of Python that imports a module: they stand above the user's in the traceback."""
    ours = (__file__, importlib.__file__, foreign_code.__file__, verified_import.__file__)
    return file in ours or file.startswith("<frozen importlib")
