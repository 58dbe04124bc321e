"""The audit ranks labels from anywhere, arrays or files: no project, no model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from numpy.typing import ArrayLike

from badcase.errors import BadcaseError
from badcase.given_arrays import read_given
from badcase.i18n import _
from badcase.importing import TASKS
from badcase.importing.read_arrays import load_array
from badcase.plain_arrays import PlainArray
from badcase.ranking.any_ranking import AnyRanking, rank_given
from badcase.ranking.rank_options import RankOptions

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

    Files: .npy, .npz, .csv and .parquet. Of an .npz or a table that holds more, the one with the usual name is taken.

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
    if task is not None and task not in TASKS:
        raise BadcaseError(_("no such task"), where="task", expected=", ".join(TASKS), got=task)
    if labels is None:
        raise BadcaseError(_("nothing to audit"), where="labels", expected=_("labels"))
    given = read_given(
        _loaded(labels, "labels"),
        _loaded(probs, "probs"),
        _loaded(features, "features"),
        class_names=class_names,
        task=task,
        where=str(labels) if isinstance(labels, str | Path) else "labels",
    )
    return rank_given(given, RankOptions(groups=groups, verified=verified, seed=seed))


def _loaded(source: Source | None, what: str) -> PlainArray | ArrayLike | None:
    """What a file holds; anything else as it is."""
    if not isinstance(source, str | Path):
        return source
    loaded = load_array(Path(source), what)
    return PlainArray(loaded.values, loaded.columns)
