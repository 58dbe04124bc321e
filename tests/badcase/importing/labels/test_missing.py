"""Values that may mean "no label": taken so and told, kept as classes, or asked about."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from badcase.errors import BadcaseError
from badcase.importing import Imported
from badcase.project import Project
from tests.badcase.importing.importing import imported


def table(path: Path, counts: dict[str, int]) -> Path:
    labels = [label for label, n in counts.items() for _i in range(n)]
    rows = [f"some words {i * 7919} here,{label}" for i, label in enumerate(labels)]
    path.write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")
    return path


def read(counts: dict[str, int], tmp_path: Path, *missing: str) -> Imported:
    data = table(tmp_path / "t.csv", counts)
    return imported(data, tmp_path / f"p{len(list(tmp_path.iterdir()))}", missing=list(missing) or None)[1]  # type: ignore[arg-type]


def unlabelled(result: Imported) -> int:
    """How many items have no label, by the sentence that says so."""
    return next((int(note.split()[0]) for note in result.notes if "no label yet" in note), 0)


@pytest.mark.parametrize(
    "counts",
    [
        {"-1": 20, "0": 20, "1": 20},
        {"-1": 2, "0": 20, "1": 20},
        {"-1.0": 20, "0.0": 20, "1.0": 20},
        {"-1": 9, "0": 10, "1": 10, "2": 10},
        {"?": 10, "yes": 10, "no": 12},
        {"n/a": 10, "null": 8, "spam": 10},
    ],
)
def test_a_value_that_may_be_a_class_or_none_is_asked_about_and_both_answers_work(counts: dict[str, int], tmp_path: Path) -> None:
    with pytest.raises(BadcaseError, match="a class or means no label") as refusal:
        read(counts, tmp_path)
    value = next(iter(counts))
    assert f'"{value}" ({counts[value]})' in str(refusal.value) and "--missing ''" in refusal.value.hint
    kept = read(counts, tmp_path, "")
    assert len(kept.classes) == len(counts) and not unlabelled(kept)
    if len(counts) > 2 and "null" not in counts:
        dropped = read(counts, tmp_path, value)
        assert len(dropped.classes) == len(counts) - 1 and unlabelled(dropped) == counts[value]
        assert any(f'"{value}", which means no label' in note for note in dropped.notes)


@pytest.mark.parametrize(
    ("counts", "classes"),
    [
        ({"-1": 20, "1": 20}, ("-1", "1")),
        ({"-2": 9, "-1": 9, "0": 9, "1": 9}, ("-2", "-1", "0", "1")),
        ({"none": 9, "flu": 9}, ("flu", "none")),
        ({"NA": 9, "EU": 9, "-": 9}, ("-", "EU", "NA")),
        ({"unknown": 3, "a": 9, "b": 9}, ("a", "b", "unknown")),
        ({"0": 9, "1": 9}, ("0", "1")),
    ],
)
def test_values_that_are_classes_stay_and_are_told_where_they_are_words_for_none(
    counts: dict[str, int], classes: tuple[str, ...], tmp_path: Path
) -> None:
    result = read(counts, tmp_path)
    assert result.classes == classes and not unlabelled(result)
    word = next(iter(counts))
    told = any(f'the label "{word}", taken as a class; --missing' in note for note in result.notes)
    assert told == (word in ("none", "NA", "unknown"))


@pytest.mark.parametrize("value", ["-1", "null", "N/A", "?", "nan", "<NA>"])
def test_a_rare_value_that_means_none_is_told_with_its_count_and_a_way_to_keep_it(value: str, tmp_path: Path) -> None:
    counts = {value: 2, **{str(i): 9 for i in range(5)}}
    result = read(counts, tmp_path)
    assert len(result.classes) == 5 and unlabelled(result) == 2 and not result.set_aside
    assert any(f"2 rows have the label \"{value}\", taken as no label; --missing ''" in note for note in result.notes)
    assert len(read(counts, tmp_path, "").classes) == 6


def test_what_a_person_names_replaces_the_usual_values(tmp_path: Path) -> None:
    counts = {"skip": 3, "?": 3, "a": 9, "b": 9, "1.0": 9}
    assert read(counts, tmp_path, "skip", "1").classes == ("?", "a", "b")
    assert read(counts, tmp_path, "SKIP").classes == ("1.0", "?", "a", "b")
    result = read(counts, tmp_path, "skpi")
    assert "skip" in result.classes and any('No row has the label "skpi"' in note for note in result.notes)


def test_one_class_names_a_remedy_that_works(tmp_path: Path) -> None:
    with pytest.raises(BadcaseError, match="at least two classes") as refusal:
        read({"nan": 9, "a": 9}, tmp_path)
    assert "--missing ''" in refusal.value.hint
    assert read({"nan": 9, "a": 9}, tmp_path, "").classes == ("a", "nan")
    folder = tmp_path / "d"
    for i in range(3):
        (folder / "only").mkdir(parents=True, exist_ok=True)
        (folder / "only" / f"{i}.txt").write_text(f"words {i}")
    with pytest.raises(BadcaseError, match="at least two classes") as refusal:
        imported(folder, tmp_path / "p")
    assert "--label" not in refusal.value.hint and "folder" in refusal.value.hint


def test_a_number_that_the_data_set_declares_no_class_for_is_told(tmp_path: Path) -> None:
    schema = pa.schema({"text": pa.string(), "label": pa.int64()}).with_metadata(
        {"huggingface": '{"info": {"features": {"label": {"_type": "ClassLabel", "names": ["no", "yes"]}}}}'}
    )
    rows = [[f"some words {i * 31}" for i in range(12)], [-1, 7, *[0, 1] * 5]]
    parquet.write_table(pa.table(rows, schema=schema), tmp_path / "t.parquet")
    result = imported(tmp_path / "t.parquet", tmp_path / "p")[1]
    assert result.classes == ("no", "yes") and [bad.row for bad in result.set_aside] == [2]
    assert unlabelled(result) == 1  # -1 means that there is no label
    assert sum("no class that the data set declares" in note for note in result.notes) == 1


def test_classes_that_training_never_sees_are_named(tmp_path: Path) -> None:
    rows = [f"some words {i * 7919},{'ab'[i % 2]},train" for i in range(20)]
    rows += [f"other words {i * 7919},{'abc'[i % 3]},test" for i in range(12)]
    (tmp_path / "t.csv").write_text("\n".join(["text,label,split", *rows]))
    notes = imported(tmp_path / "t.csv", tmp_path / "p")[1].notes
    assert any("no training item" in note and ": c." in note for note in notes)
    several = imported(tmp_path / "t.csv", tmp_path / "q", task="multilabel", label="label")[1].notes
    assert any("no training item" in note and ": c." in note for note in several)
    (tmp_path / "o.csv").write_text("\n".join(["text,label,split", *rows]).replace(",c,test", ",c,train"))
    assert not any("no training item" in note for note in imported(tmp_path / "o.csv", tmp_path / "r")[1].notes)


def test_a_set_that_means_nobody_has_said_is_no_label(tmp_path: Path) -> None:
    data = table(tmp_path / "t.csv", {"a;b": 9, "b": 9, "nan": 2, "": 3})
    with Project.create(tmp_path / "n", data, task="multilabel") as project:
        assert project.label_names == ("a", "b") and (project.given == -1).sum() == 2
        assert any('2 rows have the label "nan", taken as no label' in note for note in project.notes)
    data = table(tmp_path / "t.csv", {"a;b": 9, "b": 9, "skip": 4, "": 3})
    with Project.create(tmp_path / "p", data, task="multilabel", missing=["skip"]) as project:
        assert project.label_names == ("a", "b") and len(project.items) == 25 and (project.given == -1).sum() == 4
        assert any("3 rows have no label: the empty set" in note for note in project.notes)
