"""`badcase.audit` takes arrays and files of any usual shape and gives the ranking of `rank`."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import badcase
from badcase import BadcaseError
from badcase.ranking.audit import audit_keyed
from tests.badcase.ranking.multilabel.planted import planted

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


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_a_table_may_be_as_spreadsheets_write_it(encoding: str, tmp_path: Path) -> None:
    """With a byte order mark or another encoding, semicolons, and decimal commas where there are semicolons."""
    names = ["猫", "狗", "狐狸"]
    frame = pd.DataFrame(PROBS, columns=names)
    frame.to_csv(tmp_path / "p.csv", sep=";", decimal=",", encoding=encoding, index=False)
    frame.to_csv(tmp_path / "points.csv", sep=";", encoding=encoding, index=False)
    labels = pd.DataFrame({"id": range(60), "label": [names[i] for i in LABELS]})
    labels.to_csv(tmp_path / "y.csv", sep=";", encoding=encoding, index=False)
    labels["label"].to_csv(tmp_path / "bare.csv", encoding=encoding, index=False, header=False)
    for y, p in (("y.csv", "p.csv"), ("y.csv", "points.csv"), ("bare.csv", "p.csv")):
        ranking = badcase.audit(tmp_path / y, tmp_path / p)
        np.testing.assert_array_equal(ranking.labels, LABELS)
        assert ranking.order[0] == 7
        assert ranking.class_names == names


def test_one_table_may_hold_labels_and_lists_of_probabilities(tmp_path: Path) -> None:
    texts = pa.array([NAMES[i] for i in LABELS]).dictionary_encode()
    pq.write_table(pa.table({"key": range(60), "label": texts, "probs": PROBS.tolist()}), tmp_path / "all.parquet")
    ranking = badcase.audit(tmp_path / "all.parquet", tmp_path / "all.parquet")
    np.testing.assert_array_equal(ranking.labels, LABELS)
    assert ranking.order[0] == 7


def test_an_empty_cell_is_no_label(tmp_path: Path) -> None:
    texts = [NAMES[i] if i != 2 else "" for i in LABELS]
    pd.DataFrame({"id": range(60), "label": texts}).to_csv(tmp_path / "y.csv", index=False)
    with pytest.raises(BadcaseError, match=r"y.csv, row 2: no label .*got an empty cell"):
        badcase.audit(tmp_path / "y.csv", pd.DataFrame(PROBS, columns=NAMES))


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
        (["cat", "dog", "cow"], pd.DataFrame(np.eye(3), columns=NAMES), "labels, row 2: a label that matches no column"),
        (["cat", "dog", None], pd.DataFrame(np.eye(3), columns=NAMES), "labels, row 2: no label"),
        (["cat", "dog", "dog"], np.eye(3), "labels: the number of label names differs .*expected 3, got 2"),
        ([0, 1.5, 2], np.eye(3), "labels, row 1: not a class .*got 1.5"),
        ([0, 1, 3], np.eye(3), "labels, row 2: label out of range"),
        ([0, 1], np.eye(3), "labels: wrong length"),
        ([[0, 1], [2], [5]], np.eye(3), "labels, row 2: label out of range .*got 5"),
    ],
)
def test_bad_labels_are_refused_by_row(labels: object, probs: object, words: str) -> None:
    with pytest.raises(BadcaseError, match=words):
        badcase.audit(labels, probs)  # type: ignore[arg-type]


def test_only_a_csv_has_a_first_line_that_may_be_a_label(tmp_path: Path) -> None:
    """The name of a parquet file's column became a label where it was one, as did a header behind an index."""
    names = [NAMES[label] for label in LABELS]
    pq.write_table(pa.table({names[0]: names}), tmp_path / "y.parquet")
    (tmp_path / "y.csv").write_text("\n".join(names) + "\n", encoding="utf-8")
    rows = [f"{row},{name}" for row, name in enumerate(names)]
    (tmp_path / "indexed.csv").write_text("\n".join([f",{names[0]}", *rows]) + "\n", encoding="utf-8")
    expected = badcase.audit(LABELS, PROBS)
    for file in ("y.parquet", "y.csv", "indexed.csv"):
        np.testing.assert_array_equal(badcase.audit(tmp_path / file, PROBS, class_names=NAMES).labels, expected.labels)


