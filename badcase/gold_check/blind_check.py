"""A blind check of gold under way: kept after every answer, told to nobody before the last, then one batch of the journal.

Each reviewer has an own one, so that several may check at the same time.

What it finds is kept beside the labels: no label follows it, so nothing that learns, ranks or counts can meet it. Comparisons
and exports ask for `checked_labels`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING, Any

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.store.judgments import Judgment
from badcase.store.verdicts import NONE_OF_THESE, Verdict

if TYPE_CHECKING:
    from badcase.store.changes import Changes
    from badcase.store.project_data import ProjectData

UNSURE = -2  # an answer that names no class, as `NONE_OF_THESE`
_SETTING = "gold_check"


class Rule(StrEnum):
    """Which items of gold are checked; no rule asks what one model alone says."""

    ALL = "all"
    SHARE = "share"
    DISAGREE = "disagree"


class Part(StrEnum):
    """Why an item is among those that are checked."""

    DISAGREE = "disagree"  # both models disagree with its label in the same way
    RANDOM = "random"  # drawn, each as likely as the others


@dataclass(frozen=True, slots=True)
class GoldChoice:
    """Items of gold to check, in random order, with the part that each belongs to.

    Attributes:
        rule: By which they were chosen.
        items: Their ids.
        parts: Of each.
        rest: Of how many the random ones were drawn.
        runs: The two runs whose answers the rule asks for; none where it asks for no answer.
    """

    rule: Rule
    items: tuple[int, ...]
    parts: tuple[Part, ...]
    rest: int
    runs: tuple[int, ...] = ()

    def count(self, part: Part) -> int:
        return self.parts.count(part)


@dataclass(frozen=True, slots=True)
class BlindCheck:
    """The choice, and an answer for each of its first items: a class id, `NONE_OF_THESE` or `UNSURE`, and its seconds."""

    choice: GoldChoice
    who: str
    answers: tuple[int, ...] = ()
    seconds: tuple[float, ...] = field(default=())

    @property
    def current(self) -> int | None:
        """The item that waits for its answer; None after the last."""
        return None if self.complete else self.choice.items[len(self.answers)]

    @property
    def complete(self) -> bool:
        return len(self.answers) == len(self.choice.items)

    @property
    def median_seconds(self) -> float | None:
        return median(self.seconds) if self.seconds else None

    @property
    def seconds_left(self) -> float | None:
        """What the rest takes at the pace so far; None before the third answer."""
        each = self.median_seconds
        return None if each is None or len(self.answers) < 3 else each * (len(self.choice.items) - len(self.answers))


def checks_under_way(project: ProjectData) -> dict[str, BlindCheck]:
    """The checks that were begun and not ended, by their reviewers, as each stood at its last answer."""
    kept = project.setting(_SETTING)
    found = []
    for one in kept.values() if isinstance(kept, dict) else ():
        with suppress(KeyError, TypeError, ValueError):  # one of a program that this one does not know: it cannot go on
            check = _read(one, len(project.items), project.taxonomy.stored_count)
            answers = tuple(project.taxonomy.view.told_one(label) if label >= 0 else label for label in check.answers)
            found.append(replace(check, answers=answers))
    return {check.who: check for check in found}


def check_under_way(project: ProjectData, who: str | None = None) -> BlindCheck | None:
    """The check of one reviewer, of who judges in the journal where nobody is named; None where none is under way."""
    return checks_under_way(project).get(who or project.journal.me)


def begin_check(project: ProjectData, choice: GoldChoice, who: str | None = None) -> BlindCheck:
    """Begin a check in the place of any that the same reviewer has under way.

    Raises:
        BadcaseError: Where there is nothing to check, or an item is not gold.
    """
    if not choice.items or not project.gold[list(choice.items)].all():
        raise BadcaseError(_("there is no gold to check"), where=project.name, hint=_("Only items of gold are checked blind."))
    return _keep(project, BlindCheck(choice, who or project.journal.me))


def answer(project: ProjectData, check: BlindCheck, label: int, seconds: float) -> BlindCheck:
    """Answer for the current item, on the disk when this returns.

    Args:
        project: The project.
        check: As it stands.
        label: A class id, `NONE_OF_THESE` or `UNSURE`. Where items have sets of labels, none of these is the empty set.
        seconds: How long it took.
    """
    if label == NONE_OF_THESE and project.task == "multilabel":
        label = project.taxonomy.id_of("")
    if check.complete or not UNSURE <= label < len(project.classes):
        raise BadcaseError(_("this is no answer to an item of gold"), where="label", got=label)
    return _keep(project, replace(check, answers=(*check.answers, label), seconds=(*check.seconds, round(seconds, 2))))


def back(project: ProjectData, check: BlindCheck) -> BlindCheck:
    """Take the last answer back; its item is the current one again."""
    return _keep(project, replace(check, answers=check.answers[:-1], seconds=check.seconds[:-1]))


def drop_check(project: ProjectData, check: BlindCheck) -> None:
    """Give a check up; its answers are gone."""
    others = {who: _plain(project, one) for who, one in checks_under_way(project).items() if who != check.who}
    project.set_setting(_SETTING, others or None)


def conclude(project: ProjectData, check: BlindCheck) -> Changes:
    """Record a complete check in the journal as one batch, which one undo takes back."""
    if not check.complete:
        raise BadcaseError(_("the check of gold is not complete"), where=project.name, hint=_("Answer for every item first."))
    judgments = [_judgment(check, place) for place in range(len(check.answers))]
    with project.journal.one_action():
        changes = project.journal.record_all(judgments)
        drop_check(project, check)
    return changes


def _judgment(check: BlindCheck, place: int) -> Judgment:
    label, choice = check.answers[place], check.choice
    verdict = {NONE_OF_THESE: Verdict.EXCLUDE, UNSURE: Verdict.UNSURE}.get(label, Verdict.RELABEL)
    shown: dict[str, Any] = {
        "blind": True,
        "rule": choice.rule,
        "part": choice.parts[place],
        "rest": choice.rest,
        "runs": list(choice.runs),
        "seconds": check.seconds[place],
    }
    named = label if verdict is Verdict.RELABEL else None
    return Judgment(choice.items[place], verdict, named, who=check.who, shown=shown, decides=False, gold=True)


def _keep(project: ProjectData, check: BlindCheck) -> BlindCheck:
    kept = checks_under_way(project) | {check.who: check}
    project.set_setting(_SETTING, {who: _plain(project, one) for who, one in kept.items()})
    return check


def _plain(project: ProjectData, check: BlindCheck) -> dict[str, Any]:
    """As the project keeps it: its answers name stored classes, so that a change of classes in between does not change them."""
    stored = project.taxonomy.view.stored
    return asdict(replace(check, answers=tuple(int(stored[label]) if label >= 0 else label for label in check.answers)))


def _read(kept: Mapping[str, Any], n: int, k: int) -> BlindCheck:
    choice = kept["choice"]
    check = BlindCheck(
        GoldChoice(
            Rule(choice["rule"]),
            tuple(map(int, choice["items"])),
            tuple(map(Part, choice["parts"])),
            int(choice["rest"]),
            tuple(map(int, choice["runs"])),
        ),
        str(kept["who"]),
        tuple(map(int, kept["answers"])),
        tuple(map(float, kept["seconds"])),
    )
    items, answers = check.choice.items, check.answers
    fits = len(items) == len(check.choice.parts) and len(answers) == len(check.seconds) <= len(items)
    if not (fits and all(0 <= item < n for item in items) and all(UNSURE <= one < k for one in answers)):
        raise ValueError("a check of another project")
    return check
