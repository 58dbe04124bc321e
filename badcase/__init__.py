"""Find the wrong labels in classification data: from arrays here, or in a project with a window.

>>> ranking = badcase.rank(labels, features=embeddings)
>>> ranking.order[:20]
"""

from badcase.auditing import audit
from badcase.errors import BadcaseError
from badcase.estimate import Estimate
from badcase.honest import out_of_sample
from badcase.project import Project
from badcase.queue import Queue
from badcase.ranking import Ranking, rank
from badcase.reasons import Reason

__all__ = ["BadcaseError", "Estimate", "Project", "Queue", "Ranking", "Reason", "audit", "out_of_sample", "rank"]
