"""Arrays of a project are checked as they are read: shape, kind, finite numbers; they stay on the disk until they are used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from badcase.i18n import _
from badcase.size_bounds import check_zip
from badcase.store.mapped_pages import let_go

READ_WHOLE = 256 << 20  # bytes of an array whose numbers are looked at as it is opened, which takes a fifth of a second
_BLOCK = 1 << 22  # numbers


def stored_array(
    path: Path, *, kind: str, shape: Sequence[int | None], below: int | None = None, may_be_nan: bool = False, whole: bool = False
) -> npt.NDArray[Any]:
    """An array of a project, memory-mapped.

    Args:
        path: The .npy file.
        kind: Of its numbers, as numpy's `dtype.kind` says.
        shape: Its lengths; None where any is right.
        below: What whole numbers are less than, where they are the numbers of items; -1 is none.
        may_be_nan: Whether NaN stands for what is not known.
        whole: Look at all numbers of a large one, too.

    Raises:
        OSError: Where the file cannot be read.
        ValueError: Where it is not such an array, with what it is.
    """
    if path.exists() and not path.is_file():
        raise ValueError(_("not a file"))
    try:
        values = np.load(path, mmap_mode="r")
    except (OSError, EOFError, ValueError):
        raise
    except Exception as error:  # the head of a damaged file is read as Python writes it, which fails in many ways
        raise ValueError(str(error).partition("\n")[0] or type(error).__name__) from error
    if not isinstance(values, np.ndarray):
        raise ValueError(_("not an array"))
    if (
        values.dtype.kind != kind
        or len(shape) != values.ndim
        or any(s not in (None, m) for s, m in zip(shape, values.shape, strict=True))
    ):
        wanted = " × ".join("…" if size is None else str(size) for size in shape)
        raise ValueError(
            _("an array {shape} of {kind} in place of {wanted}").format(shape=values.shape, kind=values.dtype, wanted=wanted)
        )
    if whole or values.nbytes <= READ_WHOLE:
        _check_numbers(values, below, may_be_nan)
        let_go(values)
    return values


@contextmanager
def stored_arrays(path: Path) -> Iterator[Any]:
    """The arrays of an .npz of a project, by name, each read as it is asked for.

    Raises:
        OSError, ValueError, EOFError: Where it cannot be read; an array that cannot fails as it is asked for.
        BadcaseError: It unfolds to more than is allowed.
    """
    with path.open("rb") as file:
        check_zip(file, path.stat().st_size, str(path))
        file.seek(0)
        with np.load(file) as arrays:  # numpy leaves a broken one open
            yield arrays


def _check_numbers(values: npt.NDArray[Any], below: int | None, may_be_nan: bool) -> None:
    flat = values.reshape(-1)
    for start in range(0, len(flat), _BLOCK):
        part = flat[start : start + _BLOCK]
        if part.dtype.kind == "f" and not (np.isfinite(part) | (np.isnan(part) & may_be_nan)).all():
            raise ValueError(_("numbers that are not finite"))
        if below is not None and part.dtype.kind == "i" and not ((part >= -1) & (part < below)).all():
            raise ValueError(_("numbers of items that there are not"))
