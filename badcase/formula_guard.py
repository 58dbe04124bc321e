"""Cells that a spreadsheet would take for a formula are written behind an apostrophe, and read without it.

A text that begins with = + - @, a tab or a line break, or with the wide forms of these signs, is worked out by Excel, LibreOffice
and others when the file is opened, and a formula can send data away. See OWASP, CSV injection:
https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import re
from typing import Any

_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def guarded(cell: Any) -> Any:
    """What to write for a cell: a text that begins like a formula gets an apostrophe before it; a number stays."""
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def unguarded(text: str) -> str:
    """The text for which `guarded` wrote this one; one that it did not write stays as it is."""
    return text[1:] if text.startswith("'") and guarded(text[1:]) == text else text
