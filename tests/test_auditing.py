"""`badcase.audit` takes arrays and files of any usual shape and gives the ranking of `rank`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import badcase
from badcase import BadcaseError
from tests.multilabel.planted import planted

NAMES = ["cat", "dog", "fox"]
LABELS = np.arange(60) % 3
PROBS = 0.9 * np.eye(3)[LABELS] + 0.1 / 3
PROBS[7] = [0.01, 0.01, 0.98]  # given dog


def test_arrays_lists_and_frames_are_as_good_as_files(tmp_path: Path) -> None:
    expected = badcase.rank(LABELS, PROBS)
    frame = pd.DataFrame(PROBS, columns=NAMES)
    frame.to_csv(tmp_path / "p.csv")  # with the index column that pandas writes
    np.savetxt(tmp_path / "p_bare.csv", PROBS, delimiter=",")
    np.savetxt(tmp_path / "y_bare.csv", LABELS, fmt="%d")
    pd.Series([NAMES[i] for i in LABELS], name="label").to_csv(tmp_path / "y.csv")
    pq.write_table(pa.table({"pred": pa.array(PROBS.tolist())}), tmp_path / "p.parquet")
    for labels, probs in (
        (LABELS, PROBS),
        (LABELS.tolist(), PROBS.tolist()),
        ([NAMES[i] for i in LABELS], PROBS),
        (np.array(NAMES)[LABELS], frame),
        (LABELS.astype(float), frame),
        (tmp_path / "y.csv", tmp_path / "p.csv"),
        (str(tmp_path / "y_bare.csv"), tmp_path / "p_bare.csv"),
        (LABELS, tmp_path / "p.parquet"),
    ):
        ranking = badcase.audit(labels, probs)
        np.testing.assert_array_equal(ranking.order, expected.order)
        np.testing.assert_array_equal(ranking.labels, LABELS)
    assert badcase.audit(LABELS, frame).reasons(7)[0].text == "The model says fox, 0.98"


def test_names_follow_the_columns_of_the_probabilities_and_without_them_their_sorted_order() -> None:
    turned = pd.DataFrame(PROBS[:, ::-1], columns=NAMES[::-1])
    texts = [NAMES[i] for i in LABELS]
    np.testing.assert_array_equal(badcase.audit(texts, turned).labels, 2 - LABELS)
    np.testing.assert_array_equal(badcase.audit(texts, PROBS).labels, LABELS)
    counted_from_1 = pd.DataFrame(PROBS, columns=["1", "2", "3"])
    np.testing.assert_array_equal(badcase.audit(LABELS + 1, counted_from_1).labels, LABELS)


def test_several_labels_an_item_may_be_lists_texts_or_a_matrix() -> None:
    data = planted(k=3)
    frame = pd.DataFrame(data.probs, columns=NAMES)
    ids = [np.flatnonzero(row).tolist() for row in data.given]
    names = [[NAMES[i] for i in row] for row in ids]
    expected = badcase.rank(data.given, data.probs)
    for labels, task in (
        (data.given, None),
        (ids, None),
        (names, None),
        (["; ".join(row) for row in names], "multilabel"),
        ([",".join(row) for row in names], "multilabel"),
        (pd.DataFrame(data.given[:, ::-1], columns=NAMES[::-1]), None),  # put into the order of the probabilities
    ):
        np.testing.assert_array_equal(badcase.audit(labels, frame, task=task).order, expected.order)


@pytest.mark.parametrize(
    ("labels", "probs", "words"),
    [
        (["cat", "dog", "cow"], pd.DataFrame(np.eye(3), columns=NAMES), "labels, row 2: a label that is no column"),
        (["cat", "dog", None], pd.DataFrame(np.eye(3), columns=NAMES), "labels, row 2: no label"),
        (["cat", "dog", "dog"], np.eye(3), "labels: the labels do not have as many names .*expected 3, got 2"),
        ([0, 1.5, 2], np.eye(3), "labels, row 1: not a class .*got 1.5"),
        ([0, 1, 3], np.eye(3), "labels, row 2: label out of range"),
        ([0, 1], np.eye(3), "labels: wrong length"),
        ([[0, 1], [2], [5]], np.eye(3), "labels, row 2: label out of range .*got 5"),
    ],
)
def test_bad_labels_are_refused_by_row(labels: object, probs: object, words: str) -> None:
    with pytest.raises(BadcaseError, match=words):
        badcase.audit(labels, probs)  # type: ignore[arg-type]


def test_bad_files_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "y.txt").write_text("0", encoding="utf-8")
    (tmp_path / "y.npy").write_bytes(b"not numpy")
    np.save(tmp_path / "objects.npy", np.array([None, {}]), allow_pickle=True)
    np.savez(tmp_path / "many.npz", a=LABELS, b=LABELS)
    (tmp_path / "words.csv").write_text("a,b,c\n1,2,x\n", encoding="utf-8")
    for name, words in (
        ("y.txt", "unknown kind of file"),
        ("y.npy", "cannot be read"),
        ("objects.npy", "cannot be read"),
        ("many.npz", "several arrays, and none is called labels"),
        ("missing.csv", "cannot be read"),
    ):
        with pytest.raises(BadcaseError, match=rf"{name}: {words}"):
            badcase.audit(tmp_path / name, PROBS)
    with pytest.raises(BadcaseError, match=r"words.csv: column c is not made of numbers"):
        badcase.audit(LABELS, tmp_path / "words.csv")
    with pytest.raises(BadcaseError, match="task: no such task"):
        badcase.audit(LABELS, PROBS, task="regression")
