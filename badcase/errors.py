"""The one exception of the program: what went wrong, where, what was expected, what came, and what to do."""

from __future__ import annotations


class BadcaseError(ValueError):
    """Something a person can mend. `str(error)` is the message without the hint; `hint` is the remedy."""

    def __init__(
        self, what: str, *, where: str = "", expected: object = "", got: object = "", hint: str = ""
    ) -> None:
        self.what, self.where, self.expected, self.got, self.hint = what, where, str(expected), str(got), hint
        super().__init__(what)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        if self.expected or self.got:
            parts = [f"expected {self.expected}"] if self.expected else []
            parts += [f"got {self.got}"] if self.got else []
            text += f" ({', '.join(parts)})"
        return text
