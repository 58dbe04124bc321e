"""A text table is read as it was meant: with a header or without, below titles and comments, in any packing."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import zstandard

from badcase.errors import BadcaseError
from badcase.importing import understand
from tests.badcase.importing.importing import imported, photo, write_tree

ROWS = [(f"a match, number {i * 7919} of the day", ("sport", "politics")[i % 2]) for i in range(24)]
BODY = "".join(f'"{text}",{label}\n' for text, label in ROWS)


def notes(path: Path, **how: object) -> str:
    return "\n".join(understand(path, **how).sentences)


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (BODY, "“sport” is in other rows"),
        ("".join(f'{1 + i % 3},"{text}"\n' for i, (text, _label) in enumerate(ROWS)), "“1” is in other rows"),
        ("".join(f'{i},"{text}",{label}\n' for i, (text, label) in enumerate(ROWS)), "“0” is a number above numbers"),
        ("".join(f"{text.replace(',', '')};{label}\n" for text, label in ROWS), "“sport” is in other rows"),
        ('"#love this, really",sport\n' + BODY, "“sport” is in other rows"),
        ("Export of May\n" + BODY, "“sport” is in other rows"),
        ("Export of May\n\n# by hand\n" + BODY, "“sport” is in other rows"),
    ],
)
def test_a_first_line_that_is_a_row_is_kept_and_told(content: str, shown: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(content, encoding="utf-8")
    items, result = imported(tmp_path / "t.csv", tmp_path / "p")
    assert items.n == content.count("of the day") + content.count("really") and not result.set_aside
    assert any(f"has no header, since {shown}" in note for note in result.notes), result.notes
    assert result.source.columns["text"] in ("column 1", "column 2")


def test_image_tables_without_a_header_keep_their_first_image_and_their_splits(tmp_path: Path) -> None:
    lines = [f"{'TEST' if i % 4 == 0 else 'TRAIN'},{i}.jpg,{'ab'[i % 2]}" for i in range(12)]
    data = write_tree(tmp_path / "d", {f"{i}.jpg": photo(i) for i in range(12)})
    (data / "labels.csv").write_text("\n".join(lines), encoding="utf-8")
    items, result = imported(data / "labels.csv", tmp_path / "p")
    assert items.n == 12 and result.source.columns["split"] == "column 1" and result.classes == ("a", "b")
    (data / "labels.csv").write_text(
        "\n".join(f"{i}.jpg,{'first' if i == 0 else 'ab'[i % 2]}" for i in range(12)), encoding="utf-8"
    )
    assert understand(data / "labels.csv").count == 12


@pytest.mark.parametrize(
    "content",
    [
        "text,label\n" + BODY,
        "text,toxic\n" + BODY.replace("sport", "toxic"),  # a class may be called as its column is
        "comment_text,sport\n" + BODY,
        "clean_comment,politics\n" + BODY,
        "review,stars given\n" + BODY,
        ",0,1\n" + "".join(f'{i},"{text}",{label}\n' for i, (text, label) in enumerate(ROWS)),
        "sep=;\ntext;label\n" + BODY.replace('",', '";'),
        "SEP=\t\r\ntext\tlabel\r\n" + BODY.replace('",', '"\t'),
        "Export of May\n\ntext,label\n" + BODY,
        "Export of May,,\n,,\nid,text,label\n" + "".join(f'{i},"{text}",{label}\n' for i, (text, label) in enumerate(ROWS)),
        "# made by hand, with care\n# second line\ntext,label\n" + BODY,
        "made,2024-03-01\nby,somebody\n\ntext,label\n" + BODY,
        "#text,label\n" + BODY,
        '"text","label"\n' + "".join(f'"{i + 1}","{text}","{label}"\n' for i, (text, label) in enumerate(ROWS)),
        "text,label\n" + BODY.replace("\n", ",\n"),
        "text\tlabel\n" + BODY.replace('",', '"\t'),
        "\n\ntext|label\n\n" + BODY.replace('",', '"|'),
    ],
)
def test_a_header_is_found_below_what_stands_above_it(content: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(content, encoding="utf-8")
    items, result = imported(tmp_path / "t.csv", tmp_path / "p")
    assert items.n == len(ROWS) and len(result.classes) == 2 and not result.set_aside
    assert [items.text(i) for i in range(items.n)] == [text for text, _label in ROWS]
    assert not any("no header" in note for note in result.notes)


def test_a_person_says_whether_there_is_a_header(tmp_path: Path) -> None:
    (tmp_path / "unsure.csv").write_text("good film,pos\nbad film,neg\nodd film,neg\n", encoding="utf-8")
    assert understand(tmp_path / "unsure.csv").count == 2
    assert understand(tmp_path / "unsure.csv", header=False).count == 3
    (tmp_path / "sure.csv").write_text(BODY, encoding="utf-8")
    assert understand(tmp_path / "sure.csv", header=True).count == 23


def test_a_first_line_that_could_be_a_row_is_told(tmp_path: Path) -> None:
    """No value of it comes again, and none is what people call a column: taken for a header, it must not be in silence."""
    rows = "".join(f'{label},"{text}"\n' for text, label in ROWS)
    (tmp_path / "t.csv").write_text("chess,the longest match of the day\n" + rows, encoding="utf-8")
    said = "The first line of t.csv is taken for the names of its columns: chess, the longest match of the day (--no-header"
    assert said in notes(tmp_path / "t.csv") and understand(tmp_path / "t.csv").count == len(ROWS)
    assert understand(tmp_path / "t.csv", header=False).count == len(ROWS) + 1
    for header in ("topic,text", "Thema,Kommentar zum Spiel", "stars,what they said"):
        starred = rows if header[0] != "s" else rows.replace("sport", "1").replace("politics", "2")
        (tmp_path / "t.csv").write_text(f"{header}\n{starred}", encoding="utf-8")
        assert ("The first line" in notes(tmp_path / "t.csv")) == header.startswith("Thema")


@pytest.mark.parametrize("mark", ["^", ":", "~"])
def test_a_table_of_one_column_says_how_another_sign_can_part_it(mark: str, tmp_path: Path) -> None:
    rows = "".join(f"{text.replace(',', '')}{mark}{label}\n" for text, label in ROWS)
    (tmp_path / "t.csv").write_text(f"text{mark}label\n{rows}", encoding="utf-8")
    with pytest.raises(BadcaseError, match="the table has one column") as refusal:
        understand(tmp_path / "t.csv")
    line = refusal.value.hint.rsplit(": ", 1)[1].replace("^", mark)
    (tmp_path / "t.csv").write_text(f"{line}\ntext{mark}label\n{rows}", encoding="utf-8")
    assert understand(tmp_path / "t.csv").count == len(ROWS)


def test_a_header_that_comes_again_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,label\n" + BODY + "text,label\n" + BODY.replace("match", "game"), encoding="utf-8")
    items, result = imported(tmp_path / "t.csv", tmp_path / "p")
    assert items.n == 48 and len(result.classes) == 2
    assert [(bad.row, bad.what) for bad in result.set_aside] == [(25, "the row repeats the header")]


def test_a_delimiter_at_the_end_of_some_rows_parts_nothing(tmp_path: Path) -> None:
    lines = ["text,label", *(line + "," * (i % 3) for i, line in enumerate(BODY.splitlines()))]
    (tmp_path / "t.csv").write_text("\n".join(lines), encoding="utf-8")
    items, result = imported(tmp_path / "t.csv", tmp_path / "p")
    assert items.n == len(ROWS) and not result.set_aside and len(result.classes) == 2


def test_a_ragged_row_says_what_to_quote(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,label\n" + BODY + "well, no,sport\nonly this\n", encoding="utf-8")
    _items, result = imported(tmp_path / "t.csv", tmp_path / "p")
    many, few = result.set_aside
    assert "3 fields where the header has 2" in many.what and "double quotes" in many.remedy and '","' in many.remedy
    assert "text, label" in few.remedy
    quoted = (tmp_path / "t.csv").read_text().replace("well, no,sport", '"well, no",sport')
    (tmp_path / "t.csv").write_text(quoted, encoding="utf-8")
    assert len(imported(tmp_path / "t.csv", tmp_path / "again")[1].set_aside) == 1


@pytest.mark.parametrize("mark", [",", ";"])
def test_quotes_behind_a_backslash_come_with_the_line_that_writes_them_twice(
    mark: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Spark writes them; the remedy was to put quotes around fields that had them."""
    monkeypatch.chdir(tmp_path)
    rows = "".join(f'"he said \\"no\\"{mark} and left, {i}"{mark}{"ab"[i % 2]}\n' for i in range(12))
    Path("t.csv").write_text(f"text{mark}label\n{rows}", encoding="utf-8")
    with pytest.raises(BadcaseError, match="fields where the header has 2") as refusal:
        understand(tmp_path / "t.csv")
    exec(refusal.value.hint.split("in Python: ", 1)[1], {})  # the words of the program itself
    items, _result = imported(tmp_path / "new.csv", tmp_path / "p")
    assert items.n == 12 and items.text(3) == f'he said "no"{mark} and left, 3'


