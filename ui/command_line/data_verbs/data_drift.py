"""`drift`: what is new about the items that an update of the data brought."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
import typer

from badcase.drift.drift_words import drift_sentences, stands_out
from badcase.drift.of_project import DataDrift, PartDrift
from badcase.i18n import _
from badcase.project import Project
from badcase.ui.command_line.printing import CommandOutput
from badcase.ui.command_line.verb import ProjectPath, at_least, opened_project
from badcase.ui.wording import count, signed

SHOWN = 12  # of a table for people; JSON holds all


def drift(
    out: CommandOutput,
    project: ProjectPath,
    revision: Annotated[
        int | None,
        typer.Option(
            help=_("Of the data; else the newest update that brought items."),
            callback=at_least(2),
            metavar="N",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show what is new about new data: how far they lie from the old, shares that moved, clusters that nobody has seen."""
    with opened_project(out, project, reading=True) as opened:
        found = out.run(opened.drifting(revision))
        _give(out, opened, found)
        head = _("Data revision {n}: {new} new items beside {old} old ones")
        out.say(head.format(n=found.revision, new=count(found.new), old=count(found.old)), "bold")
        for line in [*found.notes, *drift_sentences(found)]:
            out.say(line)
        _tell_parts(out, _("class"), found.classes)
        _tell_parts(out, _("slice"), [one for one in found.slices if one.differs or one.moved])
        rows = [
            (", ".join(one.words) or "–", count(len(one.items)), opened.items.key(int(one.items[0]))) for one in found.clusters
        ]
        if rows:
            out.table((_("cluster that is new"), _("items"), _("one of them")), rows[:SHOWN], right=[1])
        said = [(found.twins, _("twin labelled otherwise")), (found.edited, _("edited after a verdict"))]
        listed = [(words, opened.items.key(int(i))) for items, words in said for i in items[:SHOWN]]
        if listed:
            out.table((_("contradiction"), _("key")), listed)
        out.say(_("Distances are held for {n} tests; --json has the items of each finding.").format(n=found.tests))


def _tell_parts(out: CommandOutput, title: str, parts: Sequence[PartDrift]) -> None:
    if not parts:
        return
    columns = (title, _("new items"), _("old, %"), _("new, %"), _("distance"), _("what stands out"))
    rows = [
        (
            one.title,
            count(one.new),
            f"{100 * one.old_share:.1f}",
            f"{100 * one.new_share:.1f}",
            "–"
            if one.distance is None
            else _("{value} ± {reach}").format(value=signed(one.distance.value, 3), reach=f"{one.distance.reach:.3f}"),
            stands_out(one),
        )
        for one in parts[:SHOWN]
    ]
    out.table(columns, rows, right=[1, 2, 3, 4])
    if len(parts) > SHOWN:
        out.say(_("and {n} more").format(n=count(len(parts) - SHOWN)))


def _give(out: CommandOutput, project: Project, found: DataDrift) -> None:
    def keys(items: Any) -> list[str]:
        return [project.items.key(int(i)) for i in np.asarray(items)]

    def part(one: PartDrift) -> dict[str, Any]:
        told = one.distance
        return {
            "title": one.title,
            "new": one.new,
            "old": one.old,
            "new_share": round(one.new_share, 6),
            "old_share": round(one.old_share, 6),
            "share_p": round(one.share_chance, 6),
            "moved": one.moved,
            "distance": None if told is None else round(told.value, 6),
            "reach": None if told is None else round(told.reach, 6),
            "p": None if told is None else round(told.chance, 6),
            "differs": one.differs,
            "words": list(one.words),
            "keys": keys(one.items) if one.differs or one.moved else [],
        }

    clusters = [{"words": list(one.words), "old": one.old, "p": one.chance, "keys": keys(one.items)} for one in found.clusters]
    out.give(revision=found.revision, new=found.new, old=found.old, tests=found.tests, notes=list(found.notes))
    out.give(whole=part(found.whole), classes=[part(one) for one in found.classes], slices=[part(one) for one in found.slices])
    out.give(clusters=clusters, twins=keys(found.twins), edited=keys(found.edited), by_nearest=found.by_nearest)
