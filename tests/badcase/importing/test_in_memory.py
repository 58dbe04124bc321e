"""Data in memory make a project that reopens, moves and exports like one of files."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import datasets
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from badcase import BadcaseError, Project
from badcase.items import Kind, Split
from badcase.store.verdicts import Verdict

TEXTS = [f"a text about {'cats' if i % 2 else 'dogs'} number {i}" for i in range(12)]
LABELS = ["cat" if i % 2 else "dog" for i in range(12)]
RECORDS = [{"text": text, "label": label} for text, label in zip(TEXTS, LABELS, strict=True)]
COLUMNS = {"text": TEXTS, "label": LABELS}


class Row(NamedTuple):
    text: str
    label: str


def dataset(**columns: Any) -> datasets.Dataset:
    features = datasets.Features(text=datasets.Value("string"), label=datasets.ClassLabel(names=["dog", "cat"]))
    return datasets.Dataset.from_dict({"text": TEXTS, "label": [i % 2 for i in range(12)]}, features=features)


TABLES: dict[str, Callable[[], Any]] = {
    "records": lambda: RECORDS,
    "named tuples": lambda: [Row(**record) for record in RECORDS],
    "columns": lambda: COLUMNS,
    "columns of arrays": lambda: {"text": np.array(TEXTS), "label": pd.Series(LABELS)},
    "pandas": lambda: pd.DataFrame(COLUMNS),
    "pandas, objects": lambda: pd.DataFrame(COLUMNS, dtype=object),
    "pandas, categories": lambda: pd.DataFrame(COLUMNS).astype({"label": "category"}),
    "polars": lambda: pl.DataFrame(COLUMNS),
    "polars, categories": lambda: pl.DataFrame(COLUMNS, schema_overrides={"label": pl.Categorical}),
    "polars, lazy": lambda: pl.LazyFrame(COLUMNS),
    "pyarrow": lambda: pa.table(COLUMNS),
    "a batch": lambda: pa.RecordBatch.from_pydict(COLUMNS),
    "a data set": dataset,
}


@pytest.mark.parametrize("kind", TABLES)
def test_each_kind_of_table_makes_the_same_project(kind: str, tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", TABLES[kind]()) as project:
        assert list(project.items.texts()) == TEXTS
        assert [project.classes[i] for i in project.given] == LABELS
        assert project.notes[0] == "Found 12 texts in data.parquet."
        project.journal.record([3], Verdict.RELABEL, project.taxonomy.id_of("dog"))
    moved = (tmp_path / "p").rename(tmp_path / "moved")
    with Project.open(moved) as project:
        project.export(tmp_path / "out.parquet")
    written = pq.read_table(tmp_path / "out.parquet")
    expected = [label if i != 3 else "dog" for i, label in enumerate(LABELS)]
    if kind == "a data set":
        assert datasets.Dataset.from_parquet(str(tmp_path / "out.parquet"), cache_dir=tmp_path).features["label"].names == [
            "dog",
            "cat",
        ]
        expected = [["dog", "cat"].index(label) for label in expected]
    assert written["label"].to_pylist() == expected
    assert written["text"].to_pylist() == TEXTS


def test_the_rows_of_a_data_set_are_those_that_it_shows(tmp_path: Path) -> None:
    chosen = dataset().select([5, 4, 3, 2, 8, 9])
    with Project.create(tmp_path / "p", chosen) as project:
        assert list(project.items.texts()) == [TEXTS[i] for i in (5, 4, 3, 2, 8, 9)]
        assert project.classes == ("dog", "cat")


def test_splits_are_kept(tmp_path: Path) -> None:
    by_split = datasets.DatasetDict(train=dataset().select(range(8)), test=dataset().select(range(8, 12)))
    frame = pd.DataFrame(COLUMNS)
    for number, data in enumerate((by_split, {"train": frame[:8], "test": frame[8:]})):
        with Project.create(tmp_path / f"p{number}", data) as project:
            held_out = project.split != Split.TRAIN
            assert held_out[8:].all() and not (project.split[:8] == project.split[8]).any()
            assert set(project.classes) == {"cat", "dog"}


def picture(i: int) -> Image.Image:
    pixels = np.random.default_rng(i).integers(0, 255, (20, 24, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def test_images_of_any_make_become_items(tmp_path: Path) -> None:
    images = [picture(i) for i in range(8)]
    labels = [["cat", "dog"][i % 2] for i in range(8)]
    for i, image in enumerate(images):
        image.save(tmp_path / f"{i}.png")
    features = datasets.Features(image=datasets.Image(), label=datasets.ClassLabel(names=["cat", "dog"]))
    named = datasets.Dataset.from_dict(
        {"image": [str(tmp_path / f"{i}.png") for i in range(8)], "label": [i % 2 for i in range(8)]}, features=features
    )
    for name, data in {
        "records": [{"image": image, "label": label} for image, label in zip(images, labels, strict=True)],
        "frame": pd.DataFrame({"image": images, "label": labels}),
        "arrays": {"image": np.stack([np.asarray(image) for image in images]), "label": labels},
        "bytes": {"image": [(tmp_path / f"{i}.png").read_bytes() for i in range(8)], "label": labels},
        "polars": pl.DataFrame({"image": pl.Series(images, dtype=pl.Object), "label": labels}),
        "data set of paths": named,
        "data set of bytes": datasets.Dataset.from_dict({"image": images, "label": [i % 2 for i in range(8)]}, features=features),
    }.items():
        with Project.create(tmp_path / name, data) as project:
            assert project.kind is Kind.IMAGE
            assert project.classes == ("cat", "dog")
            for i, image in enumerate(images):
                np.testing.assert_array_equal(np.asarray(project.items.image(i)), np.asarray(image))


def test_a_picture_of_another_mode_or_turned_by_its_camera_looks_as_it_did(tmp_path: Path) -> None:
    turned = picture(0)
    exif = turned.getexif()
    exif[0x0112] = 6
    sink = io.BytesIO()
    turned.save(sink, "JPEG", exif=exif, quality=95)
    images = [
        Image.open(io.BytesIO(sink.getvalue())),
        picture(1).convert("CMYK"),
        picture(2).convert("F"),
        picture(3).convert("P"),
    ]
    with Project.create(tmp_path / "p", {"image": images, "label": ["a", "b", "a", "b"]}) as project:
        assert not project.set_aside
        assert project.items.size(0) == (20, 24)
        assert [project.items.format(i) for i in range(4)] == ["PNG", "PNG", "TIFF", "PNG"]


def test_an_index_that_is_more_than_row_numbers_is_kept(tmp_path: Path) -> None:
    frame = pd.DataFrame(COLUMNS).set_index(pd.Index([f"doc-{i}" for i in range(12)], name="id"))
    with Project.create(tmp_path / "p", frame) as project:
        assert project.items.key(3) == "doc-3"
    with Project.create(tmp_path / "shuffled", pd.DataFrame(COLUMNS).sample(frac=1, random_state=0)) as project:
        i = int(project.items.metadata(0)["index"])
        assert project.items.text(0) == TEXTS[i]


def test_missing_values_of_a_frame_are_no_labels(tmp_path: Path) -> None:
    labels = [None, float("nan"), pd.NA, *LABELS[3:]]
    with Project.create(tmp_path / "p", pd.DataFrame({"text": TEXTS, "label": pd.Series(labels, dtype=object)})) as project:
        assert (project.given == -1).tolist() == [True] * 3 + [False] * 9 and not project.set_aside


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (42, "data: these are no data that a project can be made of .*got int"),
        ([("a text", "cat")], "data: these are no data"),
        (dataset().to_iterable_dataset(), "data: these are no data .*got IterableDataset"),
        (pd.DataFrame({"text": [], "label": []}), "data: there is nothing in these data"),
        ({"text": TEXTS, "label": LABELS[:5]}, "label: the columns differ in length .*12, as in text, got 5"),
        (pd.DataFrame({"text": TEXTS, "label": [0, "cat"] * 6}), "label: the column holds values of several types .*int, str"),
        (pd.DataFrame([[1, 2]], columns=["text", "text"]), "data: two columns have one name .*text"),
        ({"image": np.zeros((4, 8, 8, 3)), "label": [0, 1, 0, 1]}, "image: not an image .*uint8"),
        ({"text": [object()] * 2, "label": ["a", "b"]}, "text: a table cannot hold these values .*object"),
    ],
)
def test_what_is_no_table_is_refused_in_words_and_leaves_nothing(data: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(BadcaseError, match=words):
        Project.create(tmp_path / "p", data)
    assert list(tmp_path.iterdir()) == []
