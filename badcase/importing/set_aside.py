"""What is said of the items that were set aside: how many, of which kinds, and which classes they leave empty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from badcase.i18n import _, grouped, plural
from badcase.importing.labels.labelling import Labelling
from badcase.items.kinds import SetAside

_KINDS = 3  # reasons that are told with their counts; the list has them all


def set_aside_sentences(set_aside: Sequence[SetAside]) -> list[str]:
    """One sentence on all, and one for each reason that several of them share."""
    if not set_aside:
        return []
    n = len(set_aside)
    told = [plural("{n} item was set aside.", "{n} items were set aside.", n).format(n=grouped(n))]
    # What came in each single row stands in brackets behind the reason.
    reasons = Counter((item.what.split(" (", 1)[0], item.remedy) for item in set_aside)
    for (what, remedy), count in reasons.most_common(_KINDS):
        if count > 1:
            told.append(_("{n} of them: {what}. {remedy}").format(n=grouped(count), what=what, remedy=remedy))
    return told


def lost_classes(labelling: Labelling, given: npt.NDArray[np.int32]) -> list[str]:
    """A sentence for each class whose rows were all set aside."""
    if labelling.several is not None:
        return []
    before = np.bincount(labelling.given[labelling.given >= 0], minlength=len(labelling.classes))
    after = np.bincount(given[given >= 0], minlength=len(labelling.classes))
    return [
        plural(
            "Class {name} has no item: its only row was set aside.",
            "Class {name} has no item: all its {n} rows were set aside.",
            n,
        ).format(name=labelling.classes[at], n=grouped(n))
        for at, n in ((int(at), int(before[at])) for at in np.flatnonzero((before > 0) & (after == 0)))
    ]
