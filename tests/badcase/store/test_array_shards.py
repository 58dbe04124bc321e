"""A prediction that was killed goes on where it was; what of it is damaged is predicted again."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from badcase.store.array_shards import Shards, half_logits


def written(folder: Path) -> list[Path]:
    """Three files of two items each."""
    shards = Shards(folder, 6)
    for first in (0, 2, 4):
        shards.add(np.array([first, first + 1]), np.full((2, 3), first), np.full((2, 4), first))
        shards.write()
    return sorted(folder.glob("shard-*.npz"))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _flip(path: Path) -> None:
    with zipfile.ZipFile(path) as packed:
        after = packed.getinfo("embeddings.npy").header_offset
    raw = bytearray(path.read_bytes())
    raw[after - 1] ^= 0xFF  # the last number of the logits
    path.write_bytes(raw)


def _others(path: Path) -> None:
    np.savez(path, ids=np.array([2, 30]), logits=np.zeros((2, 3)), embeddings=np.zeros((2, 4)))


@pytest.mark.parametrize("damage", [_cut, _empty, _flip, _others])
def test_a_damaged_part_is_dropped_and_its_items_are_asked_again(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    damage(written(tmp_path / "parts")[0 if damage is not _others else 1])
    lost = [2, 3] if damage is _others else [0, 1]
    again = Shards(tmp_path / "parts", 6)
    assert np.flatnonzero(~again.done).tolist() == lost
    again.add(np.array(lost), np.full((2, 3), 7), np.full((2, 4), 7))
    again.assemble(tmp_path)
    logits = np.load(tmp_path / "logits.npy")
    expected = np.repeat([0, 2, 4], 2)
    expected[lost] = 7
    np.testing.assert_array_equal(logits[:, 0], expected)
    assert np.load(tmp_path / "embeddings.npy").shape == (6, 4)


def test_logits_beyond_half_precision_keep_their_softmax_and_nothing_turns_into_a_number() -> None:
    """Both of the first row were stored as 65504, a tie; NaN was stored as 0 and ranked like any other."""
    logits = np.array([[70_000.0, 69_999.0, -90_000.0], [3000.0, 3000.7, 2999.0], [1.5, -2.0, 0.25]], np.float32)
    half = half_logits(logits, "multiclass")
    assert half.dtype == np.float16 and np.isfinite(half).all()
    powers = [np.exp(rows - rows.max(1, keepdims=True)) for rows in (logits.astype(np.float64), half.astype(np.float64))]
    expected, kept = (rows / rows.sum(1, keepdims=True) for rows in powers)
    np.testing.assert_allclose(kept, expected, atol=1e-3)
    np.testing.assert_array_equal(half[2], [1.5, -2.0, 0.25])
    np.testing.assert_array_equal(half_logits(logits[:1], "multilabel"), [[65504, 65504, -65504]])  # no softmax: signs stay
    assert np.isnan(half_logits(np.array([[np.nan, 1.0]]), "multiclass")).any()
