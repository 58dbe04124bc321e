"""Cells that a spreadsheet would take for a formula are written behind an apostrophe, and read without it.

Excel, LibreOffice and others work out a cell that begins with = + - @ or with another form of these signs, some also behind
blanks that nobody sees, and a formula can send data away. A program that takes semicolons, tabs or lines for the borders of cells
begins one behind each of these, so every such part of a text is looked at. See OWASP, CSV injection:
https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import re
from typing import Any

_SIGNS = "=+\\-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋"  # all that Unicode calls forms of the four
_BORDERS = ";\t|\r\n\v\f\x1c-\x1e\x85\u2028\u2029"
# Spaces, controls, and marks of no width.
_BLANKS = (
    "\\s\\x00-\\x1f\\x7f-\\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0"
)
_BEGINS = re.compile(f"((?:^|[{_BORDERS}])[{_BLANKS}]*)('*[{_SIGNS}][^{_BORDERS}]*)")
_GUARDED = re.compile(f"((?:^|[{_BORDERS}])[{_BLANKS}]*)'('*[{_SIGNS}][^{_BORDERS}]*)")
_NUMBER = re.compile(rf"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[{_BLANKS}]*", re.ASCII)


def guarded(cell: Any) -> Any:
    """What to write for a cell: an apostrophe stands before what begins like a formula in a text; a number stays."""
    return _changed(cell, _BEGINS, "'") if isinstance(cell, str) else cell


def unguarded(text: str) -> str:
    """The text for which `guarded` wrote this one; one that it did not write stays as it is."""
    return _changed(text, _GUARDED, "")


def _changed(text: str, found: re.Pattern[str], before: str) -> str:
    """The text with this before each part that is found in it, unless that is a number."""
    changed = found.sub(lambda part: part[0] if _NUMBER.fullmatch(part[2]) else f"{part[1]}{before}{part[2]}", text)
    return text if changed == text else changed
