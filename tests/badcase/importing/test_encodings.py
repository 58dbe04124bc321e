"""Any usual encoding is recognized, and any text survives the way in."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase.importing.text_files.delimited import Delimited, read_delimited
from badcase.importing.text_files.encodings import read_text
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


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_half_a_character_of_a_wide_encoding_is_a_mark(encoding: str, tmp_path: Path) -> None:
    rows = [f"some words {i * 7919} here,{'ab'[i % 2]}" for i in range(8)]
    text = "\n".join(["text,label", *rows, "a smile \ud83d cut,a", ""])
    (tmp_path / "t.csv").write_bytes(text.encode(encoding, "surrogatepass"))
    items, result = imported(tmp_path / "t.csv", tmp_path / "p")
    assert items.n == 9 and items.text(8) == "a smile \ufffd cut" and not result.set_aside


# A few short texts of a language, and the encodings that they may be in.
TEXTS = {
    ("今天的天氣很好", "股票市場今天大漲", "體育"): ["big5"],
    ("今天的天气很好", "股票市场今天大涨", "体育"): ["gb18030", "hz"],
    ("試合に勝った", "政治の話", "スポーツ"): ["shift_jis", "euc_jp", "gb18030"],
    ("오늘 날씨가 좋다", "주식 시장이 올랐다", "스포츠"): ["euc_kr", "johab"],
    ("Хорошая погода", "Курс рубля вырос", "спорт"): ["koi8_r", "cp1251", "iso8859_5", "cp866", "mac_cyrillic", "euc_kr", "big5"],
    ("Гарна погода, їдемо", "Збірна виграла матч", "спорт і життя"): ["koi8_u", "cp1251", "cp1125"],
    ("Бүгін ауа райы өте жақсы", "Үкімет заңды өзгертті", "ғылым және спорт"): ["kz1048", "ptcp154"],
    ("Имрӯз ҳаво хеле хуб аст", "Ҳукумат қонунро тағйир дод", "варзиш ва ҷаҳон"): ["koi8_t"],
    ("Įstatymą pakeitė vyriausybė", "Šiandien žaidimų daug", "ąžuolas"): ["cp775", "iso8859_13"],
    ("It-temp illum huwa sabiħ ħafna", "Il-gvern biddel il-liġi", "żgħażagħ u ċavetta"): ["iso8859_3"],
    ("Mae'r tywydd yn braf yn y tŷ", "Ŵyr neb ble mae'r dŵr", "gŵyl pêl-droed"): ["iso8859_14"],
    ("Não recebi até amanhã", "A seleção ganhou", "educação"): ["cp860"],
    ("Það var góður dagur", "Ríkisstjórnin breytti þessu", "íþróttir"): ["cp861", "mac_iceland"],
    ("Świetna książka, polecam", "Rząd zmienił podatki", "piłka nożna"): ["iso8859_2", "cp1250", "cp852"],
    ("Příliš drahé zboží", "Vláda oznámila změnu", "příroda"): ["iso8859_2", "cp1250"],
    ("Très déçu par la boîte abîmée", "L'équipe a gagné à Genève", "été"): ["cp1252", "mac_roman", "cp850"],
    ("Die Größe paßt überhaupt nicht", "Schönes Gemüse", "Fußball"): ["cp1252", "mac_roman", "cp850", "cp273", "cp500"],
    ("¿Qué pasó con mi pedido?", "La selección ganó", "política"): ["cp1252", "mac_roman"],
    ("Bugün hava çok güzel", "Şaşkın yatırımcılar", "sağlık"): ["cp1254"],
    ("Ο καιρός είναι καλός", "Η ομάδα κέρδισε", "αθλητικά"): ["cp1253", "iso8859_7", "cp869", "cp875"],
    ("מזג האוויר יפה", "הנבחרת ניצחה", "ספורט"): ["cp1255", "cp424"],
    ("الطقس جميل اليوم", "فاز المنتخب الوطني", "رياضة"): ["cp1256", "cp720"],
    ("อากาศดีมาก", "ทีมชาติชนะ", "กีฬา"): ["tis_620"],
}


@pytest.mark.parametrize(
    ("texts", "encoding"), [(texts, one) for texts, encodings in TEXTS.items() for one in encodings], ids=lambda one: str(one)[:9]
)
@pytest.mark.parametrize("times", [1, 30])
def test_short_texts_of_a_language_are_read_in_its_encodings_and_that_is_told(
    texts: tuple[str, ...], encoding: str, times: int
) -> None:
    table = "text,label\n" + "".join(f"{text},{texts[-1]}\n" for text in texts) * times
    read = read_text(table.encode(encoding))
    assert read.decode(read.text) == table
    (note,) = read.notes("t.csv")
    assert note.startswith("t.csv is read as ") and ("--encoding" in note) == bool(read.near)


def test_texts_of_a_folder_tell_their_encoding_together(tmp_path: Path) -> None:
    words = {"спорт": ("Сборная выиграла", "Тренер доволен"), "деньги": ("Курс рубля вырос", "Акции упали")}
    for label, texts in words.items():
        (tmp_path / "d" / label).mkdir(parents=True)
        for at in range(8):
            (tmp_path / "d" / label / f"{at}.txt").write_bytes(f"{texts[at % 2]} {at}".encode("koi8_r"))
    items, result = imported(tmp_path / "d", tmp_path / "p")
    assert items.text(0) == "Курс рубля вырос 0" and any("15 other files are read as KOI8-R" in note for note in result.notes)
    assert not any("KOI8" in note for note in imported(tmp_path / "d", tmp_path / "q", encoding="koi8-r")[1].notes)


def test_encodings_that_could_be_meant_too_are_told() -> None:
    """Two characters alone are everyday words in several encodings."""
    read = read_text("text,label\nso,很好\n".encode("gb18030"))
    assert read.encoding == "gb18030" and read.near and all(name in read.notes("t.csv")[0] for name in read.near)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-7", "hz", "iso2022_jp_2", "iso2022_jp_ext"])
def test_a_text_of_any_script_is_read_where_bytes_of_ascii_mean_other_letters(encoding: str) -> None:
    """UTF-16 without a mark has few zeros where few letters are of ASCII, and the escapes of the others are ASCII themselves."""
    done = 0
    for texts in TEXTS:
        for times in (1, 8):
            table = "text,label\n" + "".join(f"{text},{texts[-1]}\n" for text in texts) * times
            with suppress(UnicodeEncodeError):  # a script that it does not have
                raw = table.encode(encoding)
                read = read_text(raw)
                assert (read.decode(read.text), read.to_bytes(read.text)) == (table, raw)
                done += 1
    assert done >= (2 if encoding == "hz" else 20)


@pytest.mark.parametrize(
    "line",
    [
        "call +12345678 or +49170123,a",
        "C+Language or 1+1+2,b",
        "mail a+tagged@example.org,c",
        "a ~{template~} and ~{another~},d",
        "an escape \x1b[31mred\x1b[0m,e",
        "a zero \0 in a cell\0,f",
    ],
)
def test_plain_text_that_looks_like_escapes_stays_what_it_is(line: str) -> None:
    table = f"text,label\n{line}\n{line}\n"
    read = read_text(table.encode())
    assert read.encoding == "utf-8" and read.decode(read.text) == table


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "iso2022_jp", "iso2022_kr"])
def test_encodings_of_more_than_one_byte_are_told_by_their_form(encoding: str) -> None:
    table = "text,label\n" + "".join(f"plain words {i},스포츠\n" for i in range(9)).replace(
        "스포츠", "スポーツ" if "jp" in encoding else "스포츠"
    )
    read = read_text(table.encode(encoding))
    assert read.decode(read.text) == table and read.to_bytes(read.text) == table.encode(encoding)


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
