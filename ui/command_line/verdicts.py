"""`label`, `verdicts`, `undo` and `redo`: decisions that were made elsewhere, written into the journal and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from badcase.errors import BadcaseError
from badcase.formula_guard import unguarded
from badcase.i18n import _, plural
from badcase.importing import delimited_texts
from badcase.project import Project
from badcase.store.changes import Changes
from badcase.store.verdicts import Verdict
from badcase.ui.command_line.printing import CommandOutput
from badcase.ui.command_line.verb import ProjectPath, opened_project

COLUMNS = ("key", "verdict", "label")


Who = Annotated[str | None, typer.Option(help=_("The reviewer, where it is not you."), metavar="NAME", show_default=False)]


@dataclass(frozen=True, slots=True)
class Decision:
    """One row of a verdict file, checked against the project; `label` is a class id for a relabel."""

    item: int
    verdict: Verdict
    label: int | None


def label(
    out: CommandOutput,
    project: ProjectPath,
    key: Annotated[str, typer.Argument(help=_("Key of the item."))],
    label: Annotated[str, typer.Argument(help=_("Class that the item belongs to; several as a;b."))],
    who: Who = None,
) -> None:
    """Give one item its right class."""
    with opened_project(out, project) as opened:
        with opened.journal.one_action():
            item, number = opened.items.find(key), opened.taxonomy.id_of(label)
            changes = opened.journal.record([item], Verdict.RELABEL, number, who=who)
        out.give(key=key, label=label, change=changes.title, revision=opened.revision)
        out.say(f"{key}: {changes.title}")


def verdicts(
    out: CommandOutput,
    project: ProjectPath,
    file: Annotated[Path, typer.Argument(help=_("A delimited table with the columns key, verdict, label."), metavar="FILE.csv")],
    who: Who = None,
) -> None:
    """Record many verdicts at once: relabel, keep, exclude or unsure. Every row is checked before any is written."""
    with opened_project(out, project) as opened:
        with opened.journal.one_action():
            decisions = read_verdicts(opened, file)
            changes = opened.journal.record(
                [one.item for one in decisions],
                [one.verdict for one in decisions],
                [-1 if one.label is None else one.label for one in decisions],
                who=who,
            )
        counts, gold = opened.counts(), int(opened.gold[[one.item for one in decisions]].sum())
        out.give(recorded=len(decisions), gold=gold, change=changes.title, revision=opened.revision, reviewed=counts)
        if gold:
            words = plural(
                "{n} item is gold: its verdict changes the label that comparisons stand on, and teaches no model.",
                "{n} items are gold: their verdicts change the labels that comparisons stand on, and teach no model.",
                gold,
            )
            out.say(words.format(n=gold))
        words = plural("{title}. Undo takes it back.", "{title}. Undo takes all of them back at once.", len(decisions))
        out.say(words.format(title=changes.title))


def undo(out: CommandOutput, project: ProjectPath) -> None:
    """Take back what was recorded last: a verdict, or all that one file, patch or consensus brought."""
    with Project.open(project) as opened:
        _turned(out, opened, opened.journal.undo(), _("there is nothing to undo"))


def redo(out: CommandOutput, project: ProjectPath) -> None:
    """Bring back what was undone last."""
    with Project.open(project) as opened:
        _turned(out, opened, opened.journal.redo(), _("there is nothing to redo"))


def _turned(out: CommandOutput, project: Project, changes: Changes | None, nothing: str) -> None:
    if changes is None:
        raise BadcaseError(nothing, where=str(project.path))
    journal = project.journal
    out.give(change=changes.title, items=len(changes.items), revision=project.revision, reviewed=project.counts())
    out.give(next_undo=journal.undo_title, next_redo=journal.redo_title)
    out.say(changes.title)


def read_verdicts(project: Project, file: Path) -> list[Decision]:
    """The rows of a verdict file; BadcaseError naming the first bad row."""
    decisions: dict[int, Decision] = {}
    rows: dict[int, int] = {}
    for number, row in delimited_rows(file, COLUMNS, _("a verdict file needs these columns")):
        with where_of_row(file, number):
            decision = _decision(project, row)
            if decision.item in decisions:
                raise BadcaseError(
                    _("this key has a verdict in row {n} already").format(n=rows[decision.item]),
                    got=row["key"],
                    hint=_("Leave one row for each key."),
                )
        decisions[decision.item], rows[decision.item] = decision, number
    return list(decisions.values())


@contextmanager
def where_of_row(file: Path, number: int) -> Iterator[None]:
    """Say of an error inside in which row of a file it is."""
    try:
        yield
    except BadcaseError as error:
        raise BadcaseError(str(error), where=_("{file}, row {n}").format(file=file.name, n=number), hint=error.hint) from None


def delimited_rows(
    file: Path, wanted: Sequence[str], needs: str, *, also: Sequence[str] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a delimited file in any form that a data set may have: their numbers and the wanted columns of each.

    also: Columns that it may have.

    Raises:
        BadcaseError: Where a column is missing; `needs` says so.
    """
    columns, rows = delimited_texts(file)
    found = {name.lower(): at for at, name in enumerate(columns)}
    if not set(wanted) <= set(found):
        raise BadcaseError(
            needs, where=str(file), expected=", ".join(wanted), got=", ".join(columns), hint=_("Name them in its first line.")
        )
    names = [name.lower() for name in columns]
    if twice := [name for name in wanted if names.count(name) > 1 or f"{name} (2)" in names]:
        raise BadcaseError(
            _("two columns have this name"),
            where=str(file),
            got=twice[0],
            hint=_("Leave one of them: they may say different things."),
        )
    for number, values in enumerate(rows, 1):
        yield number, {name: values[found[name]].strip() for name in (*wanted, *also) if name in found}


def as_written(find: Callable[[str], int], cell: str) -> int:
    """What a cell names; one that `rank --csv` guarded, so that no spreadsheet takes it for a formula, names what stood there."""
    plain = unguarded(cell)
    if plain == cell:
        return find(cell)
    found = []
    for text in (plain, cell):
        with suppress(BadcaseError):
            found.append(find(text))
    if len(found) > 1:
        raise BadcaseError(
            _("this can mean two, with the apostrophe and without it"),
            expected=f"{plain} | {cell}",
            got=cell,
            hint=_("Judge these two with `badcase label`, or in the window."),
        )
    return found[0] if found else find(cell)


def _decision(project: Project, row: dict[str, str]) -> Decision:
    try:
        verdict = Verdict(row["verdict"].lower())
    except ValueError:
        raise BadcaseError(
            _("this is not a verdict"), where="verdict", expected=" | ".join(Verdict), got=row["verdict"]
        ) from None
    item = as_written(project.items.find, row["key"])
    if verdict is Verdict.RELABEL:
        return Decision(item, verdict, as_written(project.taxonomy.id_of, row["label"]))
    if row["label"] and as_written(project.taxonomy.id_of, row["label"]) not in (project.given[item], project.labels[item]):
        raise BadcaseError(
            _("only a relabel gives an item another class"),
            where="label",
            got=row["label"],
            hint=_("Write relabel as the verdict, or leave the label empty."),
        )
    return Decision(item, verdict, None)
