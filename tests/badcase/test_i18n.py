"""Whatever catalogs there are can be spoken, each by its own rules; the system's language decides, or the person."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from babel.messages.pofile import read_po

from badcase import i18n
from badcase.i18n import COMPILED
from tests import ROOT
from tests.catalogs import compiled

POLISH = r"""
msgid ""
msgstr ""
"Language: pl\n"
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\n"

msgctxt "the name of this language"
msgid "English"
msgstr "polski"

msgid "{n} class"
msgid_plural "{n} classes"
msgstr[0] "{n} klasa"
msgstr[1] "{n} klasy"
msgstr[2] "{n} klas"

msgid "May"
msgstr "Można"

msgctxt "month"
msgid "May"
msgstr "maj"

msgid "a \"quoted\"\tword\nand \\ more"
msgstr "„słowo”\t\\\n"

#, fuzzy
msgid "Close"
msgstr "Otwórz"

msgid "Open"
msgstr ""
"""


@pytest.fixture
def catalogs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place with a Polish catalog alone, which is spoken."""
    add_catalog(tmp_path, "pl", POLISH)
    monkeypatch.setattr(i18n, "LOCALES", tmp_path)
    i18n.use_language("pl")
    yield tmp_path
    monkeypatch.undo()
    i18n.use_language("en")


def add_catalog(place: Path, code: str, source: str = "") -> None:
    file = place / code / COMPILED
    file.parent.mkdir(parents=True)
    file.write_bytes(compiled(read_po(StringIO(source), locale=code)))


@pytest.mark.parametrize(("n", "said"), [(1, "klasa"), (2, "klasy"), (5, "klas"), (12, "klas"), (22, "klasy"), (0, "klas")])
def test_a_number_takes_the_form_that_its_language_wants(catalogs: Path, n: int, said: str) -> None:
    assert i18n.plural("{n} class", "{n} classes", n).format(n=n) == f"{n} {said}"
    assert i18n.plural("{n} class", "{n} classes", np.int64(n)).format(n=n) == f"{n} {said}"


def test_a_context_tells_one_word_from_the_same_word(catalogs: Path) -> None:
    assert (i18n._("May"), i18n.pgettext("month", "May"), i18n.pgettext("a verb", "May")) == ("Można", "maj", "May")


def test_what_a_translator_has_not_settled_stays_english(catalogs: Path) -> None:
    assert (i18n._("Close"), i18n._("Open"), i18n._("unknown")) == ("Close", "Open", "unknown")
    assert i18n.plural("{n} cat", "{n} cats", 2) == "{n} cats"


def test_signs_and_the_empty_text_come_as_they_were_written(catalogs: Path) -> None:
    assert i18n._('a "quoted"\tword\nand \\ more') == "„słowo”\t\\\n"
    assert i18n._("") == ""


def test_each_catalog_is_a_language_by_its_own_name(catalogs: Path) -> None:
    add_catalog(catalogs, "xx")  # does not say how it is called
    assert i18n.languages() == {"en": "English", "pl": "polski", "xx": "xx"}
    assert i18n.current_language() == "pl"
    i18n.use_language("de")
    assert (i18n.current_language(), i18n._("May")) == ("en", "May")


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ("zh_CN.UTF-8", "zh_CN"),
        ("zh-Hans-CN", "zh_CN"),
        ("zh", "zh_CN"),
        ("zh_SG", "zh_CN"),
        ("zh_TW.UTF-8", "en"),
        ("zh-Hant-HK", "en"),
        ("zh_CN:en", "zh_CN"),
        ("pt_BR", "pt"),
        ("pt-BR.UTF-8", "pt"),
        ("sr@latin", "sr@latin"),
        ("sr_RS@latin", "sr@latin"),
        ("sr_Latn", "sr@latin"),
        ("sr_RS", "en"),
        ("de", "de_AT"),
        ("de_CH@euro", "de_CH"),
        ("de_DE", "de_AT"),
        ("en_GB:pt", "en"),
        ("fr_FR:pt_PT:en", "pt"),
        ("C", "en"),
        ("POSIX", "en"),
        ("", "en"),
        ("fr", "en"),
    ],
)
def test_the_nearest_catalog_serves_a_language(wanted: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for known in ("zh_CN", "pt", "sr@latin", "de_AT", "de_CH"):
        add_catalog(tmp_path, known)
    monkeypatch.setattr(i18n, "LOCALES", tmp_path)
    assert i18n.catalog_for(wanted) == code


def test_a_catalog_in_the_script_of_a_region_serves_its_other_regions(catalogs: Path) -> None:
    add_catalog(catalogs, "zh_TW")
    assert [i18n.catalog_for(one) for one in ("zh_HK", "zh_Hant", "zh_CN", "zh")] == ["zh_TW", "zh_TW", "en", "en"]


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "C.UTF-8"}, "en"),
        ({"LANG": "C", "LC_ALL": "zh_CN"}, "zh_CN"),
        ({"LC_ALL": "en_US.UTF-8", "LANGUAGE": "fr:zh_CN"}, "zh_CN"),
        ({"LANGUAGE": "zh_CN", "BADCASE_LANGUAGE": "en"}, "en"),
        ({"LANG": "en_US.UTF-8", "BADCASE_LANGUAGE": "zh"}, "zh_CN"),
        ({}, "en"),
    ],
)
def test_the_environment_is_asked_in_the_order_of_gettext(
    environment: dict[str, str], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BADCASE_LANGUAGE", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert i18n.of_environment() == code


def run_in(language: str, *words: str) -> subprocess.CompletedProcess[str]:
    chosen = ("BADCASE_LANGUAGE", "LC_ALL", "LANGUAGE")
    environment = {name: value for name, value in os.environ.items() if name not in chosen}
    return subprocess.run(
        [sys.executable, "-m", "badcase.ui.cli", *words],
        cwd=ROOT,
        env=environment | {"LANG": language, "LC_MESSAGES": language},
        capture_output=True,
        encoding="utf-8",
    )


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def test_the_command_line_speaks_it_and_its_json_stays_json(tmp_path: Path) -> None:
    told = {}
    for language in ("zh_CN.UTF-8", "en_US.UTF-8"):
        done = run_in(language, "rank", str(tmp_path / "nothing"), "--json")
        told[language[:2]] = json.dumps(json.loads(done.stdout), ensure_ascii=False) + done.stderr
        assert done.returncode == 1
    assert is_chinese(told["zh"]) and not is_chinese(told["en"])


def test_the_help_speaks_it_too() -> None:
    whole, verb = run_in("zh_CN.UTF-8", "--help").stdout, run_in("zh_CN.UTF-8", "rank", "--help").stdout
    assert "复核" in whole and "排在最前的最可疑" in whole
    assert "项目文件夹" in verb and "只看前 N 个" in verb
