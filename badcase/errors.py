"""The one exception of the program: what went wrong, where, what was expected, what came, and what to do."""

from __future__ import annotations

from badcase.i18n import _

_LONGEST = 300  # characters of what came, which may be a whole document


class BadcaseError(ValueError):
    """Something that a person can mend. `str(error)` is the message without the hint.

    Args:
        what: What is wrong.
        where: The argument and row, the file, the option.
        expected: What would be right.
        got: What came; cut after 300 characters.
        hint: The remedy.

    Attributes:
        what: What is wrong.
        where: The argument and row, the file, the option; "" where it is nowhere.
        expected: What would be right, as text.
        got: What came, as text.
        hint: The remedy.
    """

    def __init__(self, what: str, *, where: str = "", expected: object = "", got: object = "", hint: str = "") -> None:
        self.what, self.where, self.expected, self.got, self.hint = what, where, str(expected), _told(got), hint
        super().__init__(what)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        if self.expected or self.got:
            parts = [_("expected {value}").format(value=self.expected)] if self.expected else []
            parts += [_("got {value}").format(value=self.got)] if self.got else []
            text += f" ({', '.join(parts)})"
        return text


def _told(got: object) -> str:
    """What came in so many words; of an error of the system its words alone, without number and path."""
    text = (isinstance(got, OSError) and got.strerror) or str(got)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
