"""Failures: what a machine does to a training - no room, no memory, no permission - as sentences with a remedy."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from badcase.distributed.team import Lost
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.out_of_memory import OutOfMemory, is_out_of_memory
from badcase.progress import OutOfTimeError
from badcase.shortages import FULL, code_of
from badcase.store.run_table import RunState
from badcase.training.run_folder.run_files import STATE
from badcase.trust.gate import UntrustedCode

if TYPE_CHECKING:
    from badcase.project import Project

BLEW_UP = "blew_up"  # in the metrics of a run that did
CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}


class BlewUp(BadcaseError):
    """A loss or a gradient that is not finite."""


class NoDisk(BadcaseError):
    """The disk is full, or cannot be written to."""


NO_RESULT = (Lost, NoDisk, UntrustedCode)  # what says nothing of a recipe: with the next one it would be no better


@contextmanager
def named_faults(folder: Path) -> Iterator[None]:
    """Give what goes wrong while a run is written to its folder its name; the folder's name is the run's number."""
    try:
        yield
    except Lost as error:
        if _can_resume(folder):  # else its own hint holds: the same command again
            error.where = _("run {n}, {process}").format(n=folder.name, process=error.where)
            error.hint = _(
                "The launcher's last lines say which process ended and how; -9 often means that memory ran out. Go "
                "on from the last checkpoint with `badcase train PROJECT --resume {n}`, in one process or in "
                "several."
            ).format(n=folder.name)
        raise
    except BadcaseError:
        raise
    except Exception as error:  # safetensors and torch have exceptions of their own for what the system refused
        code = code_of(error)
        if code in FULL:
            raise _full(folder, str(error)) from error
        if code in CLOSED and Path(getattr(error, "filename", None) or folder).is_relative_to(folder):
            raise _closed(folder, str(error)) from error
        if is_out_of_memory(error):
            raise _out_of_memory(str(error).partition("\n")[0]) from error
        raise


def close_run(project: Project, number: int, **values: Any) -> None:
    """Note how a run ended. Where not even that can be written, the run counts as abandoned when next it is opened."""
    with suppress(sqlite3.Error, BadcaseError):  # the store names what SQLite refused; the first error says more
        project.runs.update(number, **values)


@contextmanager
def closing_run(project: Project, number: int) -> Iterator[None]:
    """Whatever ends the work on a run early, its row says so: stopped by a person or by time, or by an error with its name."""
    try:
        with named_faults(project.runs.get(number).folder):
            yield
    except (GeneratorExit, KeyboardInterrupt, OutOfTimeError):
        close_run(project, number, state=RunState.CANCELLED)
        raise
    except BaseException as error:
        blew_up = {"metrics": project.runs.get(number).metrics | {BLEW_UP: True}} if isinstance(error, BlewUp) else {}
        close_run(project, number, state=RunState.FAILED, error=str(error) or type(error).__name__, **blew_up)
        raise


def _full(folder: Path, got: str) -> BadcaseError:
    hint = _("What was written before is whole. Make room.")
    return NoDisk(_("the disk is full"), where=str(folder), got=got, hint=f"{hint} {_way_on(folder)}")


def _closed(folder: Path, got: str) -> BadcaseError:
    what, hint = _("the folder of the run cannot be written to"), _("Check its permissions and whether the disk is read-only.")
    return NoDisk(what, where=str(folder), got=got, hint=f"{hint} {_way_on(folder)}")


def _can_resume(folder: Path) -> bool:
    """Whether it is the folder of a training that kept its state; a fold and a trial are begun again."""
    return (folder / STATE).exists()


def _way_on(folder: Path) -> str:
    if _can_resume(folder):
        return _("Then go on with `badcase train PROJECT --resume {n}`.").format(n=folder.name)
    return _("Then start the same command again; a tuning resumes with `badcase tune PROJECT --resume`.")


def _out_of_memory(got: str) -> BadcaseError:
    return OutOfMemory(
        _("the computer ran out of memory"),
        where=_("training"),
        got=got,
        hint=_("Close other programs, use a smaller batch_size or a smaller model."),
    )
