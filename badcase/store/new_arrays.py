"""New array files that are mapped for writing. Their room is claimed first: a full disk is an error, and not a dead process.

A map of a file that has holes writes into memory; the disk is asked for room when the system likes, and where there is none
the process is killed by a signal. No other module opens a writable map.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from badcase.shortages import FULL, no_room

_PIECE = 1 << 20


def new_array(path: Path, shape: tuple[int, ...], dtype: npt.DTypeLike) -> np.memmap[Any, Any]:
    """A new .npy file of zeros, mapped for writing; all of it has its place on the disk.

    Raises:
        BadcaseError: The disk has too little room; the file is gone then.
    """
    dtype = np.dtype(dtype)
    size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    try:
        with path.open("wb") as file:
            described = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, described)
            file.flush()
            _claim(file.fileno(), file.tell(), size)
    except OSError as error:
        path.unlink(missing_ok=True)
        if error.errno in FULL:
            raise no_room(error, path, size) from error
        raise
    return np.lib.format.open_memmap(path, "r+")


def _claim(file: int, start: int, size: int) -> None:
    """Let the disk set so many bytes aside; where the system has no call for that, by writing them."""
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(file, 0, start + size)
        except OSError as error:
            if error.errno in FULL:
                raise
        else:
            return
    zeros = bytes(_PIECE)
    os.lseek(file, start, os.SEEK_SET)
    while size:
        size -= os.write(file, zeros[: min(size, _PIECE)])
