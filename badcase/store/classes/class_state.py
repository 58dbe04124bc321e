"""The classes after a number of changes: a fold over the entries of the journal, by stored ids that are never used again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from badcase.store.classes.class_edit import GONE, ClassEdit


class ImpossibleEdit(ValueError):
    """A change that speaks of classes which are not there, or after which two have one name."""


@dataclass(frozen=True, slots=True)
class Pin:
    """An item that shows what a class is: one that belongs to it, or one that does not and is easily taken for it."""

    item: int
    fits: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A rule for cases that could be of two classes, the items that led to it, who said it and when (ISO 8601, UTC)."""

    text: str
    items: tuple[int, ...]
    who: str
    at: str


@dataclass(frozen=True, slots=True)
class StoredClass:
    """One class by its stored id: what it is called, what became of it, and what it means.

    `into` is its own id while it is there, else the class that it was merged into, or `GONE`.
    """

    id: int
    name: str = ""
    into: int = GONE
    colour: str = ""
    key: str = ""
    meaning: str = ""
    pins: tuple[Pin, ...] = ()
    rulings: tuple[Ruling, ...] = ()

    def after(self, said: Mapping[str, Any]) -> StoredClass:
        """The same with what a change says of it."""
        parts = dict(said)
        if "pins" in parts:
            parts["pins"] = tuple(Pin(one["item"], one["fits"], one["note"]) for one in parts["pins"])
        if "rulings" in parts:
            parts["rulings"] = tuple(Ruling(one["text"], tuple(one["items"]), one["who"], one["at"]) for one in parts["rulings"])
        return replace(self, **parts)


@dataclass(frozen=True)
class ClassState:
    """All classes that a project has or had, by their stored ids, and those that are there in their order."""

    classes: tuple[StoredClass, ...]
    order: tuple[int, ...]

    @classmethod
    def imported(cls, names: Sequence[str]) -> ClassState:
        """As the import found them."""
        return cls(tuple(StoredClass(i, name, i) for i, name in enumerate(names)), tuple(range(len(names))))

    def after(self, edit: ClassEdit) -> ClassState:
        """After one more change; ImpossibleEdit where it does not fit."""
        most = max([*edit.sets, len(self.classes) - 1])
        classes = [*self.classes, *(StoredClass(i) for i in range(len(self.classes), most + 1))]
        for i, said in edit.sets.items():
            classes[i] = classes[i].after(said)
        there = [one.id for one in classes if one.into == one.id]
        known = set(self.order)
        wanted = edit.order or (*(i for i in self.order if classes[i].into == i), *(i for i in there if i not in known))
        made = ClassState(tuple(classes), tuple(wanted))
        names = [made.classes[i].name for i in there]
        if sorted(made.order) != there or len(set(names)) < len(names) or "" in names or not there:
            raise ImpossibleEdit(edit.title)
        if any(one.into != GONE and made.live(one.id) == GONE for one in made.classes):
            raise ImpossibleEdit(edit.title)
        return made

    def after_all(self, edits: Iterable[ClassEdit], *, given_up: bool = False) -> ClassState:
        """After changes, one by one; given_up: some before them are lost, and those that speak of these are passed over."""
        state = self
        for edit in edits:
            try:
                state = state.after(edit)
            except ImpossibleEdit:
                if not given_up:
                    raise
        return state

    def live(self, stored: int) -> int:
        """The stored id of the class that a class is told as now, `GONE` where there is none."""
        seen = set[int]()
        while stored not in seen and 0 <= stored < len(self.classes) and self.classes[stored].into != stored:
            seen.add(stored)
            stored = self.classes[stored].into
        return stored if 0 <= stored < len(self.classes) and stored not in seen else GONE

    def place(self, stored: int) -> int:
        """Where in `order` a stored id is told; -1 where it is gone."""
        return self.places[stored] if 0 <= stored < len(self.places) else -1

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of the classes that are there, in their order."""
        return tuple(self.classes[i].name for i in self.order)

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Of each stored id its place in `order`; -1 where it has none."""
        at = {i: place for place, i in enumerate(self.order)}
        return tuple(at.get(self.live(one.id), -1) for one in self.classes)
