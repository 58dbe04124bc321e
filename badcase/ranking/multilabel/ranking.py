"""The multi-label ranking: from a label matrix and evidence to one queue, with what is missing and what is wrong on each item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from badcase.array_checks import Features, Groups, Probs, check_features, check_groups, whole
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.multilabel_matrix import LabelMatrix, check_label_matrix, check_label_probs, check_verified
from badcase.neighbours.near_duplicates import twin_sets
from badcase.neighbours.search import Nearest
from badcase.probabilities.error_count import Estimate
from badcase.probabilities.out_of_sample import FOLDS, one_label_hint, too_few
from badcase.progress import Job, Progress
from badcase.ranking.multilabel.error_count import believed_items
from badcase.ranking.multilabel.noise_rates import noise_rates, wrong_log_odds
from badcase.ranking.multilabel.out_of_sample import OutOfSampleLabelProbs, out_of_sample_labels, share_of_given
from badcase.ranking.multilabel.reasons import label_reasons, neighbours_speak, training_reasons, training_scores
from badcase.ranking.rank_options import RankOptions
from badcase.scorers.evidence import NEIGHBOURS_SHOWN
from badcase.scorers.reasons import Reason
from badcase.shown_tables import Columns, ShownTable
from badcase.store.training_dynamics import LabelDynamics

# Suspicion keeps away from 0 and 1 so that its log odds, which the estimate and the queue work on, stay finite.
_LONGEST_ODDS = 13.8
# Rows handled at once, in cells of (rows, labels).
_CELLS = 8_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MultilabelRanking(ShownTable):
    """Which items carry a wrong set of labels, most suspect first; the names mean what they mean in `Ranking`.

    An item is wrong where at least one of its labels is.

    Attributes:
        order: (n,) item ids, most suspect first; ties by id.
        suspicion: (n,) in [0, 1], 1 = most suspect; NaN where an item takes no part.
        suggested: (n, k) what the labels should rather be.
        flagged: (n,) the automatic "this is wrong" set: as many as are expected, from the top.
        expected_errors: How many items are wrong, with a 90 % interval.
        scores: (n,) by the name of the scorer: the strongest disagreement over an item's labels.
        probs: (n, k) out-of-sample probabilities, independent of each other.
        labels: (n, k) the labels that were ranked.
        label_suspicion: (n, k) that an entry is wrong: a given label absent, or a missing one present.
        label_flagged: (n, k) the automatic "this is wrong" set; at least one in every flagged row.
        near: (n, 10) the nearest items, -1 = none; needs features.
        area: (n, k) mean margin of each entry in the last training; NaN = not known.
        wrong_epochs: (n, k) in how many of its epochs an entry was answered otherwise.
        epochs: How many epochs that training had.
        class_names: (k,) the names of the labels; None where they have none.
        twins: (n,) the lowest item of those that are the same thing, nearly; needs features.
    """

    order: NDArray[np.int64]
    suspicion: NDArray[np.float32]
    suggested: LabelMatrix
    flagged: NDArray[np.bool_]
    expected_errors: Estimate
    scores: dict[str, NDArray[np.float32]]
    probs: Probs
    labels: LabelMatrix
    label_suspicion: NDArray[np.float32]
    label_flagged: NDArray[np.bool_]
    near: NDArray[np.int32] | None = None
    area: NDArray[np.float16] | None = None
    wrong_epochs: NDArray[np.uint16] | None = None
    epochs: int = 0
    class_names: Sequence[str] | None = None
    twins: NDArray[np.int64] | None = None

    def __repr__(self) -> str:
        n, k = len(self.order), self.probs.shape[1]
        flagged = int(self.flagged.sum())
        return f"<MultilabelRanking of {n} items, {k} labels: {flagged} flagged, about {self.expected_errors.told()} wrong>"

    def _columns(self, most: int | None) -> Columns:
        """The most suspect first, with the labels of each as a list of names."""
        order = self.order[:most].tolist()
        return {
            "item": order,
            "suspicion": self.suspicion[order].tolist(),
            "flagged": self.flagged[order].tolist(),
            "given": [self._called(self.labels[i]) for i in order],
            "suggested": [self._called(self.suggested[i]) for i in order],
            "reasons": ["; ".join(reason.text for reason in self.reasons(i)) for i in order],
        }

    def _called(self, labels: NDArray[np.bool_]) -> list[Any]:
        names = self.class_names or range(labels.size)
        return [names[int(label)] for label in np.flatnonzero(labels)]

    def reasons(self, item: int) -> list[Reason]:
        """Which labels are likely missing or wrong and why, the strongest reason first; empty where nothing speaks against any.

        Args:
            item: Its id, 0 to n - 1.

        Raises:
            BadcaseError: Where there is no such item.
        """
        item = whole("item", item, most=len(self.labels) - 1, what=_("no such item"))
        near = self._near_labels(item)
        found = []
        for label in np.flatnonzero(self._doubted(slice(item, item + 1))[0]):
            given, p = bool(self.labels[item, label]), float(self.probs[item, label])
            having = None if near is None else near[:, label]
            found += label_reasons(int(label), given, p, having, self.class_names)
            if self.area is not None and self.wrong_epochs is not None:
                seen = float(self.area[item, label]), int(self.wrong_epochs[item, label]), self.epochs
                found += training_reasons(int(label), given, *seen, self.class_names)
        return sorted(found, key=lambda reason: -reason.value)

    def reason_masks(self, item: int | None = None) -> dict[str, NDArray[np.bool_]]:
        """Which items each scorer gives a reason for.

        Args:
            item: Only this one; None for all.

        Returns:
            (n,) by the name of the scorer; (1,) with `item`.
        """
        rows = slice(None) if item is None else slice(item, item + 1)
        doubted = self._doubted(rows)
        speaks: NDArray[np.bool_] = np.logical_or.reduce(doubted, axis=1)
        masks = {"margin": speaks}
        if self.area is not None and self.wrong_epochs is not None:
            masks["margin_area"] = np.logical_or.reduce(doubted & (self.area[rows] < 0), axis=1)
            often = 2 * self.wrong_epochs[rows].astype(np.int64) > self.epochs
            masks["wrong_epochs"] = np.logical_or.reduce(doubted & often, axis=1)
        if self.near is not None:
            masks["neighbours"] = np.zeros(len(doubted), np.bool_)
            first = item or 0
            for place in np.flatnonzero(masks["margin"]):
                near = self._near_labels(first + int(place))
                assert near is not None
                given = self.labels[first + place]
                masks["neighbours"][place] = any(
                    neighbours_speak(bool(given[label]), near[:, label]) for label in np.flatnonzero(doubted[place])
                )
        return masks

    def trained(self, seen: LabelDynamics, rows: NDArray[np.int64] | slice = slice(None)) -> MultilabelRanking:
        """The same ranking with what a training showed of the entries of its items.

        Args:
            seen: Of all items that the training watched.
            rows: Which of them are the items of this ranking, in its order.
        """
        area, wrong = seen.area[rows], seen.wrong[rows]
        return replace(
            self,
            area=area,
            wrong_epochs=wrong,
            epochs=seen.epochs,
            scores=self.scores | training_scores(area, wrong, seen.epochs),
        )

    def follow(
        self, labels: NDArray[np.integer], excluded: NDArray[np.bool_], of: NDArray[np.int64] | None = None
    ) -> NDArray[np.int64]:
        """Nothing here speaks of duplicates, so that no reason depends on the labels of others; see `Ranking.follow`."""
        return np.empty(0, np.int64)

    def worth(self, items: NDArray[np.int64] | None = None) -> NDArray[np.bool_]:
        """(n,) the items worth a person's look: those flagged as wrong; items: only these (m,)."""
        return np.array(self.flagged if items is None else self.flagged[items], np.bool_)

    def over(self, items: NDArray[np.int64], labels: NDArray[Any]) -> MultilabelRanking:
        """The same ranking with row j moved to row items[j]; the others are in no order, see `Ranking.over`.

        Args:
            items: (n,) the row that each item gets.
            labels: The label matrix of all rows, these and the others.
        """
        n = len(labels)

        def spread(values: NDArray[Any], fill: float) -> NDArray[Any]:
            wide = np.full((n, *values.shape[1:]), fill, values.dtype)
            wide[items] = values
            return wide

        suggested = labels.copy()
        suggested[items] = self.suggested
        twins = None
        if self.twins is not None:
            twins = np.arange(n)
            twins[items] = items[self.twins]
        near = None if self.near is None else spread(np.where(self.near < 0, -1, items[self.near]).astype(np.int32), -1)
        return replace(
            self,
            order=items[self.order],
            suspicion=spread(self.suspicion, np.nan),
            suggested=suggested,
            labels=labels,
            flagged=spread(self.flagged, False),
            probs=spread(self.probs, np.nan),
            near=near,
            twins=twins,
            scores={name: spread(values, np.nan) for name, values in self.scores.items()},
            label_suspicion=spread(self.label_suspicion, np.nan),
            label_flagged=spread(self.label_flagged, False),
            area=None if self.area is None else spread(self.area, np.nan),
            wrong_epochs=None if self.wrong_epochs is None else spread(self.wrong_epochs, 0),
        )

    def _doubted(self, rows: slice) -> NDArray[np.bool_]:
        return self.label_flagged[rows] | _contradicted(self.labels[rows], self.probs[rows])

    def _near_labels(self, item: int) -> NDArray[np.bool_] | None:
        if self.near is None:
            return None
        ids = self.near[item]
        labels: NDArray[np.bool_] = self.labels[ids[ids >= 0]]
        return labels


