"""Classes by their names, with the nearest names where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from badcase.errors import BadcaseError
from badcase.i18n import _


def named_class(classes: Sequence[str], name: str) -> int:
    """The id of a class by its name; BadcaseError with the nearest names."""
    if name in classes:
        return classes.index(name)
    near = get_close_matches(name, classes, 3, 0.4) or list(classes[:10])
    raise BadcaseError(
        _("there is no such class"),
        where="label",
        got=name or _("nothing"),
        hint=_("Classes: {names}").format(names=", ".join(near)),
    )
