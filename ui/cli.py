"""The command line: `badcase VERB ...`. This file only puts the verbs together."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from typing import Annotated

import typer

from badcase.distributed.process_group import follows
from badcase.i18n import _, marked
from badcase.network import stay_offline
from badcase.ui.command_line import (
    assistants,
    comparing,
    demo,
    differences,
    doctor,
    gold_file,
    groups,
    models,
    projects,
    proposals_file,
    ranking,
    reviewers,
    tuning,
    verdicts,
)
from badcase.ui.command_line.class_verbs import classes
from badcase.ui.command_line.data_verbs import data_check, data_drift
from badcase.ui.command_line.verb import attempt, misused, quiet_if_following, verb
from badcase.ui.command_line.visible_text import show_logs_as_text, visible_lines
from badcase.ui.command_line.window import start_window

PROGRAM = "badcase"  # however it was started: usage and completion speak of the command, not of `__main__.py`

app = typer.Typer(
    name=PROGRAM,
    help=_(
        "Find the wrong labels in image and text classification data, fix them with one key each, retrain, and see "
        "what you gained. Without a verb: open the window."
    ),
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# By the heading that they stand below in the help; what each does is said by its docstring.
VERBS: dict[str, dict[str, Callable[..., None]]] = {
    marked("Data"): {
        "new": projects.new,
        "open": projects.open_window,
        "export": projects.export,
        "apply": projects.apply,
        "relocate": projects.relocate,
        "update": projects.update,
        "drift": data_drift.drift,
        "report": projects.report,
        "check": data_check.check,
        "classes": classes.classes,
        "backup": doctor.backup,
        "restore": doctor.restore,
    },
    marked("Review"): {
        "rank": ranking.rank,
        "sample": ranking.sample,
        "label": verdicts.label,
        "verdicts": verdicts.verdicts,
        "undo": verdicts.undo,
        "redo": verdicts.redo,
        "groups": groups.groups,
        "diff": differences.diff,
        "reviewers": reviewers.reviewers,
        "propose": proposals_file.propose,
        "mcp": assistants.mcp,
        "gold": gold_file.gold,
        "audit": ranking.audit,
    },
    marked("Models"): {
        "predict": models.predict,
        "train": models.train,
        "find": tuning.find,
        "tune": tuning.tune,
        "recipe": models.recipe,
        "runs": models.runs,
        "note": models.note,
        "compare": comparing.compare,
        "accept": models.accept,
    },
    marked("This machine"): {"demo": demo.demo, "doctor": doctor.doctor},
}
SHARED = {"predict", "train", "tune", "accept"}  # by the processes that torchrun starts; other verbs are the first one's alone
for panel, functions in VERBS.items():
    for name, function in functions.items():
        verb(app, name, panel=_(panel), shared=name in SHARED)(function)


def _tell_version(asked: bool) -> None:
    from importlib.metadata import version

    if asked:
        print(f"{PROGRAM} {version(PROGRAM)}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def window(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help=_("Print the version and exit."), is_eager=True, callback=_tell_version)
    ] = False,
) -> None:
    if context.invoked_subcommand is None and not follows():
        sys.exit(attempt(lambda _out: start_window(), as_json=False, quiet=False, debug=False))


def main() -> None:
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch: its threads else spin and starve each other
    stay_offline()
    show_logs_as_text()
    with quiet_if_following():
        try:
            if "--json" in sys.argv[1:]:
                sys.exit(_as_json())
            app(prog_name=PROGRAM)
        except Exception:  # asked for with --debug, or not foreseen
            print(visible_lines(traceback.format_exc()), file=sys.stderr, end="")
            sys.exit(1)


def _as_json() -> int:
    """Wrong usage too is one JSON document, beside the usual words."""
    try:
        return int(app(prog_name=PROGRAM, standalone_mode=False) or 0)
    except Exception as error:
        said = getattr(error, "format_message", None)  # of click's errors, which each typer keeps elsewhere
        if said is None:
            raise
        return misused(said())


if __name__ == "__main__":
    main()
