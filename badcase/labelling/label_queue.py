"""What to label next: a label is worth the items that it makes known, more where they are doubtful or their class short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Features, Groups, Labels, Probs
from badcase.labelling.first_labels import chance_wrong, probs_from_labels
from badcase.labelling.reach import Reach, gains
from badcase.labelling.teaching import measure_teaching
from badcase.progress import Job, finish

# Items that compete for the next place, drawn anew whenever the head learns.
_CANDIDATES = 4_000
_ALIKE = 0.37  # what a label makes known at the end of its reach, 1 / e
_NEW = 2.0  # unlike anything labelled is what is so many times further from a label than others that wait
_CLEARLY_SHORT = 1.2
_DOUBT, _SHORT = 0.5, 0.5  # powers of the chance of a wrong answer, and of how short a class is


class Why(StrEnum):
    """What speaks most for labelling an item."""

    NEW = "new"  # unlike anything labelled
    ALIKE = "alike"  # stands for many
    BETWEEN = "between"  # between two classes
    SHORT = "short"  # of a class with few labels


_WHYS = (Why.ALIKE, Why.NEW, Why.BETWEEN, Why.SHORT)  # the first of those that are as strong


@dataclass(frozen=True, slots=True)
class ToLabel:
    """An item to label.

    Attributes:
        item: Its id.
        suggested: The likeliest class; -1 where nothing is known.
        other: The next likeliest; -1 where nothing is known.
        gain: Of all doubt about the items, the share that its label takes away; 0 to 1.
        alike: How many items its label would make known, about.
        why: What speaks most for it.
    """

    item: int
    suggested: int
    other: int
    gain: float
    alike: int
    why: Why


class LabelQueue:
    """Items without a label, those first whose label teaches most.

    A label makes known what is near it: the gain of an item is the sum, over items that stand for all, of how much nearer
    a label comes to them, each weighed by the chance that its answer is wrong and by how short its class is. Where there
    is no label, or labels of one class, all count alike, and the queue begins with the middle of the largest clusters.
    How sure the answers are is learnt from what each label turned out to be where it had not been seen.
    Source: Bae, Oliveira and Sutherland 2025, Uncertainty Herding, https://arxiv.org/abs/2412.20644; without weights it is
    MaxHerding, Bae et al. 2024, https://arxiv.org/abs/2407.12212

    Args:
        features: (n, d), of any scale.
        labels: (n,) class ids, -1 where there is none.
        k: How many classes.
        passed: Ids of items without a label that somebody has looked at: what is like them is not asked for either.
        closed: Ids of other items that are not to be asked for.
        together: (n,) items of one group are the same thing: one label is enough for a batch.
        seed: Decides what is drawn.

    Attributes:
        labels: (n,) what it knows now.
        probs: (n, k) what a linear head says, calibrated; None where fewer than two classes have a label.
        weights: (m,) how much each mark counts.
        teaching: What labels teach here; None where there are too few to tell.
    """

    def __init__(
        self,
        features: Features,
        labels: Labels,
        k: int,
        *,
        passed: NDArray[np.int64] | Sequence[int] = (),
        closed: NDArray[np.int64] | Sequence[int] = (),
        together: Groups | None = None,
        seed: int = 0,
    ) -> None:
        self.labels, self.k = labels.astype(np.int64), k
        self._together, self._rng = together, np.random.default_rng(seed)
        self._shut = np.zeros(len(labels), np.bool_)
        self._shut[np.concatenate([passed, closed]).astype(np.int64)] = True
        self.reach = Reach(features, self._rng)
        centred = features - features.mean(0, dtype=np.float64).astype(np.float32)
        length = np.sqrt(np.einsum("ij,ij->", centred, centred, dtype=np.float64) / len(centred))
        self._scaled = centred / np.float32(length if length > 0 else 1)
        self.reach.cover(np.concatenate([np.flatnonzero(labels >= 0), passed]).astype(np.int64))
        self.probs: Probs | None = None
        finish(self.learning())

    def learning(self) -> Job[None]:
        """Learn from all labels anew, as a job, and draw the items that compete next."""
        self.probs = yield from probs_from_labels(self._scaled, self.labels, self.k, self._rng)
        self.teaching = measure_teaching(self._scaled, self.labels, self.k, np.random.default_rng(0))
        marks = self.reach.marks
        self._doubt = np.ones(len(marks), np.float32) if self.probs is None else chance_wrong(self.probs[marks])
        self._compete(self._drawn(self._waiting()))

    def _waiting(self) -> NDArray[np.int64]:
        return np.flatnonzero((self.labels < 0) & ~self._shut)

    def _compete(self, items: NDArray[np.int64]) -> None:
        """These items (q,) compete for the next place."""
        self._candidates, self._rows = items, self.reach.rows(items)
        self._open = np.ones(len(items), np.bool_)
        self._far = self.reach.far_from(items, np.flatnonzero(self.labels >= 0))
        self._crowd = self._rows.mean(1)
        self._between, self._likely = np.zeros(len(items), np.float32), np.zeros(len(items), np.int64)
        if self.probs is not None:
            self._likely = self.probs[items].argmax(1)
            second, first = np.partition(self.probs[items], -2, axis=1)[:, -2:].T
            self._between = second - first
        self._weigh()

    def record(self, item: int, label: int | None) -> None:
        """Take the label of an item: what is near it is known now.

        That near a label which was not expected others are in doubt is learnt by `learning`; to ask there at once costs
        accuracy, .01 of the area on BANKING77.

        Args:
            item: Its id.
            label: Its class; None where somebody has looked at it and gave none.
        """
        self._shut[item] = True
        if label is not None:
            self.labels[item] = label
        one = np.array([item])
        self.reach.cover(one)
        if label is not None:
            self._far = np.minimum(self._far, self.reach.far_from(self._candidates, one))
        self._open[self._candidates == item] = False
        self._weighed = False

    def next(self, count: int = 1) -> list[ToLabel]:
        """The items to label next, no two of them alike.

        Args:
            count: How many.
        """
        if not self._weighed:
            self._weigh()
        bounds, covered = np.where(self._open, self._gains, -1), self.reach.covered.copy()
        found: list[ToLabel] = []
        whole = max(float(self.weights.sum()), 1e-9)
        while len(found) < count and bounds.max(initial=-1) >= 0:
            # What an item adds only falls while others are taken, so that what it added before is a bound.
            at = int(bounds.argmax())
            bounds[at] = gains(self._rows[at : at + 1], covered, self.weights)[0]
            if int(bounds.argmax()) != at:
                continue
            found += self._tell(np.array([at]), bounds[at : at + 1] / whole, covered)
            covered = np.maximum(covered, self._rows[at])
            bounds[at] = -1
            if self._together is not None:
                bounds[self._together[self._candidates] == self._together[self._candidates[at]]] = -1
        return found

    def alike(self, item: int) -> NDArray[np.int64]:
        """Ids of the items that wait, lie within the reach of a label of this one and seem to be of its class, nearest first."""
        waiting = self._waiting()
        if self.probs is not None:
            waiting = waiting[self.probs[waiting].argmax(1) == self.probs[item].argmax()]
        near = self.reach.between(item, waiting)
        order = np.lexsort((waiting, -near))
        return waiting[order[near[order] > _ALIKE]]

    def told(self, item: int) -> ToLabel | None:
        """What is known of one of the items that compete; None of any other."""
        at = np.flatnonzero((self._candidates == item) & self._open)
        if not len(at):
            return None
        if not self._weighed:
            self._weigh()
        return self._tell(at, self._gains[at] / max(float(self.weights.sum()), 1e-9), self.reach.covered)[0]

    @property
    def most_gain(self) -> float:
        """The gain of the item that is first in the queue; 0 where none waits."""
        first = self.next()
        return first[0].gain if first else 0.0

    def rest(self, after: Sequence[ToLabel]) -> list[ToLabel]:
        """All other items that wait, by what each alone would add behind these; ties by id."""
        covered, candidates = self.reach.covered, self._candidates[self._open]
        found: list[ToLabel] = []
        taken = np.array([one.item for one in after], np.int64)
        self.reach.cover(taken)
        behind, self.reach.covered = self.reach.covered, covered
        left = np.setdiff1d(self._waiting(), taken)
        for start in range(0, len(left), _CANDIDATES):
            self._compete(left[start : start + _CANDIDATES])
            added = gains(self._rows, behind, self.weights) / max(float(self.weights.sum()), 1e-9)
            found += self._tell(np.arange(len(added)), added, behind)
        self._compete(candidates)
        return sorted(found, key=lambda one: (-one.gain, one.item))

    def _drawn(self, without: NDArray[np.int64]) -> NDArray[np.int64]:
        """Half of the candidates by chance, half by the chance that their answer is wrong; all where they are few."""
        if len(without) <= _CANDIDATES:
            return without
        doubt = np.ones(len(without)) if self.probs is None else chance_wrong(self.probs[without]) + 1e-9
        first = self._rng.choice(len(without), _CANDIDATES // 2, replace=False)
        doubt[first] = 0
        more = self._rng.choice(len(without), _CANDIDATES // 2, replace=False, p=doubt / doubt.sum())
        return np.sort(without[np.concatenate([first, more])])

    def _weigh(self) -> None:
        """The weights of the marks, and what each candidate would add."""
        weights = self._doubt**_DOUBT
        self._shortness = np.ones(self.k, np.float32)
        if self.probs is not None:
            have = np.bincount(self.labels[self.labels >= 0], minlength=self.k)
            said = self.probs[self.reach.marks]
            want = said.mean(0) * have.sum()
            self._shortness = (((want + 1) / (have + 1)) ** _SHORT).astype(np.float32)
            weights = weights * (said @ self._shortness)
        self.weights = weights.astype(np.float32)
        self._gains = gains(self._rows, self.reach.covered, self.weights)
        self._weighed = True

    def by_reason(self) -> dict[Why, NDArray[np.int64]]:
        """Ids of the items that compete, by what speaks most for each; of very many items those that were drawn to compete."""
        if not self._weighed:
            self._weigh()
        rows = np.flatnonzero(self._open)
        why = self._whys(rows, self._known_by(rows, self.reach.covered))
        return {reason: self._candidates[rows[why == place]] for place, reason in enumerate(_WHYS)}

    def _tell(self, rows: NDArray[np.int64], gained: NDArray[np.floating], covered: NDArray[np.float32]) -> list[ToLabel]:
        """Candidates and what speaks most for each."""
        items, many = self._candidates[rows], self._known_by(rows, covered)
        suggested = other = np.full(len(rows), -1)
        if self.probs is not None:
            other, suggested = np.argsort(self.probs[items], axis=1, kind="stable")[:, -2:].T
        columns = (items, suggested, other, gained, many, self._whys(rows, many))
        told = zip(*(column.tolist() for column in columns), strict=True)
        return [ToLabel(item, first, second, gain, alike, _WHYS[why]) for item, first, second, gain, alike, why in told]

    def _known_by(self, rows: NDArray[np.int64], covered: NDArray[np.float32]) -> NDArray[np.int64]:
        """(r,) about how many items a label of each candidate would make known."""
        share = np.array([np.maximum(self._rows[at] - covered, 0).mean() for at in rows], np.float64)
        return np.maximum(1, np.rint(share * len(self.labels))).astype(np.int64)

    def _whys(self, rows: NDArray[np.int64], many: NDArray[np.int64]) -> NDArray[np.int64]:
        """(r,) the place in `_WHYS` of that in which each candidate goes furthest beyond the other candidates."""
        strengths = np.full((len(_WHYS), len(rows)), -2.0)
        strengths[0] = np.where(many > 1, self._beyond(self._crowd, rows), -1.0)
        far = self._far[rows]
        strengths[1, np.isfinite(far) & (far > _NEW * np.median(self._far[self._open]))] = 1.0
        if self.probs is not None:
            strengths[2] = self._beyond(self._between, rows)
            short = self._shortness[self._likely]
            strengths[3] = np.where(short[rows] > _CLEARLY_SHORT, self._beyond(short, rows), -2.0)
        return strengths.argmax(0)

    def _beyond(self, values: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """(r,) the share of the open candidates that have less than each of some candidates."""
        of = values[self._open]
        if len(rows) == 1:  # between two keys: no need to sort
            return np.array([(of < values[rows[0]]).mean()])
        return np.searchsorted(np.sort(of), values[rows]) / len(of)
