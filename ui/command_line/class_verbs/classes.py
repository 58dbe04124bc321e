"""`classes`: what the classes are and mean, and every change to them, looked at first where that is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from badcase.class_edits.class_edits import ClassEdits, EditPlan
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.project import Project
from badcase.ui.command_line.printing import CommandOutput
from badcase.ui.command_line.verb import ProjectPath, one_of, opened_project
from badcase.ui.wording import count


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a change was called with: words, the items that are meant, and what else its options say."""

    words: list[str]
    items: list[int]
    into: str | None
    note: str
    fits: bool


Planned = Callable[[ClassEdits, Wanted], EditPlan]
_MANY = 1 << 20
# Each change by its word: how many words it takes at least and at most, what they are, and how it is planned.
CHANGES: dict[str, tuple[int, int, str, Planned]] = {
    "add": (1, 1, "NAME", lambda edits, one: edits.add(one.words[0])),
    "rename": (2, 2, "OLD NEW", lambda edits, one: edits.rename(*one.words)),
    "merge": (1, _MANY, "NAME NAME... --into NAME", lambda edits, one: edits.merge(one.words, one.into or "")),
    "split": (2, 2, "NAME NEW --keys FILE", lambda edits, one: edits.split(one.words[0], one.words[1], one.items)),
    "delete": (1, 1, "NAME", lambda edits, one: edits.delete(*one.words)),
    "reorder": (1, _MANY, "NAME...", lambda edits, one: edits.reorder(one.words)),
    "colour": (2, 2, "NAME #RRGGBB", lambda edits, one: edits.colour(*one.words)),
    "key": (2, 2, "NAME F3", lambda edits, one: edits.key(*one.words)),
    "describe": (2, _MANY, "NAME TEXT", lambda edits, one: edits.describe(one.words[0], " ".join(one.words[1:]))),
    "pin": (1, 1, "NAME --item KEY", lambda edits, one: edits.pin(one.words[0], _only(one.items), fits=one.fits, note=one.note)),
    "unpin": (1, 1, "NAME --item KEY", lambda edits, one: edits.unpin(one.words[0], _only(one.items))),
    "rule": (2, _MANY, "NAME TEXT [--item KEY]", lambda edits, one: edits.rule(one.words[0], " ".join(one.words[1:]), one.items)),
    "draft": (0, _MANY, "[NAME...]", lambda edits, one: edits.draft(one.words)),
    "unrule": (2, 2, "NAME NUMBER", lambda edits, one: edits.unrule(one.words[0], _number(one.words[1]))),
}


def classes(
    out: CommandOutput,
    project: ProjectPath,
    change: Annotated[
        str | None,
        typer.Argument(
            metavar="CHANGE",
            help=_("What to do; without it the classes are listed: {changes}.").format(changes=", ".join(CHANGES)),
            callback=one_of(lambda: CHANGES),
            show_default=False,
        ),
    ] = None,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="WORDS", help=_("The classes that it is about, or a text."), show_default=False)
    ] = None,
    into: Annotated[str | None, typer.Option(help=_("For merge: the class that the others become."), show_default=False)] = None,
    keys: Annotated[
        Path | None, typer.Option(help=_("For split: a file with the keys of the items, one a line."), show_default=False)
    ] = None,
    item: Annotated[list[str] | None, typer.Option(help=_("The key of an item; may be given again."), show_default=False)] = None,
    note: Annotated[str, typer.Option(help=_("For pin: what the item shows."), show_default=False)] = "",
    counter: Annotated[bool, typer.Option("--counter", help=_("For pin: the item is not of the class."))] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Show what it would change, and change nothing."))] = False,
) -> None:
    """List the classes and what each means, or change them: one undo takes a change back."""
    with opened_project(out, project, reading=change is None or dry_run) as opened:
        if change is not None:
            wanted = Wanted(words or [], _items(opened, keys, item or []), into, note, not counter)
            _change(out, opened, change, wanted, dry_run=dry_run)
        _tell(out, opened)


def _change(out: CommandOutput, project: Project, change: str, wanted: Wanted, *, dry_run: bool) -> None:
    low, high, usage, planned = CHANGES[change]
    if not low <= len(wanted.words) <= high or (change == "merge" and wanted.into is None):
        expected = f"badcase classes PROJECT {change} {usage}"
        raise BadcaseError(_("the words do not fit"), where=change, expected=expected, got=" ".join(wanted.words) or _("nothing"))
    edits = project.class_edits
    plan = planned(edits, wanted)
    seen = edits.preview(plan)
    out.give(change=plan.title, changes=seen, done=not dry_run)
    out.say(plan.title, "bold")
    for line in seen.sentences:
        out.say(line)
    if not dry_run:
        edits.apply(plan)
        out.give(revision=project.revision)


def _tell(out: CommandOutput, project: Project) -> None:
    found, counts = project.class_edits.all(), project.class_edits.counts().tolist()
    key = project.items.key
    out.give(
        classes=[
            {
                "name": one.name,
                "items": n,
                "meaning": one.meaning,
                "examples": [{"key": key(pin.item), "note": pin.note} for pin in one.pins if pin.fits],
                "counter_examples": [{"key": key(pin.item), "note": pin.note} for pin in one.pins if not pin.fits],
                "rulings": [
                    {"text": rule.text, "keys": [key(i) for i in rule.items], "who": rule.who, "at": rule.at}
                    for rule in one.rulings
                ],
                "colour": one.colour,
                "key": one.key,
            }
            for one, n in zip(found, counts, strict=True)
        ]
    )
    rows = [(one.name, count(n), one.meaning, len(one.pins) or "", one.key) for one, n in zip(found, counts, strict=True)]
    out.table((_("class"), _("items"), _("what it means"), _("pinned"), _("key")), rows, right=[1, 3])


def _items(project: Project, keys: Path | None, named: Sequence[str]) -> list[int]:
    lines = [] if keys is None else keys.read_text(encoding="utf-8-sig").splitlines()
    return [project.items.find(key) for key in dict.fromkeys([*(line.strip() for line in lines if line.strip()), *named])]


def _only(items: Sequence[int]) -> int:
    if len(items) != 1:
        raise BadcaseError(_("say which item is meant"), where="--item", expected=_("one key"), got=len(items))
    return items[0]


def _number(word: str) -> int:
    if not word.isdecimal():
        raise BadcaseError(_("this is no number"), where="NUMBER", got=word)
    return int(word)
