"""`gold`: how gold stands, and a blind check of it by a file."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated

import typer

from badcase.errors import BadcaseError
from badcase.formula_guard import guarded
from badcase.gold_check.blind_check import UNSURE, Rule, checks_under_way
from badcase.i18n import _, plural
from badcase.items import Kind
from badcase.progress import Notice
from badcase.project import Project
from badcase.store.atomic_files import write_whole
from badcase.store.verdicts import NONE_OF_THESE
from badcase.training.comparison.gold import gold_standing
from badcase.ui.command_line.printing import CommandOutput
from badcase.ui.command_line.verb import ProjectPath, one_of, opened_project
from badcase.ui.command_line.verdicts import Who, as_written, delimited_rows

_MARKS = {"-": NONE_OF_THESE, "?": UNSURE}

DrawTo = Annotated[
    Path | None,
    typer.Option("--draw", help=_("Choose items, begin a check and write them here, without their labels."), metavar="FILE.csv"),
]
CheckFrom = Annotated[
    Path | None,
    typer.Option(
        "--check",
        help=_("Record the labels written into that file; - for none of the classes, ? for what cannot be told."),
        metavar="FILE.csv",
    ),
]
RuleName = Annotated[
    str, typer.Option("--rule", help=_("With --draw: all | share | disagree."), callback=one_of(lambda: list(Rule)))
]


def gold(
    out: CommandOutput,
    project: ProjectPath,
    draw: DrawTo = None,
    check: CheckFrom = None,
    rule: RuleName = "share",
    n: Annotated[int | None, typer.Option("--n", min=0, help=_("With --draw: how many are drawn at random."))] = None,
    runs: Annotated[
        tuple[int, int] | None, typer.Option("--runs", help=_("With --rule disagree: two runs."), metavar="RUN RUN")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help=_("With --draw: decides the draw and the order."))] = None,
    who: Who = None,
) -> None:
    """Say what is known of the labels that runs are compared on, or check them blind: --draw writes items, --check reads them."""
    if draw is not None and check is not None:
        raise typer.BadParameter(_("--draw and --check are two steps"))
    with opened_project(out, project, reading=draw is None and check is None) as opened:
        if draw is not None:
            from badcase.training import draw_gold

            items = draw_gold(opened, rule, n=n, runs=runs or (), seed=seed, who=who)
            _write(opened, items, draw)
            out.give(drawn=len(items), rule=rule, file=draw)
            words = plural(
                "{n} item is in {file}: write what it is into its column label, then use --check.",
                "{n} items are in {file}: write what each is into the column label, then use --check.",
                len(items),
            )
            out.say(words.format(n=len(items), file=draw))
            if opened.kind is not Kind.TEXT:
                out.notice(Notice(_("The names of these files may tell their classes; the window hides them.")))
            return
        if check is not None:
            from badcase.training import check_gold

            check_gold(opened, _answers(opened, check))
        _tell(out, opened)


def _tell(out: CommandOutput, project: Project) -> None:
    standing = gold_standing(project)
    left = {who: len(one.choice.items) - len(one.answers) for who, one in checks_under_way(project).items()}
    disputed = [project.items.key(item) for item in standing.disputed]
    out.give(gold=standing, disputed=disputed, waiting=sum(left.values()))
    for sentence in standing.sentences:
        out.say(sentence)
    for key in disputed:
        out.say(f"  {key}")
    for who, n in left.items():
        words = plural(
            "A check by {who} is under way: {n} item waits for its answer.",
            "A check by {who} is under way: {n} items wait for their answers.",
            n,
        )
        out.say(words.format(who=who, n=n))


def _write(project: Project, items: list[int], path: Path) -> None:
    """Keys and contents in the order to look at them, with an empty column for the answers."""
    show = project.items.text if project.kind is Kind.TEXT else project.items.key
    with write_whole(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "item", "label"])
        writer.writerows([guarded(project.items.key(item)), guarded(show(item)), ""] for item in items)


def _answers(project: Project, path: Path) -> dict[int, int]:
    """What a file says of each item; BadcaseError naming the first bad row."""
    answers: dict[int, int] = {}
    for number, row in delimited_rows(path, ("key", "label"), _("a file of answers needs these columns")):
        try:
            item = as_written(project.items.find, row["key"])
            answers[item] = _answer(project, row["label"])
        except BadcaseError as error:
            raise BadcaseError(str(error), where=_("{file}, row {n}").format(file=path.name, n=number), hint=error.hint) from None
    return answers


def _answer(project: Project, said: str) -> int:
    """A class id or a mark; a class that is called like a mark is the class."""
    if not said:
        raise BadcaseError(
            _("this item has no answer"), where="label", hint=_("Write its class, - for none of them, ? where it cannot be told.")
        )
    if said in _MARKS and said not in project.label_names:
        return _MARKS[said]
    return as_written(project.taxonomy.id_of, said)
