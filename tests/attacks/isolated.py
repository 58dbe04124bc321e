"""Cases run in forked processes, whose death, time and memory are watched from outside."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Generic, TypeVar

from badcase.errors import BadcaseError

LONGEST = 20.0  # seconds of computing, however busy the machine is
HANGS = 120.0  # seconds after which a case waits for something, though it computes nothing
MOST = 2 * 2**30  # bytes in use
MEMORY = Path("/dev/shm")  # files there need no disk, and a process that ends leaves the same
_ROOM = 8 * 2**30  # bytes of addresses beyond those at the start, so that no case takes the machine down
_LOOK = 0.05  # seconds between two looks at what a process uses
_PAGE = resource.getpagesize()

Case = TypeVar("Case")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Case]):
    """How a case ended: "done", "refused" (in words), "internal error", "died", "too slow", "too large".

    `told` is what it returned or how it failed, `seconds` what it computed.
    """

    case: Case
    end: str
    told: str
    seconds: float


@dataclass(slots=True)
class _Worker(Generic[Case]):
    process: BaseProcess
    pipe: Connection
    case: Case | None = None
    began: float = 0.0
    before: float = 0.0  # what it had computed

    def ended(self, end: str, told: str) -> Outcome[Case]:
        assert self.case is not None
        return Outcome(self.case, end, told, self.computed() - self.before)

    def computed(self) -> float:
        """Seconds that the process and its children that have ended computed; as before where it is no more."""
        with suppress(OSError, IndexError):
            after_name = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
            return sum(map(int, after_name[11:15])) / os.sysconf("SC_CLK_TCK")
        return self.before

    def too_much(self) -> tuple[str, str] | None:
        if self.computed() - self.before > LONGEST:
            return "too slow", f"over {LONGEST:.0f} s"
        if time.monotonic() - self.began > HANGS:
            return "too slow", "it hangs"
        with suppress(OSError, IndexError):
            used = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * _PAGE
            if used > MOST:
                return "too large", f"{used / 2**30:.1f} GB"
        return None


def run_isolated(cases: Iterable[Case], run: Callable[[Case], str | None], processes: int) -> Iterator[Outcome[Case]]:
    """Run each case in one of several processes forked from this one, and yield the outcomes as they come."""
    waiting = iter(cases)
    workers: list[_Worker[Case]] = []

    def fed(worker: _Worker[Case]) -> bool:
        case = next(waiting, None)
        if case is None:
            return False
        worker.case, worker.began, worker.before = case, time.monotonic(), worker.computed()
        worker.pipe.send(case)
        return True

    def begin() -> None:
        worker = _started(run)
        if fed(worker):
            workers.append(worker)
        else:
            _end(worker)

    for _number in range(processes):
        begin()
    while workers:
        ready = set(wait([worker.pipe for worker in workers], _LOOK))
        for worker in list(workers):
            if worker.pipe in ready:
                try:
                    yield worker.ended(*worker.pipe.recv())
                    alive = True
                except (EOFError, OSError):
                    worker.process.join()
                    yield worker.ended("died", f"exit status {worker.process.exitcode}")
                    alive = False
            elif (told := worker.too_much()) is not None:
                yield worker.ended(*told)
                alive = False
            else:
                continue
            if alive and fed(worker):
                continue
            workers.remove(worker)
            _end(worker)
            if not alive:
                begin()


def in_a_child(function: Callable[[], Any]) -> Any:
    """What a function returns that is called in a forked process: what it loads and starts stays there."""
    receives, sends = multiprocessing.get_context("fork").Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=lambda: sends.send(function()))
    process.start()
    sends.close()
    value = receives.recv()
    process.join()
    return value


def _started(run: Callable[[Case], str | None]) -> _Worker[Case]:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(run, theirs, ours), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _end(worker: _Worker[Any]) -> None:
    worker.process.kill()
    worker.process.join()
    worker.pipe.close()


def _serve(run: Callable[[Any], str | None], pipe: Connection, other_end: Connection) -> None:
    other_end.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what libraries have to say of damaged files
    held = int(Path("/proc/self/statm").read_text().split()[0]) * _PAGE
    resource.setrlimit(resource.RLIMIT_AS, (held + _ROOM, held + _ROOM))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.fsync = lambda _file: None  # no machine goes down here
    while True:
        try:
            case = pipe.recv()
        except EOFError:
            return
        pipe.send(_outcome(run, case))


def _outcome(run: Callable[[Any], str | None], case: Any) -> tuple[str, str]:
    try:
        return "done", run(case) or ""
    except BadcaseError as error:
        return "refused", str(error)
    except BaseException:
        return "internal error", traceback.format_exc()
