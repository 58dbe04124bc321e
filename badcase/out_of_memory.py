"""Out of memory: how such an error of a device is told from others. No torch here."""

from __future__ import annotations

# A thread is refused where there is no room for its stack.
_SAID = ("can't allocate memory", "not enough memory", "out of memory", "can't start new thread")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out: torch has an exception for it on some devices, and words on others."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(said in str(error) for said in _SAID)
