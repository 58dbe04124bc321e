"""Predictions that were made elsewhere come in as a prediction set like any other, each row to the item that it is of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from badcase.errors import BadcaseError
from badcase.importing.arrays.answers import answered
from badcase.items.kinds import Split
from badcase.progress import Notice
from badcase.project import Project
from tests.projects import SUBJECTS, write_texts

N = 60
CLASSES = list(SUBJECTS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("brought")
    write_texts(folder / "texts.csv", N)
    table = pd.read_csv(folder / "texts.csv")
    table["fold"] = ["train" if i % 2 else "test" for i in range(N)]
    table["seen"] = [i < 10 for i in range(N)]
    table.to_csv(folder / "texts.csv", index=False)
    Project.create(folder / "project", folder / "texts.csv").close()
    return folder


@pytest.fixture
def project(folder: Path) -> Iterator[Project]:
    with Project.open(folder / "project") as opened:
        yield opened


KEYS = [f"t{i}" for i in range(N)]
PROBS = np.random.default_rng(1).dirichlet([0.5, 0.5, 0.5], N)
MIXED = np.random.default_rng(2).permutation(N)
FRAME = pd.DataFrame(PROBS, columns=CLASSES)


def bring(project: Project, probs: Any, **options: Any) -> tuple[np.ndarray, str]:
    """The probabilities as they are stored, and all that was said."""
    job, said = project.bringing_predictions(probs, **options), []
    while True:
        try:
            event = next(job)
        except StopIteration as stop:
            return stop.value.probabilities(), " ".join(said)
        if isinstance(event, Notice):
            said += [event.text, event.hint]


def _keyed(column: str = "id", keys: list[Any] = KEYS) -> pd.DataFrame:
    """Rows in another order than the items."""
    return FRAME.assign(**{column: keys}).iloc[MIXED]


def _csv(path: Path, **how: Any) -> Callable[[pd.DataFrame], Path]:
    def write(frame: pd.DataFrame) -> Path:
        frame.to_csv(path, **{"index": False} | how)
        return path

    return write


def _json_lines(path: Path, frame: pd.DataFrame) -> Path:
    rows = [{"key": row.id, "probs": {name: getattr(row, name) for name in CLASSES}} for row in frame.itertuples()]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "feather", "jsonl", "json", "npz", "lists.parquet"])
def test_rows_find_their_items_by_key_in_every_format(ending: str, project: Project, tmp_path: Path) -> None:
    frame, path = _keyed(), tmp_path / f"probs.{ending}"
    if ending in ("csv", "tsv"):
        frame.to_csv(path, sep="\t" if ending == "tsv" else ",", index=False)
    elif ending == "parquet":
        frame.set_index("id").to_parquet(path)
    elif ending == "feather":
        pyarrow.feather.write_feather(pa.Table.from_pandas(frame), path)
    elif ending == "jsonl":
        _json_lines(path, frame)
    elif ending == "json":
        path.write_text(json.dumps({row.id: {name: getattr(row, name) for name in CLASSES} for row in frame.itertuples()}))
    elif ending == "npz":
        np.savez(path, probs=PROBS[MIXED][:, ::-1], keys=np.array(KEYS)[MIXED], classes=np.array(CLASSES[::-1]))
    else:
        pq.write_table(pa.table({"id": frame["id"].tolist(), "probs": PROBS[MIXED].tolist()}), path)
    made, said = bring(project, path)
    np.testing.assert_allclose(made, PROBS, atol=2e-3)
    assert "matched to items by" in said and "read as probabilities" in said
    assert f"trained on the {(project.split == Split.TRAIN).sum()} items of the training split" in said
    current = project.predictions.current
    assert current is not None and not current.has_embeddings and not current.has_model
    with pytest.raises(BadcaseError, match="without features"):
        _ = current.embeddings


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (_keyed("file", [f"C:\\data\\{key}.txt" for key in KEYS]), "by file, by the name without its ending"),
        (_keyed("sample", [f"/scratch/run/{key}" for key in KEYS]), "by sample, by the end of the path"),
        (_keyed("ID", [key.upper() for key in KEYS]), "without regard to upper and lower case"),
        (_keyed().set_index("id"), "matched to items by id"),
        (_keyed().rename(columns={name: f"{name}_prob" for name in CLASSES}), "Columns called …_prob"),
        (_keyed().rename(columns={name: f"p({name})" for name in CLASSES}), "Columns called p\\(…\\)"),
        (_keyed().rename(columns={name: name.title() for name in CLASSES}), "matched"),
        (
            _keyed().rename(columns=dict(zip(CLASSES, "012", strict=True))),
            "0 to 2 are taken as the classes in their order: animals",
        ),
        (
            _keyed().rename(columns={name: f"class_{i}" for i, name in enumerate(CLASSES, 1)}),
            "class_1 to class_3 are taken as the classes in their order",
        ),
        (_keyed().assign(confidence=PROBS.max(1), model="v2", pred=PROBS.argmax(1)), "no class were left out: confidence, pred"),
        (pd.concat([_keyed(), _keyed().assign(id="other").iloc[:2]]), "2 rows are of no item and are left out"),
        (pd.concat([_keyed(), _keyed().iloc[:1]]), "1 row repeats another"),
        (_keyed().assign(**{name: FRAME[name] * 1.004 for name in CLASSES}), "60 rows did not sum to 1"),
        (_keyed().assign(**{name: FRAME[name] * 100 for name in CLASSES}), "sum to 100; the numbers are read as shares"),
        (_keyed().assign(**{name: np.log(FRAME[name] + 1e-9) for name in CLASSES}), "read as logits"),
        (_keyed().assign(**{name: np.log(FRAME[name] + 1e-9) + 80_000 for name in CLASSES}), "read as logits"),
        (FRAME.sample(frac=1, axis=1, random_state=3), "no keys, so row 1 is taken as t0 and the last as t59"),
    ],
)
def test_what_has_one_reading_is_taken_and_said(frame: pd.DataFrame, words: str, project: Project, tmp_path: Path) -> None:
    made, said = bring(project, frame)
    coarse = 0.3 if frame.iloc[0, :3].abs().max() > 1000 else 3e-3  # float32 itself holds 80,000 to 1/128
    np.testing.assert_allclose(made, PROBS, atol=coarse)
    assert np.isfinite(project.predictions.all()[-1].logits).all()
    import re

    assert re.search(words, said), said
    if frame.index.name is None:
        again, said = bring(project, _csv(tmp_path / "probs.csv")(frame))
        np.testing.assert_allclose(again, made, atol=1e-3 if coarse < 0.1 else coarse)
        assert re.search(words, said), said


def _changed(row: int, **values: float | str) -> pd.DataFrame:
    frame = _keyed()
    for name, value in values.items():
        frame[name] = frame[name].astype(object) if isinstance(value, str) else frame[name]
        frame.iloc[row, frame.columns.get_loc(name)] = value
    return frame


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (_keyed().iloc[5:], r"5 items of the project have no row.*none for t\d+"),
        (_keyed("id", [f"x{i}" for i in range(N)]), "column id has no key of the project.*expected t0, t1.*got x"),
        (
            _keyed("f", [f"{'ab'[i % 2]}/{i // 2}" for i in range(N)]),
            "column f has no key of the project",
        ),  # whatever it is called
        (_keyed("nr", (7 * np.arange(N)).tolist()), "column nr has no key of the project"),
        (_keyed().drop(columns="food"), "a class of the project has no column.*expected food, got animals, weather"),
        (FRAME.set_axis([f"prob_{name}" for name in ("animals", "sports", "weather")], axis=1), "no column.*expected food"),
        (FRAME.set_axis(["a", "b", "c"], axis=1), "columns are not the classes of the project"),
        (
            pd.concat([_keyed(), _changed(0, food=0.5, animals=0.5, weather=0.0).iloc[:1]]),
            "two rows of one item say different things",
        ),
        (_changed(3, food=np.nan), rf"not finite \(NaN for 1 of 60 items\).*first for t{MIXED[3]}"),
        (_changed(3, food=np.inf), "not finite .infinity for 1 of 60"),
        (_changed(2, food=5.0), rf"t{MIXED[2]}: the probabilities of an item do not sum to 1"),
        (_keyed().assign(**{name: FRAME[name] / 2 for name in CLASSES}), "do not sum to 1 .*got 0.5"),
        (_changed(4, food="n.a."), "the column of the class food is not made of numbers"),
        (
            _keyed()
            .assign(**{f"logit_{name}": FRAME[name] for name in CLASSES})
            .rename(columns={name: f"z_{name}" for name in CLASSES}),
            "several columns for each class",
        ),
        (FRAME.iloc[:-1], "neither keys nor the number of rows.*expected 60 rows, got 59"),
        (
            _keyed().assign(**{name: FRAME[name] * 0.8 for name in CLASSES}, sports=0.2),
            "the model knows classes that the project has not.*got sports",
        ),
    ],
)
def test_what_has_none_or_two_is_refused_by_name(frame: pd.DataFrame, words: str, project: Project) -> None:
    before = len(project.predictions.all()), len(project.runs.all())
    with pytest.raises(BadcaseError, match=words) as caught:
        bring(project, frame)
    assert caught.value.hint
    assert (len(project.predictions.all()), len(project.runs.all())) == before


def test_arrays_without_names_go_by_order_and_the_number_of_rows_decides(tmp_path: Path) -> None:
    """A row of the data set that was set aside may have its row there, or not."""
    rows = ["id,text,label", *(f"k{i},text number {i},{'no' if i % 2 else 'yes'}" for i in range(20))]
    rows[5] = "k4,,yes"  # no text: set aside
    (tmp_path / "data.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    both = np.linspace(0.01, 0.99, 20)
    with Project.create(tmp_path / "project", tmp_path / "data.csv") as project:
        assert len(project.items) == 19
        of_items = np.delete(both, 4)
        for values, words in ((both, "1 row of it is no item"), (of_items, "row 1 is taken as k0")):
            np.save(tmp_path / "p.npy", values)
            made, said = bring(project, tmp_path / "p.npy")
            np.testing.assert_allclose(made[:, 1], of_items, atol=2e-3)
            assert words in said and "The one column is taken as the probability of yes" in said
        made, said = bring(project, pd.DataFrame({"key": [f"k{i}" for i in range(20)], "prob_no": both}))
        np.testing.assert_allclose(made[:, 0], of_items, atol=2e-3)
        assert "probability of no" in said
        with pytest.raises(BadcaseError, match="expected 19 rows, or 20 as the data set has, got 18"):
            bring(project, both[:18])
        with pytest.raises(BadcaseError, match="number of columns is not that of the classes"):
            bring(project, np.full((19, 3), 1 / 3))


def test_a_score_beside_an_answer_is_of_that_answer(tmp_path: Path) -> None:
    """What pipelines write, {"label": "no", "score": 0.9}, was read as the probability of the second class in every row."""
    rows = ["id,text,label", *(f"k{i},text number {i},{'no' if i % 2 else 'yes'}" for i in range(12))]
    (tmp_path / "data.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    yes = np.linspace(0.03, 0.98, 12)
    best = pd.DataFrame({"id": [f"k{i}" for i in range(12)], "label": np.where(yes > 0.5, "Yes", "No")}).iloc[::-1]
    best["score"] = np.maximum(yes, 1 - yes)[::-1]
    best.to_json(tmp_path / "best.jsonl", orient="records", lines=True)
    best.to_csv(tmp_path / "best.csv", index=False)
    with Project.create(tmp_path / "project", tmp_path / "data.csv") as project:
        for data in (tmp_path / "best.jsonl", tmp_path / "best.csv", best):
            made, said = bring(project, data)
            np.testing.assert_allclose(made[:, 1], yes, atol=2e-3)
            assert "the probability of the class in label" in said
        made, said = bring(project, best.rename(columns={"score": "prob_no"}))
        assert "the probability of no" in said
        given = best.assign(score=yes[::-1])  # of one class, beside the labels of the data set
        with pytest.raises(BadcaseError, match="one number for each item does not say how likely each class is"):
            bring(project, given)
        np.testing.assert_allclose(bring(project, given.rename(columns={"score": "yes"}))[0][:, 1], yes, atol=2e-3)


def test_the_best_of_three_classes_alone_is_refused_by_what_is_lacking(project: Project) -> None:
    best = pd.DataFrame({"id": KEYS, "prediction": [CLASSES[at] for at in PROBS.argmax(1)], "confidence": PROBS.max(1)})
    with pytest.raises(BadcaseError, match=r"expected numbers for all 3 classes, got one column of numbers.*in prediction"):
        bring(project, best)


def test_whole_number_keys_keep_their_zeros(tmp_path: Path) -> None:
    rows = ["id,text,label", *(f"{i:03d},text number {i},{'no' if i % 2 else 'yes'}" for i in range(12))]
    (tmp_path / "data.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    both = np.linspace(0.01, 0.99, 12)
    with Project.create(tmp_path / "project", tmp_path / "data.csv") as project:
        for keys in ([f"{i:03d}" for i in range(12)], list(range(12))):
            for column in ("id", "nr"):
                frame = pd.DataFrame({column: keys, "yes": both, "no": 1 - both}).iloc[::-1]
                frame.to_csv(tmp_path / "p.csv", index=False)
                made, _said = bring(project, tmp_path / "p.csv")
                np.testing.assert_allclose(made[:, 1], both, atol=2e-3)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("none", np.zeros(N, bool)),
        ("all", np.ones(N, bool)),
        ("fold", np.arange(N) % 2 == 1),  # a column of the data set with names of splits
        ("seen", np.arange(N) < 10),
        ("in_training", np.arange(N) < 7),  # one of the file
        ("keys.txt", np.arange(N) < 3),
        ("keys.csv", np.arange(N) < 3),
        ("mask.npy", np.arange(N) < 3),
        (["t5", "t6"], np.isin(np.arange(N), [5, 6])),
        (np.arange(N) > 50, np.arange(N) > 50),
    ],
)
def test_which_items_the_model_had_trained_on(
    said: Any, expected: np.ndarray, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("keys.txt").write_text("t0\nt1\nt2\n", encoding="utf-8")
    pd.DataFrame({"n": [1, 2, 3, 4], "id": ["t0", "t1", "t2", "t9"], "train": [1, 1, 1, 0]}).to_csv("keys.csv", index=False)
    np.save("mask.npy", np.arange(N) < 3)
    frame = FRAME.assign(id=KEYS, in_training=np.arange(N) < 7).iloc[MIXED]
    _made, words = bring(project, frame, trained_on=said)
    current = project.predictions.current
    assert current is not None
    np.testing.assert_array_equal(current.trained_on, expected)
    assert f"had trained on {expected.sum()} item" in words


def test_a_column_or_file_that_does_not_say_is_refused(project: Project, tmp_path: Path) -> None:
    (tmp_path / "keys.txt").write_text("a\nb\n", encoding="utf-8")
    for said, words in (
        ("nothing", "there is no such column and no such file.*id, seen, note"),
        ("note", "does not say which items were trained on.*got maybe"),
        (str(tmp_path / "keys.txt"), "none of its keys is one of the project"),
    ):
        with pytest.raises(BadcaseError, match=words):
            bring(project, _keyed().assign(note="maybe"), trained_on=said)


def test_features_come_by_key_or_beside_the_rows_and_the_ranking_uses_them(project: Project, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(N, 5)) + 4 * np.eye(5)[project.given]
    np.savez(tmp_path / "keyed.npz", features=features[::-1], key=np.array(KEYS)[::-1])
    np.save(tmp_path / "plain.npy", features)
    features_frame = pd.DataFrame(features).assign(id=KEYS).iloc[::-1]
    for probs, given in (
        (_keyed(), tmp_path / "keyed.npz"),
        (_keyed(), features_frame),
        (FRAME.assign(id=KEYS), tmp_path / "plain.npy"),
        (pd.concat([_keyed(), _keyed().assign(id="other").iloc[:1]]), np.vstack([features[MIXED], features[:1]])),
        (FRAME, features * 1e9),
    ):
        bring(project, probs, features=given, trained_on="none")
        made = project.predictions.current
        assert made is not None and made.has_embeddings and made.neighbours is not None
        kept = np.asarray(made.embeddings, np.float64)
        scale = np.abs(features).max() / np.abs(kept).max()
        np.testing.assert_allclose(kept * scale, features, atol=0.01)
    ranking = project.rank()
    assert "neighbours" in ranking.reason_masks()
    with pytest.raises(BadcaseError, match="the features have no keys, and the probabilities are in another order"):
        bring(project, _keyed(), features=features)
    with pytest.raises(BadcaseError, match=r"not finite \(NaN for 1 of 60 items\).*first for t4"):
        bring(project, FRAME, features=np.where(np.arange(N)[:, None] == 4, np.nan, features))


def test_without_features_everything_ranks_and_groups_or_says_what_it_lacks(project: Project) -> None:
    sure = 0.94 * np.eye(3)[project.given] + 0.02
    sure[7] = np.roll(sure[7], 1)
    bring(project, sure)
    ranking = project.rank()
    assert ranking.order[0] == 7
    assert any(reason.text.startswith("The model says") for reason in ranking.reasons(7))
    for kind in ("confusions", "duplicates", "slices", "failures"):
        project.groups(kind)
    with pytest.raises(BadcaseError, match="clusters need features"):
        project.groups("clusters")
    from badcase.training.comparison.measure_retrain_gain import expected_gain
    from badcase.training.runs.accept import accept_in_steps
    from badcase.training.runs.plan import plan

    assert list(_results(expected_gain(project))) == [None]
    with pytest.raises(BadcaseError, match="no model of theirs to train"):
        plan(project)
    run = project.runs.current
    assert run is not None
    with pytest.raises(BadcaseError, match="no model of theirs to accept"):
        next(accept_in_steps(project, run.id))


def _results(job: Any) -> Iterator[Any]:
    while True:
        try:
            next(job)
        except StopIteration as stop:
            yield stop.value
            return


def test_any_number_of_labels_is_brought_as_probabilities_of_each_or_as_logits(tmp_path: Path) -> None:
    labels = [";".join(name for bit, name in zip(f"{i % 8:03b}", "abc", strict=True) if bit == "1") for i in range(40)]
    pd.DataFrame({"id": KEYS[:40], "text": [f"text number {i}" for i in range(40)], "label": labels}).to_csv(
        tmp_path / "data.csv", index=False
    )
    with Project.create(tmp_path / "project", tmp_path / "data.csv", task="multilabel") as project:
        probs = np.random.default_rng(0).uniform(0.01, 0.99, (40, 3))
        for values in (probs, np.log(probs / (1 - probs))):
            frame = pd.DataFrame(values, columns=["p_a", "p_b", "p_c"]).assign(id=KEYS[:40]).iloc[::-1]
            bring(project, frame)
            current = project.predictions.current
            assert current is not None
            np.testing.assert_allclose(current.label_probabilities(), probs, atol=2e-3)
        assert len(project.rank().order)
        with pytest.raises(BadcaseError, match="neither probabilities nor logits"):
            bring(project, frame.assign(**dict.fromkeys(("p_a", "p_b", "p_c"), probs[:, 0] * 100)))


def test_answers_of_pipelines_and_plain_answers(project: Project, tmp_path: Path) -> None:
    rows = [
        {"key": KEYS[i], "scores": [{"label": CLASSES[k], "score": PROBS[i, k]} for k in np.argsort(-PROBS[i])]} for i in MIXED
    ]
    (tmp_path / "probs.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    made, said = bring(project, tmp_path / "probs.jsonl")
    np.testing.assert_allclose(made, PROBS, atol=2e-3)
    assert "Columns called scores.…" in said
    rows[4]["scores"] = rows[4]["scores"][:2]  # only the best two
    (tmp_path / "probs.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with pytest.raises(BadcaseError, match=rf"NaN for 1 of 60 items.*first for t{MIXED[4]}"):
        bring(project, tmp_path / "probs.jsonl")
    _made, said = bring(project, np.eye(3)[project.given])
    assert "All numbers are 0 or 1: these are answers" in said
    with pytest.raises(BadcaseError, match=r"no column is made of numbers.*got id, answer") as caught:
        bring(project, pd.DataFrame({"id": KEYS, "answer": ["food"] * N}))
    assert "column of numbers for each class" in caught.value.hint


def test_names_that_several_items_share_are_no_keys(tmp_path: Path) -> None:
    """They were taken for no keys at all, and the rows went to the wrong items by their order."""
    keys = [f"{'ab'[i % 2]}/{i // 2}.txt" for i in range(20)]
    table = pd.DataFrame({"id": keys, "text": [f"text number {i}" for i in range(20)], "label": ["no", "yes"] * 10})
    table.to_csv(tmp_path / "data.csv", index=False)
    with Project.create(tmp_path / "project", tmp_path / "data.csv") as project:
        frame = pd.DataFrame({"no": [0.5] * 20, "yes": 0.5, "f": [key.split("/")[1] for key in keys]}).iloc[::-1]
        with pytest.raises(BadcaseError, match=r"column f fits several items a row.*whole keys, such as a/0.txt, got 9.txt"):
            bring(project, frame)
        table.assign(no=0.5, yes=0.5)[["no", "yes", "text"]].to_csv(tmp_path / "texts.csv", index=False)
        assert "matched to items by text" in bring(project, tmp_path / "texts.csv")[1]


def test_the_index_of_a_frame_that_counts_its_rows_is_no_key(tmp_path: Path) -> None:
    """Files of one name in several folders, and rows that are called by their numbers, count otherwise than a frame does."""
    for at in range(12):
        (tmp_path / "d" / "ab"[at % 2]).mkdir(parents=True, exist_ok=True)
        (tmp_path / "d" / "ab"[at % 2] / f"{at // 2}.txt").write_text(f"text number {at}")
    (tmp_path / "t.csv").write_text("text,label\n" + "".join(f"text number {i},{'ab'[i % 2]}\n" for i in range(12)))
    probs = np.random.default_rng(0).dirichlet([1, 1], 12)
    for data in (tmp_path / "d", tmp_path / "t.csv"):
        with Project.create(tmp_path / f"p{data.suffix}", data) as project:
            made, said = bring(project, pd.DataFrame(probs, columns=["a", "b"]))
            assert "There are no keys, so row 1 is taken as" in said
            np.testing.assert_allclose(made, probs, atol=2e-3)


def test_a_column_of_moments_that_no_calendar_holds_is_no_answer() -> None:
    moments = pa.chunked_array([pa.array([2**62, -(2**62)], pa.int64()).cast(pa.duration("s"))])
    assert answered({"when": moments}, ["a", "b"], None) is None
