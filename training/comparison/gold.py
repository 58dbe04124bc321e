"""The items that runs are compared on, under which labels, and what a check of them found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.gold_check.blind_check import Part
from badcase.i18n import _, plural
from badcase.store.verdicts import ItemLabels, Verdict, VerdictCode
from badcase.training.comparison.mcnemar import share_interval

if TYPE_CHECKING:
    from badcase.project import Project

_OUT = (VerdictCode.EXCLUDE, VerdictCode.UNSURE)


def gold_items(project: Project) -> npt.NDArray[np.int64]:
    """Ids of the gold items that judge runs: without those that are excluded, of no class, or unsure."""
    return np.flatnonzero(project.gold & ~np.isin(project.checked_verdicts, _OUT))


def gold_labels(project: Project, *, as_given: bool = False) -> tuple[npt.NDArray[np.int64], ItemLabels]:
    """Gold items that judge runs, and the class of each.

    Args:
        project: The project.
        as_given: All of gold under the labels that the data set gave, whatever was found since.
    """
    if as_given:
        items = np.flatnonzero(project.gold)
        return items, project.given[items]
    items = gold_items(project)
    return items, project.checked_labels[items]


@dataclass(frozen=True, slots=True)
class GoldStanding:
    """What is known of the labels of gold.

    Attributes:
        gold: How many items it has.
        checked: How many of them a person looked at.
        differed: How many of these have another class than they came with, or none.
        unsure: How many of these nobody could tell; they judge no run.
        drawn: How many of those checked blind were drawn at random.
        drawn_wrong: How many of the drawn differed.
        disagreed: How many were checked because both models disagreed with their label in the same way.
        rest: Of how many the random ones were drawn.
        none_left: Whether all of the rest was drawn.
        checkers: Who checked how many of them blind, by name.
        disputed: The items of which two checkers found different things.
    """

    gold: int
    checked: int
    differed: int
    unsure: int
    drawn: int
    drawn_wrong: int
    disagreed: int
    rest: int
    none_left: bool
    checkers: dict[str, int]
    disputed: tuple[int, ...]

    @property
    def sentences(self) -> list[str]:
        """What the labels of a comparison are worth, one thing a sentence."""
        if not self.checked:
            return [_("Gold has the labels that it was given; nobody has checked them.")]
        words = plural(
            "{checked} of {gold} gold item was checked: {differed} has another class than it was given.",
            "{checked} of {gold} gold items were checked: {differed} have another class than they were given.",
            self.checked,
        )
        lines = [words.format(checked=self.checked, gold=self.gold, differed=self.differed)]
        if self.unsure:
            lines.append(
                plural("{n} could not be told and judges no run.", "{n} could not be told and judge no run.", self.unsure).format(
                    n=self.unsure
                )
            )
        if self.disagreed:
            lines.append(
                plural(
                    "{n} was checked because both models disagreed with its label in the same way: correcting such items "
                    "raises the accuracy of both alike, and says little of which is better.",
                    "{n} were checked because both models disagreed with their label in the same way: correcting such items "
                    "raises the accuracy of both alike, and says little of which is better.",
                    self.disagreed,
                ).format(n=self.disagreed)
            )
        if self.drawn:
            lines.append(self._random())
        return [*lines, self._by_whom()] if self.checkers else lines

    def _by_whom(self) -> str:
        names = ", ".join(_("{name} ({n})").format(name=name, n=n) for name, n in self.checkers.items())
        told = _("Checked by {names}.").format(names=names)
        if not self.disputed:
            return told
        words = plural(
            "They differ on {n} item, where the newest check holds.",
            "They differ on {n} items, where the newest check holds.",
            len(self.disputed),
        )
        return f"{told} {words.format(n=len(self.disputed))}"

    def _random(self) -> str:
        if self.none_left:
            return _("All of gold was checked, so its errors are counted and not estimated.")
        low, high = share_interval(self.drawn_wrong, self.drawn)
        return _(
            "Of {drawn} drawn at random from {rest}, {wrong} differed: {low:.0f} to {high:.0f} % of those are wrong, and the "
            "ones that nobody looked at stand as given. A random share favors no model."
        ).format(drawn=self.drawn, rest=self.rest, wrong=self.drawn_wrong, low=100 * low, high=100 * high)


def gold_standing(project: Project) -> GoldStanding:
    """What is known of the labels of gold, by checks and by verdicts on its items."""
    gold, verdicts = np.flatnonzero(project.gold), project.checked_verdicts
    checked = gold[verdicts[gold] != VerdictCode.NONE]
    wrong = np.isin(verdicts, (VerdictCode.RELABEL, VerdictCode.EXCLUDE))
    notes = project.journal.gold_checks()
    drawn = [item for item, note in notes.items() if note.get("part") == Part.RANDOM]
    told = [item for item in drawn if verdicts[item] != VerdictCode.UNSURE]
    rest = max((int(notes[item].get("rest", 0)) for item in drawn), default=0)
    return GoldStanding(
        len(gold),
        len(checked),
        int(wrong[checked].sum()),
        int((verdicts[checked] == VerdictCode.UNSURE).sum()),
        len(told),
        int(wrong[told].sum()),
        sum(note.get("part") == Part.DISAGREE for note in notes.values()),
        rest,
        len(drawn) >= rest,
        *_by_checker(project),
    )


def _by_checker(project: Project) -> tuple[dict[str, int], tuple[int, ...]]:
    """How many items each checked blind, and those on which two found different things; unsure is not different."""
    opinions = project.journal.gold_opinions()
    found: dict[int, set[tuple[Verdict, int]]] = {}
    for one in opinions:
        if one.verdict is not Verdict.UNSURE:
            found.setdefault(one.item, set()).add((one.verdict, one.label))
    names = sorted({one.who for one in opinions})
    checkers = {name: sum(one.who == name for one in opinions) for name in names}
    return checkers, tuple(item for item, said in sorted(found.items()) if len(said) > 1)
