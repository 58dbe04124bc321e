"""Spellings of one class are told, joined where a person says so, and left as they are in rows that nobody touched."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from badcase.export import export
from badcase.importing import understand
from badcase.progress import finish
from badcase.project import Project


def table(path: Path, labels: list[str], n: int = 24) -> Path:
    rows = [f'some words {i * 7919} here,"{labels[i % len(labels)]}"' for i in range(n)]
    path.write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("labels", "how"),
    [
        (["Politics", "politics", "politics", "sport"], "case"),
        (["ice  cream", "ice cream", "ice cream", "tea"], "blanks"),
        ([unicodedata.normalize("NFD", "café"), "café", "café", "tea"], "Unicode form"),
        (["ＡＢ", "AB", "AB", "CD"], "Unicode form"),
        (["Ice\N{NO-BREAK SPACE}Cream", "ice cream", "ice cream", "tea"], "case, blanks or Unicode form"),
        (["a\N{ZERO WIDTH SPACE}", "a", "a", "b"], "case, blanks or Unicode form"),
        (["TRUE", "true", "true", "false"], "case"),
        (["1", "True", "True", "False"], "how one value is written"),
        (["1", "1.0", "1.0", "cat"], "how one value is written"),
        (["01", "1", "1", "2"], "how one value is written"),
    ],
)
def test_spellings_are_told_with_their_counts_and_joined_where_a_person_says_so(
    labels: list[str], how: str, tmp_path: Path
) -> None:
    data = table(tmp_path / "t.csv", labels)
    apart = understand(data)
    assert len(apart.classes) == 3
    (told,) = (sentence for sentence in apart.sentences if "--join-spellings" in sentence)
    assert f'"{labels[1]}" (12) and "{labels[0]}" (6) differ only in {how},' in told
    joined = understand(data, join_spellings=True)
    assert set(joined.classes) == {labels[1], labels[3]}
    assert any("(12) and" in sentence and "one class" in sentence for sentence in joined.sentences)


def test_joined_spellings_stay_in_untouched_rows_and_corrections_take_the_most_frequent(tmp_path: Path) -> None:
    data = table(tmp_path / "t.csv", [" Sport", "sport", "sport", "politics", "Politics", "politics "])
    with Project.create(tmp_path / "p", data, join_spellings=True) as project:
        assert project.classes == ("politics", "sport")
        project.journal.record([3, 6], "relabel", [1, 0])
        finish(export(project, tmp_path / "o.csv"))
    lines = data.read_text(encoding="utf-8").split("\n")
    lines[4] = lines[4].replace('"politics"', '"sport"')
    lines[7] = lines[7].replace('" Sport"', '"politics"')
    assert (tmp_path / "o.csv").read_text(encoding="utf-8").split("\n") == lines


def test_equal_numbers_are_one_class_and_that_is_said(tmp_path: Path) -> None:
    data = table(tmp_path / "t.csv", ["1", "1.0", "1.0", "0"])
    seen = understand(data)
    assert seen.classes == ("0", "1")
    assert any('"1.0" (12) and "1" (6) are one number, and one class.' in sentence for sentence in seen.sentences)


def test_blanks_around_a_label_are_told_where_they_differ(tmp_path: Path) -> None:
    seen = understand(table(tmp_path / "t.csv", ["a", "a ", "b"]))
    assert seen.classes == ("a", "b") and any("differ in the blanks around them" in sentence for sentence in seen.sentences)
    same = understand(table(tmp_path / "s.csv", [" a", " b"]))
    assert same.classes == ("a", "b") and not any("blanks" in sentence for sentence in same.sentences)


def test_ordinary_classes_are_not_remarked_on(tmp_path: Path) -> None:
    for labels in (["a", "b"], ["0", "1"], ["True", "False"], ["x1", "x10"], ["1", "10"], ["no", "yes"]):
        sentences = understand(table(tmp_path / "t.csv", labels)).sentences
        assert len(sentences) == 3, sentences


def test_labels_of_sets_are_joined_too(tmp_path: Path) -> None:
    data = table(tmp_path / "t.csv", ["Sport;local", "sport;local", "sport", "Local"])
    with Project.create(tmp_path / "p", data, task="multilabel", join_spellings=True) as project:
        assert project.label_names == ("local", "sport")
        project.journal.record([3], "relabel", project.taxonomy.id_of("local;sport"))
        finish(export(project, tmp_path / "o.csv"))
    assert (tmp_path / "o.csv").read_text().splitlines()[4].endswith('local"')
