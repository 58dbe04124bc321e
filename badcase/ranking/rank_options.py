"""The options of a ranking: what it may know beside labels and probabilities, in one value that is handed down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankOptions:
    """The keyword arguments of `badcase.rank`, which tells what each means; not checked yet."""

    features: ArrayLike | None = None
    groups: ArrayLike | None = None
    verified: ArrayLike | None = None
    seed: int = 0
    class_names: Sequence[str] | None = None
