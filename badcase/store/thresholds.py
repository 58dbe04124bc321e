"""Thresholds: from which probability on a model answers a label; a file beside its weights and its logits.

Where an item may have any number of labels, and only there. No torch.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.store.atomic_files import write_whole

FILE = "thresholds.json"
_MOST = 30.0  # a logit; the probability of a larger one would soon be written as 1, which is no threshold
LogitThresholds: TypeAlias = npt.NDArray[np.float64]  # (k,) the logit above which each label is answered


def write_logit_thresholds(folder: Path, names: Sequence[str], logit_thresholds: npt.ArrayLike) -> None:
    """Keep logit_thresholds (k,) of labels of these names in a folder, as the probabilities that people read."""
    thresholds = 1 / (1 + np.exp(-np.clip(np.asarray(logit_thresholds, np.float64), -_MOST, _MOST)))
    with write_whole(folder / FILE) as path:
        values = dict(zip(names, thresholds.tolist(), strict=True))
        path.write_text(json.dumps(values, ensure_ascii=False, indent=1), encoding="utf-8")


def read_logit_thresholds(folder: Path, names: Sequence[str]) -> LogitThresholds:
    """(k,) in the order of these names; 0, a probability of one half, where nothing is kept.

    Letter case and outer blanks do not count where exact names fail, as with the classes of a model.
    """
    path = folder / FILE
    if not path.exists():
        return np.zeros(len(names))
    try:
        kept = {str(name): float(value) for name, value in json.loads(path.read_text(encoding="utf-8")).items()}
        alike = {name.strip().casefold(): value for name, value in kept.items()}
        thresholds = np.array([kept.get(name, alike.get(name.strip().casefold(), 0.5)) for name in names])
        if not ((thresholds > 0) & (thresholds < 1)).all():
            raise ValueError(_("a number that is not between 0 and 1"))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise BadcaseError(
            _("the thresholds of the labels cannot be read"),
            where=str(path),
            got=str(error),
            expected=_("a threshold for each label: the probability from which it is predicted"),
            hint=_("Delete the file to use the threshold 0.5 for every label."),
        ) from error
    return np.asarray(np.log(thresholds) - np.log1p(-thresholds), np.float64)
