"""Files of which only a part is there: notes of Git LFS in their place, and files that are nearly all holes."""

from __future__ import annotations

from pathlib import Path

from badcase.items.lfs_pointers import require_fetched
from badcase.size_bounds import check_written


def require_whole(path: Path) -> None:
    """Refuse such a file before it is read; what is no file is left to the reader.

    Raises:
        BadcaseError: Only a part of it is there.
        OSError: It cannot be looked at.
    """
    if path.is_file():
        require_fetched(path)
        check_written(path)
