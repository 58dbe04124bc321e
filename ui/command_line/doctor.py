"""`doctor`, `backup` and `restore`: what is missing or damaged, the way back, and copies from before."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from badcase.doctor import Check, CheckState, examine
from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.mending.check_up import CheckedPart, Soundness, check_up
from badcase.mending.mend import mending_in_steps, what_mending_does
from badcase.mending.rescue import rescue
from badcase.mending.restore import restore_journal
from badcase.mending.whole_copy import backing_up, restoring
from badcase.ui.command_line.printing import CommandOutput
from badcase.ui.command_line.verb import ProjectPath
from badcase.ui.command_line.window import window_obstacle
from badcase.ui.wording import count


def doctor(
    out: CommandOutput,
    project: Annotated[
        Path | None, typer.Argument(help=_("Folder of a project to check; without one, this machine is."), metavar="PROJECT")
    ] = None,
    mending: Annotated[
        bool, typer.Option("--mend", help=_("Make again or remove what that is possible for, after a copy of the database."))
    ] = False,
    rescuing: Annotated[
        Path | None, typer.Option("--rescue", help=_("Write the verdicts that can still be read as a patch."), metavar="FILE")
    ] = None,
    restore: Annotated[
        bool, typer.Option("--restore", help=_("Make project.db again from the newest backup of the journal."))
    ] = False,
    backup: Annotated[
        Path | None, typer.Option("--from", help=_("The backup to restore, where not the newest."), metavar="FILE")
    ] = None,
    media: Annotated[bool, typer.Option("--media", help=_("Also compare each image with what was imported."))] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help=_("Replace what is at FILE."))] = False,
) -> None:
    """Say what this machine lacks; of a project, what is damaged, and the way back."""
    if project is None:
        if mending or restore or media or rescuing or backup:
            raise BadcaseError(_("no project is named"), where="PROJECT", hint=_("badcase doctor PROJECT [OPTIONS]"))
        _machine(out)
    elif rescuing is not None:
        _rescue(out, project, rescuing, overwrite=overwrite)
    elif restore or backup is not None:
        _restore(out, project, backup)
    else:
        _check(out, project, media=media, mending=mending)


def _machine(out: CommandOutput) -> None:
    findings = [*examine(), _window()]
    out.give(findings=findings, ready=all(one.state is not CheckState.MISSING for one in findings))
    out.table((_("what"), "", _("found"), _("remedy")), [(f.name, f.state, f.found, f.remedy) for f in findings])


def _window() -> Check:
    obstacle = window_obstacle()
    if obstacle is None:
        return Check(_("window"), CheckState.OK, _("can open"))
    return Check(_("window"), CheckState.NOTE, str(obstacle), obstacle.hint)


def _check(out: CommandOutput, project: Path, *, media: bool, mending: bool) -> None:
    job = mending_in_steps(project, media=media)
    mended, findings = out.run(job) if mending else ([], out.run(check_up(project, media=media)))
    for one in mended:
        out.say(_("mended: {what}").format(what=what_mending_does(one)))
    bad = [one for one in findings if one.state is not Soundness.SOUND]
    out.give(findings=findings, mended=[what_mending_does(one) for one in mended], sound=not bad)
    out.table((_("part"), "", _("found"), _("remedy")), [_row(one) for one in findings])
    if bad:
        raise BadcaseError(
            plural("{n} part is not sound", "{n} parts are not sound", len(bad)).format(n=count(len(bad))),
            where=str(project),
            hint=_way_on(project, bad),
        )
    out.say(_("All is sound."))


def _row(one: CheckedPart) -> tuple[str, str, str, str]:
    states = {Soundness.SOUND: _("sound"), Soundness.MENDABLE: _("can be mended"), Soundness.DAMAGED: _("damaged")}
    return one.part, states[one.state], one.found, one.remedy


def _way_on(project: Path, bad: list[CheckedPart]) -> str:
    steps = [what_mending_does(one) for one in bad if one.cure is not None]
    if not steps:
        return _("The table says the remedies.")
    sentence = _("`badcase doctor {project} --mend` would, after a copy of the database: {steps}.")
    return sentence.format(project=project, steps="; ".join(dict.fromkeys(steps)))


def _rescue(out: CommandOutput, project: Path, file: Path, *, overwrite: bool) -> None:
    made = rescue(project, file, overwrite=overwrite)
    out.give(path=made.path, verdicts=made.verdicts, entries=made.entries, missing=made.missing, unnamed=made.unnamed)
    out.say(_("{verdicts} rescued: {path}").format(verdicts=_verdicts(made.verdicts), path=made.path))
    if made.missing:
        out.say(_("{entries} of the journal could not be read.").format(entries=_entries(made.missing)))
    if made.unnamed:
        out.say(
            _("{verdicts} are of items or classes that nothing is known of any more.").format(verdicts=_verdicts(made.unnamed))
        )
    out.say(_("Next: badcase apply NEW_PROJECT {path}").format(path=made.path))


def _restore(out: CommandOutput, project: Path, backup: Path | None) -> None:
    made = restore_journal(project, backup)
    out.give(backup=made.backup, made=made.made, aside=made.aside, entries=made.entries, newer=made.newer, missing=made.missing)
    out.say(
        _("project.db was made again from the backup of {time}, with {entries}.").format(
            time=made.made, entries=_entries(made.entries)
        )
    )
    if made.newer:
        out.say(_("{entries} of them are newer than the backup, out of the old file.").format(entries=_entries(made.newer)))
    if made.missing:
        out.say(_("{entries} could not be read.").format(entries=_entries(made.missing)))
    if made.aside is not None:
        out.say(_("The old file is kept: {path}").format(path=made.aside))


def _verdicts(n: int) -> str:
    return plural("{n} verdict", "{n} verdicts", n).format(n=count(n))


def _entries(n: int) -> str:
    return plural("{n} entry", "{n} entries", n).format(n=count(n))


def backup(
    out: CommandOutput,
    project: ProjectPath,
    file: Annotated[Path, typer.Argument(help=_("The file to write, a zip."), metavar="FILE")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help=_("Replace what is at FILE."))] = False,
) -> None:
    """Write a project as one file, also while a window or a training works on it."""
    path = out.run(backing_up(project, file, overwrite=overwrite))
    out.give(path=path, bytes=path.stat().st_size)
    out.say(_("{path}: {size} MB").format(path=path, size=f"{path.stat().st_size / 1e6:,.1f}"))


def restore(
    out: CommandOutput,
    file: Annotated[Path, typer.Argument(help=_("What `badcase backup` wrote."), metavar="FILE")],
    project: Annotated[Path, typer.Argument(help=_("Folder to make."), metavar="PROJECT")],
) -> None:
    """Make a project again from its backup."""
    path = out.run(restoring(file, project))
    out.give(project=path)
    out.say(_("Next: badcase open {path}").format(path=path))