def rank_labels_in_steps(labels: ArrayLike, probs: ArrayLike | None, options: RankOptions) -> Job[MultilabelRanking]:
    """`badcase.rank` where an item may have any number of labels, as a job.

    Each label is a question of its own: its out-of-sample probability, corrected for how often it is forgotten and how often
    given wrongly (`noise_rates`), gives the odds that the entry is wrong. An item's odds are the sum of its entries': on the
    sets of the multi-label benchmark, before the second pass, mean AP .678, their maximum .669, an exponential moving
    average (Thyagarajan et al. 2022, https://arxiv.org/abs/2211.13895) .671.
    """
    features, class_names = options.features, options.class_names
    seed = whole("seed", options.seed)
    y = check_label_matrix(labels)
    if class_names is not None and len(class_names) != y.shape[1]:
        raise BadcaseError(_("wrong number of columns"), where="labels", expected=len(class_names), got=y.shape[1])
    if probs is None and features is None:
        raise BadcaseError(_("nothing to rank by"), where="rank", expected=_("probs, features or both"))
    given = None if probs is None else check_label_probs(probs, y.shape)
    found = None if options.verified is None else check_verified(options.verified, y.shape)
    if features is None:
        assert given is not None
        check_groups(options.groups, len(y))
        odds = wrong_log_odds(given, y, noise_rates(given, y))
        return _ranking(y, given.astype(np.float32, copy=False), odds, None, class_names)
    x, together = _check_evidence(features, y, options.groups)
    made = yield from out_of_sample_labels(x, y, together, seed=seed, verified=found)
    yield Progress(_("Ranking"))
    odds = _odds(made, y)
    if given is None:
        return _ranking(y, made.mean, odds, made, class_names)
    share = share_of_given(given, made.mean, y)
    odds = share * wrong_log_odds(given, y, noise_rates(given, y)) + (1 - share) * odds
    mixed = (share * given + (1 - share) * made.mean).astype(np.float32)
    return _ranking(y, mixed, odds, made, class_names)


