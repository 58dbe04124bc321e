"""A pair under comparison: an item A, what B can be, and the classes that both can be given. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from badcase.project import Project
from badcase.ranking.any_ranking import AnyRanking
from badcase.ranking.ranking import Ranking
from badcase.store.prediction_sets import PredictionSet
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.review.state.class_choices import Listed

_NEAREST = 20
Pair: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Partners:
    """What an item can be held against: its duplicates first, those of another label before the rest, then the nearest items."""

    items: tuple[int, ...]
    twins: int  # how many of them are duplicates
    disagree: int  # how many of these have another label


def partners_of(project: Project, ranking: AnyRanking | None, item: int) -> Partners:
    """Neither gold, whose labels are not to be changed here, nor what is out of the data, or gone from them."""
    there = ~project.gold & ~project.gone & (project.verdicts != VerdictCode.EXCLUDE)
    twins = np.flatnonzero((project.items.twins == project.items.twins[item]) & there)
    if ranking is not None and ranking.twins is not None and ranking.twins[item] >= 0:
        twins = np.union1d(twins, np.flatnonzero((ranking.twins == ranking.twins[item]) & there))
    twins = twins[twins != item]
    other = (project.labels[twins] != project.labels[item]) & project.labelled[twins] & project.labelled[item]
    found = [*twins[other].tolist(), *twins[~other].tolist()]
    predictions = project.predictions.current
    near: npt.NDArray[np.int32] | None = None if predictions is None else predictions.neighbours
    if near is None and isinstance(ranking, Ranking):
        near = ranking.evidence.near_items
    if near is not None:
        nearest = [int(one) for one in near[item][: 2 * _NEAREST] if one >= 0 and one != item and there[one]]
        found += [one for one in nearest if one not in found][:_NEAREST]
    return Partners(tuple(found), len(twins), int(other.sum()))


def disagreeing(
    labels: npt.NDArray[np.integer], twins: npt.NDArray[np.integer], items: npt.NDArray[np.int64], row_of: Callable[[int], int]
) -> list[Pair]:
    """One pair of each set of duplicates whose labels differ, in the order of a list in which A comes first.

    Args:
        labels: (n,) the labels that hold.
        twins: (n,) items with the same number are duplicates.
        items: (m,) those whose duplicate has another label.
        row_of: The row of an item in the list, -1 where it is not in it; a set without a row is left out.
    """
    sets: dict[int, list[int]] = {}
    for item in items.tolist():
        sets.setdefault(int(twins[item]), []).append(item)
    found = []
    for members in sets.values():
        listed = sorted((row_of(one), one) for one in members if row_of(one) >= 0)
        if listed:
            row, a = listed[0]
            rest = [one for _row, one in listed[1:]] + [one for one in members if row_of(one) < 0]
            found += [(row, a, one) for one in rest if labels[one] != labels[a]][:1]
    return [(a, b) for _row, a, b in sorted(found)]


def near_both(predictions: PredictionSet | None, pair: Pair, count: int) -> list[tuple[int, float]]:
    """Up to `count` (item, cosine to A) that are near A and B: those near both before those near one."""
    near = None if predictions is None else predictions.neighbours
    if predictions is None or near is None or not predictions.has_embeddings:
        return []
    first, second = ([int(one) for one in near[item] if one >= 0 and one not in pair] for item in pair)
    mixed = [one for both in zip_longest(first, second, fillvalue=-1) for one in both if one >= 0]
    found = list(dict.fromkeys([*(one for one in first if one in second), *mixed]))[:count]
    rows = np.asarray(predictions.embeddings[[pair[0], *found]], np.float32)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return list(zip(found, (rows[1:] @ rows[0]).tolist(), strict=True))


class PairChoices(Listed):
    """Classes for both: what is suggested for the two together, the labels of A and B, then by likelihood."""

    def __init__(
        self,
        names: Sequence[str],
        likelihood: npt.NDArray[np.floating] | None,
        suggested: int | None,
        labels: tuple[int, int],
        *,
        listed: bool = True,
    ) -> None:
        """What speaks for each class.

        Args:
            names: Of the classes.
            likelihood: (k,) of both together; None where nothing may be told.
            suggested: A class, or `NONE_OF_THESE`; None where nothing is suggested for both.
            labels: Of A and of B.
            listed: Whether all classes can be given.
        """
        self.labels, self.suggested = labels, suggested
        first = [one for one in (suggested, *(label for label in labels if label >= 0)) if one is not None]
        order = list(dict.fromkeys(first))
        self._headed = len(order)
        if listed:
            rest = np.arange(len(names)) if likelihood is None else np.argsort(-np.nan_to_num(likelihood), kind="stable")
            order += [int(one) for one in rest if int(one) not in order]
        super().__init__(names, order)

    @property
    def headed(self) -> int:
        return self._headed

    @property
    def accepted(self) -> int | None:
        """What Enter gives both: the suggestion, else the label that both have already."""
        if self.suggested is not None:
            return self.suggested
        return self.labels[0] if self.labels[0] == self.labels[1] >= 0 else None

    @property
    def kept(self) -> bool:
        """Whether there is a label on both sides that could stay."""
        return min(self.labels) >= 0


def only_in(text: str, other: str) -> list[tuple[int, int]]:
    """The stretches (start, end) of a text that the other has not, word by word; of scripts without blanks letter by letter."""
    from difflib import SequenceMatcher

    mine, theirs = _pieces(text), _pieces(other)
    matcher = SequenceMatcher(None, [one for _at, one in mine], [one for _at, one in theirs], autojunk=False)
    found = []
    for kind, start, end, _from, _to in matcher.get_opcodes():
        if kind in ("replace", "delete"):
            last, word = mine[end - 1]
            found.append((mine[start][0], last + len(word)))
    return found


def _pieces(text: str) -> list[tuple[int, str]]:
    """Words with where they begin; at most 4,000, beyond which nobody looks for one."""
    pieces: list[tuple[int, str]] = []
    at = 0
    while at < len(text) and len(pieces) < 4000:
        end = at + 1
        if text[at].isalnum() and ord(text[at]) < 0x2E80:
            while end < len(text) and text[end].isalnum() and ord(text[end]) < 0x2E80:
                end += 1
        if not text[at].isspace():
            pieces.append((at, text[at:end]))
        at = end
    return pieces
