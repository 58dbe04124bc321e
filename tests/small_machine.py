"""A copy of this process that may take only so much more memory, or sees a disk of its own: what work says there."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from badcase.errors import BadcaseError

_NEW_MOUNTS = 0x20000  # CLONE_NEWNS


def said_with(room: int, work: Callable[[], object]) -> str:
    """What comes of `work` where `room` more bytes of memory may be taken: its error in words, or its answer."""

    def limited() -> object:
        taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + room, taken + room))
        return work()

    return _said(limited)


def said_on_disk(mount: Path, size: int, work: Callable[[], object]) -> str:
    """The same where a disk of `size` bytes lies at `mount`; the test is skipped where there can be none."""

    def mounted() -> object:
        if ctypes.CDLL(None, use_errno=True).unshare(_NEW_MOUNTS):
            return "no disk"
        for words in (("--make-rprivate", "/"), ("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(mount))):
            if subprocess.run(["mount", *words], capture_output=True, check=False).returncode:
                return "no disk"
        return work()

    said = _said(mounted)
    if said == "no disk":
        pytest.skip("only the superuser of a Linux machine can make a small disk")
    return said


@contextmanager
def full(disk: Path, free: int) -> Iterator[None]:
    """Fill a disk but for so many bytes, until the block ends."""
    with (disk / "filler").open("wb", buffering=0) as file:
        with suppress(OSError):
            while file.write(bytes(4096)):
                pass
        file.truncate(file.tell() - free)
    try:
        yield
    finally:
        (disk / "filler").unlink()


def _said(work: Callable[[], object]) -> str:
    here, there = os.pipe()
    child = os.fork()
    if not child:
        with suppress(BaseException):
            try:
                text = str(work())
            except BadcaseError as error:
                text = f"{error} {error.hint}"
            except BaseException as error:
                text = f"not in words: {type(error).__name__}: {error}"
            os.write(there, text.encode())
        os._exit(0)
    os.close(there)
    with os.fdopen(here, encoding="utf-8") as file:
        text = file.read()
    os.waitpid(child, 0)
    return text
