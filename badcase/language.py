"""Every word a person reads passes through `_`, so that a translation is one catalogue away (gettext)."""

from __future__ import annotations

import gettext
from pathlib import Path

THIN = "\u2009"  # between thousands, and between a number and its unit
_LOCALES = Path(__file__).parent / "locales"
_translation: gettext.NullTranslations = gettext.NullTranslations()


def use_language(code: str) -> None:
    """Translate from now on into `code` ("zh_CN"); English where there is no catalogue for it."""
    global _translation
    _translation = gettext.translation("badcase", _LOCALES, [code], fallback=True)


def _(text: str) -> str:
    return _translation.gettext(text)


def plural(one: str, many: str, n: int) -> str:
    """The form of the sentence that fits n; both forms may use the placeholder {n}, which the caller formats."""
    return _translation.ngettext(one, many, n)


def grouped(n: int) -> str:
    """10003 -> "10 003", the thousands set apart by a thin space."""
    return f"{n:,}".replace(",", THIN)
