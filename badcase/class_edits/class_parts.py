"""What speaks for and against a change of classes: parts that a class could be split into, and whether a merge loses anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.distinctive_words import telling, text_counts
from badcase.groups.clusters import components, k_means
from badcase.i18n import _
from badcase.items.kinds import Kind
from badcase.review_counts import is_reviewed
from badcase.store.verdicts import Verdict, VerdictCode

if TYPE_CHECKING:
    from badcase.ranking.ranked_project import RankedProject

Ids = npt.NDArray[np.int64]
_FEWEST, _SWEEPS, _WORDS, _TEXTS = 8, 3, 3, 400  # items in two clusters, sweeps told, words of a cluster and texts read for them


@dataclass(frozen=True, slots=True)
class ClassPart:
    """Items of one class that may be split off it, and in words what they have in common."""

    words: str
    items: Ids


@dataclass(frozen=True, slots=True)
class ToldApart:
    """How well classes are told apart: by the model, of items that it did not learn from, and by people.

    Attributes:
        model: Of the items of these classes, how many the model would give the class that they have.
        items: How many items these are; 0 without a ranking.
        people: Of those that two people or more judged as one of these classes, how many all of them judged alike.
        judged: How many items these are.
    """

    model: int
    items: int
    people: int
    judged: int


def parts_of_class(project: RankedProject, name: str) -> list[ClassPart]:
    """The two clusters of a class, the smaller first, and what the ranking suggests otherwise, by the class that it suggests.

    Gold and excluded items are in none; nothing where items have several labels.
    """
    if project.task == "multilabel":
        return []
    items = _of_class(project, project.label_names.index(name))
    return [*_clusters(project, items), *_sweeps(project, items)]


def told_apart(project: RankedProject, names: list[str]) -> ToldApart:
    """Whether some classes are told apart now: what their merge would lose."""
    if project.task == "multilabel":
        return ToldApart(0, 0, 0, 0)
    places = [project.label_names.index(name) for name in names]
    said: dict[int, list[int]] = {}
    for one in project.journal.by_reviewer():
        if one.verdict in (Verdict.RELABEL, Verdict.KEEP) and one.label in places:
            said.setdefault(one.item, []).append(one.label)
    several = [labels for labels in said.values() if len(labels) > 1]
    alike = sum(len(set(labels)) == 1 for labels in several)
    if (ranking := project.ranking) is None:
        return ToldApart(0, 0, alike, len(several))
    items = np.concatenate([_of_class(project, place) for place in places])
    right = ranking.probs[items].argmax(1) == project.labels[items]
    return ToldApart(int(right.sum()), len(items), alike, len(several))


def suspects_by_class(project: RankedProject) -> npt.NDArray[np.int64]:
    """(k,) how many items with each label wait for a verdict and are flagged as wrong; none without a ranking."""
    k, ranking = len(project.label_names), project.any_ranking
    if ranking is None:
        return np.zeros(k, np.int64)
    waits = ranking.flagged & project.labelled & ~project.gold & ~is_reviewed(project.verdicts, project.gold)
    labels = project.labels[waits]
    if project.task == "multilabel":
        return np.asarray(project.taxonomy.matrix(labels).sum(0), np.int64)
    return np.bincount(labels, minlength=k).astype(np.int64)


def _of_class(project: RankedProject, place: int) -> Ids:
    return np.flatnonzero((project.labels == place) & ~project.gold & (project.verdicts != VerdictCode.EXCLUDE))


def _clusters(project: RankedProject, items: Ids) -> list[ClassPart]:
    made = project.predictions.current
    if made is None or not made.has_embeddings or len(items) < _FEWEST:
        return []
    codes, _distances = k_means(components(made.directions(items)), 2, np.random.default_rng(0))
    parts = sorted((items[codes == code] for code in (0, 1)), key=len)
    if not len(parts[0]):
        return []
    return [ClassPart(_common(project, part, other), part) for part, other in (parts, parts[::-1])]


def _common(project: RankedProject, part: Ids, other: Ids) -> str:
    """What sets a cluster apart: its words where there are texts, else one of its items."""
    if project.kind is Kind.TEXT:
        texts = project.items.texts()
        shown = [one[:: max(1, len(one) // _TEXTS)] for one in (part, other)]
        inside, outside = (text_counts(texts[int(item)] for item in one) for one in shown)
        if words := telling(inside, len(shown[0]), outside, len(shown[1]), _WORDS):
            return _("Cluster: {words}").format(words=", ".join(words))
    return _("Cluster around {key}").format(key=project.items.key(int(part[0])))


def _sweeps(project: RankedProject, items: Ids) -> list[ClassPart]:
    ranking = project.ranking
    if ranking is None:
        return []
    waits = items[~is_reviewed(project.verdicts, project.gold)[items]]
    suggested = ranking.suggested[waits]
    otherwise = (suggested >= 0) & (suggested != project.labels[waits])
    counts = np.bincount(suggested[otherwise], minlength=len(project.classes))
    largest = [int(label) for label in np.argsort(-counts, kind="stable")[:_SWEEPS] if counts[label]]
    said = _("Suggested otherwise: {name}")
    return [ClassPart(said.format(name=project.classes[label]), waits[suggested == label]) for label in largest]
