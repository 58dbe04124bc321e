"""Tooltips show text as text: Qt reads one that looks like HTML as HTML, and fetches the files that its images name."""

from __future__ import annotations

from PySide6.QtGui import Qt


def plain_tip(text: str, *, wrap: bool = False) -> str:
    """What to give Qt as a tooltip so that `text` is read letter for letter.

    A tooltip has no text format that could be set, so what Qt would take for HTML is handed over as HTML, escaped. `wrap`
    does so always, because Qt breaks the lines of a tooltip only there.
    """
    if wrap:
        return f"<qt>{Qt.convertFromPlainText(text, Qt.WhiteSpaceMode.WhiteSpaceNormal)}</qt>"
    return Qt.convertFromPlainText(text) if Qt.mightBeRichText(text) else text
