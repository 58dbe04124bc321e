"""A process of its own that may take only so much more memory: what work says there."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from badcase.errors import BadcaseError


def said_with(room: int, work: Callable[[], object]) -> str:
    """What comes of `work` in a copy of this process that may take `room` more bytes: its error in words, or its answer."""
    here, there = os.pipe()
    child = os.fork()
    if not child:
        with suppress(BaseException):
            taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (taken + room, taken + room))
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
