"""Every word a person reads passes through `_`, in English or in the language of a catalogue in `locales`."""

from __future__ import annotations

import gettext
import os
import re
from pathlib import Path

THIN = "\u202f"  # between thousands, and before a unit; narrow, and no line breaks there
LOCALES = Path(__file__).parent / "locales"
CHOSEN = "BADCASE_LANGUAGE"  # in the environment: goes before what the system says; the worker gets it from the window
_SYSTEM = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_ENTRY = re.compile(r'^(msg\w+)(?:\[\d\])? (".*"(?:\n".*")*)', re.MULTILINE)


class Catalogue(gettext.NullTranslations):
    """A .po file as it is, so that there is nothing to compile: English text to its translation, one form for all numbers."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.words: dict[str, str] = {}
        text = ""
        for kind, quoted in _ENTRY.findall(file.read_text(encoding="utf-8")):
            value = "".join(_unquoted(line) for line in quoted.split("\n"))
            if kind == "msgid":
                text = value
            elif kind == "msgstr" and text and value:
                self.words[text] = value

    def gettext(self, message: str) -> str:
        return self.words.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.words.get(msgid1) or super().ngettext(msgid1, msgid2, n)


def _unquoted(line: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), line[1:-1])


def catalogue_for(wanted: str) -> str:
    """The code of the catalogue that serves a language such as "zh-Hans-CN" or "zh_CN.UTF-8"; "en" where there is none."""
    first = wanted.split(":")[0].split(".")[0].replace("-", "_")
    traditional = re.search("_(TW|HK|MO|Hant)", first)
    return "zh_CN" if first.split("_")[0] == "zh" and not traditional else "en"


def of_environment() -> str:
    """The code of the catalogue that the environment asks for."""
    return catalogue_for(next((os.environ[name] for name in (CHOSEN, *_SYSTEM) if os.environ.get(name)), "en"))


def use_language(code: str) -> None:
    """Translate from now on into `code` ("zh_CN"); English where there is no catalogue for it."""
    global _translation
    file = LOCALES / f"{code}.po"
    _translation = Catalogue(file) if file.exists() else gettext.NullTranslations()


def _(text: str) -> str:
    return _translation.gettext(text)


def plural(one: str, many: str, n: int) -> str:
    """The form of the sentence that fits n; both forms may use the placeholder {n}, which the caller formats."""
    return _translation.ngettext(one, many, n)


def marked(text: str) -> str:
    """Mark a text for translation without translating it yet: the language is chosen after the import."""
    return text


def grouped(n: int) -> str:
    """10003 -> "10 003", the thousands set apart by a thin space."""
    return f"{n:,}".replace(",", THIN)


_translation: gettext.NullTranslations
use_language(of_environment())
