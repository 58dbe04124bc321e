"""How well texts match what is searched for: rare words that stand often in a short text count most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.items import Items

_SATURATES, _SHORTNESS = 1.2, 0.75  # k1 and b of BM25


@dataclass(frozen=True, slots=True)
class Sought:
    """Words as they are searched for; written "re:pattern", "case:Words", or as they are."""

    words: str
    pattern: bool = False
    case: bool = False

    @classmethod
    def read(cls, written: str) -> Self:
        """What a text asks for."""
        kind, colon, words = written.partition(":")
        named = bool(colon) and kind in ("re", "case")
        return cls(words, kind == "re", kind == "case") if named else cls(written)

    def containing(self, items: Items) -> npt.NDArray[np.int64]:
        """Ids of the items that have it in their key or text; BadcaseError where it is no regular expression."""
        return items.containing(self.words, pattern=self.pattern, case=self.case)


def require_pattern(words: str) -> None:
    """BadcaseError where this is no regular expression."""
    try:
        pc.match_substring_regex(pa.array([""]), words)
    except pa.ArrowInvalid as error:
        raise BadcaseError(_("this is no regular expression"), where=words, got=error) from error


def relevance(items: Items, sought: Sequence[Sought], ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """(ids,) how well some items match all that is sought, 0 or more; those are meant that hold all of it.

    Source: BM25, Robertson & Zaragoza 2009, https://doi.org/10.1561/1500000019
    """
    if not len(ids):
        return np.empty(0, np.float32)
    lengths = np.ones(len(ids)) if items.lengths is None else np.maximum(np.asarray(items.lengths)[ids], 1)
    long = 1 - _SHORTNESS + _SHORTNESS * lengths / lengths.mean()
    score = np.zeros(len(ids))
    for one in sought:
        often = items.occurrences(one.words, ids, pattern=one.pattern, case=one.case)
        holding = len(one.containing(items)) if len(sought) > 1 else 1  # of one word alone the order is the same
        rare = np.log1p(len(items) / max(holding, 1))
        score += rare * often * (_SATURATES + 1) / (often + _SATURATES * long)
    return score.astype(np.float32)
