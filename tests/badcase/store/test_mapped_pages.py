"""What was read once of a mapped file leaves this process's memory, and is there again when it is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from badcase.store.mapped_pages import let_go

MB = 16


def mapped_mb() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssFile"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell what is resident")
def test_pages_are_given_back_and_read_again(tmp_path: Path) -> None:
    np.save(tmp_path / "made.npy", np.arange(MB << 17))
    values = np.load(tmp_path / "made.npy", mmap_mode="r")
    total, held = int(values.sum()), mapped_mb()
    let_go(values)
    assert held - mapped_mb() > 0.8 * MB
    assert int(values.sum()) == total


def test_what_was_written_and_what_is_no_map_stays(tmp_path: Path) -> None:
    np.save(tmp_path / "made.npy", np.zeros(10_000))
    changed = np.load(tmp_path / "made.npy", mmap_mode="c")
    changed[:] = 7
    plain = np.ones(3)
    for values in (changed, plain):
        let_go(values)
    assert (changed == 7).all() and (plain == 1).all()
