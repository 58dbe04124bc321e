"""Whether a file of a run can be read for what its name says that it is."""

from __future__ import annotations

import json
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from badcase.i18n import _
from badcase.size_bounds import check_zip


def file_fault(path: Path) -> str:
    """What is wrong with a file of a run, by its kind; "" where nothing is, or it is of none that is known here."""
    look = _READERS.get(path.suffix)
    if look is None or not path.is_file():
        return ""
    try:
        look(path)
    except Exception as error:  # damaged files fail in many ways
        return str(error).partition("\n")[0] or type(error).__name__
    return ""


def _read_array(path: Path) -> None:
    np.load(path, mmap_mode="r")


def _read_arrays(path: Path) -> None:
    with path.open("rb") as file:
        check_zip(file, path.stat().st_size, str(path))
    with zipfile.ZipFile(path) as packed:
        if bad := packed.testzip():
            raise ValueError(bad)


def _read_lines(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").split("\n")[:-1]:  # the last one may be on its way
        json.loads(line or "0")


def _read_tensors(path: Path) -> None:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        head = json.loads(file.read(length)) if length < 1 << 27 else {}
    ends = [one["data_offsets"][1] for name, one in head.items() if name != "__metadata__"]
    if not head or 8 + length + max(ends, default=0) != path.stat().st_size:
        raise ValueError(_("its tensors do not fill it"))


_READERS: dict[str, Callable[[Path], object]] = {
    ".npy": _read_array,
    ".npz": _read_arrays,
    ".json": lambda path: json.loads(path.read_text(encoding="utf-8")),
    ".jsonl": _read_lines,
    ".toml": lambda path: tomllib.loads(path.read_text(encoding="utf-8")),
    ".safetensors": _read_tensors,
}
