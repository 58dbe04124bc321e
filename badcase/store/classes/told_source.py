"""What stands in a data set for the classes as they are now, where the import has noted it for those that it found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from badcase.items.label_sets import labels_of
from badcase.items.source import SeveralLabels, Source
from badcase.store.classes.class_view import ClassView

UNWRITABLE = None  # what stands for a class that the columns of the data set cannot say


Spellings: TypeAlias = Mapping[str, Sequence[Any]]  # for each label column, what stands for each class


def told_written(source: Source, written: Spellings, stored: Sequence[str], view: ClassView) -> dict[str, list[Any]]:
    """For each label column what stands for each class of a view.

    A class that is called as it was is written as it was; so is one that the data set calls by a number. One with another
    name, and a new one, is written by its name; `UNWRITABLE` where numbers stand and that is none, or a column for each class.

    Args:
        source: As it was imported.
        written: For each label column, what stands for each stored class.
        stored: The names of the stored classes: as the import called them, or the stored label sets.
        view: The classes now.
    """
    if source.several is not None:
        return _of_sets(source, written, stored, view)
    apart = len(written) > 1 and not any(isinstance(one, str) for values in written.values() for one in values)
    ids = view.stored.tolist()
    return {column: [_cell(i, values, stored, view, apart=apart) for i in ids] for column, values in written.items()}


def _cell(i: int, values: Sequence[Any], stored: Sequence[str], view: ClassView, *, apart: bool) -> Any:
    name = view.state.classes[i].name
    if i < len(values):
        is_named = isinstance(values[i], str | list) and name != stored[i]
        return _named(name, values) if is_named else values[i]
    if apart:
        return UNWRITABLE
    if values and all(isinstance(one, int) and not isinstance(one, bool) for one in values):
        numbered = all(str(one) == called for one, called in zip(values, stored, strict=True))
        return int(name) if numbered and name.isdecimal() else UNWRITABLE
    return _named(name, values) if all(isinstance(one, str | list) for one in values) else UNWRITABLE


def _named(name: str, values: Sequence[Any]) -> Any:
    return [name] if values and isinstance(values[0], list) else name


def _of_sets(source: Source, written: Spellings, stored: Sequence[str], view: ClassView) -> dict[str, list[Any]]:
    assert source.several is not None
    order, imported = view.state.order, len(source.several.names)
    places = {name: at for at, name in enumerate(view.label_names)}
    made: dict[str, list[Any]] = {column: [] for column in written}
    for name, i in zip(view.classes, view.stored.tolist(), strict=True):
        labels = [places[label] for label in labels_of(name)]
        same = name == stored[i] and all(order[at] < imported for at in labels)
        cells = {} if same else cells_of_set(source, view, labels)
        for column, values in written.items():
            made[column].append(values[i] if same else cells[column])
    return made


def cells_of_set(source: Source, view: ClassView, labels: Sequence[int]) -> dict[str, Any]:
    """What stands in each label column of a multi-label data set for a set of labels, by their places now."""
    several, order = source.several, view.state.order
    assert several is not None
    if several.columns is None:
        told = _told_several(several, view)
        unsaid = any(told.atoms[at] is UNWRITABLE for at in labels)
        return {told.column: UNWRITABLE} if unsaid else told.written_by_column(labels)
    have = {order[at] for at in labels}
    if max(have, default=0) >= len(several.names):
        return dict.fromkeys(several.columns, UNWRITABLE)
    return {column: says[i in have] for i, (column, says) in enumerate(several.columns.items())}


def _told_several(several: SeveralLabels, view: ClassView) -> SeveralLabels:
    """How any number of the labels of a view is written; a label that the import found is written as it was found."""
    classes = view.state.classes
    by_number = any(not isinstance(one, str) for one in several.atoms)

    def atom(i: int) -> Any:
        if i >= len(several.atoms):
            return UNWRITABLE if by_number else classes[i].name
        is_named = isinstance(several.atoms[i], str) and classes[i].name != several.names[i]
        return classes[i].name if is_named else several.atoms[i]

    return replace(several, names=view.label_names, atoms=tuple(map(atom, view.state.order)))
