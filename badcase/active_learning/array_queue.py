"""The queue of a review outside a project: each verdict moves what is like it, and sharpens the count."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from badcase.active_learning.background import Background
from badcase.active_learning.learner import Learner
from badcase.active_learning.refit_schedule import refit_at
from badcase.array_checks import whole
from badcase.class_names import named_class
from badcase.i18n import _
from badcase.multilabel_matrix import check_label_row
from badcase.probabilities.error_count import Estimate
from badcase.ranking.any_ranking import AnyRanking, rank

_LAG = 25  # a refit takes over so many verdicts after it began, waited for if it is late


class Queue:
    """What to look at next, and how many errors are left.

    The order starts as that of `rank`; a small model over the scores learns from every verdict which of them count here
    and which classes are confused. Where there are features it moves the most similar items of its class too, and the
    classifiers learn the verified labels in the background and take over at a fixed number of verdicts, so that the same
    verdicts give the same queue.

    Args:
        labels: As for `rank`: (n,) class ids or names, or a matrix (n, k) of 0 and 1. They are copied; probs and features,
            which may be large, are not, and have to stay as they are.
        probs: (n, k) out-of-sample probabilities, as for `rank`.
        features: (n, d), as for `rank`. At least one of probs and features is needed.
        groups: (n,) items of one group are never evidence for each other.
        seed: Decides all that is random.
        class_names: (k,) make the reasons readable.
        random_sample: Draw some items by chance: three in ten of the first 300 verdicts, then ever fewer, and never more
            than a tenth of all items. The interval of `expected_errors` rests on them; `in_random_sample` tells which
            they are.

    Attributes:
        ranking: The ranking before any verdict.

    Raises:
        BadcaseError: For bad input; it names the argument and the first bad row.
    """

    def __init__(
        self,
        labels: ArrayLike,
        probs: ArrayLike | None = None,
        *,
        features: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        seed: int = 0,
        class_names: Sequence[str] | None = None,
        random_sample: bool = True,
    ) -> None:
        ranked = partial(rank, probs=probs, features=features, groups=groups, seed=seed)
        self.ranking = ranked(labels, class_names=class_names)
        self._rank = partial(ranked, self.ranking.labels, class_names=self.ranking.class_names)
        self.learner = Learner(self.ranking, random_sample=random_sample, seed=seed)
        labels_of_all = self.ranking.labels
        self._found = np.full(labels_of_all.shape, -1, np.int64 if labels_of_all.ndim == 1 else np.int8)  # the person's
        self._judged = np.zeros(len(labels_of_all), np.bool_)
        self._learns = features is not None
        self._refit_at = refit_at(len(self._judged), 0)
        self._refit: Background[AnyRanking] | None = None
        self._due = 0

    def __repr__(self) -> str:
        return f"<Queue of {len(self._judged)} items, {int(self._judged.sum())} recorded>"

    def next(self, k: int = 1) -> NDArray[np.int64]:
        """The items to look at next: first the twins of the item judged last, then the most suspect ones.

        Args:
            k: How many.

        Returns:
            (k,) item ids, none recorded already; fewer when the queue runs out.
        """
        return self._current().next(whole("k", k, least=1))

    def record(self, item: int, label: int | str | ArrayLike) -> None:
        """Take the person's label for an item. A second verdict on it replaces the first.

        Args:
            item: Its id, 0 to n - 1.
            label: The class that it belongs to, by id or name; equal to the given one it was right. Where items may have
                any number of labels, a row (k,) of 0 and 1.

        Raises:
            BadcaseError: Where there is no such item or class.
        """
        n, k = self.ranking.probs.shape
        item = whole("i", item, most=n - 1, what=_("no such item"))
        if self.ranking.labels.ndim == 2:
            label = check_label_row(label, k)
        else:
            if isinstance(label, str) and self.ranking.class_names is not None:
                label = named_class(self.ranking.class_names, label)
            label = whole("label", label, most=k - 1, what=_("label out of range"))
        new = not self._judged[item]
        self._found[item], self._judged[item] = label, True
        self.learner.record(item, bool(np.any(label != self.ranking.labels[item])))
        judged = int(self._judged.sum()) if self._learns and new else 0
        if judged == self._refit_at:
            self._current(wait=True)
            self._refit = Background(partial(self._rank, verified=self._found.copy()))
            self._due, self._refit_at = judged + _LAG, refit_at(len(self._judged), judged)

    def in_random_sample(self, item: int) -> bool:
        """Whether an item came up by chance and not because it is suspect.

        Args:
            item: Its id, 0 to n - 1.
        """
        return self.learner.in_random_sample(whole("i", item, most=len(self._judged) - 1, what=_("no such item")))

    def expected_errors(self) -> Estimate:
        """The wrong labels among the items without a verdict, with a 90 % interval."""
        return self._current().expected_errors()

    def precision(self, k: int = 50) -> Estimate:
        """How many of the next k items are errors, with a 90 % interval.

        Args:
            k: How many items.
        """
        return self._current().precision(whole("k", k, least=1))

    def _current(self, *, wait: bool = False) -> Learner:
        """The learner, moved to the refit ranking once it is due."""
        if self._refit is not None and (wait or int(self._judged.sum()) >= self._due):
            self.learner.move(self._refit.result())
            self._refit = None
        return self.learner
