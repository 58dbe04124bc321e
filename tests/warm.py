"""Python that has loaded torch and transformers already, for tests that need a process of their own to kill or to end.

The first test that asks starts one process that loads them; it computes nothing, so no thread is lost, forks whatever is
asked of it by any process of this run of pytest, and ends with that run. `python -m tests.warm WORDS` is `python WORDS`. Only
Linux can do that; elsewhere each is started anew.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import IO, Any

from tests import ROOT

PIPE, DEVNULL = subprocess.PIPE, subprocess.DEVNULL
ADDRESS = "BADCASE_TESTS_WARM"  # where the process that forks is asked
_servers: list[subprocess.Popen[bytes]] = []


def belong() -> None:
    """Let all processes of this run of pytest ask one and the same, which ends with this process."""
    os.environ[ADDRESS] = str(Path(tempfile.gettempdir()) / f"badcase-warm-{os.getpid()}")


class _Forked:
    """`python WORDS` where this process is; what it is asked and how it ends as `subprocess.Popen` has it, in bytes."""

    def __init__(
        self,
        *words: str,
        stdin: int | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
        env: dict[str, str] | None = None,
    ) -> None:
        self.stdin, self.stdout, self.stderr = (None, None, None)
        ours: list[IO[Any] | None] = []
        theirs = []
        for place, wish in enumerate((stdin, stdout, stderr)):
            mine = None
            if wish == PIPE:
                reads, writes = os.pipe()
                mine = os.fdopen(reads, "rb") if place else os.fdopen(writes, "wb")
                theirs.append(writes if place else reads)
            else:
                theirs.append(os.open(os.devnull, os.O_RDWR) if wish == DEVNULL else os.dup(place))
            ours.append(mine)
        self.stdin, self.stdout, self.stderr = ours
        self.returncode: int | None = None
        self._line = _line()
        request = [words, dict(os.environ) if env is None else env, str(Path.cwd())]
        socket.send_fds(self._line, [json.dumps(request).encode()], theirs)
        for one in theirs:
            os.close(one)
        self.pid = int(self._line.recv(64))

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._line], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self._line.settimeout(timeout)
            self.returncode = int(self._line.recv(64))
            self._line.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def communicate(self, timeout: float | None = None) -> tuple[bytes, bytes]:
        """Close its input, wait until it has ended, and take what is left in its pipes."""
        if self.stdin is not None:
            self.stdin.close()
        with ThreadPoolExecutor(2) as readers:
            rest = [readers.submit(_all, pipe) for pipe in (self.stdout, self.stderr)]
            try:
                self.wait(timeout)
            except TimeoutError:
                self.send_signal(signal.SIGKILL)
                raise
        return rest[0].result(), rest[1].result()


class _Started(subprocess.Popen[bytes]):
    """The same anew, where a system cannot wait for a process that another one forked."""

    def __init__(self, *words: str, **pipes: Any) -> None:
        super().__init__([sys.executable, *words], **pipes)


Python = _Forked if hasattr(os, "pidfd_open") else _Started


def run(*words: str, timeout: float = 300, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python WORDS` until it ends, with these variables more; what it printed is taken."""
    process = Python(*words, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env=os.environ | environment)
    out, err = process.communicate(timeout)
    return subprocess.CompletedProcess(words, process.wait(), out.decode(), err.decode())


def _all(pipe: IO[Any] | None) -> bytes:
    if pipe is None:
        return b""
    with pipe:
        return bytes(pipe.read())


def _line() -> socket.socket:
    """A connection to the process that forks, which is started where nobody has."""
    if not _servers:
        with suppress(FileExistsError):
            os.close(os.open(os.environ[ADDRESS] + ".taken", os.O_CREAT | os.O_EXCL))
            command = [sys.executable, "-m", "tests.warm", "--serve", os.environ[ADDRESS].rpartition("-")[2]]
            _servers.append(subprocess.Popen(command, cwd=ROOT, stdin=DEVNULL, stdout=DEVNULL, start_new_session=True))
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ends = time.monotonic() + 120
    while True:
        try:
            line.connect(os.environ[ADDRESS])
            return line
        except (FileNotFoundError, ConnectionRefusedError):
            if time.monotonic() > ends:
                line.close()
                raise
            time.sleep(0.05)


def _serve(owner: int) -> None:
    """Fork for each that asks, until the run of pytest is gone."""
    import torch._dynamo  # noqa: F401
    import transformers  # noqa: F401
    from transformers import AutoImageProcessor, AutoModelForImageClassification, AutoTokenizer  # noqa: F401

    import badcase.training.network.setups
    import badcase.training.runs.train  # noqa: F401

    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    address = Path(os.environ[ADDRESS])
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.bind(str(address))
        door.listen(64)
        door.settimeout(1)
        while _lives(owner):
            with suppress(TimeoutError):
                asked = door.accept()[0]
                if not os.fork():
                    break
                asked.close()
        else:
            address.unlink()
            Path(f"{address}.taken").unlink()
            return
    _keep(asked)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _keep(asked: socket.socket) -> None:
    """Fork once more, tell who asked how that one ends, and end it where who asked is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    request, given, _flags, _sender = socket.recv_fds(asked, 1 << 20, 3)
    child = os.fork()
    if not child:
        asked.close()
        for place, one in enumerate(given):
            os.dup2(one, place)
            os.close(one)
        _begin(*json.loads(request))
        sys.exit()
    for one in given:
        os.close(one)
    asked.send(str(child).encode())
    ended = os.pidfd_open(child)
    if ended not in select.select([asked, ended], [], [])[0]:
        os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with suppress(BrokenPipeError):
        asked.send(str(code).encode())
    os._exit(0)


def _begin(words: list[str], environment: dict[str, str], folder: str) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    kind, what, *rest = words
    if kind == "-m":
        sys.argv = [what, *rest]
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        assert kind == "-c", words
        sys.argv = ["-c", *rest]
        sys.modules["__main__"] = main = ModuleType("__main__")
        exec(compile(what, "<string>", "exec"), main.__dict__)


def be(*words: str) -> None:
    """Be the process that was forked, as far as whoever started this one sees."""
    process = Python(*words)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: process.send_signal(number))
    code = process.wait()
    if code < 0:
        signal.signal(-code, signal.SIG_DFL) if code != -signal.SIGKILL else None
        os.kill(os.getpid(), -code)
    sys.exit(code)


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        _serve(int(sys.argv[2]))
    else:
        be(*sys.argv[1:])