def _check_evidence(features: ArrayLike, labels: LabelMatrix, groups: ArrayLike | None) -> tuple[Features, Groups | None]:
    n = len(labels)
    x = check_features(features, n=n)
    if n < FOLDS:
        raise too_few(n)
    if (labels == labels[0]).all():
        what = _("all items have the same labels")
        raise BadcaseError(what, where="labels", expected=_("different ones"), hint=one_label_hint())
    return x, check_groups(groups, n)


def _odds(made: OutOfSampleLabelProbs, labels: LabelMatrix) -> NDArray[np.float32]:
    odds = wrong_log_odds(made.mean, labels, noise_rates(made.mean, labels))
    odds += wrong_log_odds(made.sharp, labels, noise_rates(made.sharp, labels))
    odds /= 2
    unknown = labels & made.lonely  # nothing can be said for a label that no other group has
    if unknown.any():
        odds[unknown] = np.median(odds[labels])
    return odds


def _ranking(
    labels: LabelMatrix, probs: Probs, odds: NDArray[np.float32], made: OutOfSampleLabelProbs | None, names: Sequence[str] | None
) -> MultilabelRanking:
    near = None if made is None else made.nearest
    items = _item_odds(odds)
    suspicion, label_suspicion = _sigmoid(items), _sigmoid(odds)
    order = np.argsort(-suspicion, kind="stable")
    expected = believed_items(suspicion, labels, probs).estimate
    flagged = np.zeros(len(labels), np.bool_)
    flagged[order[: round(expected.value)]] = True
    label_flagged = flagged[:, None] & (label_suspicion > 0.5)
    top = np.flatnonzero(flagged)
    label_flagged[top, odds[top].argmax(1)] = True
    ids = None if near is None else near.indices[:, :NEIGHBOURS_SHOWN]
    return MultilabelRanking(
        order=order,
        suspicion=suspicion,
        suggested=labels ^ (label_flagged | _contradicted(labels, probs)),
        flagged=flagged,
        expected_errors=expected,
        scores=_scores(labels, probs, near),
        probs=probs,
        labels=labels,
        class_names=names,
        label_suspicion=label_suspicion,
        label_flagged=label_flagged,
        near=ids,
        twins=None if made is None else twin_sets(made.nearest, made.together),
    )


