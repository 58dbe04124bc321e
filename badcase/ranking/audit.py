"""The audit ranks labels from anywhere, arrays or files: no project, no model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from numpy.typing import ArrayLike

from badcase.errors import BadcaseError
from badcase.given_arrays import read_given
from badcase.i18n import _
from badcase.importing import TASKS
from badcase.importing.arrays.array_source import source_name
from badcase.ranking.any_ranking import AnyRanking, rank_given
from badcase.ranking.joined_inputs import join_inputs
from badcase.ranking.rank_options import RankOptions
from badcase.ranking.ranking import Ranking

Source: TypeAlias = str | Path | ArrayLike


def audit(
    labels: Source,
    probs: Source | None = None,
    *,
    features: Source | None = None,
    groups: ArrayLike | None = None,
    verified: ArrayLike | None = None,
    seed: int = 0,
    task: str | None = None,
    class_names: Sequence[str] | None = None,
) -> AnyRanking:
    """Rank labels from anywhere, as `rank` does, each an array or a file.

    Files: .npy, .npz, .csv, .tsv, .parquet, .feather and .jsonl. Of an .npz or a table that holds more, the one with the
    usual name is taken. Rows of files and data frames that share a column of keys (id, key, file, ...) are matched by it,
    others by their order; a prefix that all columns of probabilities have is dropped.

    Args:
        labels: What `rank` takes, or the path of a file. With task="multilabel" also texts such as "cat;dog".
        probs: What `rank` takes, or the path of a file.
        features: What `rank` takes, or the path of a file. At least one of probs and features is needed.
        groups: As for `rank`.
        verified: As for `rank`.
        seed: As for `rank`.
        task: "multiclass" or "multilabel"; a matrix or lists need none.
        class_names: (k,) where neither labels nor columns name the classes.

    Returns:
        A `Ranking`; a `MultilabelRanking` where items may have any number of labels.

    Raises:
        BadcaseError: For bad input; it names the file or the argument, and the row.
    """
    found = audit_keyed(
        labels,
        probs,
        features=features,
        task=task,
        class_names=class_names,
        options=RankOptions(groups=groups, verified=verified, seed=seed),
    )
    return found.ranking


@dataclass(frozen=True, slots=True)
class KeyedRanking:
    """A ranking, what its rows are called (None where nothing calls them), and what was understood, in sentences."""

    ranking: AnyRanking
    keys: Sequence[str] | None
    notes: list[str]


def audit_keyed(
    labels: Source,
    probs: Source | None = None,
    *,
    features: Source | None = None,
    task: str | None = None,
    class_names: Sequence[str] | None = None,
    options: RankOptions | None = None,
) -> KeyedRanking:
    """`audit`, with the keys of the rows and with what was understood."""
    if task is not None and task not in TASKS:
        raise BadcaseError(_("no such task"), where="task", expected=", ".join(TASKS), got=task)
    if labels is None:
        raise BadcaseError(_("nothing to audit"), where="labels", expected=_("labels"))
    several = None if task is None else task == "multilabel"
    joined = join_inputs(labels, probs, features, several=several, named=class_names is not None)
    given = read_given(
        joined.labels, joined.probs, joined.features, class_names=class_names, task=task, where=source_name(labels, "labels")
    )
    ranking, keys = rank_given(given, options or RankOptions()), joined.keys
    if isinstance(ranking, Ranking) and keys is not None:
        ranking = replace(ranking, names=replace(ranking.names, keys=keys))
    return KeyedRanking(ranking, keys, joined.notes)
