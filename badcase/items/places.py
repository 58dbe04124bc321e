"""Where data lie, seen from the root of the disk and from the project, so that they are found after either was moved."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class MovablePlace:
    """A folder or file outside or inside a project.

    Attributes:
        location: Its absolute path when it was last known; None where that was not kept.
        beside: Its path relative to the project's folder; "" where there is none, as on another drive.
    """

    location: Path | None
    beside: str

    @classmethod
    def of(cls, location: Path, project: Path) -> Self:
        """The place at a location, for a project in a folder."""
        try:
            return cls(location, os.path.relpath(location, project))
        except ValueError:  # Windows: another drive
            return cls(location, "")

    def found(self, project: Path) -> Path | None:
        """Where it is now: as it lies beside the project, else at its absolute path; None where it is at neither."""
        places = [(project / self.beside).resolve()] if self.beside else []
        places += [self.location] if self.location is not None else []
        return next((place for place in places if place.exists()), None)

    def last(self, project: Path) -> Path:
        """Where it should be."""
        return self.found(project) or self.location or (project / self.beside).resolve()

    def plain(self) -> dict[str, str]:
        """As JSON can carry it."""
        return {"location": str(self.location or ""), "beside": self.beside}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The same from what `plain` gave."""
        location = plain.get("location")
        return cls(Path(location) if location else None, plain.get("beside", ""))
