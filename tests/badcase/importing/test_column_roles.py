"""Columns are found where there is one reading; where there are two, the choices are told."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from badcase.errors import BadcaseError
from badcase.importing import understand
from tests.badcase.importing.importing import imported, photo, write_tree


def table(path: Path, header: str, row: str, n: int = 12) -> Path:
    lines = [row.format(i=i, c="abc"[i % 3], d="xyz"[i % 3], e="uv"[i % 2], w=i * 7919) for i in range(n)]
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_ids_with_names_are_one_label_whose_classes_are_ordered_by_id(tmp_path: Path) -> None:
    names = ("pear", "fig", "apple")
    rows = [f"words {i * 7919} here,{i % 3},{names[i % 3]}" for i in range(12)]
    (tmp_path / "t.csv").write_text("\n".join(["text,label,label_name", *rows]), encoding="utf-8")
    for number, named in enumerate((None, "label", "label_name")):
        _items, result = imported(tmp_path / "t.csv", tmp_path / f"p{number}", label=named)
        assert result.classes == names
        assert result.source.written == {"label": ["0", "1", "2"], "label_name": list(names)}


def test_numbers_as_labels_are_ordered_as_numbers(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,y\n" + "".join(f"word {i} and {i * 31},{i % 12}\n" for i in range(36)))
    assert understand(tmp_path / "t.csv").classes == tuple(str(i) for i in range(12))


def test_a_column_called_label_wins_and_the_others_are_told(tmp_path: Path) -> None:
    seen = understand(table(tmp_path / "t.csv", "text,label,label_noisy", "some text {w},{c},{e}"))
    assert seen.columns.label == "label" and not seen.choices
    assert any("label_noisy" in sentence for sentence in seen.sentences)


def test_two_labels_without_a_plain_one_must_be_chosen(tmp_path: Path) -> None:
    data = table(tmp_path / "t.csv", "text,label_a,label_b", "some text {w},{c},{e}")
    assert understand(data).choices == {"label": ["label_a", "label_b"]}
    with pytest.raises(BadcaseError, match="label_a, label_b") as refusal:
        imported(data, tmp_path / "p")
    assert "--label" in refusal.value.hint
    assert imported(data, tmp_path / "p", label="label_b")[1].classes == ("u", "v")


def test_a_table_without_rows_or_with_one_class_says_so(tmp_path: Path) -> None:
    """They were told that several columns could be the label, and that two classes are needed where there is "2"."""
    with pytest.raises(BadcaseError, match=r"^t\.csv: the table has no rows"):
        imported(table(tmp_path / "t.csv", "id,text,label", "", n=0), tmp_path / "p")
    with pytest.raises(BadcaseError, match=r"at least two classes \(got one class: 2"):
        imported(table(tmp_path / "one.csv", "text,label", "some text {w},2"), tmp_path / "p")


def test_a_file_of_anything_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(bytes(range(256)) * 20)
    with pytest.raises(BadcaseError, match=r"^t\.csv: this is not a text table"):
        imported(tmp_path / "t.csv", tmp_path / "p")


def test_a_text_and_an_image_column_cannot_both_be_named(tmp_path: Path) -> None:
    with pytest.raises(BadcaseError, match=r"texts or images, not both \(got text, file"):
        imported(table(tmp_path / "t.csv", "text,file,label", "word {w},{w}.jpg,{c}"), tmp_path / "p", text="text", image="file")


def test_a_column_kept_as_a_dictionary_may_be_the_label(tmp_path: Path) -> None:
    """Hugging Face and pandas write such columns; Arrow cannot count their values."""
    rows = pa.table({"text": [f"some text {i}" for i in range(40)], "animal": pa.array(["cat", "dog"] * 20).dictionary_encode()})
    pq.write_table(rows, tmp_path / "t.parquet")
    assert understand(tmp_path / "t.parquet").columns.label == "animal"
    assert imported(tmp_path / "t.parquet", tmp_path / "p")[1].classes == ("cat", "dog")


def test_one_labelling_in_two_spellings_is_no_ambiguity(tmp_path: Path) -> None:
    assert understand(table(tmp_path / "t.csv", "text,class,topic", "some text {w},{c},{d}")).columns.label == "class"


def test_two_texts_must_be_chosen(tmp_path: Path) -> None:
    data = table(tmp_path / "t.csv", "title,content,label", "a title {w},the content {w},{c}")
    assert understand(data).choices == {"text": ["title", "content"]}
    assert understand(data, text="content").choices == {}


def test_nameless_columns_are_told_by_their_content(tmp_path: Path) -> None:
    seen = understand(table(tmp_path / "t.csv", "u,v,w", "{i},what was said {w} times,{c}"))
    assert (seen.columns.text, seen.columns.label) == ("v", "w")


def test_a_column_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(BadcaseError, match="text, label"):
        understand(table(tmp_path / "t.csv", "text,label", "some text {w},{c}"), label="labels")


def test_keys_come_from_the_named_column_else_id_else_the_row(tmp_path: Path) -> None:
    named = table(tmp_path / "k.csv", "id,code,text,label", "{i},k{i},some text {w},{c}")
    assert imported(named, tmp_path / "1", key="code")[0].key(4) == "k4"
    assert imported(named, tmp_path / "2")[0].key(4) == "4"
    assert imported(table(tmp_path / "r.csv", "text,label", "some text {w},{c}"), tmp_path / "3")[0].key(4) == "5"


def test_every_other_column_is_kept_as_metadata(tmp_path: Path) -> None:
    items, _result = imported(table(tmp_path / "t.csv", "text,label,source", "some text {w},{c},{d}{i}"), tmp_path / "p")
    assert items.metadata_names == ["source"] and items.metadata(4) == {"source": "y4"}


def test_an_unknown_key_is_refused_with_those_near_it(tmp_path: Path) -> None:
    items, _result = imported(table(tmp_path / "t.csv", "id,text,label", "item-{i},some text {w},{c}"), tmp_path / "p")
    with pytest.raises(BadcaseError) as refusal:
        items.find("item_3")
    assert "item-3" in refusal.value.hint


def test_named_groups_stay_together_and_a_named_time_holds_out_the_latest(tmp_path: Path) -> None:
    rows = [f"words {i * 7919},{'xy'[i % 2]},g{i // 5},2024-{i // 28 + 1:02}-{i % 28 + 1:02}" for i in range(200)]
    (tmp_path / "t.csv").write_text("\n".join(["text,label,who,day", *reversed(rows)]), encoding="utf-8")
    items, result = imported(tmp_path / "t.csv", tmp_path / "p", group="who", time="day")
    assert items.groups is not None and items.time is not None
    assert len({(group, split) for group, split in zip(items.groups, items.split, strict=True)}) == 40
    assert items.time[result.gold].min() > items.time[~result.gold].max()
    with pytest.raises(BadcaseError, match="not times"):
        imported(tmp_path / "t.csv", tmp_path / "p", time="text")


def test_a_table_of_ids_and_labels_says_how_to_find_its_images(tmp_path: Path) -> None:
    data = write_tree(tmp_path / "d", {"t.csv": b"id,label\n" + b"".join(b"%d,%c\n" % (at, b"ab"[at % 2]) for at in range(12))})
    write_tree(tmp_path / "pics", {f"{at}.jpg": photo(at) for at in range(12)})
    with pytest.raises(BadcaseError, match="one of id") as told:
        imported(data, tmp_path / "p")
    assert "--images FOLDER" in told.value.hint
    assert imported(data, tmp_path / "q", images=str(tmp_path / "pics"))[0].n == 12


def test_no_remedy_offers_the_text_as_the_label(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,label\n" + "".join(f"some words {at},a\n" for at in range(9)))
    with pytest.raises(BadcaseError, match="at least two classes") as told:
        imported(tmp_path / "t.csv", tmp_path / "p")
    assert told.value.hint == "Add items of another class."


def test_what_a_model_says_of_a_row_is_no_label(tmp_path: Path) -> None:
    """Labelling tools keep suggestions beside what a person answered."""
    rows = [
        {"text": f"words number {i}", "annotation": "ab"[i % 2], "prediction": [{"label": "ab"[i % 3 == 0], "score": 0.5}]}
        for i in range(12)
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert understand(tmp_path / "t.jsonl").columns.label == "annotation"
