"""`new`, `open`, `export`, `apply` and `report`: a project's way in and out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from rich.prompt import Prompt

from badcase.errors import BadcaseError
from badcase.i18n import _, pgettext, plural
from badcase.importing import TASKS, understand
from badcase.items import Split
from badcase.project import Project
from badcase.ui.command_line.printing import CommandOutput
from badcase.ui.command_line.verb import ProjectPath, one_of, opened_project
from badcase.ui.command_line.visible_text import visible
from badcase.ui.command_line.window import start_window
from badcase.ui.wording import count

if TYPE_CHECKING:
    from badcase.export import Conflict, Side

SHOWN = 20  # conflicts of a table for people; JSON holds all


def column_option(help: str) -> Any:
    """An option that names a column."""
    return typer.Option(help=help, metavar="COL", show_default=False)


def _key(help: str) -> Any:
    return typer.Option(help=help, metavar="KEY", show_default=False)


def new(
    out: CommandOutput,
    project: Annotated[Path, typer.Argument(help=_("Folder to make."), metavar="PROJECT")],
    data: Annotated[str, typer.Option(help=_("A folder, a table, or a zip of either."), metavar="PATH")],
    unlabelled: Annotated[
        list[str] | None,
        typer.Option(help=_("More items, without labels: a table, files, a folder. Several times for several."), metavar="PATH"),
    ] = None,
    text: Annotated[str | None, column_option(_("Column of the texts."))] = None,
    image: Annotated[str | None, column_option(_("Column of the image paths."))] = None,
    label: Annotated[
        list[str] | None, column_option(_("Column of the labels. Several times for columns of 0 and 1, one a label."))
    ] = None,
    split: Annotated[str | None, column_option(_("Column that says train, validation or test."))] = None,
    key: Annotated[str | None, column_option(_("Column that names each item."))] = None,
    group: Annotated[str | None, column_option(_("Column of the groups that must not be split, such as patients."))] = None,
    time: Annotated[str | None, column_option(_("Column of the time; the newest items become the hold-out."))] = None,
    task: Annotated[
        str,
        typer.Option(
            help=_("multiclass: one label per item; multilabel: any number, as a;b or lists."), callback=one_of(lambda: TASKS)
        ),
    ] = "multiclass",
    encoding: Annotated[str | None, typer.Option(help=_("Encoding of the text files, where it is not recognized."))] = None,
    header: Annotated[
        bool | None, typer.Option("--header/--no-header", help=_("Whether the first line of a table names its columns."))
    ] = None,
    missing: Annotated[
        list[str] | None, typer.Option(help=_("A value that means: no label. Several times for several."), metavar="VALUE")
    ] = None,
    images: Annotated[Path | None, typer.Option(help=_("Folder where the images of the table lie."), metavar="ROOT")] = None,
    join_spellings: Annotated[
        bool, typer.Option("--join-spellings", help=_("Take labels that differ in case or blanks alone as one class."))
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help=_("Random seed of the splits that badcase makes."))] = 0,
) -> None:
    """Make a project from a data set, which stays where it is."""
    if not data:  # Path("") would be the current folder
        raise BadcaseError(_("no data is named"), where="--data", expected=_("a folder, a table, or a zip of either"))
    columns = {"text": text, "image": image, "label": label, "split": split, "key": key, "group": group, "time": time}
    how = {"encoding": encoding, "header": header, "missing": missing, "images": images, "join_spellings": join_spellings}
    if not out.as_json and sys.stdin.isatty():
        columns |= _ask(data, task, how | columns)
    with out.run(Project.creating(project, data, unlabelled=unlabelled or (), task=task, seed=seed, **how, **columns)) as made:
        describe(out, made)
        out.say(_("Next: badcase predict {path}").format(path=project))


def _ask(data: str, task: str, how: dict[str, Any]) -> dict[str, str | None]:
    """On a terminal: let the person choose where a role has several readings."""
    answers: dict[str, str | None] = {}
    for role, candidates in understand(data, task=task, **how).choices.items():
        shown = {visible(name): name for name in candidates}
        answers[role] = shown[Prompt.ask(_("Which column is the {role}?").format(role=role), choices=list(shown))]
    return answers


def describe(out: CommandOutput, project: Project) -> None:
    """What was imported: counts, classes, splits, gold, what was set aside."""
    n, aside = len(project.items), project.set_aside
    labelled = project.labelled
    splits = {one.name.lower(): int(np.sum(project.split[labelled] == one)) for one in Split}
    gold = int(project.gold.sum())
    out.give(
        project=project.path,
        kind=project.kind,
        items=n,
        labelled=int(labelled.sum()),
        unlabelled=n - int(labelled.sum()),
        classes=project.label_names,
        splits=splits,
        gold=gold,
        set_aside=aside,
        notes=project.notes,
    )
    out.say(_("{name}: {n} items").format(name=project.name, n=count(n)), "bold")
    for note in project.notes:
        out.say(note)
    if aside:
        shown, columns = aside[:10], [_("row"), _("key"), pgettext("is wrong", "what")]
        rows = [[one.row, one.key, one.what] for one in shown]
        if len({one.remedy for one in shown}) > 1:  # one that all share is among the notes
            columns.append(_("remedy"))
            rows = [[*row, one.remedy] for row, one in zip(rows, shown, strict=True)]
        out.table(columns, rows, right=[0])


def update(
    out: CommandOutput,
    project: ProjectPath,
    data: Annotated[
        Path | None,
        typer.Option(help=_("The labelled data as they are now, or more of them; else the source where it is."), metavar="PATH"),
    ] = None,
    unlabelled: Annotated[
        list[Path] | None, typer.Option(help=_("More items without a label. Several times for several places."), metavar="PATH")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Count and list, and change nothing."))] = False,
    undo: Annotated[bool, typer.Option("--undo", help=_("Take the newest update back; again, and it holds again."))] = False,
) -> None:
    """Take up the data as they are now, or more of them: verdicts, splits and gold stay as they are."""
    from badcase.updating.update import sentences

    if undo and (data is not None or unlabelled or dry_run):
        raise BadcaseError(_("an update is taken back as it was: nothing else is named"), where="--undo")
    with opened_project(out, project, reading=dry_run) as opened:
        if undo:
            made = opened.undo_update()
        else:
            made = out.run(opened.updating(data, unlabelled=unlabelled or (), dry_run=dry_run))
        if made is None:
            raise BadcaseError(_("there is no update to take back"), where=str(project))
        waiting = [opened.items.key(i) for i in opened.conflicts]
        out.give(revision=made.revision, **made.counts, again=made.again, listed=made.listed, waiting=waiting, notes=made.notes)
        for note in made.notes:
            out.say(note)
        for line in sentences(made, dry_run=dry_run):
            out.say(line, "bold")
        rows = [[words, key] for name, words in _lists().items() for key in made.listed[name][:SHOWN]]
        if rows:
            out.table([pgettext("is wrong", "what"), _("key")], rows)
        if not dry_run and opened.predictions.current is None and opened.predictions.all():
            out.say(_("Next: badcase predict {path} looks at what is new.").format(path=project))


def _lists() -> dict[str, str]:
    """What an update lists, in words."""
    return {
        "added": _("new"),
        "changed": _("changed"),
        "moved": _("moved"),
        "gone": _("gone"),
        "relabelled": _("relabelled"),
        "conflicts": _("judged otherwise"),
        "unlabelled": _("without a label"),
        "reencoded": _("encoded anew"),
    }


def open_window(out: CommandOutput, project: ProjectPath) -> None:
    """Open the window on a project."""
    Project.open(project, read_only=None).close()  # says here, in words, what is wrong with it
    try:
        start_window(project)
    except SystemExit as end:
        if end.code or not out.as_json:
            raise
    with Project.open(project, read_only=True) as opened:  # how it stands now that the window is closed
        out.give(project=opened.path, items=len(opened.items), revision=opened.revision, review=opened.counts())


def _formats() -> list[str]:
    from badcase.export import FORMATS

    return list(FORMATS)


def _ways() -> list[str]:
    from badcase.export import OnConflict

    return list(OnConflict)


def _media() -> list[str]:
    from badcase.export import Media

    return list(Media)


def export(
    out: CommandOutput,
    project: ProjectPath,
    destination: Annotated[Path, typer.Argument(help=_("File or folder to write."), metavar="OUT")],
    format: Annotated[
        str,
        typer.Option(
            help=_(
                "same (the format of the source), csv, jsonl, parquet, folder, hf, labelstudio, coco, fiftyone, patch or "
                "codebook."
            ),
            callback=one_of(_formats),
        ),
    ] = "same",
    media: Annotated[
        str | None,
        typer.Option(
            help=_("Image files: copy or link them to the export, embed them in it, or none: name where they lie."),
            callback=one_of(_media),
            show_default=False,
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help=_("Replace what is at OUT."))] = False,
    allow_changed: Annotated[
        bool, typer.Option("--allow-changed", help=_("Leave out corrections whose rows the source has no more, and list them."))
    ] = False,
    formula_guard: Annotated[
        bool,
        typer.Option(
            "--formula-guard/--no-formula-guard",
            help=_("Format csv: write an apostrophe before texts that a spreadsheet would take for formulas."),
        ),
    ] = True,
) -> None:
    """Write the corrected data set; what nobody corrected stays byte for byte as it was."""
    from badcase.export import export as write

    with opened_project(out, project, reading=True) as opened:
        how: dict[str, Any] = {"format": format, "overwrite": overwrite, "media": media, "allow_changed": allow_changed}
        made = out.run(write(opened, destination, **how, formula_guard=formula_guard))
        out.give(path=made.path, files=made.files, changed=made.changed, excluded=made.excluded)
        out.give(set_aside=made.set_aside, notes=list(made.notes))
        out.give(unmatched=[{"key": one.key, "what": one.what} for one in made.unmatched])
        labels = plural("{n} label corrected", "{n} labels corrected", made.changed).format(n=count(made.changed))
        items = plural("{n} item left out", "{n} items left out", made.excluded).format(n=count(made.excluded))
        out.say(_("{labels}, {items}: {path}").format(labels=labels, items=items, path=made.path))
        for note in made.notes:
            out.say(note)


def apply(
    out: CommandOutput,
    project: ProjectPath,
    file: Annotated[Path, typer.Argument(help=_("Corrections that `export --format patch` wrote."), metavar="FILE.patch")],
    conflicts: Annotated[
        str,
        typer.Option(
            help=_("Where another verdict stands: keep it, take the patch's, or let the newest of the two hold."),
            callback=one_of(_ways),
        ),
    ] = "keep",
    keep: Annotated[list[str] | None, _key(_("Keep what stands on this item, whatever --conflicts says."))] = None,
    take: Annotated[list[str] | None, _key(_("Take the patch's verdict on this item, whatever --conflicts says."))] = None,
) -> None:
    """Take over the verdicts of another copy of the data, matched by content. `badcase undo` takes all of them back at once."""
    chosen = dict.fromkeys(keep or [], "keep") | dict.fromkeys(take or [], "take")
    with opened_project(out, project) as opened:
        made = opened.apply(file, conflicts, chosen)
        out.give(change=made.title, applied=made.applied, already=made.already, missing=made.missing)
        out.give(conflicts=len(made.conflicts), conflicting=made.conflicts, revision=opened.revision)
        out.say(made.title)
        _tell_conflicts(out, made.conflicts)


def _tell_conflicts(out: CommandOutput, conflicts: Sequence[Conflict]) -> None:
    if not conflicts:
        return
    rows = [(one.key, _side(one.stood), _side(one.patch), _("patch") if one.taken else _("as it stood")) for one in conflicts]
    out.table((_("conflict"), _("stood"), _("the patch says"), _("holds")), rows[:SHOWN])
    if len(rows) > SHOWN:
        out.say(_("and {n} more: --json lists all").format(n=count(len(rows) - SHOWN)))
    if not all(one.taken for one in conflicts):
        out.say(_("What does not hold is kept as an opinion. --conflicts or --take KEY lets the patch hold."))


def _side(one: Side) -> str:
    said = f"{one.verdict} {one.label}".strip()
    return _("{verdict} ({who}, {when})").format(verdict=said, who=one.who, when=one.at[:16].replace("T", " ") or "–")


def relocate(
    out: CommandOutput,
    project: ProjectPath,
    path: Annotated[Path, typer.Argument(help=_("Where the data, or their images, are now."), metavar="PATH")],
    force: Annotated[
        bool, typer.Option("--force", help=_("Take the place also where most of the items are not found there."))
    ] = False,
) -> None:
    """Say where the data of a project are now that they were moved."""
    with opened_project(out, project) as opened:
        made = out.run(opened.relocating(path, force=force))
        out.give(path=made.path, items=made.items, found=made.found, compared=made.compared, same=made.same)
        for sentence in made.sentences:
            out.say(sentence)


def report(
    out: CommandOutput,
    project: ProjectPath,
    destination: Annotated[Path, typer.Argument(help=_("File to write."), metavar="OUT.html")],
) -> None:
    """Write what was found, corrected and gained as one HTML file."""
    from badcase.training.reporting.report import report as write

    with opened_project(out, project, reading=True) as opened:
        path = write(opened, destination)
        out.give(path=path)
        out.say(str(path))
