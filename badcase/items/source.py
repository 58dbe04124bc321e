"""The source of a project's items, and how the data set wrote them: what an export needs to write it again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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

    def plain(self) -> dict[str, Any]:
        """As JSON can carry it."""
        return {"name": self.name, "rows": self.rows} | ({"digest": self.digest} if self.digest else {})


@dataclass(frozen=True, slots=True)
class SeveralLabels:
    """How the data set writes any number of labels an item.

    Attributes:
        names: (k,) as the project says them.
        atoms: (k,) what stands for each in the column.
        joiner: What stands between them in a text, None where each cell is a list.
        opening: What a text begins with that is a list in brackets.
        closing: What such a text ends with.
        quote: What stands around each label that is a text in such a list.
        columns: Where each label has a column of its own, called as `names`: what stands there for no and for yes.
    """

    names: tuple[str, ...]
    column: str
    joiner: str | None
    atoms: tuple[Any, ...]
    opening: str = ""
    closing: str = ""
    quote: str = ""
    columns: Mapping[str, tuple[Any, Any]] | None = None

    def written(self, labels: Sequence[int]) -> Any:
        """What stands for a set of labels (their places) in the column."""
        atoms = [self.atoms[at] for at in labels]
        if self.joiner is None:
            return atoms
        if self.opening == "{" and not atoms:
            return "set()"  # as Python writes it: "{}" is a dict
        alone = "," if self.opening == "(" and len(atoms) == 1 else ""
        return self.opening + self.joiner.join(map(self._quoted, atoms)) + alone + self.closing

    def written_by_column(self, labels: Sequence[int]) -> dict[str, Any]:
        """The same for every column that tells labels."""
        if self.columns is None:
            return {self.column: self.written(labels)}
        return {column: says[at in labels] for at, (column, says) in enumerate(self.columns.items())}

    def _quoted(self, atom: Any) -> str:
        if not isinstance(atom, str) or not self.quote:
            return str(atom)
        return json.dumps(atom, ensure_ascii=False) if self.quote == '"' else repr(atom)

    def plain(self) -> dict[str, Any]:
        """As JSON can carry it; what is as usual is left out."""
        made: dict[str, Any] = {"names": list(self.names), "atoms": list(self.atoms)}
        made |= {"column": self.column, "joiner": self.joiner}
        made |= {part: value for part in ("opening", "closing", "quote") if (value := getattr(self, part))}
        return made if self.columns is None else made | {"columns": {name: list(says) for name, says in self.columns.items()}}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """The same from what `plain` gave."""
        columns = plain.get("columns")
        return cls(
            tuple(plain["names"]),
            plain["column"],
            plain["joiner"],
            tuple(plain["atoms"]),
            plain.get("opening", ""),
            plain.get("closing", ""),
            plain.get("quote", ""),
            columns and {name: (off, on) for name, (off, on) in columns.items()},
        )


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
            "parts": [part.plain() for part in self.parts],
            "columns": dict(self.columns),
            "written": {column: list(values) for column, values in self.written.items()},
            "details": dict(self.details),
            "lone": self.lone,
        }
        if self.options:
            made["options"] = dict(self.options)
        if self.several is not None:
            made["several"] = self.several.plain()
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
            several and SeveralLabels.of(several),
            plain.get("options", {}),
        )

    def with_sets(self, sets: Sequence[Sequence[int]]) -> Self:
        """The same with more sets of labels (their places), which nobody had, as further classes."""
        assert self.several is not None
        added = [self.several.written_by_column(one) for one in sets]
        spelled = {column: [*values, *(one[column] for one in added)] for column, values in self.written.items()}
        return replace(self, written=spelled)
