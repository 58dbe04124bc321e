"""From proposals to verdicts: which a person may take, what is left, and how good a machine was where nobody had seen it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from badcase.i18n import _, grouped, plural
from badcase.reviewers.of_project import CONSENSUS
from badcase.store.changes import Changes
from badcase.store.verdicts import ItemLabels, Verdict, VerdictCode

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

PROPOSED_BY = "proposed_by"  # in what was on screen: the verdict took this machine's proposal, or saw it
_CLOSE = 1.645  # standard errors of a 90 % interval


@dataclass(frozen=True, slots=True)
class ProposalPlan:
    """What taking a machine's proposals would do.

    Attributes:
        by: The machine.
        items: (m,) ids of the items that get a verdict.
        labels: (m,) the class that each gets.
        changed: How many of them get another label than they have.
        judged: Left out because a person has judged them already.
        gold: Left out because they are gold.
        unsure: Left out because the machine is less sure than was asked for, or does not say.
    """

    by: str
    items: NDArray[np.int64]
    labels: ItemLabels
    changed: int
    judged: int
    gold: int
    unsure: int

    @property
    def left_out(self) -> list[str]:
        """Sentences on what would be left as it is."""
        told = (
            (self.judged, plural("{n} item has a verdict already.", "{n} items have a verdict already.", self.judged)),
            (self.gold, plural("{n} item is gold.", "{n} items are gold.", self.gold)),
            (self.unsure, plural("{n} proposal is not sure enough.", "{n} proposals are not sure enough.", self.unsure)),
        )
        return [words.format(n=grouped(n)) for n, words in told if n]


def plan_taking(project: ProjectData, by: str, *, least: float | None = None) -> ProposalPlan:
    """Which proposals could be taken: of items that nobody has judged and that are not gold.

    Args:
        project: The project.
        by: The machine.
        least: Only those of which it is at least so sure, 0 to 1; None for all.
    """
    made = project.proposals.of(by)
    gold, judged = project.gold[made.items], project.verdicts[made.items] != VerdictCode.NONE
    sure = np.ones(len(gold), np.bool_) if least is None else made.confidence >= least  # NaN is not
    takes = ~gold & ~judged & sure
    items, labels = made.items[takes], made.labels[takes]
    return ProposalPlan(
        by,
        items,
        labels,
        changed=int((labels != project.labels[items]).sum()),
        judged=int((judged & ~gold).sum()),
        gold=int(gold.sum()),
        unsure=int((~gold & ~judged & ~sure).sum()),
    )


def take(project: ProjectData, plan: ProposalPlan) -> Changes:
    """Record a plan as verdicts of the person who takes it: one batch, which one undo takes back.

    Raises:
        BadcaseError: Where there is nothing to take.
    """
    return project.journal.record(plan.items.tolist(), Verdict.RELABEL, plan.labels.tolist(), shown={PROPOSED_BY: plan.by})


@dataclass(frozen=True, slots=True)
class MachineAgreement:
    """How far a machine and people agree.

    Attributes:
        by: The machine.
        proposed: How many items it has a proposal for.
        differs: Of how many of them the label now is another.
        waiting: How many of them could be taken.
        judged: How many people judged without having seen the proposal: what follows counts these alone.
        alike: How many of those judgments say the same.
    """

    by: str
    proposed: int
    differs: int
    waiting: int
    judged: int
    alike: int

    @property
    def share(self) -> float | None:
        """What part is alike; None where nobody has judged any."""
        return self.alike / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 90 % interval of the share, by Wilson's score; None where nobody has judged any."""
        if self.share is None:
            return None
        n, p, z = self.judged, self.share, _CLOSE
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * float(np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)))
        return max(0.0, middle - half), min(1.0, middle + half)


def machine_agreements(project: ProjectData) -> list[MachineAgreement]:
    """How each machine stands against what people said of items whose proposals they had not seen.

    An exclude counts as another answer, an unsure as none. Several people on one item count one by one.
    """
    authors = project.proposals.authors()
    said = [one for one in project.journal.unprompted(PROPOSED_BY) if one.who != CONSENSUS] if authors else []
    answers = [(one.item, -1 if one.verdict is Verdict.EXCLUDE else one.label) for one in said if one.verdict != Verdict.UNSURE]
    items, labels = (np.array(column, np.int64) for column in (zip(*answers, strict=True) if answers else ([], [])))
    found = []
    for by in authors:
        made = project.proposals.of(by)
        proposes = np.full(len(project.items), -2, np.int64)
        proposes[made.items] = made.labels
        judged = proposes[items] >= 0
        found.append(
            MachineAgreement(
                by,
                len(made.items),
                differs=int((made.labels != project.labels[made.items]).sum()),
                waiting=len(plan_taking(project, by).items),
                judged=int(judged.sum()),
                alike=int((proposes[items] == labels)[judged].sum()),
            )
        )
    return found


def agreement_sentence(one: MachineAgreement) -> str:
    """How good a machine was, in words."""
    if one.interval is None:
        return _("no item judged without it")
    low, high = one.interval
    return _("{alike} of {judged} ({low}–{high} %)").format(
        alike=grouped(one.alike), judged=grouped(one.judged), low=round(100 * low), high=round(100 * high)
    )
