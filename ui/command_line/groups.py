"""`groups`: bad cases that belong together."""

from __future__ import annotations

from typing import Annotated

import typer

from badcase.groups.of_project import Group, GroupKind
from badcase.i18n import _
from badcase.progress import Notice
from badcase.project import Project
from badcase.ui.command_line.printing import CommandOutput
from badcase.ui.command_line.verb import ProjectPath, one_of, opened_project
from badcase.ui.wording import count

SHOWN = 20  # groups of a kind in the table for people; JSON holds all


def groups(
    out: CommandOutput,
    project: ProjectPath,
    by: Annotated[
        str | None,
        typer.Option(
            help=_("Show only groups of one kind."), callback=one_of(lambda: GroupKind), metavar="KIND", show_default=False
        ),
    ] = None,
) -> None:
    """Show what the bad cases have in common: confusions, duplicates, clusters of errors, slices, the model's failures."""
    with opened_project(out, project, reading=True) as opened:
        kinds = list(GroupKind) if by is None else [GroupKind(by)]
        predictions = opened.predictions.current
        if by is None and predictions is not None and not predictions.has_embeddings:
            kinds.remove(GroupKind.CLUSTERS)
            out.notice(Notice(_("Clusters were not looked for: these predictions came without features.")))
        if opened.read_only and predictions is not None and opened.any_ranking is None:
            out.run(opened.ranking_anew())  # nobody can save one
        for kind in kinds:
            found = opened.groups(kind)
            out.give(**{str(kind): [_document(opened, group) for group in found]})
            _tell(out, kind, found)


def _document(project: Project, group: Group) -> dict[str, object]:
    return {
        "title": group.title,
        "note": group.note,
        "count": len(group.items),
        "expected_errors": round(group.expected, 2),
        **group.facts,
        "keys": [project.items.key(int(i)) for i in group.items],
    }


def _tell(out: CommandOutput, kind: GroupKind, found: list[Group]) -> None:
    out.say(_titles()[kind], "bold")
    if not found:
        out.say(_("None stand out."))
        return
    columns = (_("group"), _("items"), _("errors expected"), _("remark"))
    rows = [(one.title, count(len(one.items)), f"{one.expected:.1f}", one.note) for one in found[:SHOWN]]
    out.table(columns, rows, right=[1, 2])
    if len(found) > SHOWN:
        out.say(_("and {n} more").format(n=count(len(found) - SHOWN)))


def _titles() -> dict[GroupKind, str]:
    return {
        GroupKind.CONFUSIONS: _("Confusions, given to suggested"),
        GroupKind.DUPLICATES: _("Duplicates"),
        GroupKind.CLUSTERS: _("Clusters of errors"),
        GroupKind.SLICES: _("Slices with more wrong labels than the rest"),
        GroupKind.FAILURES: _("Slices that the model fails on though the labels look right"),
    }
