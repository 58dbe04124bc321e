"""Labels that are numbers: whole floats are whole, the order is by size, and digits of other scripts are names."""

from __future__ import annotations

from pathlib import Path

import pytest

from badcase.export import export
from badcase.importing import understand
from badcase.importing.labels.numbers import in_order, is_number, label_order, whole_names
from badcase.models.output import matching
from badcase.progress import finish
from badcase.project import Project


def table(path: Path, labels: list[str], n: int = 24) -> Path:
    rows = [f"some words {i * 7919} here,{labels[i % len(labels)]}" for i in range(n)]
    path.write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["--1", "2"], ("2", "--1")),
        (["²", "١", "3"], ("3", "²", "١")),
        (["1e3", "20", "-5"], ("-5", "20", "1e3")),
        (["+1", "0", "10"], ("0", "+1", "10")),
        ([" 1", "10", "9"], ("1", "9", "10")),
        (["0.5", "-1.5", "10.25"], ("-1.5", "0.5", "10.25")),
        (["007", "08"], ("007", "08")),
        (["-", "- 1"], ("-", "- 1")),
        (["1.", "0."], ("0", "1")),
        (["9" * 5000, "1"], ("1", "9" * 5000)),
        (["١٢", "-²"], ("-²", "١٢")),
    ],
)
def test_labels_that_look_like_numbers_are_classes_in_order(labels: list[str], classes: tuple[str, ...], tmp_path: Path) -> None:
    assert understand(table(tmp_path / "t.csv", labels), label="label").classes == classes


def test_whole_floats_in_a_text_table_are_whole_and_written_as_the_column_does(tmp_path: Path) -> None:
    data = table(tmp_path / "t.csv", [f"{i}.0" for i in range(12)])
    with Project.create(tmp_path / "p", data) as project:
        assert project.classes == tuple(str(i) for i in range(12))
        project.journal.record([3], "relabel", 11)
        finish(export(project, tmp_path / "o.csv"))
        for own in (project.classes, [f"{i}.0" for i in range(12)], [str(i) for i in reversed(range(12))]):
            assert [float(own[at]) for at in matching(own, project.classes, "a model")] == list(range(12))
    lines = data.read_text().splitlines()
    lines[4] = lines[4].replace(",3.0", ",11.0")
    assert (tmp_path / "o.csv").read_text().splitlines() == lines


def test_numbers_sort_by_size_and_names_behind_them() -> None:
    assert in_order(["b", "10", "9", "1.5"]) == ["9", "10", "1.5", "b"]
    assert in_order(["10", "9", "1.5", "-2e1", "1e999"]) == ["-2e1", "1.5", "9", "10", "1e999"]
    assert label_order("--1") > label_order("99999999999999999999")
    assert whole_names(["1.0", "0.5"]) == {"1.0": "1.0", "0.5": "0.5"}
    assert not any(map(is_number, ("", "-", "+", ".", "1_000", "inf", "nan", "٣", "0x1")))