PACKERS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.compress,
    "members.gz": lambda raw: gzip.compress(raw[:200]) + gzip.compress(raw[200:]),
    "members.bz2": lambda raw: bz2.compress(raw[:200]) + bz2.compress(raw[200:]),
    "members.zst": lambda raw: zstandard.compress(raw[:200]) + zstandard.compress(raw[200:]),
}


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl", "json", "txt"])
def test_text_formats_are_read_in_every_packing(form: str, packing: str, tmp_path: Path) -> None:
    frame = pd.DataFrame(ROWS, columns=["text", "label"])
    raw = {
        "csv": lambda: frame.to_csv(index=False),
        "tsv": lambda: frame.to_csv(index=False, sep="\t"),
        "txt": lambda: frame.to_csv(index=False, sep="\t"),
        "jsonl": lambda: frame.to_json(orient="records", lines=True),
        "json": lambda: frame.to_json(orient="records"),
    }[form]().encode()
    *members, ending = packing.split(".")
    path = tmp_path / f"t{''.join(members)}.{form}.{ending}"
    path.write_bytes(PACKERS[packing](raw))
    assert understand(path).count == 24
    path.write_bytes(PACKERS[packing](raw)[:-30])
    with pytest.raises(BadcaseError, match="cannot be read"):
        understand(path)


