"""Label trust: how far labels that nobody has judged are trusted, by a ranking and the verdicts. numpy only."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.active_learning.learner import Learner
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import Job, Notice, Progress
from badcase.ranking.any_ranking import AnyRanking
from badcase.ranking.ranking import Ranking
from badcase.reviewers.of_project import answered_by_several
from badcase.store.atomic_files import write_whole
from badcase.store.checks.stored_arrays import stored_arrays
from badcase.store.verdicts import VerdictCode
from badcase.training.data.kept_trust import keep_trust, trust_folder
from badcase.training.run_folder.run_files import reading

if TYPE_CHECKING:
    from badcase.project import Project
    from badcase.store.prediction_sets import PredictionSet

Ids = npt.NDArray[np.int64]
Targets = npt.NDArray[np.float32]
FILE = "doubts.npz"
LEAST = 0.02  # probability of being wrong below it changes nothing worth its memory
SMALLEST = 1e-3  # of a target; below it is 0, so that the file is small
ROWS = 65_536
ENOUGH = 100  # items of a class whose labels are doubted by half as much as chance says, where other classes have many more
CELLS = 1 << 28  # of targets: half a gigabyte; where there are more, the labels least likely wrong are trusted


@dataclass(frozen=True, slots=True)
class LabelTrust:
    """What is known against labels that nobody has judged.

    Rows of probabilities sum to 1, but for several labels an item, where each entry is a probability.

    Attributes:
        flagged: Items that the ranking takes for wrong.
        items: (m,) rising, those whose label may well be wrong.
        rows: (m, k) float16, what each of them may be.
        unsure: (u,) rising, items that a person could not judge, or that several have answered.
        honest: (u, k) float16, their out-of-sample probabilities.
    """

    flagged: Ids
    items: Ids
    rows: npt.NDArray[np.float16]
    unsure: Ids
    honest: npt.NDArray[np.float16]

    def write(self, folder: Path) -> None:
        with write_whole(folder / FILE) as path, path.open("wb") as file:
            np.savez_compressed(file, **{one.name: getattr(self, one.name) for one in fields(self)})

    def suspects(self, n: int) -> npt.NDArray[np.bool_]:
        """(n,) which of all items are flagged."""
        mask = np.zeros(n, np.bool_)
        mask[self.flagged] = True
        return mask

    def fits(self, within: Ids, k: int) -> bool:
        """Whether it can be what was found of these items, of k classes: a file may be anything."""
        pairs = ((self.items, self.rows), (self.unsure, self.honest))
        known = all(np.isin(items, within).all() for items in (self.flagged, self.items, self.unsure))
        return known and all(rows.dtype == np.float16 and rows.shape == (len(items), k) for items, rows in pairs)

    @classmethod
    def read(cls, folder: Path) -> LabelTrust | None:
        """What was written there; None where nothing was."""
        if not (folder / FILE).exists():
            return None
        with reading(folder / FILE), stored_arrays(folder / FILE) as kept:
            return cls(**kept)


def full_trust(k: int) -> LabelTrust:
    none, rows = np.empty(0, np.int64), np.empty((0, k), np.float16)
    return LabelTrust(none, none, rows, none, rows)


def quick_label_trust(project: Project, verdicts: npt.NDArray[np.int8], within: Ids) -> LabelTrust:
    """A look in advance: label trust by the ranking of the project and verdicts (n,), in no time; none is trusted in part.

    That ranking knows all labels, so no training believes it; what it says of items beyond `within` is left out.
    """
    if project.any_ranking is None:
        return full_trust(len(project.label_names))
    return _flagged_by(project.any_ranking, verdicts, within, within[:0])


def _flagged_by(ranking: AnyRanking, verdicts: npt.NDArray[np.int8], within: Ids, answered: Ids) -> LabelTrust:
    within = np.sort(within[np.isfinite(ranking.suspicion[within])])
    asked = within[(verdicts[within] == VerdictCode.UNSURE) | np.isin(within, answered)]
    flagged = within[ranking.flagged[within] & (verdicts[within] == VerdictCode.NONE)]
    honest = np.asarray(ranking.probs[asked], np.float16)
    return replace(full_trust(ranking.probs.shape[1]), flagged=flagged, unsure=asked, honest=honest)


def label_trust_of(project: Project, origin: PredictionSet, within: Ids) -> Job[LabelTrust]:
    """How far the labels of some items are trusted as the verdicts stand, by a ranking of these alone.

    A label keeps the probability that it is right, as the queue has learnt it from the verdicts; the rest goes to the other
    classes by the out-of-sample probabilities of the ranking. Of several labels an item each is doubted by itself, in the
    same measure. Items that cannot be ranked, such as three of them, are trusted, and a notice says so.

    The ranking of the project is no help: it has learnt the labels of the items that a training is measured on, and what it
    says of the others tells of them. With features of noise alone such a training beats chance.

    Args:
        origin: the prediction set whose features rank the items. What was found is kept beside it.
        within: (m,) the items that a training learns from; no label of another can change a thing.

    Source: soft bootstrapping of Reed et al. 2014, https://arxiv.org/abs/1412.6596, with the belief of each item its own.
    """
    within, several = np.sort(within), answered_by_several(project)
    folder = trust_folder(project, origin, within, several)
    with suppress(BadcaseError, ValueError, TypeError):  # one that is damaged is found again
        kept = LabelTrust.read(folder)
        if kept is not None and kept.fits(within, len(project.label_names)):
            return kept
    shutil.rmtree(folder, ignore_errors=True)
    found = yield from _found(project, origin, within, several)
    with suppress(OSError), project.caching() as may_keep:
        if may_keep:
            keep_trust(found.write, folder)
    return found


def _found(project: Project, origin: PredictionSet, within: Ids, several: Ids) -> Job[LabelTrust]:
    k = len(project.label_names)
    try:
        yield Progress(_("Ranking the training items"))
        ranking = yield from _ranking_of(project, origin, within)
    except BadcaseError as error:
        yield Notice(_("The items cannot be ranked, so every label is trusted."), str(error))
        return full_trust(k)
    verdicts = np.where(np.isin(np.arange(len(project.items)), within), project.verdicts, np.int8(VerdictCode.NONE))
    items = within[np.isfinite(ranking.suspicion[within]) & (verdicts[within] == VerdictCode.NONE) & ~project.gold[within]]
    chance = chances(ranking, verdicts, items)
    most = np.sort(np.argsort(-chance, kind="stable")[: CELLS // k])
    most = most[chance[most] >= LEAST]
    items, chance = items[most], chance[most]
    rows, reach = np.empty((len(items), k), np.float16), _doubt_by_class_size(ranking)
    for start in range(0, len(items), ROWS):
        part = slice(start, start + ROWS)
        hard = hard_targets(project.taxonomy.answers(project.labels[items[part]]), k)
        rows[part] = _rows(ranking, items[part], hard, chance[part], reach)
    return replace(_flagged_by(ranking, verdicts, within, several), items=items, rows=rows)


def _rows(
    ranking: AnyRanking, items: Ids, hard: Targets, chance: npt.NDArray[np.float32], reach: npt.NDArray[np.float32]
) -> Targets:
    if isinstance(ranking, Ranking):
        return believed(hard, chance, np.asarray(ranking.probs[items], np.float32))
    of_item = np.maximum(np.asarray(ranking.suspicion[items], np.float32)[:, None], LEAST)
    doubt = np.minimum(1, np.asarray(ranking.label_suspicion[items], np.float32) * chance[:, None] / of_item)
    return np.abs(hard - doubt * reach)


def _doubt_by_class_size(ranking: AnyRanking) -> npt.NDArray[np.float32]:
    """(k,) by which factor a label of each class is doubted, by the size of the class: 1, unless others have more items.

    Out-of-sample probabilities shrink towards the large classes, so the items of a small one look wrong. Where clean classes have
    13 to 650 items, doubts that go all the way cost the smallest third of them 3 to 11 points of recall, and these none.
    """
    labels = ranking.labels[np.isfinite(ranking.suspicion)]
    counts = labels.sum(0) if labels.ndim == 2 else np.bincount(labels, minlength=ranking.probs.shape[1])
    smaller = 1 - np.minimum(1, counts / max(1, counts.mean()))
    return np.asarray(counts / np.maximum(1, counts + ENOUGH * smaller), np.float32)


def believed(hard: Targets, chance: npt.NDArray[np.float32], probs: npt.NDArray[np.float32]) -> Targets:
    """Soft targets (m, k) for items whose labels may be wrong; rows sum to 1.

    Args:
        hard: (m, k) the labels.
        chance: (m,) that each is wrong.
        probs: (m, k) out-of-sample, by which the chance is spread over the other classes.
    """
    chance = chance[:, None]
    other = (1 - hard) * (probs + 1e-9)  # where the label alone has any, all others alike
    rows = (1 - chance) * hard + chance * other / np.maximum(other.sum(1, keepdims=True), 1e-12)
    rows[rows < SMALLEST] = 0
    return np.asarray(rows / rows.sum(1, keepdims=True), np.float32)


def hard_targets(labels: npt.NDArray[np.generic], k: int) -> npt.NDArray[np.float32]:
    """(n, k) of 0 and 1, from classes (n,) or from a matrix that has them already."""
    if labels.ndim == 2:
        return labels.astype(np.float32)
    targets = np.zeros((len(labels), k), np.float32)
    targets[np.arange(len(labels)), labels] = 1
    return targets


def ensure_ranked(project: Project) -> Job[None]:
    """Rank the items where nobody has; where they cannot be, nothing is suspected."""
    if project.any_ranking is None:
        with suppress(BadcaseError):
            yield from project.ranking_anew()


def _ranking_of(project: Project, origin: PredictionSet, items: Ids) -> Job[AnyRanking]:
    if project.task == "multilabel":
        from badcase.ranking.multilabel.project_ranking import rank_part as rank_labels

        made = yield from rank_labels(project, origin, items)
        return made.over(items, project.taxonomy.matrix(project.given))
    from badcase.ranking.project_ranking import rank_part

    ranking = yield from rank_part(project, origin, items)
    return ranking.over(items, project.given)


def chances(ranking: AnyRanking, verdicts: npt.NDArray[np.int8], items: Ids) -> npt.NDArray[np.float32]:
    """(m,) how likely the given labels of items (m,) that nobody has judged are wrong; verdicts (n,) on all.

    Verdicts take doubt away and add none: a person who only wrote down errors has not shown that all else is wrong. And
    they count half-way (the geometric mean): what was found at the top says less of the many below. On five sets
    that were reviewed for as many verdicts as there are errors that lowers the log-loss of the estimates by 2 to 10 % on
    four, and raises it by 4 % on one.
    """
    learner = Learner(ranking, random_sample=False)
    before = _chances(learner, items)
    learner.update(verdicts)
    chance = np.minimum(before, np.sqrt(before * _chances(learner, items)))
    if isinstance(ranking, Ranking):  # of several labels each has a reach of its own
        chance *= _doubt_by_class_size(ranking)[ranking.labels[items]]
    return chance


def _chances(learner: Learner, items: Ids) -> npt.NDArray[np.float32]:
    parts = [learner.chance_wrong(items[start : start + ROWS]) for start in range(0, len(items), ROWS)]
    return np.concatenate([np.empty(0), *parts]).astype(np.float32)
