"""Samples of items: by chance, balanced by class, as unlike each other as can be, typical, or in proportion to a column."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.labelling.of_project import waiting_for_a_label
from badcase.store.verdicts import VerdictCode

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]

_LOOKED_AT = 60_000  # items of which a diverse sample is made; of more a part drawn by chance, which has nearly as far ends
_SEED = (0, 2**32 - 1)


class SampleKind(StrEnum):
    """How a sample is drawn."""

    RANDOM = "random"
    BALANCED = "balanced"
    DIVERSE = "diverse"
    TYPICAL = "typical"
    STRATIFIED = "stratified"


class SampleFor(StrEnum):
    """What a sample is for, which says of which items it is: labelled and not judged, without a label, or judged already."""

    REVIEW = "review"
    LABEL = "label"
    CHECK = "check"


def sampled_from(project: ProjectData, purpose: SampleFor) -> Ids:
    """The items that a sample may have, ascending; gold is in none."""
    if purpose is SampleFor.LABEL:
        return np.flatnonzero(waiting_for_a_label(project))
    judged = project.verdicts != VerdictCode.NONE
    there = ~(project.gold | project.gone)
    return np.flatnonzero(there & (judged if purpose is SampleFor.CHECK else ~judged & project.labelled))


def sample(
    project: ProjectData,
    size: int,
    kind: SampleKind = SampleKind.RANDOM,
    *,
    purpose: SampleFor = SampleFor.REVIEW,
    column: str | None = None,
    seed: int = 0,
    among: NDArray[np.bool_] | None = None,
) -> Ids:
    """Draw items, in the order in which they are to be looked at; the same project and seed give the same ones.

    Args:
        project: The project.
        size: How many; all where there are fewer.
        kind: How.
        purpose: What for.
        column: By which a stratified sample is drawn: a column of the data, "split", or "class".
        seed: Decides all that is random.
        among: (n,) further items that it may have; None for all.

    Raises:
        BadcaseError: There is no such column, or there are no features to be diverse or typical by.
    """
    if size < 1:
        raise BadcaseError(_("a sample has at least one item"), where="size", expected="1", got=size)
    if not _SEED[0] <= seed <= _SEED[1]:
        raise BadcaseError(_("a seed is no such number"), where="seed", expected="{}–{}".format(*_SEED), got=seed)
    ids = sampled_from(project, purpose)
    ids = ids if among is None else ids[among[ids]]
    rng = np.random.default_rng(seed)
    if kind is SampleKind.STRATIFIED:
        return in_proportion(_strata(project, column)[ids], ids, size, rng)
    if column is not None:
        raise BadcaseError(_("only a stratified sample goes by a column"), where="column", got=column)
    if kind is SampleKind.RANDOM:
        return rng.permutation(ids)[:size]
    classes = project.labels[ids]
    if kind is SampleKind.BALANCED:
        return in_turn(classes, rng.permutation(len(ids)), ids, size)
    directions = _directions(project)
    if kind is SampleKind.TYPICAL:
        return typical(directions(ids), classes, ids, size)
    looked = ids if len(ids) <= max(_LOOKED_AT, size) else np.sort(rng.choice(ids, max(_LOOKED_AT, size), replace=False))
    return diverse(directions(looked), looked, size, rng)


def _directions(project: ProjectData) -> Callable[[Ids], Floats]:
    predictions = project.predictions.current
    if predictions is None or not predictions.has_embeddings:
        raise BadcaseError(
            _("there are no features to tell what is alike"),
            where=str(project.path),
            hint=_("Run `badcase predict PROJECT` first, or draw at random."),
        )
    return predictions.directions


def _strata(project: ProjectData, column: str | None) -> NDArray[np.int64]:
    """(n,) of which value of a column each item is; an empty cell is a value of its own."""
    if column == "split":
        return project.split.astype(np.int64)
    if column == "class":
        return project.labels.astype(np.int64)
    names = project.items.metadata_names
    if column is None or column not in names:
        raise BadcaseError(
            _("there is no such column"), where="column", expected=", ".join(["split", "class", *names]), got=column or ""
        )
    codes = project.items.metadata_column(column).cast(pa.string()).combine_chunks().dictionary_encode().indices
    found: NDArray[np.int64] = pc.fill_null(codes, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return found


# --- each way, on arrays ----------------------------------------------------------------------------------------------


def in_turn(classes: NDArray[np.integer], order: Ids, ids: Ids, size: int) -> Ids:
    """The first of every class, then the second of every class, and so on: classes that are used up give way to the others.

    Args:
        classes: (m,) of the items.
        order: (m,) places of the items, in the order in which those of one class come.
        ids: (m,) of the items.
        size: How many.
    """
    grouped = order[np.argsort(classes[order], kind="stable")]
    starts = np.flatnonzero(np.diff(classes[grouped], prepend=classes[grouped][:1] - 1))
    turns = np.arange(len(grouped)) - np.repeat(starts, np.diff(starts, append=len(grouped)))
    chosen: Ids = ids[grouped[np.argsort(turns, kind="stable")[:size]]]
    return chosen


def in_proportion(strata: NDArray[np.int64], ids: Ids, size: int, rng: np.random.Generator) -> Ids:
    """As many of each stratum (m,) as its share asks for, the largest remainders rounded up, drawn by chance and mixed."""
    values, of, counts = np.unique(strata, return_inverse=True, return_counts=True)
    size = min(size, len(ids))
    exact = counts * (size / max(1, len(ids)))
    wanted = np.floor(exact).astype(np.int64)
    rest = np.argsort(-(exact - wanted), kind="stable")[: size - int(wanted.sum())]
    wanted[rest] += 1
    mixed = rng.permutation(len(ids))
    chosen = np.concatenate([mixed[of[mixed] == place][: wanted[place]] for place in range(len(values))] or [mixed])
    return ids[rng.permutation(chosen)]


def typical(directions: Floats, classes: NDArray[np.integer], ids: Ids, size: int) -> Ids:
    """The nearest to the middle of their class, the classes in turn.

    directions (m, d) are embeddings of length 1.
    """
    values, of = np.unique(classes, return_inverse=True)
    middles = np.zeros((len(values), directions.shape[1]), np.float64)
    np.add.at(middles, of, directions)
    middles /= np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-12)
    near = np.einsum("ij,ij->i", directions, middles[of].astype(np.float32))
    return in_turn(classes, np.argsort(-near, kind="stable"), ids, size)


def diverse(directions: Floats, ids: Ids, size: int, rng: np.random.Generator) -> Ids:
    """Each as far as can be from all before it (the greedy k-centre), the first one drawn by chance.

    directions (m, d) are embeddings of length 1. No way that takes polynomial time comes nearer than half as far.
    Source: Gonzalez 1985, https://doi.org/10.1016/0304-3975(85)90224-5
    """
    if not len(ids):
        return ids
    chosen = [int(rng.integers(len(ids)))]
    nearest = directions @ directions[chosen[0]]
    nearest[chosen[0]] = np.inf
    while len(chosen) < min(size, len(ids)):
        farthest = int(nearest.argmin())
        np.maximum(nearest, directions @ directions[farthest], out=nearest)
        nearest[farthest] = np.inf
        chosen.append(farthest)
    return ids[chosen]
