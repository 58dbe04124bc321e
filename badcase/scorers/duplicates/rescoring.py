"""What the scorers of duplicates say of a few items anew, by the labels that stand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.scorers.duplicates import conflict, copies, leak, look_alike, twins
from badcase.scorers.evidence import Evidence

LOOK_ALIKE = look_alike.SCORER.name
FOLLOWING = (conflict.SCORER.name, leak.SCORER.name, copies.SCORER.name, twins.SCORER.name, LOOK_ALIKE)


def rescored(evidence: Evidence, items: NDArray[np.int64]) -> dict[str, NDArray[np.floating]]:
    """What is said of some items (t,), all of the sets that they belong to, by the name of the scorer; NaN of excluded ones."""
    standing = evidence.standing
    if standing is None or evidence.twins is None or not len(items):
        return {}
    labels, same = standing.labels[items], standing.without_excluded(evidence.twins, items)
    said = {conflict.SCORER.name: conflict.conflict(labels, same)}
    if evidence.split is not None:
        said[leak.SCORER.name] = leak.leak(labels, same, np.asarray(evidence.split[items]))
    if evidence.copies is not None:
        exact = standing.without_excluded(evidence.copies, items)
        said[copies.SCORER.name] = copies.copies(labels, exact)
        said[twins.SCORER.name] = twins.twins(labels, same, exact)
    return said
