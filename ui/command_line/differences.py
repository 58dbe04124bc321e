"""`diff`: which labels changed between two states of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from badcase.i18n import _
from badcase.project import Project
from badcase.revisions.label_diff import LabelDiff, diff_markdown, diff_summary
from badcase.store.atomic_files import write_whole
from badcase.ui.command_line.csv_file import CsvFile, Guard, write_csv
from badcase.ui.command_line.printing import CommandOutput
from badcase.ui.command_line.verb import ProjectPath, opened_project
from badcase.ui.wording import count

SHOWN = 20  # rows of a table for people; the files and JSON hold all
_COLUMNS = ("key", "from", "to", "change", "who", "at")


def diff(
    out: CommandOutput,
    project: ProjectPath,
    first: Annotated[
        str, typer.Argument(metavar="REVISION", help=_("Its number, given, now, or run:NUMBER for what a run was trained with."))
    ],
    second: Annotated[str, typer.Argument(metavar="REVISION", help=_("The other one."))] = "now",
    csv_file: CsvFile = None,
    markdown: Annotated[
        Path | None, typer.Option(help=_("Write it here as Markdown."), metavar="FILE", show_default=False)
    ] = None,
    formula_guard: Guard = True,
) -> None:
    """Show which labels changed from one revision of the labels to another: from what to what, and by whom."""
    with opened_project(out, project, reading=True) as opened:
        from badcase.export import check_not_own

        for file in filter(None, (csv_file, markdown)):
            check_not_own(opened, file)
        found = opened.diff(first, second)
        if csv_file is not None:
            write_csv(csv_file, _rows(found), formula_guard, _COLUMNS)
        if markdown is not None:
            with write_whole(markdown) as part:
                part.write_text(diff_markdown(opened.name, found), encoding="utf-8")
        _tell(out, opened, found)
        for file in filter(None, (csv_file, markdown)):
            out.say(str(file))


def _rows(found: LabelDiff) -> list[dict[str, str]]:
    return [
        dict(zip(_COLUMNS, (one.key, one.before, one.after, str(one.kind), one.who, one.at), strict=True))
        for one in found.changed
    ]


def _tell(out: CommandOutput, project: Project, found: LabelDiff) -> None:
    pairs = [{"from": before, "to": after, "count": n} for before, after, n in found.pairs]
    out.give(first=found.first, second=found.second, changed=len(found.changed), by=found.by, pairs=pairs, items=_rows(found))
    out.give(classes=found.class_changes)
    title = _("{name}: revision {first} to {second}").format(name=project.name, first=found.first, second=found.second)
    out.say(title, "bold")
    for line in diff_summary(found):
        out.say(line)
    if not found.changed:
        return
    excluded = _("excluded")
    shown = [(before or excluded, after or excluded, count(n)) for before, after, n in found.pairs[:SHOWN]]
    out.table((_("from"), _("to"), _("items")), shown, right=[2])
    items = [(one.key, one.before or excluded, one.after or excluded, one.who, one.at) for one in found.changed[:SHOWN]]
    out.table((_("key"), _("from"), _("to"), _("who"), _("when")), items)