def _contradicted(labels: LabelMatrix, probs: Probs) -> NDArray[np.bool_]:
    """The entries (n, k) of which the model says otherwise."""
    return (probs > 0.5) != labels


def _item_odds(odds: NDArray[np.float32]) -> NDArray[np.float32]:
    """The log (n,) of the sum of each row's odds."""
    items = np.empty(len(odds), np.float32)
    for rows in _blocks(*odds.shape):
        top = odds[rows].max(1)
        items[rows] = top + np.log(np.exp(odds[rows] - top[:, None]).sum(1))
    return np.clip(items, -_LONGEST_ODDS, _LONGEST_ODDS)


def _scores(labels: LabelMatrix, probs: Probs, near: Nearest | None) -> dict[str, NDArray[np.float32]]:
    """The strongest disagreement of the model, and of the nearest items, with any entry of a row: (n,) in [0, 1]."""
    n, k = labels.shape
    scores = {name: np.empty(n, np.float32) for name in ("margin", "neighbours")[: 1 if near is None else 2]}
    for rows in _blocks(n, k * (1 if near is None else NEIGHBOURS_SHOWN)):
        scores["margin"][rows] = np.abs(labels[rows] - probs[rows]).max(1)
        if near is not None:
            ids = near.indices[rows, :NEIGHBOURS_SHOWN]
            there = ids >= 0
            having = (labels[ids] & there[:, :, None]).sum(1) / np.maximum(there.sum(1), 1)[:, None]
            scores["neighbours"][rows] = np.where(there.any(1), np.abs(labels[rows] - having).max(1), np.nan)
    return scores


def _sigmoid(odds: NDArray[np.float32]) -> NDArray[np.float32]:
    suspicion = np.empty_like(odds)
    for rows in _blocks(len(odds), odds.size // len(odds)):
        suspicion[rows] = 1 / (1 + np.exp(-np.clip(odds[rows], -_LONGEST_ODDS, _LONGEST_ODDS)))
    return suspicion


def _blocks(n: int, width: int) -> list[slice]:
    step = max(1, _CELLS // width)
    return [slice(start, start + step) for start in range(0, n, step)]
