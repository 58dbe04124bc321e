"""What the page of the blind check says. No Qt."""

from __future__ import annotations

import numpy as np

from badcase.errors import BadcaseError
from badcase.gold_check.blind_check import UNSURE, BlindCheck, Part, Rule
from badcase.i18n import _, percent, plural
from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from badcase.training.comparison.compare import Comparison, compare
from badcase.training.comparison.gold import gold_standing
from badcase.training.comparison.gold_choice import both_disagree, gold_to_check
from badcase.ui import wording
from badcase.ui.desktop.gold.check_view import CheckProgress
from badcase.ui.desktop.gold.choice_view import RuleShown
from badcase.ui.desktop.gold.result_view import ResultShown


def intro_words(project: Project) -> str:
    """What is known of gold now, and what the check is for."""
    known = " ".join(gold_standing(project).sentences)
    what = _(
        "You see items without their labels and say what they are. Comparisons then tell both figures, “as given” and “as "
        "checked”; nothing of it enters training."
    )
    return f"{known} {what}"


def rules_shown(project: Project, runs: tuple[int, int] | None) -> list[RuleShown]:
    """The rules with what each would take now."""
    waiting = gold_to_check(project)
    n, both, why = len(waiting), 0, ""
    if runs is None:
        why = _("There must be two finished runs")
    else:
        try:
            both = int(both_disagree(project, waiting, *runs).sum())
        except BadcaseError as error:
            why = str(error)
    names = dict(zip("ab", runs or (0, 0), strict=True))
    alike = plural(
        "The {n} item that run {a} and run {b} answer alike, and not as labelled, and some of the other {rest} at random. Finds "
        "most wrong labels for the time; correcting them raises both runs alike.",
        "The {n} items that run {a} and run {b} answer alike, and not as labelled, and some of the other {rest} at random. Finds "
        "most wrong labels for the time; correcting them raises both runs alike.",
        both,
    )
    return [
        RuleShown(Rule.ALL, _("All of gold"), _("All that nobody has checked yet: errors are counted, not estimated."), 0, n),
        RuleShown(
            Rule.SHARE,
            _("A random share"),
            _("Each item as likely as another. It favors no run, and tells how many errors the rest holds."),
            0,
            n,
        ),
        RuleShown(
            Rule.DISAGREE,
            _("Where both runs disagree with the label in the same way, and a random share"),
            alike.format(n=both, rest=n - both, **names),
            both,
            n - both,
            why,
        ),
    ]


def standing_of(check: BlindCheck) -> CheckProgress:
    """How far a check is, in what the page may tell before its end."""
    choice, drawn = check.choice, check.choice.count(Part.RANDOM)
    random = _("random, of {n}").format(n=wording.count(choice.rest))
    if choice.rule is Rule.DISAGREE:
        which = _(
            "Where run {a} and run {b} both disagree with the gold label in the same way, and a random share of the rest. Favors "
            "no run: the random share tells how many errors the rest holds."
        ).format(a=choice.runs[0], b=choice.runs[1])
        parts = [(_("both disagree"), choice.count(Part.DISAGREE)), (_("random, of the other {n}").format(n=choice.rest), drawn)]
    elif choice.rule is Rule.SHARE:
        which = _("A random share, each item as likely as another. Favors no run: it tells how many errors the rest holds.")
        parts = [(random, drawn)]
    else:
        which, parts = _("All of gold. Favors no run."), [(random, drawn)]
    return CheckProgress(
        len(check.answers),
        len(choice.items),
        check.answers.count(UNSURE),
        check.seconds_left,
        check.median_seconds,
        which,
        parts,
        check.who,
    )


def result_shown(project: Project, check: BlindCheck, runs: tuple[int, int] | None) -> ResultShown:
    """What came of a check that is in the journal now."""
    items = np.array(check.choice.items)
    wrong = np.isin(project.checked_verdicts[items], (VerdictCode.RELABEL, VerdictCode.EXCLUDE))
    differed = items[wrong].tolist()
    title = plural("{differed} of {n} differs from its label", "{differed} of {n} differ from their labels", len(differed))
    rows: list[tuple[str, str, str]] = []
    found: Comparison | None = None
    if runs is not None:
        try:
            found = compare(project, *runs)
        except BadcaseError:  # a run that has no predictions any more
            runs = None
    sentences = gold_standing(project).sentences
    if found is not None and found.as_given is not None:
        given, now = found.as_given.measures[0], found.measures[0]
        name = now.title[:1].upper() + now.title[1:]
        rows = [
            (_("{measure} of run {n}").format(measure=name, n=found.a), *_both(given.a, now.a)),
            (_("{measure} of run {n}").format(measure=name, n=found.b), *_both(given.b, now.b)),
            (_("Difference, points"), _span(given.difference, given.low, given.high), _span(now.difference, now.low, now.high)),
            (_("Items"), wording.count(found.as_given.gold), wording.count(found.gold)),
        ]
        sentences = [_("As given: {title}.").format(title=found.as_given.title), *sentences]
        sentences.insert(1, _("As checked: {title}.").format(title=found.title))
    return ResultShown(title.format(differed=len(differed), n=len(items)), sentences, rows, sorted(differed), runs)


def _both(given: float, now: float) -> tuple[str, str]:
    return percent(given, 1), percent(now, 1)


def _span(difference: float, low: float, high: float) -> str:
    words = _("{difference} ({low} to {high})")
    return words.format(**{k: wording.signed(100 * v) for k, v in (("difference", difference), ("low", low), ("high", high))})
