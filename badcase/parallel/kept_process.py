"""A process that this one keeps for itself: it runs a module of ours, takes work at a pipe, and leaves when that ends.

It is an ordinary start of Python, and no fork or spawn of this program: a notebook or a script that imports us is not run again,
and what its threads hold is not copied.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import suppress

READY = b"ready\n"
_starting = threading.Lock()  # what starts at the same moment would inherit the other's pipes, where a system passes them on


def start(module: str) -> subprocess.Popen[bytes] | None:
    """A process that runs a module, which has written READY; None where none can be started."""
    # -P: a folder of the person may have a module called as one that is imported. Ctrl+C is for us, and ends its input.
    words = [sys.executable, "-P", "-m", module]
    with _starting:
        try:
            process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            return None
    assert process.stdout is not None
    if process.stdout.readline() != READY:
        end(process)
        return None
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process, which has nothing to lose."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
