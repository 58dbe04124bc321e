"""What holds for every text format: the bytes that nobody corrects can be written again, or nothing is written."""

from __future__ import annotations

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.text_files.encoding_guess import encoding_name
from badcase.importing.text_files.encodings import SourceText


def check_exact(source: SourceText, raw: bytes, name: str) -> None:
    """BadcaseError where the text does not turn back into the bytes that it came from."""
    try:
        exact = source.to_bytes(source.text) == raw
    except UnicodeEncodeError:
        exact = False
    if not exact:
        raise BadcaseError(
            _("the file cannot be written again byte for byte"),
            where=name,
            got=encoding_name(source.encoding),
            hint=_("Save the file as UTF-8 and make the project of that, or export to another format."),
        )
