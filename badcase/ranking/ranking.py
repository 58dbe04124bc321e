"""The ranking: from labels and evidence to one queue of what to look at first, what it should rather be, and why."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from badcase.array_checks import Groups, Labels, Probs, check_groups, check_labels, whole
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.neighbours.near_duplicates import twin_sets
from badcase.neighbours.search import Nearest
from badcase.probabilities.error_count import CountBelief, Estimate, believed_count, unknown_count
from badcase.probabilities.noise_matrix import levelled
from badcase.probabilities.out_of_sample import OutOfSampleProbs, check_evidence, out_of_sample_in_steps
from badcase.probabilities.repeated_confusions import FROM_FEATURES, wrong_log_odds
from badcase.progress import Job, Progress
from badcase.ranking.of_no_class import of_no_class_odds
from badcase.ranking.rank_options import RankOptions, checked_probs, checked_verified
from badcase.scorers import SCORERS, BadCase, Evidence, Needs, missing_needs, score_all, speaking, worth_a_look
from badcase.scorers.duplicates.rescoring import FOLLOWING, LOOK_ALIKE, rescored
from badcase.scorers.duplicates.sets import labels_now
from badcase.scorers.duplicates.standing import Standing
from badcase.scorers.evidence import NEIGHBOURS_SHOWN, spread
from badcase.scorers.reasons import Names, Reason
from badcase.shown_tables import Columns, ShownTable
from badcase.store.verdicts import NONE_OF_THESE

# Given probabilities weigh against those made from features as exp(-20 * log-loss) against the given, noisy labels.
# Beat a plain average, .976 against .963, on CIFAR-10N with strong and weak classifiers.
_SHARPNESS = 20.0
# Where items come in pairs of near copies, the nearest one alone would never lie beyond a border.
_AROUND = 5
# Suspicion keeps away from 0 and 1 so that its log odds, which the estimate and the queue work on, stay finite.
_EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Ranking(ShownTable):
    """Which labels look wrong, most suspect first. The arrays have a row for each item.

    Attributes:
        order: (n,) item ids, most suspect first; ties by id.
        suspicion: (n,) in [0, 1], 1 = most suspect. It orders well and is no probability. NaN where an item takes no part.
        suggested: (n,) the likeliest class; of a flagged item the likeliest other one.
        flagged: (n,) the automatic "this is wrong" set: as many as are expected, from the top.
        expected_errors: How many labels are wrong, with a 90 % interval.
        scores: What each scorer said, (n,) by its name; NaN = nothing to say.
        evidence: The labels that were ranked, and what the scorers saw.
        names: How the reasons call classes and items.
        belief: What `expected_errors` came from; None in a ranking saved without it.
    """

    order: NDArray[np.int64]
    suspicion: NDArray[np.float32]
    suggested: NDArray[np.int64]
    flagged: NDArray[np.bool_]
    expected_errors: Estimate
    scores: dict[str, NDArray[np.float32]]
    evidence: Evidence
    names: Names
    belief: CountBelief | None = None

    def __repr__(self) -> str:
        n, k = len(self.order), self.probs.shape[1]
        return (
            f"<Ranking of {n} labels, {k} classes: {int(self.flagged.sum())} flagged, about {self.expected_errors.told()} wrong>"
        )

    def _columns(self, most: int | None) -> Columns:
        """The most suspect first, with classes and items by name."""
        order = self.order[:most].tolist()
        columns: dict[str, list[Any]] = {"item": order}
        if self.names.keys is not None:
            columns["key"] = [self.names.keys[i] for i in order]
        return columns | {
            "suspicion": self.suspicion[order].tolist(),
            "flagged": self.flagged[order].tolist(),
            "given": [self._called(self.labels[i]) for i in order],
            "suggested": [self._called(one) for one in self.suggested_or_none[order]],
            "reasons": ["; ".join(reason.text for reason in self.reasons(i)) for i in order],
        }

    def _called(self, label: Any) -> Any:
        if label == NONE_OF_THESE:
            return None
        return int(label) if self.class_names is None else self.class_names[int(label)]

    @property
    def labels(self) -> Labels:
        """(n,) the labels that were ranked."""
        return self.evidence.labels

    @property
    def probs(self) -> Probs:
        """(n, k) out-of-sample probabilities."""
        assert self.evidence.probs is not None
        return self.evidence.probs

    @property
    def class_names(self) -> Sequence[str] | None:
        """The names of the classes; None where they have none."""
        return self.names.classes

    @property
    def of_no_class(self) -> NDArray[np.bool_]:
        """(n,) the items that seem to belong to none of the classes; told from features, where 6 in 1,000 are so or more."""
        return of_no_class_odds(self.scores) > 0

    @property
    def suggested_or_none(self) -> NDArray[np.int64]:
        """(n,) `suggested`, and `NONE_OF_THESE` (-1) where an item seems to be of no class."""
        return np.where(self.of_no_class, NONE_OF_THESE, self.suggested)

    @property
    def twins(self) -> Groups | None:
        """(n,) items with the same number are the same thing, nearly."""
        return self.evidence.twins

    def reasons(self, item: int) -> list[Reason]:
        """Why an item is a bad case, the strongest reason first; empty where nothing speaks against it.

        Args:
            item: Its id, 0 to n - 1.

        Raises:
            BadcaseError: Where there is no such item.
        """
        item = whole("item", item, most=len(self.labels) - 1, what=_("no such item"))
        found = []
        for name, mask in self.reason_masks(item).items():
            if mask[0]:
                with suppress(
                    IndexError, ValueError
                ):  # a score of a damaged saved ranking, which nothing in its evidence bears out
                    found.append(SCORERS[name].explain(item, float(self.scores[name][item]), self.evidence, self.names))
        return sorted(found, key=lambda reason: -reason.value)

    def reason_masks(self, items: int | NDArray[np.int64] | None = None) -> dict[str, NDArray[np.bool_]]:
        """Which items each scorer gives a reason for; see `speaking`.

        A flagged item always has a reason against its label: what the model sees besides it.

        Args:
            items: Only this one, or these (m,); None for all.

        Returns:
            (n,) by the name of the scorer; (1,) or (m,) with `items`.
        """
        rows = slice(None) if items is None else slice(items, items + 1) if isinstance(items, int) else items
        masks = speaking(self.scores, rows)
        silent = self.flagged[rows].copy()
        for name, mask in masks.items():
            if SCORERS[name].finds is BadCase.MISLABELED:
                silent &= ~mask
        masks["margin"] |= silent
        return masks

    def worth(self, items: NDArray[np.int64] | None = None) -> NDArray[np.bool_]:
        """(n,) the items worth a person's look: flagged as wrong, or bad whatever the label; not each doubtful one.

        Of look-alikes there is something to decide only where their labels differ, as of duplicates.

        Args:
            items: Only these (m,); None for all.
        """
        masks, near = self.reason_masks(items), self.evidence.near_items
        if near is not None and LOOK_ALIKE in masks:
            places = np.flatnonzero(masks[LOOK_ALIKE])
            alike, labels = places if items is None else items[places], labels_now(self.evidence)
            masks[LOOK_ALIKE][places] = labels[alike] != labels[near[alike, 0]]
        return worth_a_look(self.flagged if items is None else self.flagged[items], masks)

    def follow(
        self, labels: NDArray[np.integer], excluded: NDArray[np.bool_], of: NDArray[np.int64] | None = None
    ) -> NDArray[np.int64]:
        """Let the reasons that duplicates give follow the labels that hold now (n,), without the excluded items (n,).

        The order and all other scores stand as they were made. Only for a ranking that `standing` made.

        Args:
            labels: Class ids.
            excluded: The items that are out of the data.
            of: The items that the two (m,) are of, ascending, where no others have changed; None for all.

        Returns:
            Ids of the items whose reasons may be others now.
        """
        evidence = self.evidence
        if evidence.standing is None:
            return np.empty(0, np.int64)
        items, changed = evidence.standing.take(labels, excluded, of)
        for name, values in rescored(evidence, items).items():
            if name in self.scores:
                self.scores[name][items] = values
        if len(changed):
            items = np.union1d(items, self._look_again(changed))
        if len(items):
            evidence.standing.turns.append(items)
        return items

    def touched(self, since: int) -> tuple[NDArray[np.int64], int]:
        """Items whose reasons `follow` has touched since a count of its turns, and that count now."""
        standing = self.evidence.standing
        if standing is None or len(standing.turns) == since:
            return np.empty(0, np.int64), since
        return np.unique(np.concatenate(standing.turns[since:])), len(standing.turns)

    def _look_again(self, changed: NDArray[np.int64]) -> NDArray[np.int64]:
        """Look-alikes of which one has another label, went out of the data or came back; returns their ids."""
        near, standing, made = self.evidence.near_items, self.evidence.standing, self.scores.get(LOOK_ALIKE)
        if near is None or standing is None or standing.alike is None or made is None:
            return np.empty(0, np.int64)
        alike = np.flatnonzero(standing.alike > SCORERS[LOOK_ALIKE].threshold)
        others = near[alike, 0]
        moved = np.isin(alike, changed) | np.isin(others, changed)
        items, others = alike[moved], others[moved]
        made[items] = np.where(standing.out[items] | standing.out[others], np.nan, standing.alike[items])
        return items

    def standing(self) -> Ranking:
        """The same ranking, of which `follow` keeps the reasons true."""
        if self.twins is None:
            return self
        own = {name: np.array(self.scores[name]) for name in FOLLOWING if name in self.scores}
        made = Standing(self.labels, self.twins, self.scores.get(LOOK_ALIKE))
        return replace(self, scores=self.scores | own, evidence=replace(self.evidence, standing=made))

    def silent(self) -> dict[Needs, list[str]]:
        """The titles of the scorers that could not speak, by what they lack."""
        return {need: [one.title() for one in kept] for need, kept in missing_needs(self.scores, self.evidence).items()}

    def knowing(self, **more: Any) -> Ranking:
        """The same ranking with more evidence, and what the scorers that need it say.

        Args:
            more: Arrays for fields of `Evidence`, by name.
        """
        evidence = replace(self.evidence, **more)
        scores = self.scores | score_all(evidence, [Needs(name) for name in more])
        return replace(self, evidence=evidence, scores=scores)

    def over(self, items: NDArray[np.int64], labels: NDArray[np.integer]) -> Ranking:
        """The same ranking with row j moved to row items[j] of as many as there are labels.

        The others are in no order, have no suspicion (NaN), and are suggested the label that they have (-1: none).

        Args:
            items: (n,) the row that each item gets.
            labels: The labels of all rows, these and the others.
        """
        n, all_labels = len(labels), labels.astype(np.int64)
        suggested = all_labels.copy()
        suggested[items] = self.suggested
        return Ranking(
            items[self.order],
            spread(self.suspicion, items, n),
            suggested,
            spread(self.flagged, items, n),
            self.expected_errors,
            {name: spread(values, items, n) for name, values in self.scores.items()},
            self.evidence.over(items, all_labels),
            self.names,
            self.belief,
        )


def rank_in_steps(labels: ArrayLike, probs: ArrayLike | None, options: RankOptions) -> Job[Ranking]:
    """`badcase.rank` for one label an item, as a job, which can be stopped within half a second at 100,000 items.

    From probabilities: the odds against each label in the light of a noise matrix, as far as confusions repeat (see
    `wrong_log_odds`). From features: the same from three classifiers, twice (see `out_of_sample_in_steps`); an item that is
    the only one of its class stands in the middle of the queue and is not counted.
    From both: a mixture by their log-loss.
    """
    features, class_names = options.features, options.class_names
    if options.verified is not None and features is None:
        raise BadcaseError(_("verified labels can be used only together with features"), where="rank", expected=_("features"))
    if probs is None and features is None:
        raise BadcaseError(_("nothing to rank by"), where="rank", expected=_("probs, features or both"))
    seed = whole("seed", options.seed)
    k = len(class_names) if class_names is not None else None
    given = None if probs is None else checked_probs(probs, k)
    n, k = (None, k) if given is None else given.shape
    y = check_labels(labels, n=n, k=k)
    checked = None if options.verified is None else checked_verified(options.verified, len(y), k or int(y.max()) + 1)
    if features is None:
        assert given is not None
        check_groups(options.groups, len(y))
        probs = given.astype(np.float32, copy=False)
        return _ranking(y, probs, wrong_log_odds(probs, y), class_names, believed_count(y, probs))
    x, y, together = check_evidence(features, y, options.groups, k)
    classes = k or int(y.max()) + 1
    made = yield from out_of_sample_in_steps(x, y, together, seed=seed, classes=classes, refit=True, verified=checked)
    yield Progress(_("Ranking"))
    odds = levelled(wrong_log_odds(made.mean, y, checked, trust=FROM_FEATURES), made.mean, y, checked)
    if given is None:
        odds[made.lonely] = np.median(odds)
        belief = _believed(y, made)
        return _ranking(y, made.mean, odds, class_names, belief, made)
    share = _share(y, given, made)
    odds = share * wrong_log_odds(given, y, checked) + (1 - share) * odds
    mixed, first = ((share * given + (1 - share) * own).astype(np.float32) for own in (made.mean, made.first))
    # Whoever gave the better probabilities did not see by these neighbours where items are hard.
    belief = believed_count(y, first, _border(first, made.nearest) if share < 0.5 else None)
    return _ranking(y, mixed, odds, class_names, belief, made)


def _ranking(
    labels: Labels,
    probs: Probs,
    odds: NDArray[np.floating],
    names: Sequence[str] | None,
    belief: CountBelief,
    made: OutOfSampleProbs | None = None,
) -> Ranking:
    evidence = Evidence(labels, probs)
    if made is not None:
        copies = np.unique(made.keys, return_inverse=True)[1].reshape(-1).astype(np.int64)
        twins = twin_sets(made.nearest, made.together)
        evidence = Evidence(labels, probs, made.nearest, _near_items(made.nearest), copies=copies, twins=twins)
    scores = score_all(evidence)
    suspicion = np.clip(_sigmoid(odds + of_no_class_odds(scores)), _EDGE, 1 - _EDGE).astype(np.float32)
    order = np.argsort(-suspicion, kind="stable")
    expected = belief.estimate
    flagged = np.zeros(len(labels), np.bool_)
    flagged[order[: round(expected.value)]] = True
    return Ranking(
        order,
        suspicion,
        _suggested(labels, probs, flagged),
        flagged,
        expected,
        scores,
        replace(evidence, nearest=None),
        Names(names),
        belief,
    )


def _suggested(labels: Labels, probs: Probs, flagged: NDArray[np.bool_]) -> Labels:
    suggested = probs.argmax(1).astype(np.int64)
    doubted = np.flatnonzero(flagged & (suggested == labels))
    others = probs[doubted]
    others[np.arange(len(doubted)), labels[doubted]] = -1
    suggested[doubted] = others.argmax(1)
    return suggested


def _believed(labels: Labels, made: OutOfSampleProbs) -> CountBelief:
    """The count, of the items whose labels something can be said for."""
    known = ~made.lonely
    if not known.any():
        return unknown_count(len(labels))
    return believed_count(labels[known], made.first[known], _border(made.first, made.nearest))


def _border(probs: Probs, near: Nearest) -> float:
    """How often the most similar items of an item are predicted to be of another class than the item itself."""
    predicted, nearest = probs.argmax(1), near.indices[:, :_AROUND]
    known = nearest >= 0
    return float((predicted[nearest] != predicted[:, None])[known].mean()) if known.any() else 0.0


def _near_items(near: Nearest) -> NDArray[np.int32]:
    shown = np.full((len(near.indices), NEIGHBOURS_SHOWN), -1, np.int32)
    shown[:, : near.indices.shape[1]] = near.indices[:, :NEIGHBOURS_SHOWN]
    return shown


def _share(labels: Labels, given: NDArray[np.floating], made: OutOfSampleProbs) -> float:
    """How much the given probabilities count, 0 to 1, by their fit to the labels."""
    rows = np.arange(len(labels))
    gain = np.log(given[rows, labels] + 1e-6).mean() - np.log(made.mean[rows, labels] + 1e-6).mean()
    return float(_sigmoid(_SHARPNESS * gain))


def _sigmoid(odds: NDArray[np.floating]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-np.clip(odds, -30, 30)))


def log_odds(suspicion: NDArray[np.floating]) -> NDArray[np.float64]:
    """Suspicion on the unbounded scale that the estimate and the queue work on."""
    wide = np.clip(suspicion.astype(np.float64), _EDGE, 1 - _EDGE)
    return np.log(wide) - np.log1p(-wide)
