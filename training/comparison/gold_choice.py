"""Which items of gold a blind check looks at: by a rule that favors no model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.gold_check.blind_check import GoldChoice, Part, Rule
from badcase.i18n import _
from badcase.store.verdicts import VerdictCode
from badcase.training.run_folder.run_answers import run_logits, run_thresholds

if TYPE_CHECKING:
    from badcase.project import Project

LEAST_DRAWN = 40  # of the rest, beside the items on which both disagree: enough to see one error in ten


def choose_gold(
    project: Project,
    rule: Rule,
    rng: np.random.Generator,
    *,
    n: int | None = None,
    runs: tuple[int, int] | None = None,
    who: str | None = None,
) -> GoldChoice:
    """Choose items of gold for a blind check, in random order; those checked before are left out, see `gold_to_check`.

    Items on which one model alone is wrong are never picked for it: correcting only these would help that model.

    Args:
        project: The project, one label an item.
        rule: All of gold; a random share of n; or all items that both runs answer in the same way, which is not their label,
            with n drawn at random from the rest.
        rng: Draws, and decides the order.
        n: How many are drawn at random; a third of them where None.
        runs: Two runs, for the rule that asks what both answer.
        who: The reviewer; else who judges in the journal.

    Raises:
        BadcaseError: Where the rule needs two runs.
    """
    waiting = gold_to_check(project, who)
    both = waiting[:0]
    if rule is Rule.DISAGREE:
        if runs is None:
            raise BadcaseError(
                _("this way of choosing needs two runs"), where="runs", hint=_("Compare two runs, then check gold.")
            )
        both = waiting[both_disagree(project, waiting, *runs)]
    rest = np.setdiff1d(waiting, both)
    wanted = len(rest) if rule is Rule.ALL else usual_share(len(rest)) if n is None else n
    drawn = rng.choice(rest, min(max(wanted, 0), len(rest)), replace=False)
    items = np.concatenate([both, drawn])
    order = rng.permutation(len(items))
    parts = [Part.DISAGREE if place < len(both) else Part.RANDOM for place in order.tolist()]
    return GoldChoice(rule, tuple(items[order].tolist()), tuple(parts), len(rest), runs if rule is Rule.DISAGREE and runs else ())


def usual_share(rest: int) -> int:
    """How many of the rest are drawn where nobody says: a third, at least LEAST_DRAWN."""
    return min(rest, max(LEAST_DRAWN, round(rest / 3)))


def gold_to_check(project: Project, who: str | None = None) -> npt.NDArray[np.int64]:
    """Gold that nobody has checked; where that is none what this reviewer has not, so that a second one may look at what the
    first one said; then all of it. Nothing that somebody excluded."""
    gold = np.flatnonzero(project.gold & (project.verdicts != VerdictCode.EXCLUDE))
    left = gold[project.checked_verdicts[gold] == VerdictCode.NONE]
    if not len(left):
        mine = [one.item for one in project.journal.gold_opinions() if one.who == (who or project.journal.me)]
        left = np.setdiff1d(gold, mine)
    return left if len(left) else gold


def both_disagree(project: Project, items: npt.NDArray[np.int64], a: int, b: int) -> npt.NDArray[np.bool_]:
    """(m,) bool: the items that both runs answer alike, and otherwise than they were given."""
    runs = [project.runs.get(run) for run in (a, b)]
    logits = [run_logits(project, run)[items] for run in runs]
    given = project.taxonomy.answers(project.given[items])
    if given.ndim == 1:
        one, other = (each.argmax(1) for each in logits)
        return np.asarray((one == other) & (one != given), np.bool_)
    cuts = [run_thresholds(project, run) for run in runs]
    one, other = (each > cut for each, cut in zip(logits, cuts, strict=True))
    return np.asarray((one == other).all(1) & (one != given).any(1), np.bool_)  # sets are alike where every label is
