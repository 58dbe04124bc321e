"""One change to the classes, as the journal keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from badcase.i18n import _, plural
from badcase.store.checks.json_shapes import misfit

GONE = -1  # what a deleted class, and one that is not there yet, became


class EditKind(StrEnum):
    """What a person did to the classes."""

    ADD = "add"
    RENAME = "rename"
    MERGE = "merge"
    SPLIT = "split"
    DELETE = "delete"
    REORDER = "reorder"
    COLOUR = "colour"
    KEY = "key"
    MEANING = "meaning"
    PIN = "pin"
    RULING = "ruling"


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 31


_PIN = {"item": _is_id, "fits": bool, "note": str}
_RULING = {"text": str, "items": [_is_id], "who": str, "at": str}
FIELDS: dict[str, Any] = {
    "name?": str,
    "into?": lambda value: value == GONE or _is_id(value),
    "colour?": str,
    "key?": str,
    "meaning?": str,
    "pins?": [_PIN],
    "rulings?": [_RULING],
}
_EDIT = {"kind": str, "names": [str], "sets": {str: FIELDS}, "order?": ([_is_id], None)}


@dataclass(frozen=True, slots=True)
class ClassEdit:
    """What is other after one change, by the stored ids of the classes.

    Attributes:
        kind: What was done.
        names: The classes that it names in words, as they were called: of a rename the old and the new name, of a merge or a
            split the target last.
        sets: The parts that each class has from then on, as `FIELDS` tells. `into` is the class itself while it is there, the
            class that it was merged into, or `GONE`.
        order: All classes that are there afterwards, in their order; None where that stays and what is new comes last.
    """

    kind: EditKind
    names: tuple[str, ...]
    sets: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    order: tuple[int, ...] | None = None

    @property
    def title(self) -> str:
        """What was done, in words."""
        first, last = (self.names[0], self.names[-1]) if self.names else ("", "")
        match self.kind:
            case EditKind.ADD:
                return _("added the class {name}").format(name=last)
            case EditKind.RENAME:
                return _("renamed the class {old} to {new}").format(old=first, new=last)
            case EditKind.MERGE:
                n = len(self.names) - 1
                return plural("merged {n} class into {name}", "merged {n} classes into {name}", n).format(n=n, name=last)
            case EditKind.SPLIT:
                return _("split {name} off {old}").format(name=last, old=first)
            case EditKind.DELETE:
                return _("deleted the class {name}").format(name=last)
            case EditKind.REORDER:
                return _("put the classes in another order")
            case EditKind.COLOUR:
                return _("changed the colour of {name}").format(name=last)
            case EditKind.KEY:
                return _("changed the key of {name}").format(name=last)
            case EditKind.MEANING if len(self.names) > 1:
                n = len(self.names)
                return plural("drafted what {n} class means", "drafted what {n} classes mean", n).format(n=n)
            case EditKind.MEANING:
                return _("said what {name} means").format(name=last)
            case EditKind.PIN:
                return _("changed the examples of {name}").format(name=last)
            case EditKind.RULING:
                return _("changed the rulings of {name}").format(name=last)

    def as_json(self) -> str:
        """As the journal keeps it."""
        made: dict[str, Any] = {"kind": self.kind.value, "names": list(self.names)}
        made["sets"] = {str(one): dict(said) for one, said in self.sets.items()}
        return json.dumps(made if self.order is None else made | {"order": list(self.order)}, ensure_ascii=False)

    @classmethod
    def of(cls, plain: Any) -> Self:
        """The same from what JSON says; ValueError where it is no change to classes."""
        if (place := misfit(plain, _EDIT)) is not None:
            raise ValueError(place)
        sets = {int(one): said for one, said in plain["sets"].items()}
        order = plain.get("order")
        return cls(EditKind(plain["kind"]), tuple(plain["names"]), sets, None if order is None else tuple(order))
