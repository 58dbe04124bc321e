"""`audit` ranks arrays from any file as `badcase.rank` does, and refuses bad ones by name and row."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

import badcase as api
from tests.cli.conftest import Badcase

NAMES = ["cat", "dog", "fox"]


@pytest.fixture
def arrays() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 200)
    probs = 0.8 * np.eye(3)[labels] + 0.2 * rng.dirichlet([1, 1, 1], 200)
    probs[7] = np.eye(3)[(labels[7] + 1) % 3] * 0.97 + 0.01
    return labels, probs / probs.sum(1, keepdims=True)


@pytest.mark.parametrize("ending", [".npy", ".npz", ".csv", ".parquet"])
def test_every_format_gives_the_queue_of_rank(
    arrays: tuple[np.ndarray, np.ndarray], ending: str, tmp_path: Path, badcase: Badcase
) -> None:
    labels, probs = arrays
    y, p = tmp_path / f"y{ending}", tmp_path / f"p{ending}"
    if ending == ".npy":
        np.save(y, labels)
        np.save(p, probs)
    elif ending == ".npz":
        np.savez(y, labels=labels)
        np.savez(p, probs=probs)
    else:
        tables = pa.table({"label": [NAMES[i] for i in labels]}), pa.table(dict(zip(NAMES, probs.T, strict=True)))
        for table, path in zip(tables, (y, p), strict=True):
            if ending == ".parquet":
                pq.write_table(table, path)
            else:
                pacsv.write_csv(table, path)
    told = badcase("audit", y, p, "--json").json
    assert [row["row"] for row in told["queue"]] == api.rank(labels, probs).order.tolist()
    first = told["queue"][0]
    assert first["row"] == 7
    assert first["reasons"]
    if ending in (".csv", ".parquet"):
        assert first["given"] == NAMES[labels[7]]


def test_it_writes_a_table_and_top_cuts_it(arrays: tuple[np.ndarray, np.ndarray], tmp_path: Path, badcase: Badcase) -> None:
    np.save(tmp_path / "y.npy", arrays[0])
    np.save(tmp_path / "p.npy", arrays[1])
    done = badcase("audit", tmp_path / "y.npy", tmp_path / "p.npy", "--csv", tmp_path / "q.csv", "--top", 30)
    assert done.code == 0
    with (tmp_path / "q.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["rank", "row", "suspicion", "given", "suggested", "reasons"]
    assert len(rows) == 30


def test_it_counts_the_reasons_and_says_what_it_could_not_look_for(
    arrays: tuple[np.ndarray, np.ndarray], tmp_path: Path, badcase: Badcase
) -> None:
    for name, array in zip(("labels", "probs"), arrays, strict=True):
        np.save(tmp_path / f"{name}.npy", array)
    files = tmp_path / "labels.npy", tmp_path / "probs.npy"
    document = badcase("audit", *files, "--json").json
    assert document["reasons"]["Model differs"] == sum(
        any(text.startswith("The model") and "only" not in text for text in row["reasons"]) for row in document["queue"]
    )
    assert any("Outlier" in line and "needs features" in line for line in document["not_looked_for"])
    assert "Not looked for: Neighbours differ" in badcase("audit", *files).out


def test_a_bad_row_is_named(arrays: tuple[np.ndarray, np.ndarray], tmp_path: Path, badcase: Badcase) -> None:
    labels, probs = arrays
    probs[11] *= 2
    np.save(tmp_path / "y.npy", labels)
    np.save(tmp_path / "p.npy", probs)
    done = badcase("audit", tmp_path / "y.npy", tmp_path / "p.npy")
    assert done.code == 1
    assert "11" in done.err
    done = badcase("audit", tmp_path / "y.npy", tmp_path / "none.npy")
    assert done.code == 1
    assert "none.npy" in done.err
