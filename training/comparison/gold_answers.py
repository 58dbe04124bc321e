"""A blind check of gold away from the window: what is to be looked at is drawn, the answers come back together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from badcase.errors import BadcaseError
from badcase.gold_check.blind_check import BlindCheck, Rule, answer, back, begin_check, checks_under_way, conclude
from badcase.i18n import _
from badcase.training.comparison.gold import GoldStanding, gold_standing
from badcase.training.comparison.gold_choice import choose_gold

if TYPE_CHECKING:
    from badcase.project import Project


def draw_gold(
    project: Project,
    rule: str = "share",
    *,
    n: int | None = None,
    runs: Sequence[int] = (),
    seed: int | None = None,
    who: str | None = None,
) -> list[int]:
    """Choose items of gold to be checked blind, by the rules of the window, and begin the check.

    Args:
        project: The project.
        rule: "all", "share" (drawn at random) or "disagree" (where two runs answer alike and not as labelled, and a share).
        n: How many are drawn at random; a third where None.
        runs: The two runs of "disagree".
        seed: Decides the draw and the order; another each time where None.
        who: The reviewer; else who judges in the journal.

    Returns:
        Ids of the items, in the order to look at them. Say what each is without looking at its label.

    Raises:
        BadcaseError: Where there is no gold or no such rule, or "disagree" has not two runs.
    """
    if rule not in list(Rule):
        raise BadcaseError(_("there is no such rule"), where="rule", expected=" | ".join(Rule), got=rule)
    pair = (int(runs[0]), int(runs[1])) if len(runs) == 2 else None
    choice = choose_gold(project, Rule(rule), np.random.default_rng(seed), n=n, runs=pair, who=who)
    return list(begin_check(project, choice, who).choice.items)


def check_gold(project: Project, answers: Mapping[int, int | str]) -> GoldStanding:
    """Answer for all items of the check of gold that was begun, and record it as one batch, which one undo takes back.

    No label follows it: only comparisons and exports stand on what was found.

    Args:
        project: The project.
        answers: By the item's id what it is: a class by id or name (several as "a;b"), -1 for none of the classes, -2 for what
            could not be told.

    Returns:
        What is known of the labels of gold now.

    Raises:
        BadcaseError: Where no check was begun, an item of it has no answer, another one has, or there is no such class.
    """
    check = _begun(project, set(answers))
    items = set(check.choice.items)
    if set(answers) != items:
        missing, odd = len(items - set(answers)), len(set(answers) - items)
        raise BadcaseError(
            _("the answers are not those to the items that were drawn"),
            where="answers",
            expected=_("{n} items").format(n=len(items)),
            got=_("{missing} missing, {odd} of others").format(missing=missing, odd=odd),
            hint=_("Answer for every item that was drawn; what cannot be told is unsure."),
        )
    with project.journal.one_action():  # a set of labels that is named may be a new class
        named = {item: project.taxonomy.id_of(said) if isinstance(said, str) else int(said) for item, said in answers.items()}
        while check.answers:  # those given in the window before
            check = back(project, check)
        for item in check.choice.items:
            check = answer(project, check, named[item], 0.0)
        conclude(project, check)
    return gold_standing(project)


def _begun(project: Project, items: set[int]) -> BlindCheck:
    """The check of these items, whoever began it; where there is none, the one that is told to have others."""
    checks = checks_under_way(project)
    if not checks:
        raise BadcaseError(
            _("no check of gold was begun"), where=project.name, hint=_("Draw the items first, so that no label decides which.")
        )
    nearest = sorted(checks.values(), key=lambda check: check.who != project.journal.me)
    return next((check for check in nearest if set(check.choice.items) == items), nearest[0])
