"""What is new about the items that an update of the data brought, as findings that each have their items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from badcase.drift.compared_parts import FEWEST, Samples, newest_arrivals, samples
from badcase.drift.disagreements import contradicting_twins, edited_after_a_verdict
from badcase.drift.energy_test import ALPHA, Distance, Floats, held_for_all, permuted_distances
from badcase.drift.share_test import exact_chance, holm
from badcase.drift.unseen_clusters import unseen_clusters
from badcase.errors import BadcaseError
from badcase.groups.naming import Vocabulary
from badcase.i18n import _, grouped
from badcase.items.kinds import Kind
from badcase.progress import Job, Progress

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

_MOST, _MOST_OF_ALL = 400, 1_000  # items of each sample in a test of a part, and in that of all
_MOST_NEW, _MOST_OLD, _FEWEST_OLD = 10_000, 10_000, 2_000  # that are cut into cells
_WORDS_FROM = 5_000  # old texts that words are told from
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PartDrift:
    """How far the new items of a class or slice lie from the old ones, and how its share moved.

    Attributes:
        title: The name of the class, "column = value", or "" for all items.
        is_class: Whether it is a class.
        items: The new ones, those first that are least like the old.
        new: How many new items it has.
        old: How many old ones.
        new_share: Of all new items, in [0, 1].
        old_share: Of all old items.
        share_chance: That shares this far apart are chance, held for all shares that were tested.
        distance: None where either sample has fewer than ten items to compare.
        words: That tell its new texts from its old ones.
    """

    title: str
    is_class: bool
    items: Ids
    new: int
    old: int
    new_share: float
    old_share: float
    share_chance: float
    distance: Distance | None
    words: Sequence[str]

    @property
    def moved(self) -> bool:
        """Whether chance does not explain how its share moved."""
        return self.share_chance <= ALPHA

    @property
    def differs(self) -> bool:
        """Whether chance does not explain how far the new ones lie from the old."""
        return self.distance is not None and self.distance.differs


@dataclass(frozen=True, slots=True)
class UnseenCluster:
    """New items that lie together where hardly anything old does: the most typical first, how many old ones, words, a chance."""

    items: Ids
    old: int
    words: Sequence[str]
    chance: float


@dataclass(frozen=True, slots=True)
class DataDrift:
    """What is new about the new data.

    Attributes:
        revision: Of the data, that brought the new items.
        new: How many items it brought that are there.
        old: How many there were before.
        whole: All of them.
        classes: Those that differ or moved first, then by distance.
        slices: The same of the columns of the source.
        clusters: What training never saw, the largest first.
        twins: New items that are twins of old ones and labelled otherwise.
        edited: New items whose key had been that of an item which was judged and shows something else.
        by_nearest: Whether classes are told by the nearest class mean.
        tests: How many distances were tested, whose findings are held for that number.
        notes: What a person should know.
    """

    revision: int
    new: int
    old: int
    whole: PartDrift
    classes: Sequence[PartDrift]
    slices: Sequence[PartDrift]
    clusters: Sequence[UnseenCluster]
    twins: Ids
    edited: Ids
    by_nearest: bool
    tests: int
    notes: Sequence[str]


def drifting(project: ProjectData, revision: int | None = None) -> Job[DataDrift]:
    """What is new about the items that an update brought, as a job of seconds: of large parts it looks at a sample.

    Each of three kinds of finding (distances, shares, clusters) is held for the number of its tests: where nothing is new, a kind
    finds something in 5 of 100 cases at most.

    Args:
        project: The project.
        revision: Of the data; None for the newest that brought items which are still there.

    Raises:
        BadcaseError: Where no update brought any, or no prediction with features covers them.
    """
    wanted = newest_arrivals(project) if revision is None else revision
    if not wanted:
        raise BadcaseError(
            _("no update of the data has brought items"), where=str(project.path), hint=_("Run `badcase update PROJECT` first.")
        )
    predictions = project.predictions.current
    if predictions is None or not predictions.has_embeddings:
        raise BadcaseError(
            _("the new items have no features yet"),
            where=str(project.path),
            expected=_("a prediction that covers all items"),
            hint=_("Run `badcase predict PROJECT` first: it looks at what is new alone."),
        )
    rng, cutting = np.random.default_rng(project.setting("seed", 0)).spawn(2)  # so that what is tested moves no cluster
    yield Progress(_("Choosing what to compare"))
    given = samples(project, predictions, wanted, rng)
    distances, tests = yield from _distances(given, rng)
    yield Progress(_("Comparing shares"))
    parts = _with_shares(project, given, distances)
    yield Progress(_("Looking for clusters that are new"))
    clusters, notes = _clusters(project, given, cutting)
    return DataDrift(
        wanted,
        len(given.new),
        len(given.old),
        parts[0],
        _sorted([one for one in parts[1:] if one.is_class]),
        _sorted([one for one in parts[1:] if not one.is_class]),
        clusters,
        contradicting_twins(project, given.new, given.old),
        edited_after_a_verdict(project, given.new),
        given.by_nearest,
        tests,
        [*given.notes, *notes],
    )


def _sorted(parts: list[PartDrift]) -> list[PartDrift]:
    def key(one: PartDrift) -> tuple[bool, bool, float, str]:
        return not one.differs, not one.moved, np.inf if one.distance is None else -one.distance.value, one.title

    return sorted(parts, key=key)


def _sampled(ids: Ids, most: int, rng: np.random.Generator) -> Ids:
    return ids if len(ids) <= most else np.sort(rng.choice(ids, most, replace=False))


def _distances(given: Samples, rng: np.random.Generator) -> Job[tuple[dict[int, Distance], int]]:
    """The distance of each part that has enough of both samples, by its place among the parts, and how many were tested."""
    tested: dict[int, Floats] = {}
    new, old = given.new[given.fair[given.new]], given.old[given.fair[given.old]]
    for at, part in enumerate(given.parts):
        yield Progress(_("Comparing new with old"), at, len(given.parts))
        ours, theirs = new[part.mask[new]], old[part.mask[old]]
        if min(len(ours), len(theirs)) >= FEWEST:
            most = _MOST if part.title else _MOST_OF_ALL
            ours, theirs = _sampled(ours, most, rng), _sampled(theirs, most, rng)
            tested[at] = permuted_distances(given.directions(ours), given.directions(theirs), rng)
    return dict(zip(tested, held_for_all(list(tested.values())), strict=True)), len(tested)


def _with_shares(project: ProjectData, given: Samples, distances: dict[int, Distance]) -> list[PartDrift]:
    """Each part with its share, its items and its words."""
    new, old = given.new[given.fair[given.new]], given.old[given.fair[given.old]]
    chances = []
    for part in given.parts[1:]:
        chances.append(exact_chance(int(part.mask[new].sum()), len(new), int(part.mask[old].sum()), len(old)))
    held = [1.0, *holm(chances)]
    # A class by the nearest mean is known of the half that made no mean; else all that is there counts.
    counted = old if given.by_nearest else given.old
    found = []
    for at, part in enumerate(given.parts):
        ours, theirs = given.new[part.mask[given.new]], counted[part.mask[counted]]
        if part.is_class and not len(ours) and not len(theirs):
            continue
        distance = distances.get(at)
        worth = part.title and (held[at] <= ALPHA or (distance is not None and distance.differs))
        found.append(
            PartDrift(
                part.title,
                part.is_class,
                _least_alike(given, ours, theirs),
                len(ours),
                len(theirs),
                len(ours) / len(given.new),
                len(theirs) / len(counted),
                held[at],
                distance,
                _words(project, ours, theirs) if worth else (),
            )
        )
    return found


def _least_alike(given: Samples, new: Ids, old: Ids) -> Ids:
    """New items, those first that are least like the mean of the old."""
    if not len(new) or not len(old):
        return new
    mean = given.directions(old[:: max(1, len(old) // _MOST_OF_ALL)]).mean(0)
    alike = given.directions(new) @ mean
    return new[np.argsort(alike, kind="stable")]


def _words(project: ProjectData, new: Ids, old: Ids) -> list[str]:
    if project.kind is not Kind.TEXT or not len(new) or not len(old):
        return []
    return Vocabulary(project.items.texts(), np.concatenate([new, old[:: max(1, len(old) // _WORDS_FROM)]])).words(new)


def _clusters(project: ProjectData, given: Samples, rng: np.random.Generator) -> tuple[list[UnseenCluster], list[str]]:
    new = _sampled(given.new[given.fair[given.new]], _MOST_NEW, rng)
    fair = given.old[given.fair[given.old]]
    old = _sampled(fair, min(_MOST_OLD, max(_FEWEST_OLD, 4 * len(new))), rng)
    found = []
    for one in unseen_clusters(given.directions(new), given.directions(old), rng):
        items = new[one.rows]
        found.append(UnseenCluster(items, one.old, _words(project, items, given.old), one.chance))
    if len(old) == len(fair) and len(new) < _MOST_NEW:
        return found, []
    words = _("Clusters were looked for among {new} new and {old} old items, drawn at random.")
    return found, [words.format(new=grouped(len(new)), old=grouped(len(old)))]
