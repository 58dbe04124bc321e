"""A function of the user's, named as package.module:function."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from badcase.errors import BadcaseError
from badcase.language import _


def own_function(name: str, where: str) -> Callable[..., Any]:
    """The function of that name, looked for in the folder that the program was started in as well.

    where: the knob that names it, for the error.
    """
    module_name, _colon, function_name = name.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found = getattr(importlib.import_module(module_name), function_name)
    except (ImportError, AttributeError, ValueError, SyntaxError) as error:
        raise BadcaseError(
            _("this function cannot be imported"),
            where=where,
            expected="package.module:function",
            got=f"{name} ({error})" if name else _("nothing"),
            hint=_("Run badcase from the folder that holds the package."),
        ) from error
    if not callable(found):
        raise BadcaseError(_("this is no function"), where=where, got=f"{name} ({type(found).__name__})")
    function: Callable[..., Any] = found
    return function
