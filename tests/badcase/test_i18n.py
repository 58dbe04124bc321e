"""The program speaks Chinese whole: each text has a translation that keeps its placeholders; the system's language decides."""

from __future__ import annotations

import json
import os
import string
import subprocess
import sys
from pathlib import Path

import pytest

from badcase.i18n import LOCALES, Catalogue, catalogue_for
from tests import ROOT
from tests.strings import entry, strings

CHINESE = Catalogue(LOCALES / "zh_CN.po")


def placeholders(text: str) -> set[str]:
    return {f"{name}:{spec}" for _before, name, spec, _how in string.Formatter().parse(text) if name is not None}


def test_every_text_is_translated_and_nothing_else() -> None:
    said, known = strings(), set(CHINESE.words)
    assert set(said) - known == set(), "python -m tests.strings prints what to add"
    assert known - set(said) == set(), "texts that the program no longer says"


def test_a_translation_keeps_the_placeholders_and_the_space_around() -> None:
    for text, many in strings().items():
        translated = CHINESE.gettext(text)
        assert placeholders(translated) == placeholders(many or text), text
        assert (translated[:1].isspace(), translated[-1:].isspace()) == (text[:1].isspace(), text[-1:].isspace()), text


def test_an_entry_is_read_as_it_was_written(tmp_path: Path) -> None:
    words = {'a "quoted"\tword\nand \\ more': "一\n“二” \\ \t三", "{n} item": "{n} 个样本"}
    entries = [entry(text, "{n} items" if "{n}" in text else "", said) for text, said in words.items()]
    (tmp_path / "x.po").write_text("\n".join(entries), encoding="utf-8")
    read = Catalogue(tmp_path / "x.po")
    assert read.words == words
    assert read.ngettext("{n} item", "{n} items", 2) == "{n} 个样本" and read.gettext("unknown") == "unknown"
    assert read.ngettext("a cat", "cats", 2) == "cats"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ("zh_CN.UTF-8", "zh_CN"),
        ("zh-Hans-CN", "zh_CN"),
        ("zh", "zh_CN"),
        ("zh_SG", "zh_CN"),
        ("zh_TW.UTF-8", "en"),
        ("zh-Hant-HK", "en"),
        ("en_GB", "en"),
        ("C", "en"),
        ("de_DE", "en"),
        ("zh_CN:en", "zh_CN"),
    ],
)
def test_the_language_of_the_system_decides(wanted: str, code: str) -> None:
    assert catalogue_for(wanted) == code


def test_the_command_line_speaks_it_and_its_json_stays_json(tmp_path: Path) -> None:
    told = {}
    for language in ("zh_CN.UTF-8", "en_US.UTF-8"):
        chosen = ("BADCASE_LANGUAGE", "LC_ALL", "LANGUAGE")
        environment = {name: value for name, value in os.environ.items() if name not in chosen}
        words = [sys.executable, "-m", "badcase.ui.cli", "rank", str(tmp_path / "nothing"), "--json"]
        done = subprocess.run(
            words, cwd=ROOT, env=environment | {"LANG": language, "LC_MESSAGES": language}, capture_output=True, encoding="utf-8"
        )
        told[language[:2]] = json.dumps(json.loads(done.stdout), ensure_ascii=False) + done.stderr
        assert done.returncode == 1
    assert any("\u4e00" <= letter <= "\u9fff" for letter in told["zh"])
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in told["en"])
