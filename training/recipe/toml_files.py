"""Files of TOML that a person names, or that came with a project: read whole, and never waited for."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.regular_files import open_regular

_LONGEST = 1 << 20  # bytes, a hundred times a recipe with every knob


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """What a file says; BadcaseError, in the words `what`, where it is no file of TOML."""
    try:
        with open_regular(path) as file:
            raw = file.read(_LONGEST + 1)
        if len(raw) > _LONGEST:
            raise ValueError(_("more than {n} bytes").format(n=_LONGEST))
        text = raw.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise BadcaseError(what, where=str(path), got=error) from error
    return parsed_toml(text, str(path))


def parsed_toml(text: str, where: str) -> dict[str, Any]:
    """What a text of TOML says; BadcaseError where it is none."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadcaseError(_("this is not TOML"), where=where, got=str(error)) from error