def test_bad_files_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "y.txt").write_text("0", encoding="utf-8")
    (tmp_path / "y.npy").write_bytes(b"not numpy")
    np.save(tmp_path / "objects.npy", np.array([None, {}]), allow_pickle=True)
    np.savez(tmp_path / "many.npz", a=LABELS, b=LABELS)
    (tmp_path / "empty.npy").touch()
    (tmp_path / "text.npz").write_text("hello", encoding="utf-8")
    np.save(tmp_path / "whole.npy", PROBS)
    pq.write_table(pa.table({"label": LABELS}), tmp_path / "whole.parquet")
    for half, whole in (("half.npz", "many.npz"), ("half.npy", "whole.npy"), ("half.parquet", "whole.parquet")):
        (tmp_path / half).write_bytes((tmp_path / whole).read_bytes()[:300])
    (tmp_path / "header.csv").write_text("cat,dog,fox\n", encoding="utf-8")
    (tmp_path / "words.csv").write_text("a,b,c\n1,2,x\n", encoding="utf-8")
    for name, words in (
        ("y.txt", "unknown kind of file"),
        ("y.npy", "this is no .npy file"),
        ("objects.npy", "cannot be read"),
        ("empty.npy", "this is no .npy file .got an empty file"),
        ("text.npz", "this is no .npz file"),
        ("half.npz", "cannot be read"),
        ("half.npy", "cannot be read"),
        ("half.parquet", "the table cannot be read"),
        ("", "unknown kind of file"),
        ("many.npz", "several arrays, and none is called labels"),
        ("missing.csv", "there is no such file"),
    ):
        with pytest.raises(BadcaseError, match=rf"{name}: {words}"):
            badcase.audit(tmp_path / name, PROBS)
    with pytest.raises(BadcaseError, match=r"probs, row 0: not a probability"):  # c is no number and left out
        badcase.audit(LABELS % 2, tmp_path / "words.csv")
    (tmp_path / "none.csv").write_text("a,b\nx,y\n", encoding="utf-8")
    with pytest.raises(BadcaseError, match=r"none.csv: no column is made of numbers .*got a, b"):
        badcase.audit(LABELS, tmp_path / "none.csv")
    (tmp_path / "gap.csv").write_text("cat,dog,fox\n.5,,.5\n", encoding="utf-8")
    with pytest.raises(BadcaseError, match=r"gap.csv: numbers that are not finite .NaN for 1 of 1 items.*first for row 0"):
        badcase.audit(LABELS, tmp_path / "gap.csv")
    with pytest.raises(BadcaseError, match=r"header.csv: no items"):
        badcase.audit(LABELS, tmp_path / "header.csv")
    with pytest.raises(BadcaseError, match="task: no such task"):
        badcase.audit(LABELS, PROBS, task="regression")


KEYS = [f"{i:03d}.jpg" for i in range(60)]
MIXED = np.random.default_rng(0).permutation(60)
GIVEN = pd.DataFrame({"id": KEYS, "label": [NAMES[i] for i in LABELS]})
FRAME = pd.DataFrame(PROBS, columns=NAMES)


def test_where_one_of_two_files_has_no_keys_it_is_said_which_row_is_taken_as_which(tmp_path: Path) -> None:
    """A table in another order was taken row by row without a word."""
    GIVEN.to_csv(tmp_path / "y.csv", index=False)
    FRAME.to_csv(tmp_path / "bare.csv", index=False)
    FRAME.assign(id=KEYS).to_csv(tmp_path / "p.csv", index=False)
    np.save(tmp_path / "y.npy", GIVEN["label"].to_numpy(str))
    for labels, probs, bare in (("y.csv", "bare.csv", "bare.csv"), ("y.npy", "p.csv", "y.npy")):
        found = audit_keyed(tmp_path / labels, tmp_path / probs)
        assert found.keys == KEYS
        assert any(
            f"{bare}: There are no keys, so row 1 is taken as 000.jpg and the last as 059.jpg" in note for note in found.notes
        )
    FRAME.assign(photo=KEYS).to_csv(tmp_path / "photo.csv", index=False)  # keys under a name of their own, in order
    for labels, probs in (("y.npy", "bare.csv"), ("y.csv", "photo.csv"), ("y.csv", "p.csv")):
        assert not any("no keys" in note for note in audit_keyed(tmp_path / labels, tmp_path / probs).notes)


