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
from tests.badcase.ranking.multilabel.planted import planted
from tests.ui.command_line.conftest import Badcase

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


def test_the_flagged_are_counted_by_pair(arrays: tuple[np.ndarray, np.ndarray], tmp_path: Path, badcase: Badcase) -> None:
    np.save(tmp_path / "y.npy", arrays[0])
    np.save(tmp_path / "p.npy", arrays[1])
    told = badcase("audit", tmp_path / "y.npy", tmp_path / "p.npy", "--json").json
    assert sum(pair["count"] for pair in told["confusions"]) == told["flagged"] > 0
    assert {"given": int(arrays[0][7]), "suggested": int(arrays[0][7] + 1) % 3} in [
        {name: pair[name] for name in ("given", "suggested")} for pair in told["confusions"]
    ]
    shown = badcase("audit", tmp_path / "y.npy", tmp_path / "p.npy").out
    assert "Flagged pairs" in shown
    assert "wrong labels expected" in shown


def test_several_labels_an_item_come_as_texts_or_as_a_matrix_and_say_what_is_missing(tmp_path: Path, badcase: Badcase) -> None:
    data = planted(k=3)
    texts = [";".join(np.array(NAMES)[row]) for row in data.given]
    pacsv.write_csv(pa.table({"label": texts}), tmp_path / "texts.csv")
    pacsv.write_csv(pa.table(dict(zip(NAMES, data.given.T.astype(int), strict=True))), tmp_path / "matrix.csv")
    pq.write_table(pa.table(dict(zip(NAMES, data.probs.T, strict=True))), tmp_path / "p.parquet")
    by_text = badcase("audit", tmp_path / "texts.csv", tmp_path / "p.parquet", "--task", "multilabel", "--json").json
    by_matrix = badcase("audit", tmp_path / "matrix.csv", tmp_path / "p.parquet", "--json").json
    assert by_text == by_matrix
    first = by_text["queue"][0]
    assert first["row"] < 40
    assert first["given"] == np.array(NAMES)[data.given[first["row"]]].tolist()
    assert first["suggested"] == np.array(NAMES)[data.true[first["row"]]].tolist()
    flagged = {label["label"]: label["missing"] + label["wrong"] for label in by_text["confusions"]}
    assert set(flagged) <= set(NAMES)
    assert sum(flagged.values()) >= by_text["flagged"] > 0
    assert badcase("audit", tmp_path / "matrix.csv", tmp_path / "p.parquet", "--csv", tmp_path / "q.csv").code == 0
    with (tmp_path / "q.csv").open(newline="", encoding="utf-8") as file:
        assert next(csv.DictReader(file))["given"] == ";".join(first["given"])


def test_features_alone_are_enough(tmp_path: Path, badcase: Badcase) -> None:
    data = planted(k=3)
    np.save(tmp_path / "y.npy", data.given)
    np.save(tmp_path / "x.npy", data.features)
    told = badcase("audit", tmp_path / "y.npy", "--features", tmp_path / "x.npy", "--json").json
    assert told["queue"][0]["row"] < 40
    done = badcase("audit", tmp_path / "y.npy")
    assert done.code == 1
    assert "nothing to rank by" in done.err


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


def test_rows_with_keys_are_called_by_them(arrays: tuple[np.ndarray, np.ndarray], tmp_path: Path, badcase: Badcase) -> None:
    labels, probs = arrays
    keys, mixed = [f"{i:04d}.jpg" for i in range(200)], np.random.default_rng(1).permutation(200)
    pacsv.write_csv(pa.table({"file": keys, "label": [NAMES[i] for i in labels]}), tmp_path / "y.csv")
    columns = {f"prob_{name}": probs[mixed, i] for i, name in enumerate(NAMES)}
    pacsv.write_csv(pa.table({"id": np.array(keys)[mixed], **columns}), tmp_path / "p.csv")
    done = badcase("audit", tmp_path / "y.csv", tmp_path / "p.csv", "--csv", tmp_path / "q.csv")
    assert done.code == 0 and "matched to the labels by id" in done.err and "Columns called prob_…" in done.err
    with (tmp_path / "q.csv").open(newline="", encoding="utf-8") as file:
        first = next(csv.DictReader(file))
    assert list(first) == ["rank", "key", "row", "suspicion", "given", "suggested", "reasons"]
    assert (first["key"], first["row"]) == ("0007.jpg", "7")
