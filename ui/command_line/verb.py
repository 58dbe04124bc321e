"""Makes a function a command: the options that every verb has, one way of failing, and the exit codes."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeAlias

import typer

from badcase.distributed.process_group import follows, joined, left_alone, several
from badcase.distributed.team import Lost
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import Notice
from badcase.project import Project
from badcase.shortages import shortage
from badcase.ui.command_line.printing import Cancelled, CommandOutput

DONE, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130

ProjectPath: TypeAlias = Annotated[Path, typer.Argument(help=_("Folder of the project."), metavar="PROJECT")]

EVERYWHERE = [
    inspect.Parameter(
        "as_json",
        inspect.Parameter.KEYWORD_ONLY,
        default=False,
        annotation=Annotated[bool, typer.Option("--json", help=_("Print one JSON document instead of text."))],
    ),
    inspect.Parameter(
        "quiet",
        inspect.Parameter.KEYWORD_ONLY,
        default=False,
        annotation=Annotated[bool, typer.Option("--quiet", "-q", help=_("Show no progress."))],
    ),
    inspect.Parameter(
        "debug",
        inspect.Parameter.KEYWORD_ONLY,
        default=False,
        annotation=Annotated[bool, typer.Option("--debug", help=_("Show the traceback of an error."))],
    ),
]

Verb: TypeAlias = Callable[..., None]


def verb(app: typer.Typer, name: str, *, panel: str, shared: bool = False) -> Callable[[Verb], Verb]:
    """Register `function(out, ...)` as a command; its other parameters become arguments and options.

    shared: where a launcher started several processes, all take part; else the first one does it and the others end.
    """

    def register(function: Verb) -> Verb:
        doc = function.__doc__ or ""  # is the help; the catalogs have it too
        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]

        def command(*, as_json: bool, quiet: bool, debug: bool, **arguments: Any) -> None:
            if follows():
                _end(_follow() if shared else DONE)

            def work(out: CommandOutput) -> None:
                if shared and left_alone():
                    out.notice(_one_process())
                function(out, **arguments)

            with joined() if shared and several() else nullcontext():
                code = attempt(work, as_json=as_json, quiet=quiet, debug=debug)
            _end(code)

        parameters = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own] + EVERYWHERE
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # read by typer
        command.__annotations__ = {one.name: one.annotation for one in parameters}
        command.__doc__ = _(doc)
        app.command(name, rich_help_panel=panel)(command)
        return function

    return register


@contextmanager
def opened_project(out: CommandOutput, path: Path, *, reading: bool = False) -> Iterator[Project]:
    """The project of a verb; what endangers it where it lies is told first.

    reading: nothing is recorded, so that it needs no permission to write and stands beside a program that does.
    """
    with Project.open(path, read_only=reading) as project:
        for caution in project.cautions:
            out.notice(caution)
        yield project


def one_of(choices: Callable[[], Iterable[str]]) -> Callable[[str | None], str | None]:
    """The `callback` of an option whose value must be one of these: another is wrong usage. They are read when it is used."""

    def check(value: str | None) -> str | None:
        known = list(choices())
        if value is not None and value not in known:
            raise typer.BadParameter(_("{value} is none of {choices}").format(value=value, choices=" | ".join(known)))
        return value

    return check


def at_least(low: int) -> Callable[[int | None], int | None]:
    """The `callback` of an option that is a number from `low` on: another is wrong usage."""

    def check(value: int | None) -> int | None:
        if value is not None and value < low:
            raise typer.BadParameter(_("{value} is too small; the least is {low}").format(value=value, low=low))
        return value

    return check


def _end(code: int) -> NoReturn:
    """Leave the program; one of several at once, since the threads of a group that lost a process can abort a slow end."""
    if several():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _one_process() -> Notice:
    return Notice(
        _("accelerate has started one process only, which does all the work."),
        _("On CPUs use `torchrun --nproc-per-node 2 --no-python badcase ...`, or `accelerate launch --multi_gpu`."),
    )


def _follow() -> int:
    """Do what the first process calls for; it alone speaks, unless it is the one that is lost."""
    with joined() as here:
        try:
            here.follow()
        except Lost as error:
            if here.speaks():
                with redirect_stderr(sys.__stderr__):
                    CommandOutput().refuse(error)
            return FAILED
    return DONE


@contextmanager
def quiet_if_following() -> Iterator[None]:
    """Where this process follows another, what it and its libraries print goes nowhere."""
    with ExitStack() as stack:
        if follows():
            nowhere = stack.enter_context(Path(os.devnull).open("w"))
            stack.enter_context(redirect_stdout(nowhere))
            stack.enter_context(redirect_stderr(nowhere))
        yield


def misused(message: str) -> int:
    """Say in JSON what is wrong with the arguments."""
    out = CommandOutput(as_json=True)
    out.refuse(BadcaseError(message, hint=_("The options: badcase VERB --help.")))
    out.close()
    return MISUSED


def attempt(work: Callable[[CommandOutput], None], *, as_json: bool, quiet: bool, debug: bool) -> int:
    """Run one command and return its exit code; an error is said in words, with a traceback only on request."""
    out = CommandOutput(as_json=as_json, quiet=quiet)
    try:
        work(out)
        code = DONE
    except (Cancelled, KeyboardInterrupt):
        out.refuse(BadcaseError(_("stopped; what was finished is kept")))
        code = INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as with `| head`
        sys.stderr.close()
        return FAILED
    except BadcaseError as error:
        if debug:
            raise
        out.refuse(error)
        code = FAILED
    except Exception as error:
        if debug:
            raise
        out.refuse(_worded(error))
        code = FAILED
    out.close()
    return code


def _worded(error: Exception) -> BadcaseError:
    """What no part of the program has put in words: of the machine, of the system, or a fault."""
    if (short := shortage(error)) is not None:
        return short
    if isinstance(error, OSError):
        return BadcaseError(error.strerror or str(error), where=error.filename or "")
    what = _("this is a fault of the program: {kind}: {text}").format(kind=type(error).__name__, text=error)
    return BadcaseError(what, hint=_("Run it again with --debug and report what it prints."))
