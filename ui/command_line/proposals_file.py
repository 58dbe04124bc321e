"""`propose`: labels from a program, a model or an assistant, brought in beside the labels and taken by a person."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.project import Project
from badcase.proposals.taking import ProposalPlan, agreement_sentence, machine_agreements, plan_taking, take
from badcase.ui.command_line.printing import CommandOutput
from badcase.ui.command_line.verb import ProjectPath, opened_project
from badcase.ui.command_line.verdicts import as_written, delimited_rows, where_of_row
from badcase.ui.wording import count

SHOWN = 20  # proposals of a plan for people; JSON holds all
COLUMNS = ("key", "label")


def propose(
    out: CommandOutput,
    project: ProjectPath,
    file: Annotated[
        Path | None,
        typer.Argument(
            help=_("A delimited table with the columns key, label and perhaps confidence (0 to 1)."),
            metavar="FILE.csv",
            show_default=False,
        ),
    ] = None,
    by: Annotated[
        str | None, typer.Option(help=_("The name of the machine that proposes."), metavar="NAME", show_default=False)
    ] = None,
    take_them: Annotated[
        bool, typer.Option("--take", help=_("Make verdicts of its proposals where nobody has judged, in your name."))
    ] = False,
    at_least: Annotated[
        float | None, typer.Option(min=0, max=1, help=_("Only those that it is so sure of."), metavar="SHARE", show_default=False)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("With --take: show what would be done."))] = False,
    withdraw: Annotated[bool, typer.Option("--withdraw", help=_("Take its proposals out."))] = False,
) -> None:
    """Bring labels in that a machine proposes, see how far it agrees with people, and take them.

    A proposal changes no label, teaches no model and counts nowhere until a person takes it.
    """
    if by is None and (file is not None or take_them or withdraw):
        raise BadcaseError(_("it is not said who proposes"), where="--by", expected=_("the name of a machine"))
    if withdraw and (file is not None or take_them):
        raise BadcaseError(_("proposals are either taken or withdrawn"), where="--withdraw", hint=_("Leave one of them out."))
    if (at_least is not None or dry_run) and not take_them:
        raise BadcaseError(_("this belongs to --take"), where="--dry-run" if dry_run else "--at-least", hint=_("Add --take."))
    writes = file is not None or withdraw or (take_them and not dry_run)
    with opened_project(out, project, reading=not writes) as opened:
        if file is not None:
            n = _bring(opened, file, by or "")
            out.give(proposed=n)
            words = plural(
                "{n} proposal by {name} is in; no label has changed.", "{n} proposals by {name} are in; no label has changed.", n
            )
            out.say(words.format(n=count(n), name=by))
        if withdraw:
            n = opened.proposals.withdraw(by or "")
            out.give(withdrawn=n)
            words = plural(
                "{n} proposal by {name} is out; what people have taken stays.",
                "{n} proposals by {name} are out; what people have taken stays.",
                n,
            )
            out.say(words.format(n=count(n), name=by))
        if take_them:
            _take(out, opened, plan_taking(opened, by or "", least=at_least), dry_run=dry_run)
        _tell(out, opened)


def _bring(project: Project, file: Path, by: str) -> int:
    """The rows of a file, each checked before any is written."""
    items: dict[int, int] = {}
    labels: list[int] = []
    sure: list[float | None] = []
    with project.journal.one_action():
        for number, row in delimited_rows(file, COLUMNS, _("a file of proposals needs these columns"), also=("confidence",)):
            with where_of_row(file, number):
                item = as_written(project.items.find, row["key"])
                if item in items:
                    raise BadcaseError(_("this key stands in row {n} already").format(n=items[item]), got=row["key"])
                items[item] = number
                labels.append(as_written(project.taxonomy.id_of, row["label"]))
                sure.append(_confidence(row.get("confidence", "")))
        return project.proposals.add(by, list(items), labels, sure)


def _confidence(cell: str) -> float | None:
    if not cell:
        return None
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise BadcaseError(_("this is no confidence"), where="confidence", expected=_("0 to 1"), got=cell)
    return value


def _take(out: CommandOutput, project: Project, plan: ProposalPlan, *, dry_run: bool) -> None:
    names, labels = project.classes, project.labels[plan.items]  # before they change
    rows = [
        {"key": project.items.key(int(i)), "label": names[int(now)], "proposed": names[int(new)]}
        for i, now, new in zip(plan.items, labels, plan.labels, strict=True)
    ]
    out.give(taken=0 if dry_run else len(rows), changed=plan.changed, items=rows, left_out=plan.left_out)
    if dry_run:
        shown = [list(row.values()) for row in rows if row["label"] != row["proposed"]][:SHOWN]
        out.table((_("key"), _("label now"), _("proposed")), shown)
        words = plural(
            "{n} item would get a verdict; {changed} with another label.",
            "{n} items would get a verdict; {changed} with another label.",
            len(rows),
        )
    else:
        if rows:
            take(project, plan)
        out.give(revision=project.revision)
        words = plural(
            "{n} item has a verdict now; {changed} with another label. Undo takes it back.",
            "{n} items have a verdict now; {changed} with another label. Undo takes all of them back.",
            len(rows),
        )
    out.say(words.format(n=count(len(rows)), changed=count(plan.changed)))
    for line in plan.left_out:
        out.say(line)


def _tell(out: CommandOutput, project: Project) -> None:
    """Each machine with what it proposes and how good it was."""
    found = machine_agreements(project)
    out.give(
        machines=[
            {
                "name": one.by,
                "proposed": one.proposed,
                "differs": one.differs,
                "waiting": one.waiting,
                "judged_blind": one.judged,
                "alike": one.alike,
                "share": None if one.share is None else round(one.share, 4),
            }
            for one in found
        ]
    )
    if not found:
        out.say(_("Nobody proposes anything."))
        return
    rows = [(one.by, count(one.proposed), count(one.differs), count(one.waiting), agreement_sentence(one)) for one in found]
    out.table((_("machine"), _("proposals"), _("another label"), _("to take"), _("agrees with people")), rows, right=[1, 2, 3])
