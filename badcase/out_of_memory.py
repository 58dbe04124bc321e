"""Out of memory: how such an error, of Python, a library or a device, is told from others. No torch here."""

from __future__ import annotations

import errno

from badcase.errors import BadcaseError

# A thread is refused where there is no room for its stack; Rust's libraries number what the system refused.
_SAID = (
    "can't allocate memory",
    "cannot allocate memory",
    "failed to allocate",
    "not enough memory",
    "out of memory",
    "can't start new thread",
    "bad_alloc",
    "(os error 12)",
)


class OutOfMemory(BadcaseError):
    """There was too little memory for something; that says nothing of the file or the model that needed it.

    `needed` is the bytes that it needs, 0 where that is not known.
    """

    needed = 0


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out: some libraries have an exception for it, and others only words."""
    if isinstance(error, MemoryError | OutOfMemory) or type(error).__name__ == "OutOfMemoryError":
        return True
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno == errno.ENOMEM
    told = isinstance(error, RuntimeError | OSError) or type(error).__name__ == "SafetensorError"
    return told and any(said in str(error).lower() for said in _SAID)
