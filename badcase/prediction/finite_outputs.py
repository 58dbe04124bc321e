"""Outputs that are not finite are refused, with the first item that has one: as any other number they would be ranked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _

ENOUGH = 1000  # items after the first bad one that are still run, so that the message can say how many there are


class FiniteCheck:
    """Counts the items whose outputs are not finite, and refuses once it can say how many that are.

    One broken weight makes all outputs NaN, one odd image those of an item: the count tells which it is.
    """

    def __init__(self, name: str, keys: Sequence[str]) -> None:
        self._name, self._keys = name, keys
        self._seen = self._since = 0
        self._bad: list[int] = []
        self._kind = ""

    def finite(self, ids: npt.NDArray[np.int64], *outputs: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """(b,) which of these items have finite outputs, each (b, m); BadcaseError where enough are known that have not."""
        good = np.logical_and.reduce([np.isfinite(values).all(1) for values in outputs])
        self._seen += len(ids)
        if not good.all():
            self._bad += ids[~good].tolist()
            self._kind = self._kind or _what_kind([values[~good] for values in outputs])
        if self._bad:
            self._since += len(ids)
            if self._since > ENOUGH:
                self.refuse()
        return good

    def refuse(self) -> None:
        """BadcaseError where an item had outputs that are not finite."""
        if not self._bad:
            return
        what = _("the outputs of the model are not finite ({kind} for {bad} of {n} items); are its weights broken?")
        raise BadcaseError(
            what.format(kind=self._kind, bad=len(self._bad), n=self._seen),
            where=self._name,
            expected=_("finite numbers"),
            got=_("{kind}, first for {key}").format(kind=self._kind, key=self._keys[min(self._bad)]),
            hint=_remedy(len(self._bad), self._seen),
        )


def _what_kind(values: Sequence[npt.NDArray[Any]]) -> str:
    return "NaN" if any(np.isnan(part).any() for part in values) else _("infinity")


def _remedy(bad: int, seen: int) -> str:
    if bad == seen:
        return _("Load the weights from another checkpoint: a training that diverged leaves NaN behind.")
    return _("Look at that item and at how the model prepares it, or take it out of the data set.")
