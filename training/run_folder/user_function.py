"""A function of the user's, named as package.module:function."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.out_of_memory import is_out_of_memory


def own_function(name: str, where: str) -> Callable[..., Any]:
    """A function of the user's, looked for in the folder that the program was started in as well.

    What the function itself raises is said with its line.

    Args:
        name: package.module:function.
        where: The knob that names it, for the error.
    """
    module_name, _colon, function_name = name.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found = getattr(importlib.import_module(module_name), function_name)
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
    return file in (__file__, importlib.__file__) or file.startswith("<frozen importlib")
