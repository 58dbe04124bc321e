"""How a data set is to be read, where a person says so; what nobody says is noticed, and told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self

from badcase.items.source import Source


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a person says of the form of a data set.

    Attributes:
        encoding: Python's name of the encoding of its text files; None where it is to be recognized.
        header: Whether the first line of a delimited table names the columns; None where it is to be noticed.
        missing: The values that mean "no label"; None for the usual ones.
        images: The folder that image paths of a table start in, where it is not the table's own.
        join_spellings: Whether labels that differ in case, blanks or Unicode form alone are one class.
        tables: How each table file was read before (encoding, delimiter, header), by its name: nothing is noticed anew.
    """

    encoding: str | None = None
    header: bool | None = None
    missing: tuple[str, ...] | None = None
    images: str | None = None
    join_spellings: bool = False
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """What was said, as JSON can carry it."""
        said = {name: value for name, value in asdict(self).items() if value != getattr(NOTICED, name)}
        said.pop("tables", None)  # the source's details have them
        return said

    @classmethod
    def settled(cls, source: Source) -> Self:
        """How a source was read at its import, to read it again in the same way."""
        tables = source.details.get("tables", {})
        if "encoding" in source.details:  # of a project that was made when all tables had one
            tables = {part.name: {**source.details, "header": True} for part in source.parts}
        return replace(cls.of(source.options), tables=tables)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """The same from what `plain` gave; other names are passed over."""
        said = {one.name: plain[one.name] for one in fields(cls) if plain.get(one.name) is not None}
        if "missing" in said:
            said["missing"] = tuple(said["missing"])
        if "images" in said:
            said["images"] = str(said["images"])
        return cls(**said)


NOTICED = ReadOptions()  # nothing was said
