"""Text as a terminal may have it: what would move its cursor, color its lines or turn its letters round is spelled out."""

from __future__ import annotations

import logging
import re
import unicodedata

# Controls (C0, DEL, C1), what turns the direction of letters, what has no width, separators of lines, tags, half characters.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
_JOINERS = "\u200c\u200d"
_JOINED = {"Lo", "Mn", "Mc", "So", "Sk"}  # letters of scripts without case, their marks, and emoji


def visible(text: str, *, keep: str = "") -> str:
    r"""The text with every hidden character spelled out, ESC as \x1b; those of `keep` stay.

    The joiners stay where they belong: between letters of scripts that need them, and in emoji.
    """

    def spelled(found: re.Match[str]) -> str:
        char = found[0]
        if char in keep or (char in _JOINERS and _joins(text, found.start())):
            return char
        return char.encode("unicode_escape").decode()

    return _HIDDEN.sub(spelled, text)


def visible_lines(text: str, *, indent: str = "") -> str:
    """The same of a text of several lines, each but the first behind `indent`, so that none passes for one of its own."""
    return visible(text.replace("\n", f"\n{indent}"), keep="\n\t")


def visible_json(document: str) -> str:
    r"""The same JSON document with hidden characters written as \u escapes, which say the same: they stand in strings alone."""

    def escaped(found: re.Match[str]) -> str:
        code = ord(found[0])
        if code < 0x10000:
            return f"\\u{code:04x}"
        return f"\\u{0xD800 + ((code - 0x10000) >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"

    return re.sub(r"(?!\n)" + _HIDDEN.pattern, escaped, document)


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return visible_lines(super().format(record), indent="  ")


def show_logs_as_text() -> None:
    """Let what is logged and handled by nobody, which Python prints on stderr, be spelled out too."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(_Formatter())


def _joins(text: str, at: int) -> bool:
    around = text[max(0, at - 1) : at] + text[at + 1 : at + 2]
    return len(around) == 2 and all(unicodedata.category(char) in _JOINED for char in around)
