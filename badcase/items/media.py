"""A reference to the bytes of one image, wherever they lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.roots import Root
from badcase.out_of_memory import is_out_of_memory


@dataclass(frozen=True, slots=True)
class MediaRef:
    """One file of a data set; `open_bytes` may be called from any thread."""

    root: Root
    name: str

    @property
    def path(self) -> Path | None:
        """The real file, or None inside a zip."""
        return self.root.path(self.name)

    @property
    def exists(self) -> bool:
        """Whether there is a file at all."""
        return self.root.has(self.name)

    def open_bytes(self) -> bytes:
        """The bytes of the file; BadcaseError where it has gone."""
        try:
            return self.root.read(self.name)
        except (OSError, KeyError, ValueError) as error:
            if is_out_of_memory(error):
                raise
            raise BadcaseError(
                _("the image cannot be read any more"),
                where=f"{self.root.location}: {self.name}",
                got=error,
                hint=_("Put the data back, or say where they are now: badcase relocate PROJECT PATH"),
            ) from error
