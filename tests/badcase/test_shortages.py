"""What a machine refuses for want of memory or room is told as that, whichever library says it."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from badcase.errors import BadcaseError
from badcase.out_of_memory import OutOfMemory, is_out_of_memory
from badcase.shortages import shortage, size_text


class SafetensorError(Exception):
    """As the library calls its own."""


def numpys() -> BaseException:
    try:
        np.empty(2**62, np.int8)
    except MemoryError as error:
        return error
    raise AssertionError


MEMORY = {
    "python": MemoryError(),
    "numpy": numpys(),
    "arrow": pa.lib.ArrowMemoryError("malloc of size 64 failed"),
    "pillow": OSError("out of memory error when reading image file"),
    "the system": OSError(errno.ENOMEM, "Cannot allocate memory"),
    "torch": RuntimeError("[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory: you tried"),
    "cuda": type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory. Tried to allocate 2.00 GiB"),
    "c++": RuntimeError("std::bad_alloc"),
    "safetensors": SafetensorError("Error while reading: Cannot allocate memory (os error 12)"),
}
ROOM = {
    "the system": OSError(errno.ENOSPC, "No space left on device", "/data/x.csv"),
    "a quota": OSError(errno.EDQUOT, "Disk quota exceeded"),
    "too large a file": OSError(errno.EFBIG, "File too large"),
    "numpy": OSError("4096 requested and 512 written"),
    "sqlite": sqlite3.OperationalError("database or disk is full"),
    "safetensors": SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)"),
}


@pytest.mark.parametrize("who", MEMORY)
def test_a_lack_of_memory_is_known(who: str) -> None:
    assert is_out_of_memory(MEMORY[who])
    told = shortage(MEMORY[who])
    assert isinstance(told, OutOfMemory) and "ran out of memory" in str(told) and "Close other programs" in told.hint


@pytest.mark.parametrize("who", ROOM)
def test_a_lack_of_room_is_known(who: str) -> None:
    told = shortage(ROOM[who])
    assert told is not None and not isinstance(told, OutOfMemory)
    assert "disk" in str(told) or "large" in str(told)
    assert "Make room" in told.hint


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOENT, "No such file"), RuntimeError("shapes do not fit"), ValueError("out of memory"), BadcaseError("x")],
    ids=["file", "shapes", "value", "words"],
)
def test_other_errors_are_no_shortage(error: Exception) -> None:
    assert not is_out_of_memory(error)
    assert shortage(error) is None


def test_of_a_copy_the_place_that_is_full_is_told(tmp_path: Path) -> None:
    told = shortage(OSError(errno.ENOSPC, "No space left on device", "/from/here", None, str(tmp_path / "there")))
    assert told is not None and told.where == str(tmp_path / "there") and "free" in told.got


def test_sizes_are_said_as_people_say_them() -> None:
    assert [size_text(n) for n in (1, 999_999, 2_000_000, 1_550_000_000, 3 * 10**12)] == [
        "1 kB",
        "1000 kB",
        "2 MB",
        "1.6 GB",
        "3 TB",
    ]
