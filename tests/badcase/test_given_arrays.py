"""`rank`, `audit`, `out_of_sample` and `Queue` take the same inputs, in whatever a person holds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from scipy import sparse

import badcase
from badcase import BadcaseError

NAMES = ["cat", "dog", "fox"]
LABELS = np.arange(60) % 3
PROBS = np.full((60, 3), 0.125) + 0.625 * np.eye(3)[LABELS]  # exact in each float
PROBS[7] = [0.125, 0.125, 0.75]  # given dog
FEATURES = np.round(8 * PROBS + np.random.default_rng(0).normal(size=(60, 3)) / 4, 1).astype(np.float16).astype(np.float64)
TEXTS = [NAMES[i] for i in LABELS]

MATRICES: dict[str, Callable[[np.ndarray], Any]] = {
    "lists": lambda a: a.tolist(),
    "sparse": sparse.csr_matrix,
    "sparse array": sparse.coo_array,
    "bfloat16": lambda a: torch.tensor(a).bfloat16(),
    "half": lambda a: torch.tensor(a).half(),
    "with a gradient": lambda a: torch.tensor(a, requires_grad=True),
    "sparse tensor": lambda a: torch.tensor(a).to_sparse(),
    "list of tensors": lambda a: list(torch.tensor(a, requires_grad=True)),
    "pandas": lambda a: pd.DataFrame(a, columns=NAMES),
    "pandas, nullable": lambda a: pd.DataFrame(a, columns=NAMES).convert_dtypes(),
    "polars": lambda a: pl.DataFrame(a, schema=NAMES),
    "polars, lazy": lambda a: pl.LazyFrame(a, schema=NAMES),
    "pyarrow": lambda a: pa.table(dict(zip(NAMES, a.T, strict=True))),
}
LABELLINGS: dict[str, Any] = {
    "ids": LABELS.tolist(),
    "whole floats": LABELS.astype(np.float32),
    "objects": LABELS.astype(object),
    "a tensor": torch.tensor(LABELS),
    "names": TEXTS,
    "an array of names": np.array(TEXTS),
    "a series": pd.Series(TEXTS),
    "a series of whole numbers": pd.Series(LABELS, dtype="Int64"),
    "categories": pd.Series(TEXTS, dtype="category"),
    "a frame": pd.DataFrame({"label": TEXTS}),
    "polars": pl.Series(TEXTS),
    "pyarrow": pa.chunked_array([TEXTS]),
    "bytes": [name.encode() for name in TEXTS],
    "values of a dict": dict(enumerate(TEXTS)).values(),
}


@pytest.mark.parametrize("kind", LABELLINGS)
def test_labels_mean_the_same_to_all(kind: str) -> None:
    labels, expected = LABELLINGS[kind], badcase.rank(LABELS, PROBS)
    for ranking in (badcase.rank(labels, PROBS), badcase.audit(labels, PROBS), badcase.Queue(labels, PROBS).ranking):
        np.testing.assert_array_equal(ranking.labels, LABELS)
        np.testing.assert_array_equal(ranking.order, expected.order)
    np.testing.assert_array_equal(badcase.out_of_sample(labels, FEATURES), badcase.out_of_sample(FEATURES, LABELS))


@pytest.mark.parametrize("kind", MATRICES)
def test_matrices_mean_the_same_to_all(kind: str) -> None:
    change = MATRICES[kind]
    expected = badcase.rank(LABELS, PROBS)
    for function in (badcase.rank, badcase.audit):
        np.testing.assert_array_equal(function(LABELS, change(PROBS)).order, expected.order)
    if kind == "bfloat16":
        return  # the features are not exact in it
    expected = badcase.rank(LABELS, features=FEATURES)
    np.testing.assert_array_equal(badcase.rank(LABELS, features=change(FEATURES)).order, expected.order)
    made = badcase.out_of_sample(LABELS, change(FEATURES))
    np.testing.assert_array_equal(made, badcase.out_of_sample(labels=LABELS, features=FEATURES))


def test_either_order_of_labels_and_features_is_understood_and_no_other_number_of_arrays() -> None:
    expected = badcase.out_of_sample(FEATURES, LABELS)
    for made in (
        badcase.out_of_sample(TEXTS, FEATURES.tolist()),
        badcase.out_of_sample(FEATURES.tolist(), TEXTS),
        badcase.out_of_sample(FEATURES, labels=LABELS),
        badcase.out_of_sample(LABELS, features=pd.DataFrame(FEATURES)),
        badcase.out_of_sample(pd.DataFrame({"y": TEXTS}), FEATURES),
    ):
        np.testing.assert_array_equal(made, expected)
    for arrays in ((), (LABELS,), (LABELS, FEATURES, PROBS)):
        with pytest.raises(BadcaseError, match="it takes labels and features"):
            badcase.out_of_sample(*arrays)


def test_a_frame_names_the_classes_and_the_reasons_say_them() -> None:
    turned = pd.DataFrame(PROBS[:, ::-1], columns=NAMES[::-1])
    ranking = badcase.rank(TEXTS, turned)
    assert ranking.class_names == ["fox", "dog", "cat"]
    assert ranking.suggested[7] == 0
    assert ranking.reasons(7)[0].text == "The model says fox, 0.75"
    with pytest.raises(BadcaseError, match="probs: column note is not made of numbers") as refused:
        badcase.rank(TEXTS, turned.assign(note="x"))
    assert "Leave columns that are not numbers out" in refused.value.hint


def test_categories_give_the_order_of_the_classes_and_say_how_many_there_are() -> None:
    ordered = pd.Categorical(TEXTS, categories=["fox", "dog", "cat", "owl"])
    ranking = badcase.rank(ordered, features=FEATURES)
    np.testing.assert_array_equal(ranking.labels, 2 - LABELS)
    assert ranking.class_names == ["fox", "dog", "cat", "owl"]
    assert badcase.out_of_sample(pl.Series(TEXTS, dtype=pl.Enum(["fox", "dog", "cat", "owl"])), FEATURES).shape == (60, 4)
    np.testing.assert_array_equal(badcase.rank(ordered, PROBS[:, ::-1]).labels, 2 - LABELS)  # owl has no column
    with pytest.raises(BadcaseError, match="labels, row 1: no label"):
        badcase.rank(pd.Categorical(["cat", None, "dog"]), np.full((3, 2), 0.5))


def test_probabilities_of_one_column_are_those_of_the_second_class() -> None:
    labels = LABELS % 2
    second = np.where(labels == 1, 0.75, 0.25)
    second[9] = 0.125  # given 1
    expected = badcase.rank(labels, np.stack([1 - second, second], 1))
    for probs in (second, second.tolist(), second[:, None], torch.tensor(second), pd.Series(second)):
        ranking = badcase.rank(labels, probs)
        np.testing.assert_array_equal(ranking.order, expected.order)
        assert ranking.suggested[9] == 0
    assert badcase.audit(np.array(["no", "yes"])[labels], second).class_names == ["no", "yes"]
    with pytest.raises(BadcaseError, match=r"probs, row 3: not a probability .*got 1\.5") as refused:
        badcase.rank(labels, np.where(np.arange(60) == 3, 1.5, second))
    assert "sigmoid" in refused.value.hint
    with pytest.raises(BadcaseError, match="labels, row 2: label out of range"):
        badcase.rank(LABELS, second)


def test_rows_in_another_order_by_their_index_are_asked_about() -> None:
    labels = pd.Series(TEXTS, index=np.arange(60)[::-1])
    with pytest.raises(BadcaseError, match="probs: its index has the rows of labels in another order") as refused:
        badcase.rank(labels, pd.DataFrame(PROBS, columns=NAMES))
    assert "probs.loc[labels.index]" in refused.value.hint
    by_place = badcase.rank(labels, pd.DataFrame(PROBS, columns=NAMES).to_numpy())
    assert by_place.order[0] == 7
    assert badcase.rank(pd.Series(TEXTS, index=np.arange(60) + 5), pd.DataFrame(PROBS)).order[0] == 7


def test_numbers_as_text_are_asked_about_where_their_order_is_not_clear() -> None:
    texts = [str(i + 8) for i in LABELS]  # 8, 9, 10
    with pytest.raises(BadcaseError, match="the order of the classes is not clear"):
        badcase.rank(texts, PROBS)
    assert badcase.rank(texts, PROBS, class_names=["8", "9", "10"]).order[0] == 7
    assert badcase.rank(LABELS + 8, PROBS, class_names=[8, 9, 10]).order[0] == 7  # type: ignore[list-item]
    assert badcase.rank(texts, features=FEATURES).class_names == ["8", "9", "10"]


def test_what_a_person_found_may_be_names_with_gaps() -> None:
    found = np.where(np.arange(60) == 7, 2, -1)
    expected = badcase.rank(LABELS, features=FEATURES, verified=found)
    named = [None if one < 0 else NAMES[one] for one in found]
    np.testing.assert_array_equal(badcase.rank(TEXTS, features=FEATURES, verified=named).suspicion, expected.suspicion)
    with pytest.raises(BadcaseError, match="verified, row 7: a label that matches no column"):
        badcase.rank(TEXTS, features=FEATURES, verified=[None if one < 0 else "cow" for one in found])


def test_the_queue_takes_a_name_for_a_verdict() -> None:
    queue = badcase.Queue(TEXTS, PROBS)
    queue.record(7, "fox")
    assert 7 not in queue.next(60)
    with pytest.raises(BadcaseError, match=r"label: there is no such class .*got foks") as refused:
        queue.record(8, "foks")
    assert "fox" in refused.value.hint


def test_lists_of_names_and_of_ids_are_several_labels() -> None:
    rows = [sorted({int(a), int(b)}) for a, b in zip(LABELS, np.roll(LABELS, 7), strict=True)]
    matrix = badcase.label_matrix(rows, 3)
    expected = badcase.rank(matrix, features=FEATURES)
    for labels in (rows, [[NAMES[i] for i in row] for row in rows], matrix.astype(float), torch.tensor(matrix), matrix.tolist()):
        np.testing.assert_array_equal(badcase.rank(labels, features=FEATURES).order, expected.order)


def test_a_sparse_matrix_that_memory_cannot_hold_is_refused_before_it_is_written_out() -> None:
    wide = sparse.csr_matrix((60, 10**9), dtype=np.float32)
    with pytest.raises(BadcaseError, match="features: the sparse matrix is too large") as refused:
        badcase.rank(LABELS, features=wide)
    assert "TruncatedSVD" in refused.value.hint
