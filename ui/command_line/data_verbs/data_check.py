"""`check`: a data set or a project against limits, for scripts that must stop where labels are worse than allowed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from badcase.errors import BadcaseError
from badcase.gate.checking import GateReport, checking, gate_sentence
from badcase.gate.gate_files import gate_junit, gate_markdown, told_outcome, told_value
from badcase.gate.limits import Limit, read_limit
from badcase.gate.measures import MeasureName, measure_title
from badcase.i18n import _, pgettext
from badcase.importing import TASKS
from badcase.progress import Notice
from badcase.store.atomic_files import write_whole
from badcase.ui.command_line.printing import CommandOutput
from badcase.ui.command_line.projects import column_option
from badcase.ui.command_line.verb import one_of
from badcase.ui.wording import count

SHOWN = 5  # of what a limit was exceeded by; the files and JSON have more
_REPORTS = (".md", ".xml")  # what an earlier check may have left in a data folder


def _limit(help: str) -> Any:
    return typer.Option(help=help, metavar="N|SHARE", show_default=False)


def _report(help: str) -> Any:
    return typer.Option(help=help, metavar="FILE", show_default=False)


def check(
    out: CommandOutput,
    path: Annotated[Path, typer.Argument(help=_("A project, or data as `new` takes them."), metavar="PATH")],
    max_errors: Annotated[str | None, _limit(_("The most wrong labels to expect: 12, or 2% of the items."))] = None,
    max_duplicates_across_splits: Annotated[str | None, _limit(_("The most sets of duplicates across splits."))] = None,
    max_conflicts: Annotated[str | None, _limit(_("The most sets of duplicates with different labels."))] = None,
    max_set_aside: Annotated[str | None, _limit(_("The most rows that cannot be read."))] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            help=_("A project: what has no limit of its own must be no worse than there."), metavar="PROJECT", show_default=False
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help=_("The model that ranks data without a project."), metavar="MODEL", show_default=False)
    ] = None,
    markdown: Annotated[Path | None, _report(_("Write the report here, for a pull request."))] = None,
    junit: Annotated[Path | None, _report(_("Write the report here, for a build server."))] = None,
    text: Annotated[str | None, column_option(_("Column of the texts."))] = None,
    image: Annotated[str | None, column_option(_("Column of the image paths."))] = None,
    label: Annotated[list[str] | None, column_option(_("Column of the labels."))] = None,
    split: Annotated[str | None, column_option(_("Column that says train, validation or test."))] = None,
    key: Annotated[str | None, column_option(_("Column that names each item."))] = None,
    task: Annotated[str | None, typer.Option(help=_("As for `new`."), callback=one_of(lambda: TASKS), show_default=False)] = None,
    images: Annotated[
        Path | None, typer.Option(help=_("Folder where the images of the table lie."), metavar="ROOT", show_default=False)
    ] = None,
) -> None:
    """Measure the labels of data or of a project, and end with 1 where there is more than a limit allows."""
    written = {
        MeasureName.ERRORS: max_errors,
        MeasureName.DUPLICATES: max_duplicates_across_splits,
        MeasureName.CONFLICTS: max_conflicts,
        MeasureName.SET_ASIDE: max_set_aside,
    }
    limits = {name: read_limit(one, f"--max-{name}") for name, one in written.items() if one is not None}
    how = {"text": text, "image": image, "label": label, "split": split, "key": key, "task": task, "images": images}
    _require_free(path, baseline, markdown, junit)
    said = {name: one for name, one in how.items() if one}
    report = out.run(checking(path, limits, baseline=baseline, model=model, **said))
    for file, made in ((markdown, gate_markdown), (junit, gate_junit)):
        if file is not None:
            with write_whole(file) as part:
                part.write_text(made(report), encoding="utf-8")
    _tell(out, report)
    if not report.passed:
        raise BadcaseError(gate_sentence(report), where=report.name, hint=_("The items to look at first are listed above."))


def _require_free(path: Path, baseline: Path | None, *files: Path | None) -> None:
    """Refuse to write a report over what is checked, into a project, or over a file of a data folder that is no report."""
    for file in filter(None, files):
        for own in filter(None, (path, baseline)):
            inside = own.resolve() in file.resolve().parents
            may_be = not (own / "project.db").is_file() and (not file.exists() or file.suffix.lower() in _REPORTS)
            if file.resolve() == own.resolve() or (inside and not may_be):
                raise BadcaseError(_("this file is one of the inputs"), where=str(file), hint=_("Choose another name."))


def _tell(out: CommandOutput, report: GateReport) -> None:
    out.give(
        passed=report.passed,
        name=report.name,
        items=report.items,
        checks=[
            {
                "name": str(one.measure.name),
                "value": round(one.measure.value, 2),
                "low": round(one.measure.low, 2),
                "high": round(one.measure.high, 2),
                "limit": None if one.limit is None else _number(one.limit, report.items),
                "exceeded": one.exceeded,
                "baseline": None if one.baseline is None else round(one.baseline.value, 2),
                "keys": one.measure.keys,
            }
            for one in report.checks
        ],
    )
    out.say(_("{name}: {n} items").format(name=report.name, n=count(report.items)), "bold")
    rows = [
        (measure_title(one.measure.name), told_value(one, report.items), one.limit or "–", told_outcome(one))
        for one in report.checks
    ]
    out.table((_("measure"), _("found"), _("limit"), pgettext("of a limit", "outcome")), rows, right=[1, 2])
    for note in report.notes:
        out.notice(Notice(note))
    for one in report.exceeded:
        for key in one.measure.keys[:SHOWN]:
            out.say(f"{measure_title(one.measure.name)}: {key}")
    if report.passed:
        out.say(gate_sentence(report))


def _number(limit: Limit, items: int) -> float:
    """A limit as a number of items, as JSON tells the measures."""
    return round(limit.value * items, 2) if limit.share else limit.value
