"""Find the wrong labels in classification data: from arrays here, or in a project with a window.

>>> ranking = badcase.rank(labels, features=embeddings)
>>> ranking.order[:20]
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from badcase import reviewers
    from badcase.active_learning.array_queue import Queue
    from badcase.errors import BadcaseError
    from badcase.multilabel_matrix import label_matrix
    from badcase.probabilities.error_count import Estimate
    from badcase.probabilities.out_of_sample import out_of_sample
    from badcase.project import Project
    from badcase.ranking.any_ranking import rank
    from badcase.ranking.audit import audit
    from badcase.ranking.multilabel.ranking import MultilabelRanking
    from badcase.ranking.ranking import Ranking
    from badcase.scorers.reasons import Reason

    __version__: str

__all__ = [
    "BadcaseError",
    "Estimate",
    "MultilabelRanking",
    "Project",
    "Queue",
    "Ranking",
    "Reason",
    "__version__",
    "audit",
    "label_matrix",
    "out_of_sample",
    "rank",
    "reviewers",
]

# Imported when first asked for: the window comes up in a second because its start needs none of numpy and pyarrow.
_HOMES = {
    "BadcaseError": "badcase.errors",
    "Estimate": "badcase.probabilities.error_count",
    "MultilabelRanking": "badcase.ranking.multilabel.ranking",
    "Project": "badcase.project",
    "Queue": "badcase.active_learning.array_queue",
    "Ranking": "badcase.ranking.ranking",
    "Reason": "badcase.scorers.reasons",
    "audit": "badcase.ranking.audit",
    "label_matrix": "badcase.multilabel_matrix",
    "out_of_sample": "badcase.probabilities.out_of_sample",
    "rank": "badcase.ranking.any_ranking",
}


def __getattr__(name: str) -> Any:
    if name == "reviewers":
        return import_module("badcase.reviewers")
    if name == "__version__":
        return import_module("importlib.metadata").version("badcase")
    if name not in _HOMES:
        raise AttributeError(f"module 'badcase' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
