"""Lines without a quote are parted many at once, and say what the records say one by one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase.importing.read_options import ReadOptions
from badcase.importing.readers.csv import read_csv
from badcase.importing.text_files import delimited
from badcase.importing.text_files.delimited import Delimited
from badcase.importing.text_files.encodings import read_text
from badcase.items.roots import FolderRoot

cell = st.one_of(
    st.sampled_from(["", "a", "text", "über", "日本", '"a"', '"a,b"', '"a\nb"', '"say ""so"""', 'x"y', '"open', " b", "a\rb"]),
    st.text("ab ,;\n", max_size=3),
)
line = st.lists(cell, min_size=1, max_size=3).map(",".join)
lines = st.lists(st.one_of(line, st.just("text,label"), st.just("good,fine"), st.just("")), max_size=12)


@settings(max_examples=150, deadline=None)
@given(
    written=lines, end=st.sampled_from(["\n", "\r\n", "\r"]), closed=st.booleans(), run=st.integers(1, 40), broken=st.booleans()
)
def test_runs_of_lines_are_read_as_the_records_are(
    written: list[str], end: str, closed: bool, run: int, broken: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = end.join(["text,label", "one,yes", *written]) + end * closed
    raw = text.encode("utf-8").replace(b"fine", b"f\xffne") if broken else text.encode("utf-8")
    file = Delimited(read_text(raw, "utf-8"), ",")
    told: list[tuple[int, list[str]]] = []
    for number, record in enumerate(list(file.records())[1:], 1):
        try:
            values = [file.value(span) for span in record.fields]
        except UnicodeDecodeError:
            continue
        if len(values) > 2 and not any(values[2:]):
            del values[2:]
        if len(values) == 2 and values != ["text", "label"]:
            told.append((number, values))
    folder: Path = tmp_path_factory.mktemp("csv")
    (folder / "data.csv").write_bytes(raw)
    settled = {"encoding": "utf-8", "delimiter": ",", "quotes": True, "blanks": False, "header": True, "numbered_rows": False}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_RUN", run)
        rows = read_csv(FolderRoot(folder), "data.csv", ReadOptions(tables={"data.csv": settled}))
    read = list(zip(rows.number.tolist(), map(list, zip(*rows.table.to_pydict().values(), strict=True)), strict=True))
    assert read == told
    assert {one.row for one in rows.bad} == set(range(1, rows.parts[0].rows + 1)) - {number for number, _values in told}