def test_features_follow_the_keys_of_the_probabilities_where_the_labels_have_none(tmp_path: Path) -> None:
    features = np.random.default_rng(1).normal(size=(60, 4)) + 5 * np.eye(4)[LABELS]
    expected = badcase.rank(LABELS, PROBS, features=features.astype(np.float32))
    FRAME.assign(id=KEYS).to_csv(tmp_path / "p.csv", index=False)
    np.savez(tmp_path / "x.npz", features=features[MIXED], ids=np.array(KEYS)[MIXED])
    found = audit_keyed(np.array(NAMES)[LABELS], tmp_path / "p.csv", features=tmp_path / "x.npz")
    np.testing.assert_allclose(found.ranking.suspicion, expected.suspicion, atol=2e-3)


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (FRAME.assign(id=KEYS), ""),
        (FRAME.assign(id=KEYS).iloc[MIXED], "are matched to the labels by id"),
        (FRAME.assign(file=[f"C:\\photos\\{key}" for key in KEYS]).iloc[MIXED], "matched to the labels by file"),
        (FRAME.add_prefix("prob_"), "Columns called prob_…"),
        (FRAME.add_suffix(" (prob)").assign(id=KEYS).iloc[MIXED], "Columns called … .prob."),
        (FRAME[NAMES[::-1]].assign(id=KEYS, model="resnet", confidence=0.9).iloc[MIXED], "no class were left out: confidence"),
        (FRAME.rename(columns=str.upper), ""),
        (pd.concat([FRAME.assign(id=KEYS), FRAME.iloc[:3].assign(id=["x", "y", "z"])]).iloc[::-1], "3 rows of .* of no label"),
        ((FRAME * 1.004).round(6).assign(id=KEYS).iloc[MIXED], "60 rows did not sum to 1 and were divided"),
    ],
)
def test_rows_are_joined_by_a_shared_key_and_columns_by_the_names_of_the_labels(
    frame: pd.DataFrame, said: str, tmp_path: Path
) -> None:
    """A shuffled table of probabilities gave a wrong queue, or "column id is not made of numbers"."""
    expected = badcase.rank(LABELS, PROBS)
    for ending, write in ((".csv", frame.to_csv), (".parquet", frame.to_parquet)):
        write(tmp_path / f"p{ending}", index=False)
        GIVEN.to_csv(tmp_path / "y.csv", index=False)
        found = audit_keyed(tmp_path / "y.csv", tmp_path / f"p{ending}")
        assert found.ranking.order[0] == expected.order[0] == 7
        np.testing.assert_allclose(found.ranking.suspicion, expected.suspicion, atol=2e-3)
        assert found.keys == KEYS
        assert re.search(said, " ".join(found.notes)), found.notes
    if "id" in frame or "file" in frame:
        np.testing.assert_allclose(badcase.audit(GIVEN, frame).suspicion, expected.suspicion, atol=2e-3)


