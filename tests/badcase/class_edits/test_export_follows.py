"""What an export writes of classes that were changed, and what it leaves byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from badcase.errors import BadcaseError
from badcase.project import Project

LABELS = ["cat", "dog", "fox", "cat", "dog", "fox", "cat", "dog"]


def csv_of(folder: Path) -> Path:
    path = folder / "data.csv"
    rows = (f'k{i};"text, number {i}" ;{" " if i % 2 else ""}{label}' for i, label in enumerate(LABELS))
    path.write_text("\r\n".join(["id;text;label", *rows]) + "\r\n", encoding="utf-8")
    return path


def changed(folder: Path, data: Path, change: object) -> tuple[bytes, bytes]:
    """The source and what `same` makes of it after a change to the classes."""
    with Project.create(folder / "project", data) as project:
        change(project)  # type: ignore[operator]
        project.export(folder / ("out" + data.suffix), format="same")
    return data.read_bytes(), (folder / ("out" + data.suffix)).read_bytes()


def test_a_renamed_and_a_merged_class_are_rewritten_and_every_other_byte_stays(tmp_path: Path) -> None:
    def change(project: Project) -> None:
        edits = project.class_edits
        edits.apply(edits.rename("fox", "red fox"))
        edits.apply(edits.merge(["dog"], "cat"))

    before, after = (text.decode().split("\r\n") for text in changed(tmp_path, csv_of(tmp_path), change))
    for i, (old, new) in enumerate(zip(before[1:-1], after[1:-1], strict=True)):
        if LABELS[i] == "cat":
            assert new == old, "a label that nobody touched keeps its spelling"
        else:
            assert new.split(";")[:2] == old.split(";")[:2]
            assert new.split(";")[2].strip() == {"fox": "red fox", "dog": "cat"}[LABELS[i]]
    assert after[0] == before[0] and after[-1] == before[-1]


def test_what_changes_no_label_changes_no_byte(tmp_path: Path) -> None:
    def change(project: Project) -> None:
        edits = project.class_edits
        edits.apply(edits.reorder(["fox", "dog"]))
        edits.apply(edits.add("bird"))
        edits.apply(edits.describe("cat", "purrs"))
        edits.apply(edits.merge(["dog"], "fox"))
        project.journal.undo()

    before, after = changed(tmp_path, csv_of(tmp_path), change)
    assert after == before


def test_a_split_rewrites_the_rows_that_went(tmp_path: Path) -> None:
    def change(project: Project) -> None:
        cats = [i for i in range(len(LABELS)) if project.classes[project.labels[i]] == "cat" and not project.gold[i]]
        edits = project.class_edits
        edits.apply(edits.split("cat", "kitten", cats[:1]))

    before, after = (text.decode().split("\r\n") for text in changed(tmp_path, csv_of(tmp_path), change))
    differs = [new for old, new in zip(before, after, strict=True) if old != new]
    assert len(differs) == 1 and differs[0].strip().endswith("kitten")


def test_class_folders_follow(tmp_path: Path) -> None:
    for i, label in enumerate(LABELS):
        place = tmp_path / "data" / label / f"{i}.txt"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"a text of number {i}", encoding="utf-8")
    with Project.create(tmp_path / "project", tmp_path / "data") as project:
        edits = project.class_edits
        edits.apply(edits.merge(["dog"], "cat"))
        edits.apply(edits.rename("fox", "red fox"))
        project.export(tmp_path / "out", format="same")
    found = {path.name: path.parent.name for path in (tmp_path / "out").rglob("*.txt")}
    now = {"cat": "cat", "dog": "cat", "fox": "red fox"}
    assert found == {f"{i}.txt": now[label] for i, label in enumerate(LABELS)}


def test_what_a_column_of_numbers_cannot_say_is_refused_and_not_made_up(tmp_path: Path) -> None:
    names = sorted(set(LABELS))
    table = pa.table({"text": [f"text number {i}" for i in range(8)], "label": [names.index(one) + 10 for one in LABELS]})
    pq.write_table(table, tmp_path / "data.parquet")
    with Project.create(tmp_path / "project", tmp_path / "data.parquet") as project:
        edits = project.class_edits
        edits.apply(edits.add("bird"))
        project.journal.record(int((~project.gold).argmax()), "relabel", "bird")
        with pytest.raises(BadcaseError, match="no column for these classes"):
            project.export(tmp_path / "out.parquet", format="same")
        project.export(tmp_path / "out.csv", format="csv")
        assert "bird" in (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_sets_of_labels_follow(tmp_path: Path) -> None:
    sets = ["cat", "cat;dog", "dog", "fox", "", "dog;fox", "cat;dog;fox", "fox"]
    rows = "".join(f"k{i},text number {i},{one}\n" for i, one in enumerate(sets))
    (tmp_path / "data.csv").write_text("id,text,labels\n" + rows, encoding="utf-8")
    with Project.create(tmp_path / "project", tmp_path / "data.csv", task="multilabel", label="labels") as project:
        edits = project.class_edits
        edits.apply(edits.merge(["dog"], "cat"))
        told = [project.classes[label] for label in project.labels]
        assert told == ["cat", "cat", "cat", "fox", "(none)", "cat;fox", "cat;fox", "fox"]
        edits.apply(edits.add("bird"))
        free = int((~project.gold).argmax())
        project.journal.record(free, "relabel", "fox;bird")
        edits.apply(edits.rename("fox", "red fox"))
        assert project.label_names == ("cat", "red fox", "bird")
        assert project.classes[project.labels[free]] == "red fox;bird"
        project.export(tmp_path / "out.csv", format="same")
        written = [line.split(",")[2] for line in (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[1:]]
        assert written[free] == "red fox;bird"
        for i, one in enumerate(sets):
            if i != free:
                now = {"cat" if part == "dog" else "red fox" if part == "fox" else part for part in one.split(";")}
                assert set(written[i].split(";")) == now
        while project.journal.undo():
            pass
        assert [project.classes[label] for label in project.labels] == [one or "(none)" for one in sets]
    with Project.open(tmp_path / "project") as again:
        while again.journal.redo():
            pass
        assert again.classes[again.labels[free]] == "red fox;bird"


def test_a_patch_and_a_table_tell_the_classes_of_today(tmp_path: Path) -> None:
    with Project.create(tmp_path / "project", csv_of(tmp_path)) as project:
        edits = project.class_edits
        free = [i for i in range(8) if not project.gold[i] and LABELS[i] == "dog"]
        project.journal.record(free[0], "relabel", "fox")
        edits.apply(edits.rename("fox", "red fox"))
        project.export(tmp_path / "out.patch", format="patch")
        lines = [json.loads(line) for line in (tmp_path / "out.patch").read_text(encoding="utf-8").splitlines()[1:]]
        assert [line["label"] for line in lines] == ["red fox"]
        project.export(tmp_path / "out.jsonl", format="jsonl")
        rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
        assert {row["label"] for row in rows} == {"cat", "dog", "red fox"}
