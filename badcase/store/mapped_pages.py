"""Pages of mapped files: what was read once, all of it, need not stay in this process's memory."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
import numpy.typing as npt


def let_go(mapped: mmap.mmap | npt.NDArray[Any]) -> None:
    """Give the pages of a file that is mapped for reading back to the system; they are there again when they are asked for.

    mapped: The map, or an array over a whole file; of any other array nothing happens.
    """
    whole = mapped.base if isinstance(mapped, np.memmap) and not mapped.flags.writeable else mapped
    if isinstance(whole, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        whole.madvise(mmap.MADV_DONTNEED)
