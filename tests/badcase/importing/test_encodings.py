"""Any usual encoding is recognized, and any text survives the way in."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase.importing.delimited import Delimited, read_delimited
from badcase.importing.encodings import read_text
from tests.badcase.importing.importing import imported

CHINESE = [("今天的天气很好，我们去公园散步", "天气"), ("股票市场今天大幅上涨", "财经"), ("国家队昨晚赢得了比赛", "体育")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_chinese_texts_are_read_in_every_encoding(encoding: str, tmp_path: Path) -> None:
    rows = [f'"{text}{i}",{label}' for i in range(5) for text, label in CHINESE]
    (tmp_path / "t.csv").write_bytes("\r\n".join(["text,label", *rows]).encode(encoding))
    items, result = imported(tmp_path / "t.csv", tmp_path / "p")
    assert set(result.classes) == {"天气", "财经", "体育"} and result.set_aside == []
    assert items.text(4) == f"{CHINESE[1][0]}1"


def test_western_text_in_an_old_code_page_is_read(tmp_path: Path) -> None:
    rows = [f"le café numéro {i} déjà vu à Zürich,{'où' if i % 2 else 'été'}" for i in range(8)]
    (tmp_path / "t.csv").write_bytes("\n".join(["text,label", *rows]).encode("cp1252"))
    items, result = imported(tmp_path / "t.csv", tmp_path / "p")
    assert result.classes == ("où", "été") and items.text(0).startswith("le café")


fields = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(st.lists(st.lists(fields, min_size=3, max_size=3), min_size=1, max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_what_a_csv_writer_wrote_is_read_back(rows: list[list[str]], newline: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator=newline).writerows(rows)
    read: Delimited = read_delimited(read_text(file.getvalue().encode("utf-8-sig")), "t.csv")
    read = Delimited(read.source, ",")  # the delimiter of wild texts cannot be told from their first line
    assert [[read.value(span) for span in record.fields] for record in read.records()] == rows


@settings(deadline=None, max_examples=30)
@given(st.binary(max_size=200))
def test_a_file_that_nobody_changes_keeps_its_bytes(raw: bytes) -> None:
    source = read_text(raw)
    assert source.to_bytes(source.text) == raw