def test_features_are_joined_likewise_and_whole_numbers_are_keys_too(tmp_path: Path) -> None:
    features = np.random.default_rng(1).normal(size=(60, 4)) + 5 * np.eye(4)[LABELS]
    expected = badcase.rank(LABELS, PROBS, features=features.astype(np.float32))
    keys = 7000 + np.arange(60)
    GIVEN.assign(id=keys).to_csv(tmp_path / "y.csv", index=False)
    FRAME.assign(id=keys).iloc[MIXED].to_csv(tmp_path / "p.csv", index=False)
    pd.DataFrame(features).assign(id=keys).iloc[::-1].to_csv(tmp_path / "x.tsv", sep="\t", index=False)
    np.savez(tmp_path / "x.npz", features=features[MIXED], ids=keys[MIXED])
    for x in ("x.tsv", "x.npz"):
        ranking = badcase.audit(tmp_path / "y.csv", tmp_path / "p.csv", features=tmp_path / x)
        np.testing.assert_array_equal(ranking.order[:5], expected.order[:5])
        np.testing.assert_allclose(ranking.suspicion, expected.suspicion, atol=2e-3)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (FRAME.assign(id=KEYS).iloc[4:], "4 labels have no row .*none for 000.jpg, 001.jpg"),
        (FRAME.assign(id=[f"x{key}" for key in KEYS]), "no key is the same as in .*y.csv .*expected 000.jpg.*got x000.jpg"),
        (pd.concat([FRAME.assign(id=KEYS), 1 - FRAME.iloc[:1].assign(id=0)]).assign(id=[*KEYS, KEYS[5]]), "two rows of one key"),
        (FRAME.assign(id=KEYS, fox=np.where(LABELS == 1, np.nan, FRAME["fox"])), "NaN for 20 of 60 items.*first for 001.jpg"),
        (FRAME.set_axis(["prob_cat", "prob_dog", "prob_cow"], axis=1), "a label that matches no column"),
    ],
)
def test_what_does_not_match_is_refused_with_the_keys(frame: pd.DataFrame, words: str, tmp_path: Path) -> None:
    GIVEN.to_csv(tmp_path / "y.csv", index=False)
    frame.to_csv(tmp_path / "p.csv", index=False)
    with pytest.raises(BadcaseError, match=words) as caught:
        badcase.audit(tmp_path / "y.csv", tmp_path / "p.csv")
    assert caught.value.hint


def test_one_column_is_the_probability_of_the_second_class_or_of_the_one_that_it_names(tmp_path: Path) -> None:
    labels, second = LABELS % 2, np.where(LABELS % 2, 0.9, 0.1)
    second[5] = 0.02
    expected = badcase.rank(labels, np.c_[1 - second, second])
    names = np.array(["no", "yes"])[labels]
    np.save(tmp_path / "p.npy", second)
    np.save(tmp_path / "y.npy", labels)
    pd.DataFrame({"id": KEYS, "label": names}).to_csv(tmp_path / "y.csv", index=False)
    pd.DataFrame({"id": KEYS, "p_yes": second}).iloc[MIXED].to_csv(tmp_path / "yes.csv", index=False)
    pd.DataFrame({"id": KEYS, "p_no": 1 - second}).iloc[MIXED].to_csv(tmp_path / "no.csv", index=False)
    for y, p in (("y.npy", "p.npy"), ("y.csv", "p.npy"), ("y.csv", "yes.csv"), ("y.csv", "no.csv")):
        ranking = badcase.audit(tmp_path / y, tmp_path / p)
        np.testing.assert_array_equal(ranking.order[:3], expected.order[:3])
        np.testing.assert_allclose(ranking.suspicion, expected.suspicion, atol=1e-3)
    np.save(tmp_path / "p.npy", 8 * second)
    with pytest.raises(BadcaseError, match=r"not a probability.*expected 0 to 1"):
        badcase.audit(tmp_path / "y.npy", tmp_path / "p.npy")


def test_a_score_beside_an_answer_is_of_that_answer(tmp_path: Path) -> None:
    """{"label": "no", "score": 0.9} was audited as the probability of yes."""
    yes = np.linspace(0.02, 0.98, 20)
    given = pd.DataFrame({"id": range(20), "label": np.where(yes > 0.3, "yes", "no")})
    best = pd.DataFrame({"id": range(20), "answer": np.where(yes > 0.5, "yes", "no"), "score": np.maximum(yes, 1 - yes)})
    given.to_csv(tmp_path / "labels.csv", index=False)
    best.iloc[::-1].to_csv(tmp_path / "best.csv", index=False)
    ranking = badcase.audit(tmp_path / "labels.csv", tmp_path / "best.csv")
    assert ranking.order.tolist() == badcase.audit(given["label"], yes).order.tolist()
    best.assign(score=yes).to_csv(tmp_path / "best.csv", index=False)
    with pytest.raises(BadcaseError, match="one number for each item does not say how likely each class is"):
        badcase.audit(tmp_path / "labels.csv", tmp_path / "best.csv")
