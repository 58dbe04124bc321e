"""Classes by their names, with the nearest names where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _


class ClassNames(tuple[str, ...]):
    """The names of classes by id. That of -1, which stands for no label, is "": in a plain tuple it would be the last class."""

    __slots__ = ()

    def __getitem__(self, at: Any) -> Any:
        return "" if at == -1 else super().__getitem__(at)


def names_of(classes: Sequence[str], labels: npt.NDArray[np.integer]) -> npt.NDArray[np.object_]:
    """(m,) the names of class ids (m,), "" where there is no label."""
    names: npt.NDArray[np.object_] = np.array([*classes, ""], object)[labels]
    return names


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
