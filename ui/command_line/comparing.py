"""`compare`: what one run gained over another on gold, also as other verbs tell it."""

from __future__ import annotations

from typing import Annotated

import typer

from badcase.i18n import _, pgettext
from badcase.progress import Notice
from badcase.project import Project
from badcase.store.run_table import RunRow
from badcase.ui.command_line.printing import CommandOutput
from badcase.ui.command_line.verb import ProjectPath, opened_project
from badcase.ui.wording import count

RunNumber = Annotated[int, typer.Argument(help=_("Number of a run."), metavar="RUN")]
LISTED = 10  # fixed and broken items that the text names; JSON has them all


def tell_gain(out: CommandOutput, project: Project, run: RunRow) -> None:
    """What a training came to on gold, against its parent; small projects have no gold."""
    from badcase.training.comparison.gold import gold_items

    if run.parent is not None and len(gold_items(project)):
        tell_comparison(out, project, run.parent, run.id)
    elif run.parent is not None:
        out.notice(Notice(_("There is no gold to compare run {n} with run {parent} on.").format(n=run.id, parent=run.parent)))


def compare(out: CommandOutput, project: ProjectPath, before: RunNumber, after: RunNumber) -> None:
    """Compare two runs on gold, which no training and no ranking has touched."""
    with opened_project(out, project, reading=True) as opened:
        tell_comparison(out, opened, before, after)


def tell_comparison(out: CommandOutput, project: Project, before: int, after: int) -> None:
    """The table of one run against another on gold, and the items that were fixed and that broke."""
    from badcase.training.comparison.compare import compare as measure

    found = measure(project, before, after)
    given = found.as_given
    keys = project.items.keys
    fixed, broke = ([keys[i] for i in items] for items in (found.fixed, found.broke))
    out.give(
        before=before,
        after=after,
        gold=found.gold,
        measures=found.measures,
        mcnemar_p=found.mcnemar_p,
        fixed=fixed,
        broke=broke,
        labels=found.labels,
        outcome=found.outcome,
        verdict=found.verdict,
        gold_labels=found.standing,
        as_given=None
        if given is None
        else {"gold": given.gold, "measures": given.measures, "mcnemar_p": given.mcnemar_p}
        | {"outcome": given.outcome, "verdict": given.verdict},
        caution=found.caution,
    )
    rows = [(one.title, *one.texts) for one in found.measures]
    columns = (_("on gold"), _("run {n}").format(n=before), _("run {n}").format(n=after), _("difference"), "95 %")
    out.table(columns, rows, right=[1, 2, 3, 4])
    out.say(
        _("{fixed} fixed, {broke} broke, of {n} gold items").format(
            fixed=count(len(fixed)), broke=count(len(broke)), n=count(found.gold)
        )
    )
    if found.labels is not None:
        out.say(
            _("{fixed} labels fixed, {broke} broken: fixed is an item with fewer wrong labels, broke one with more").format(
                fixed=count(found.labels[0]), broke=count(found.labels[1])
            )
        )
    for title, names in ((pgettext("by a model", "fixed"), fixed), (_("broke"), broke)):
        if names:
            more = "" if len(names) <= LISTED else " …"
            out.say(f"  {title}: {', '.join(names[:LISTED])}{more}")
    out.say(found.verdict, "bold")
    out.say(found.stands_on)
    if found.caution:
        out.say(found.caution)
