"""Text tables in any encoding, delimiter, packing and head come out byte for byte but for the corrections."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font

from badcase.errors import BadcaseError
from badcase.export import export
from badcase.export.corrections import Corrections
from badcase.export.rewriters import rewrite_csv, rewrite_fasttext, rewrite_jsonl
from badcase.importing import understand
from badcase.importing.read_options import ReadOptions
from badcase.progress import finish
from badcase.project import Project

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".xz": lzma.decompress,
    ".zst": lambda raw: zstandard.ZstdDecompressor().stream_reader(io.BytesIO(raw)).read(),
}
PACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": lambda raw: gzip.compress(raw[:50]) + gzip.compress(raw[50:]),
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.compress,
}


def corrected(data: Path, out: Path, **how: object) -> list[str]:
    """Item 1 gets the class of item 0, item 2 is left out."""
    with Project.create(data.parent / "p", data, **how) as project:
        project.journal.record([1], "relabel", int(project.given[0]))
        project.journal.record([2], "exclude")
        finish(export(project, out))
        return list(project.notes)


JAPANESE = [
    ("テニスの決勝戦は、五セットまで", "スポーツ"),
    ("国会で予算案の審議が始まった", "政治"),
    ("監督は守備をほめた", "スポーツ"),
] * 4
RUSSIAN = [("Сборная вчера выиграла матч", "спорт"), ("Курс рубля вырос", "деньги"), ("Тренер похвалил защиту", "спорт")] * 4
POLISH = [("Reprezentacja wygrała mecz świetnie", "piłka nożna"), ("Rząd zmienił podatki", "władza"), ("Dość", "piłka nożna")] * 4
KOREAN = [("대표팀이 어젯밤 이겼습니다", "스포츠"), ("정부는 새로운 세금 정책을 발표했다", "경제"), ("좋은 경기", "스포츠")] * 4
TAIWAN = [("國家隊昨晚贏得了比賽", "體育"), ("政府宣布新的稅收政策", "財經"), ("股票市場", "體育")] * 4


SAMPLES = {
    "shift_jis": JAPANESE,
    "euc_jp": JAPANESE,
    "iso2022_jp": JAPANESE,
    "koi8_r": RUSSIAN,
    "utf-32": RUSSIAN,
    "iso8859_2": POLISH,
    "euc_kr": KOREAN,
    "big5": TAIWAN,
}


@pytest.mark.parametrize(
    ("encoding", "mark", "packing"),
    [
        *((encoding, mark, "") for encoding in SAMPLES for mark in ",|"),
        *(("shift_jis", mark, "") for mark in ";\t"),
        *(("koi8_r", ",", packing) for packing in PACK if packing),
    ],
)
def test_a_table_keeps_its_encoding_delimiter_and_packing(encoding: str, mark: str, packing: str, tmp_path: Path) -> None:
    rows = SAMPLES[encoding]
    lines = [f"{number}{mark}{text}{mark}{label}" for number, (text, label) in enumerate(rows)]
    header = mark.join(["id", "text", "label"])
    data = tmp_path / f"t.csv{packing}"
    data.write_bytes(PACK[packing]("\r\n".join([header, *lines]).encode(encoding)))
    notes = corrected(data, tmp_path / f"o.csv{packing}")
    assert any("t.csv" in note and "is read as" in note for note in notes)
    lines[1] = lines[1].replace(rows[1][1], rows[0][1])
    del lines[2]
    out = UNPACK[packing]((tmp_path / f"o.csv{packing}").read_bytes())
    assert out == "\r\n".join([header, *lines]).encode(encoding)


def test_what_was_settled_at_the_import_is_not_guessed_again(tmp_path: Path) -> None:
    """Without the rows that told it, the encoding and the missing header could be taken for others."""
    rows = [f"{text} {number},{label}" for number, (text, label) in enumerate(RUSSIAN)]
    data = tmp_path / "t.csv"
    data.write_bytes("\n".join(rows).encode("koi8_r"))
    notes = corrected(data, tmp_path / "o.csv", encoding="koi8-r", header=False)
    assert not any("is read as" in note for note in notes)
    rows[1] = rows[1].replace("деньги", "спорт")
    del rows[2]
    assert (tmp_path / "o.csv").read_bytes() == "\n".join(rows).encode("koi8_r")


@pytest.mark.parametrize("encoding", ["nonsense", "base64"])
def test_an_encoding_that_is_none_is_refused(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,label\nwords,a\nother,b\n")
    with pytest.raises(BadcaseError, match="no such encoding") as refusal:
        understand(tmp_path / "t.csv", encoding=encoding)
    assert refusal.value.where == "--encoding" and "utf-8" in str(refusal.value)


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.txt"])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "euc_kr"])
def test_an_encoding_that_does_not_fit_is_refused_by_the_row(encoding: str, name: str, tmp_path: Path) -> None:
    forms = {
        "t.csv": ["text,label", *(f"{text},{label}" for text, label in RUSSIAN)],
        "t.jsonl": [json.dumps({"text": text, "label": label}, ensure_ascii=False) for text, label in RUSSIAN],
        "t.txt": [f"__label__{label} {text}" for text, label in RUSSIAN],
    }
    (tmp_path / name).write_bytes("\n".join(forms[name]).encode("cp866"))
    with pytest.raises(BadcaseError, match=r"a byte that is not") as refusal:
        understand(tmp_path / name, encoding=encoding)
    assert f"{name}, row 1" in refusal.value.where and "--encoding" in refusal.value.hint


def test_a_class_that_the_encoding_cannot_write_stops_the_export_before_it_begins(tmp_path: Path) -> None:
    rows = [f"un café de plus {i},{'été' if i % 2 else 'où'}" for i in range(12)]
    (tmp_path / "t.csv").write_bytes("\n".join(["text,label", *rows]).encode("cp1252"))
    corrections = Corrections({2: 0}, frozenset(), {"label": ["政治"]})
    with pytest.raises(BadcaseError, match="Windows-1252, has no such character"):
        rewrite_csv("t.csv", (tmp_path / "t.csv").read_bytes(), corrections)


def test_fasttext_lines_keep_their_text_and_get_other_labels() -> None:
    raw = "__label__a  some text\n\n__label__b , __label__c more, text\r\n__label__a x\n  __label__c indented\nnone\n"
    written = {"label": [["b"], ["a", "c"], []]}
    changed = Corrections({1: 0, 2: 1, 4: 1}, frozenset({3}), written)
    expected = "__label__b  some text\n\n__label__a , __label__c more, text\r\n  __label__a __label__c indented\nnone\n"
    assert rewrite_fasttext("t.txt", raw.encode(), changed).decode() == expected
    with pytest.raises(BadcaseError, match="no blanks"):
        rewrite_fasttext("t.txt", raw.encode(), Corrections({1: 0}, frozenset(), {"label": [["a b"]]}))


def test_a_folder_of_fasttext_files_is_read_and_written(tmp_path: Path) -> None:
    for name, count in (("train", 12), ("valid", 6)):
        (tmp_path / "d").mkdir(exist_ok=True)
        lines = [f"__label__{'ab'[i % 2]} words {i * 7919} of {name}\n" for i in range(count)]
        (tmp_path / "d" / f"{name}.txt").write_text("".join(lines))
    with Project.create(tmp_path / "p", tmp_path / "d") as project:
        assert len(project.items) == 18 and project.label_names == ("a", "b")
        project.journal.record([1], "relabel", 0)
        finish(export(project, tmp_path / "o"))
    old, new = ((tmp_path / folder / "train.txt").read_text().splitlines() for folder in "do")
    assert new == [old[0], old[1].replace("__label__b", "__label__a"), *old[2:]]


def test_a_workbook_keeps_other_sheets_styles_and_types(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Read me"
    book.active["A1"] = "about this file"
    sheet = book.create_sheet("Rows")
    sheet.append(["Survey of May", None, None])
    sheet.append(["text", "label", "when"])
    for i in range(12):
        sheet.append([f"words {i * 7919}, and more", i % 2, None if i == 4 else f"2024-05-{i + 1:02d}"])
    sheet["B4"].font = Font(bold=True)
    sheet["D4"] = "=B4+1"
    book.save(tmp_path / "t.xlsx")
    notes = corrected(tmp_path / "t.xlsx", tmp_path / "o.xlsx")
    assert any("The sheet Rows of t.xlsx is read, and not Read me." in note for note in notes)
    read = openpyxl.load_workbook(tmp_path / "o.xlsx")
    rows = list(read["Rows"].iter_rows(values_only=True))
    assert [row[1] for row in rows[2:]] == [0, 0, *(i % 2 for i in range(3, 12))] and rows[0][0] == "Survey of May"
    assert (
        read["Rows"]["B4"].font.bold and read["Rows"]["D4"].value == "=B4+1" and read["Read me"]["A1"].value == "about this file"
    )


def test_a_workbook_without_its_library_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t.xlsx").write_bytes(b"PK")
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(BadcaseError, match="needs the library") as refusal:
        understand(tmp_path / "t.xlsx")
    assert "badcase[xlsx]" in refusal.value.hint


# Letters of each encoding, and cells that a person may write with them.
LETTERS = {
    "utf-8": "é政ä😀",
    "utf-16": "é政ä😀",
    "utf-32": "é政ä😀",
    "shift_jis": "スポーツ政表ソ十ー能",  # several end in a byte that is a bar or a backslash
    "gb18030": "天气股票比赛體錝",
    "big5": "體育功許蓋",
    "euc_kr": "스포츠경제",
    "iso2022_jp": "スポーツ政治",
    "cp1251": "спорт",
    "cp1252": "éàüß",
    "mac_roman": "éàüß",
}


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, str, str, list[list[str]], str]:
    """Encoding, delimiter, newline, rows of (text, label, other), and what stands above the header."""
    encoding = draw(st.sampled_from(sorted(LETTERS)))
    cells = st.text("ab ,;|\t\"'\\\n" + LETTERS[encoding], min_size=1, max_size=8)
    rows = draw(st.lists(st.tuples(cells, st.sampled_from(["one", "two"]), cells), min_size=1, max_size=5))
    mark, newline = draw(st.sampled_from(",;\t|")), draw(st.sampled_from(["\n", "\r\n"]))
    above = draw(st.sampled_from(["", "# made by hand\n", "A title\n\n", f"sep={mark}\n"]))
    return encoding, mark, newline, [list(row) for row in rows], above


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


@settings(max_examples=150, deadline=None)
@given(tables(), st.data())
def test_any_table_in_any_encoding_comes_out_with_its_corrections_alone(
    table: tuple[str, str, str, list[list[str]], str], data: st.DataObject
) -> None:
    encoding, mark, newline, rows, above = table
    title = above.replace("\n", newline)

    def written(rows: list[list[str]]) -> bytes:
        lines = [mark.join(["text", "label", "other"]), *(mark.join(map(quoted, row)) for row in rows)]
        return (title + newline.join(lines) + newline).encode(encoding)

    labels = data.draw(st.dictionaries(st.integers(1, len(rows)), st.integers(0, 1)))
    dropped = data.draw(st.frozensets(st.integers(1, len(rows))))
    options = ReadOptions(
        encoding=encoding, header=True, tables={"t.csv": {"encoding": encoding, "delimiter": mark, "header": True}}
    )
    changed = Corrections({row: to for row, to in labels.items() if row not in dropped}, dropped, {"label": ["one", "two"]})
    kept = [
        [text, ("one", "two")[labels[row]] if row in labels else label, other]
        for row, (text, label, other) in enumerate(rows, 1)
        if row not in dropped
    ]
    assert rewrite_csv("t.csv", written(rows), changed, options) == written(kept)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(sorted(LETTERS)),
    st.lists(st.text('ab\\"|{}[],: ', max_size=6), min_size=1, max_size=5),
    st.booleans(),
    st.data(),
)
def test_any_json_in_any_encoding_comes_out_with_its_corrections_alone(
    encoding: str, cells: list[str], as_list: bool, data: st.DataObject
) -> None:
    rows = [{"data": {"text": cell + LETTERS[encoding]}, "label": "one", "more": [{"n": 1}]} for cell in cells]
    dump = lambda rows: (  # noqa: E731
        json.dumps(rows, ensure_ascii=False, indent=1)
        if as_list
        else "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    ).encode(encoding)
    labels = data.draw(st.sets(st.integers(1, len(rows))))
    dropped = data.draw(st.frozensets(st.integers(1, len(rows)), max_size=len(rows) - 1))
    name = "t.json" if as_list else "t.jsonl"
    options = ReadOptions(tables={name: {"encoding": encoding, "layout": None}})
    changed = Corrections(dict.fromkeys(labels - dropped, 1), dropped, {"label": ["one", "zwei"]})
    kept = [row | {"label": "zwei"} if at in labels else row for at, row in enumerate(rows, 1) if at not in dropped]
    assert rewrite_jsonl(name, dump(rows), changed, options) == dump(kept)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("form", ['"{text}\t{label}', '{label}\t"{text}', '"{text}" said\t{label}', '{label}\t""{text}'])
def test_a_quote_that_opens_a_text_between_tabs_swallows_no_line(form: str, newline: str, tmp_path: Path) -> None:
    rows = [(f"words {i * 7919}", "xy"[i % 2]) for i in range(12)]
    lines = [(form if i % 3 == 0 else form.replace('"', "")).format(text=t, label=x) for i, (t, x) in enumerate(rows)]
    lines[4] = lines[4].replace("words", '"words', 1)  # which nothing closes
    head = "text\tlabel" if form.endswith("{label}") else "label\ttext"
    data = tmp_path / "t.tsv"
    data.write_bytes(newline.join([head, *lines, ""]).encode())
    with Project.create(tmp_path / "p", data) as project:
        assert [project.classes[at] for at in project.given] == [label for _text, label in rows]
        assert project.items.text(0) == lines[0].replace("\tx", "").replace("x\t", "")
        project.journal.record([0, 4], "relabel", 1)
        finish(export(project, tmp_path / "o.tsv"))
    for at in (0, 4):
        lines[at] = lines[at].replace("\tx", "\ty").replace("x\t", "y\t")
    assert (tmp_path / "o.tsv").read_bytes() == newline.join([head, *lines, ""]).encode()


def test_a_quoted_text_of_several_lines_between_tabs_is_one_text(tmp_path: Path) -> None:
    body = "".join(f'"words\t{i * 7919}\nand ""more"""\t{"xy"[i % 2]}\n' for i in range(12))
    (tmp_path / "t.tsv").write_text("text\tlabel\n" + body, encoding="utf-8")
    with Project.create(tmp_path / "p", tmp_path / "t.tsv") as project:
        assert len(project.items) == 12 and project.items.text(1) == 'words\t7919\nand "more"'
