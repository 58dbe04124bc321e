"""An array that is mapped for writing has its place on the disk first: a full disk is an error and no signal."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.store.array_shards import Shards
from badcase.store.new_arrays import new_array
from tests.small_machine import said_on_disk


@pytest.mark.parametrize("way", ["by the system", "by writing", "not on this disk"])
@pytest.mark.parametrize("shape", [(300, 7), (0, 7), (2**18, 3)])
def test_a_new_array_is_zeros_with_room_for_all(
    way: str, shape: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_arguments: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "not supported")

    if way == "by writing":
        monkeypatch.delattr(os, "posix_fallocate", raising=False)
    elif way == "not on this disk":
        monkeypatch.setattr(os, "posix_fallocate", refused, raising=False)
    array = new_array(tmp_path / "a.npy", shape, np.float16)
    assert array.shape == shape and array.dtype == np.float16 and not array.any()
    assert (tmp_path / "a.npy").stat().st_blocks * 512 >= array.nbytes
    array[:] = 3
    array.flush()
    assert (np.load(tmp_path / "a.npy") == 3).all()


def test_a_disk_without_room_is_told_with_what_is_needed_and_what_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_arguments: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", refused, raising=False)
    with pytest.raises(BadcaseError, match="the disk is full") as raised:
        new_array(tmp_path / "a.npy", (1000, 1000), np.float16)
    assert raised.value.where == str(tmp_path / "a.npy")
    assert raised.value.expected == "room for 2 MB" and raised.value.got.endswith(" free")
    assert "Make room" in raised.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="a disk of its own")
def test_a_prediction_on_a_disk_that_fills_up_ends_in_words(tmp_path: Path) -> None:
    """The map of a file with holes was written, and the process was gone with a signal."""

    def assembled() -> object:
        shards = Shards(tmp_path / "shards", 40_000)
        shards.add(np.arange(2), np.zeros((2, 20)), np.zeros((2, 20)))
        try:
            shards.assemble(tmp_path)
        finally:
            left.extend(path.name for path in tmp_path.iterdir())
        return "written"

    left: list[str] = []
    said = said_on_disk(tmp_path, 1 << 20, lambda: f"{_error(assembled)} {sorted(left)}")
    assert "logits.npy: the disk is full (expected room for 1.6 MB, got 1 MB free)" in said
    assert said.endswith("['shards']")


def _error(work: object) -> str:
    try:
        return str(work())  # type: ignore[operator]
    except BadcaseError as error:
        return str(error)
