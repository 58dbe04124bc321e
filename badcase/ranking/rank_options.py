"""The options of a ranking: what it may know beside labels and probabilities, in one value that is handed down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from badcase.array_checks import Labels, as_array, check_probs
from badcase.errors import BadcaseError
from badcase.i18n import _


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankOptions:
    """The keyword arguments of `badcase.rank`, which tells what each means; not checked yet."""

    features: ArrayLike | None = None
    groups: ArrayLike | None = None
    verified: ArrayLike | None = None
    seed: int = 0
    class_names: Sequence[str] | None = None


def checked_probs(probs: ArrayLike, k: int | None) -> NDArray[np.floating]:
    """(n, k) of as many classes as there are names, where they have names."""
    given = check_probs(probs)
    if k is not None and given.shape[1] != k:
        raise BadcaseError(_("wrong number of columns"), where="probs", expected=k, got=given.shape[1])
    return given


def checked_verified(verified: ArrayLike, n: int, k: int) -> Labels:
    """(n,) int64 class ids of k classes, -1 where the class is not known."""
    found = as_array("verified", verified)
    if found.shape != (n,) or found.dtype.kind not in "iu":
        raise BadcaseError(
            _("wrong shape or type"),
            where="verified",
            expected=_("({n},) whole numbers").format(n=n),
            got=f"{found.shape} {found.dtype}",
        )
    bad = np.flatnonzero((found < -1) | (found >= k))
    if len(bad):
        raise BadcaseError(
            _("label out of range"),
            where=_("verified, row {row}").format(row=int(bad[0])),
            expected=_("-1 to {last}").format(last=k - 1),
            got=int(found[bad[0]]),
        )
    return found.astype(np.int64)
