"""How an error of a device that has no memory left is known."""

from __future__ import annotations

# A thread is refused where there is no room for its stack.
_SAID = ("can't allocate memory", "not enough memory", "out of memory", "can't start new thread")


def short_of_memory(error: BaseException) -> bool:
    """torch has an exception of its own for it on some devices, and says it in words on others. No torch here."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(said in str(error) for said in _SAID)
