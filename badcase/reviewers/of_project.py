"""The reviewers of a project: their verdicts from the journal, side by side, and the consensus taken over as verdicts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from badcase.i18n import _, plural
from badcase.reviewers.crowdlab import crowdlab, dawid_skene
from badcase.reviewers.kappa import Answers
from badcase.reviewers.quality import Consensus, consensus, disagreements, for_second
from badcase.store.changes import Area, Changes
from badcase.store.verdicts import Verdict, VerdictCode

if TYPE_CHECKING:
    from badcase.ranking.ranking import Ranking
    from badcase.store.project_data import ProjectData

CONSENSUS = "(consensus)"  # who recorded a verdict that nobody gave alone; no reviewer


@dataclass(frozen=True, slots=True)
class Reviewers:
    """What each reviewer of a project says of each item. An unsure is no answer, and speaks for nothing.

    Attributes:
        names: (m,) in the order of the alphabet.
        excluded: The number that stands for an exclude in `answers`.
        answers: (n, m) class ids, with `excluded` for an exclude, -1 for none.
        seen: (n, m) answered, or looked at and unsure.
        consensus: None where nobody has reviewed yet.
    """

    names: tuple[str, ...]
    excluded: int
    answers: Answers
    seen: NDArray[np.bool_]
    consensus: Consensus | None  # None where nobody has reviewed yet

    def disagreements(self) -> NDArray[np.int64]:
        """The items that reviewers judged differently, those with the least sure consensus first."""
        if self.consensus is None:
            return np.empty(0, np.int64)
        return disagreements(self.answers, self.consensus.confidence)

    def for_second(self) -> NDArray[np.int64]:
        """The items that only one has seen, those first where a second reviewer would tell most."""
        if self.consensus is None:
            return np.empty(0, np.int64)
        return for_second(self.seen, self.consensus.belief)


def reviewers_of(project: ProjectData, ranking: Ranking | None) -> Reviewers:
    """Read what each reviewer says of each item.

    An exclude is an answer of its own beside the classes: agreeing that an item belongs to no class is agreeing.
    """
    names, answers, seen = _answers(project, project.revision)
    made = _consensus(project, ranking, answers, np.flatnonzero(seen.any(1))) if names else None
    return Reviewers(names, len(project.classes), answers, seen, made)


def _answers(project: ProjectData, until: int) -> tuple[tuple[str, ...], Answers, NDArray[np.bool_]]:
    """The names, the answers (n, m) and what was seen (n, m), from what stood at a revision."""
    verdicts = [one for one in project.journal.by_reviewer(until) if one.who != CONSENSUS]
    names = tuple(sorted({one.who for one in verdicts}))
    n, k, place = len(project.items), len(project.classes), {name: at for at, name in enumerate(names)}
    answers, seen = np.full((n, len(names)), -1, np.int64), np.zeros((n, len(names)), np.bool_)
    for one in verdicts:
        answer = {Verdict.EXCLUDE: k, Verdict.UNSURE: -1}.get(one.verdict, one.label)
        answers[one.item, place[one.who]] = answer
        seen[one.item, place[one.who]] = True
    return names, answers, seen


@dataclass(frozen=True, slots=True)
class Votes:
    """What reviewers say of the items that somebody gave an answer to, as distributions over the classes.

    An exclude is no class: the rest is spread over the classes, and an item that everybody excluded has all the same share of
    each.

    Attributes:
        items: (j,) ids.
        answered: (j,) how many gave an answer.
        shares: (j, k) float32, what part of them spoke for each class.
        consensus: (j, k) the same weighed by how good each reviewer is, and by the model where there is a ranking.
    """

    items: NDArray[np.int64]
    answered: NDArray[np.int64]
    shares: NDArray[np.float32]
    consensus: NDArray[np.float32]


def answered_by_several(project: ProjectData) -> NDArray[np.int64]:
    """The items, rising, that two reviewers or more gave an answer to."""
    answers = _answers(project, project.revision)[1]
    return np.flatnonzero((answers >= 0).sum(1) > 1)


def votes_of(
    project: ProjectData, honest: NDArray[np.floating] | None, within: NDArray[np.int64], *, until: int | None = None
) -> Votes:
    """Distributions over the classes from the verdicts of all reviewers on some items.

    Args:
        project: The project.
        honest: (n, k) out-of-sample probabilities, NaN where there are none; None where no model may have a say.
        within: (m,) only what was said of these items counts.
        until: The last revision that counts; None for now.
    """
    names, answers, _seen = _answers(project, project.revision if until is None else until)
    k = len(project.classes)
    answers[~np.isin(np.arange(len(answers)), within)] = -1
    rows = np.flatnonzero((answers >= 0).any(1)) if names else np.empty(0, np.int64)
    if not len(rows):
        return Votes(rows, rows, np.empty((0, k), np.float32), np.empty((0, k), np.float32))
    here, probs = answers[rows], _probs(project, honest, answers, rows, within)
    weighed = (dawid_skene(here, k + 1) if probs is None else crowdlab(here, probs.astype(np.float32)))[0]
    shares = np.stack([(here == one).sum(1) for one in range(k)], axis=1).astype(np.float32)
    return Votes(rows, (here >= 0).sum(1), _distribution(shares), _distribution(weighed.posterior[:, :k]))


def _distribution(shares: NDArray[np.float32]) -> NDArray[np.float32]:
    total = shares.sum(1, keepdims=True)
    even = np.full_like(shares, 1 / shares.shape[1])
    return np.divide(shares, total, out=even, where=total > 0)


def _consensus(project: ProjectData, ranking: Ranking | None, answers: Answers, rows: NDArray[np.int64]) -> Consensus:
    probs = _probs(project, None if ranking is None else ranking.probs, answers, rows, np.arange(len(answers)))
    made = consensus(answers[rows], probs)
    label, confidence = np.full(len(answers), -1, np.int64), np.full(len(answers), np.nan)
    belief = np.full(answers.shape, np.nan)
    label[rows], confidence[rows], belief[rows] = made.label, made.confidence, made.belief
    return replace(made, label=label, confidence=confidence, belief=belief)


def _probs(
    project: ProjectData,
    honest: NDArray[np.floating] | None,
    answers: Answers,
    rows: NDArray[np.int64],
    within: NDArray[np.int64],
) -> NDArray[np.float64] | None:
    """Out-of-sample probabilities (rows, k + 1), the last for an exclude: the model knows only how often that is said.

    Items for which there are none are, to the model, any item `within`.
    """
    if honest is None:
        return None
    k = len(project.classes)
    probs = np.asarray(honest[rows], np.float64)
    unknown = ~np.isfinite(probs).all(1)
    labels = project.given[within]
    labels = labels[labels >= 0]
    probs[unknown] = (np.bincount(labels, minlength=k) + 1) / (len(labels) + k)
    said = answers[answers >= 0]
    excluded = float(((said == k).sum() + 0.5) / (len(said) + 1))
    return np.concatenate([probs * (1 - excluded), np.full((len(rows), 1), excluded)], axis=1)


def accept_consensus(project: ProjectData, reviewers: Reviewers) -> Changes:
    """Record, as one batch, the consensus of the items that two or more have judged where something else stands.

    Only an answer that one of them gave is taken over, never one that the model alone would give.
    """
    if reviewers.consensus is None:
        return Changes(_("there is no consensus to adopt"), frozenset())
    answers, label = reviewers.answers, reviewers.consensus.label
    stands = np.where(project.verdicts == VerdictCode.EXCLUDE, reviewers.excluded, project.labels)
    stands = np.where(project.verdicts == VerdictCode.UNSURE, -1, stands)
    said = (answers == label[:, None]).any(1)
    items = np.flatnonzero(((answers >= 0).sum(1) > 1) & said & (label != stands))
    if not len(items):
        return Changes(_("all labels already follow the consensus"), frozenset())
    verdicts = [Verdict.EXCLUDE if label[i] == reviewers.excluded else Verdict.RELABEL for i in items]
    project.journal.record(items.tolist(), verdicts, np.minimum(label[items], reviewers.excluded - 1).tolist(), who=CONSENSUS)
    n = len(items)
    title = plural("{n} item follows the consensus now", "{n} items follow the consensus now", n).format(n=n)
    return Changes(title, frozenset({Area.LABELS}), frozenset(items.tolist()))
