"""Every word a person reads passes through `_`, in English or in the language of a catalog in `locales`."""

from __future__ import annotations

import os
import re
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

MINUS = "\u2212"
THIN = "\u202f"  # between thousands, and before a unit; narrow, and no line breaks there
LOCALES = Path(__file__).parent / "locales"
COMPILED = "LC_MESSAGES/badcase.mo"  # of each language, in its folder
SOURCE = "en"  # the language of the texts in the code, which needs no catalog
CHOSEN = "BADCASE_LANGUAGE"  # in the environment: goes before what the system says; the worker gets it from the window
_SYSTEM = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
# Whoever reads one script need not read the other: where the regions of a language differ in it.
_SCRIPTS = {("zh", ""): "Hans", ("zh", "TW"): "Hant", ("zh", "HK"): "Hant", ("zh", "MO"): "Hant"}


def codes() -> list[str]:
    """The languages that there are, English first, as the folders of their catalogs are named."""
    return [SOURCE, *sorted(file.parent.parent.name for file in LOCALES.glob(f"*/{COMPILED}"))]


def languages() -> dict[str, str]:
    """The name of each of `codes()` in its own words."""
    names = {code: _catalog(LOCALES / code / COMPILED).pgettext("the name of this language", "English") for code in codes()}
    return {code: code if code != SOURCE and name == names[SOURCE] else name for code, name in names.items()}


@cache
def _catalog(file: Path) -> NullTranslations:
    if not file.exists():
        return NullTranslations()
    with file.open("rb") as opened:
        return GNUTranslations(opened)


def catalog_for(wanted: str) -> str:
    """Which of `codes()` serves the first that can be served of languages such as "zh-Hans-CN" or "de:zh_CN.UTF-8"."""
    known = codes()
    for one in wanted.split(":"):
        code = one.split(".")[0].replace("-", "_")
        if code in known:
            return code
        language, script, region = _parts(code)
        fitting = [other for other in known if _parts(other)[:2] == (language, script)]
        if fitting:  # of the same region, else of none, else the first
            return min(fitting, key=lambda other: (_parts(other)[2] != region, _parts(other)[2] != ""))
    return SOURCE


def _parts(code: str) -> tuple[str, str, str]:
    """Language, script and region: "zh_TW" -> ("zh", "Hant", "TW"); empty where nothing says it."""
    code, _at, modifier = code.partition("@")
    language, *rest = code.split("_")
    named = next((part for part in rest if re.fullmatch("[A-Za-z]{4}", part)), "").title()
    script = named or {"latin": "Latn", "cyrillic": "Cyrl"}.get(modifier, "")
    region = next((part for part in rest if re.fullmatch("[A-Za-z]{2}|[0-9]{3}", part)), "").upper()
    return language, script or _SCRIPTS.get((language, region)) or _SCRIPTS.get((language, ""), ""), region


def of_environment() -> str:
    """The language that the environment asks for, as gettext reads it: the first of its variables that says something."""
    return catalog_for(next((os.environ[name] for name in (CHOSEN, *_SYSTEM) if os.environ.get(name)), SOURCE))


def current_language() -> str:
    """The one that `_` translates into."""
    return _current


def use_language(code: str) -> None:
    """Translate from now on into `code` ("zh_CN"); English where there is no catalog for it."""
    global _current, _translation
    file = LOCALES / code / COMPILED
    _current, _translation = code if file.exists() else SOURCE, _catalog(file)


def _(text: str) -> str:
    return _translation.gettext(text) if text else ""  # of the empty text a catalog gives its header


def plural(one: str, many: str, n: int) -> str:
    """The form of the sentence that fits n; the forms may use the placeholder {n}, which the caller formats."""
    return _translation.ngettext(one, many, int(n))


def pgettext(context: str, text: str) -> str:
    """A text that means several things, here as `context` says: "May" as a month is not "May" as a permission."""
    return _translation.pgettext(context, text)


def marked(text: str) -> str:
    """Mark a text for translation without translating it yet: the language is chosen after the import."""
    return text


def grouped(n: int) -> str:
    """10003 -> "10 003", the thousands set apart by a thin space."""
    return f"{n:,}".replace(",", THIN)


def percent(share: float, digits: int = 0) -> str:
    """0.971 -> "97 %", or "97.1 %" with one digit; the sign is set apart by a thin space."""
    return f"{100 * share:.{digits}f}{THIN}%"


_current: str
_translation: NullTranslations
use_language(of_environment())