@pytest.mark.parametrize("name", ["t.pkl", "t.orc", "t.sqlite", "t.npz"])
def test_the_line_that_converts_what_is_not_read_does_so(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame(ROWS, columns=["text", "label"])
    if name == "t.sqlite":
        import sqlite3

        with sqlite3.connect(name) as connection:
            frame.to_sql("NAME", connection, index=False)
        connection.close()
    elif name == "t.npz":
        np.savez(name, **{column: frame[column].to_numpy(str) for column in frame})
    else:
        {"t.pkl": frame.to_pickle, "t.orc": frame.to_orc}[name](name)
    with pytest.raises(BadcaseError, match="cannot be read") as refusal:
        understand(tmp_path / name)
    line = refusal.value.hint.split("Python: ", 1)[1]
    exec(line, {})  # the words of the program itself
    (made,) = [path for path in tmp_path.iterdir() if path.name != name]
    assert understand(made).count == 24


@pytest.mark.parametrize(
    "content",
    [
        [list(row) for row in ROWS],
        [["text", "label"], *map(list, ROWS)],
        {"train": [list(row) for row in ROWS[:16]], "test": [list(row) for row in ROWS[16:]]},
        {"politics": [text for text, _ in ROWS[:14]], "sport": [text for text, _ in ROWS[14:]]},
        {"text": [text for text, _label in ROWS], "label": [label for _text, label in ROWS]},
        {f"k{i}": {"text": text, "label": label} for i, (text, label) in enumerate(ROWS)},
    ],
)
def test_the_line_that_converts_json_without_records_does_so(
    content: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(BadcaseError, match="no list of objects") as refusal:
        understand(tmp_path / "t.json")
    exec(refusal.value.hint.split(": ", 1)[1], {})  # the words of the program itself
    found = understand(tmp_path / "t.jsonl")
    assert found.count == 24 and found.classes == ("politics", "sport")


@pytest.mark.parametrize("rest", ['[{"text": "c d", "label": "y"}]', '{"text": "c d", "label": "y"}', "]"])
def test_what_follows_a_list_of_json_is_not_passed_over(rest: str, tmp_path: Path) -> None:
    first = json.dumps([{"text": text, "label": label} for text, label in ROWS])
    (tmp_path / "t.json").write_text(f"{first}\n{rest}\n", encoding="utf-8")
    with pytest.raises(BadcaseError, match=r"t\.json, line 2: this is not JSON"):
        understand(tmp_path / "t.json")
    (tmp_path / "t.json").write_text(f" {first}\n \n", encoding="utf-8")
    assert understand(tmp_path / "t.json").count == 24


@pytest.mark.parametrize("name", ["t.xls", "t.mat", "t.h5", "t.avro", "t.tfrecord", "t.yaml", "t.xml", "t.txt", "t.rar", "t.odd"])
def test_every_file_that_is_not_read_comes_with_a_way_out(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"what is this\nand that\n")
    with pytest.raises(BadcaseError) as refusal:
        understand(tmp_path / name)
    assert refusal.value.hint and "{" not in refusal.value.hint.replace('{"', "")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_title_of_a_name_and_a_value_stands_above_the_table(ending: str, tmp_path: Path) -> None:
    """As people date what they export; no column is called by a word that is known."""
    path = tmp_path / f"t.{ending}"
    rows = [["Umfrage", "", ""], ["Stand:", "2024-03-01", ""], ["Nr", "Kommentar", "Bewertung"]]
    rows += [[str(at), f"ein Wort {at}", ("gut", "übel")[at % 2]] for at in range(1, 13)]
    if ending == "csv":
        path.write_text("\n".join(map(";".join, rows)), encoding="utf-8")
    else:
        pd.DataFrame([[int(row[0]), *row[1:]] if row[0].isdigit() else row for row in rows]).to_excel(
            path, header=False, index=False
        )
    result = understand(path)
    assert (result.columns.text, result.classes) == ("Kommentar", ("gut", "übel"))


def test_a_header_whose_last_name_is_missing_is_no_title(tmp_path: Path) -> None:
    rows = [f"{at},ein Wort {at},{('gut', 'übel')[at % 2]},{at / 2}" for at in range(1, 13)]
    (tmp_path / "t.csv").write_text("\n".join(["Nr,Kommentar,Bewertung,", *rows]), encoding="utf-8")
    assert understand(tmp_path / "t.csv", text="Kommentar", label="Bewertung").classes == ("gut", "übel")
