"""The source of a project's items, and how the data set wrote them: what an export needs to write it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class SourcePart:
    """One table file, or the whole folder of images, and how many rows it gave, in the order of reading.

    `digest` is that of the file's bytes at the import, as `digest_of` tells; "" where there is no one file, or where an older
    version made the project.
    """

    name: str
    rows: int
    digest: str = ""


@dataclass(frozen=True, slots=True)
class SeveralLabels:
    """How the data set writes any number of labels an item.

    Attributes:
        names: (k,) as the project says them.
        atoms: (k,) what stands for each in the column.
        joiner: What stands between them in a text, None where each cell is a list.
    """

    names: tuple[str, ...]
    column: str
    joiner: str | None
    atoms: tuple[Any, ...]

    def written(self, labels: Sequence[int]) -> Any:
        """What stands for a set of labels (their places) in the column."""
        atoms = [self.atoms[at] for at in labels]
        return atoms if self.joiner is None else self.joiner.join(map(str, atoms))


@dataclass(frozen=True, slots=True)
class Source:
    """Where the items came from and how it was read.

    `columns` tells the column of each role, None where it has none; `written`, for each label column, what stands for each
    class, in the order of the classes; `details`, what only one format needs; `lone`, whether the source is a single table
    file.
    """

    format: str
    location: Path
    parts: tuple[SourcePart, ...]
    columns: Mapping[str, str | None]
    written: Mapping[str, Sequence[Any]]
    details: Mapping[str, Any]
    lone: bool
    several: SeveralLabels | None = None  # only where an item may have any number of labels
    options: Mapping[str, Any] = field(default_factory=dict)  # how a person said it is to be read: `ReadOptions.plain`

    def plain(self) -> dict[str, Any]:
        """As JSON can carry it."""
        made: dict[str, Any] = {
            "format": self.format,
            "location": str(self.location),
            "parts": [asdict(part) for part in self.parts],
            "columns": dict(self.columns),
            "written": {column: list(values) for column, values in self.written.items()},
            "details": dict(self.details),
            "lone": self.lone,
            "options": dict(self.options),
        }
        if self.several is not None:
            several = {"names": list(self.several.names), "atoms": list(self.several.atoms)}
            made["several"] = several | {"column": self.several.column, "joiner": self.several.joiner}
        return made

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """The same from what `plain` gave; what is not there was not known."""
        several = plain.get("several")
        return cls(
            plain.get("format", ""),
            Path(plain.get("location", "")),
            tuple(SourcePart(part["name"], part["rows"], part.get("digest", "")) for part in plain.get("parts", ())),
            plain.get("columns", {}),
            plain.get("written", {}),
            plain.get("details", {}),
            plain.get("lone", False),
            several and SeveralLabels(tuple(several["names"]), several["column"], several["joiner"], tuple(several["atoms"])),
            plain.get("options", {}),
        )

    def with_sets(self, sets: Sequence[Sequence[int]]) -> Self:
        """The same with more sets of labels (their places), which nobody had, as further classes."""
        assert self.several is not None
        column = self.several.column
        spelled = [*self.written[column], *map(self.several.written, sets)]
        return replace(self, written={**self.written, column: spelled})
