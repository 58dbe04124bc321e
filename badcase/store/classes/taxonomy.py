"""The classes of a project: those of the import and what entries of the journal made of them since."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from badcase.class_names import ClassNames, named_class
from badcase.i18n import _
from badcase.items.label_sets import labels_of, set_matrix, set_name
from badcase.items.source import Source
from badcase.store.checks.damage import told
from badcase.store.checks.stored_source import read_source
from badcase.store.classes.class_edit import ClassEdit
from badcase.store.classes.class_state import ClassState
from badcase.store.classes.class_view import ClassView
from badcase.store.classes.told_columns import ToldColumns, told_columns
from badcase.store.classes.told_source import UNWRITABLE, cells_of_set, told_written
from badcase.store.database import Store
from badcase.store.verdicts import ItemLabels

_NAMED = 10  # classes that a repr names


class Taxonomy:
    """The classes that are there now, numbered from 0 in their order, and what a model answers of an item of each.

    What is stored (items.arrow, the journal, proposals) names classes by ids that never change; `view` is the way from those to
    the ids that everything else works with. In a multi-label project each distinct set of labels is a class, "cat;dog", and
    `label_names` are what such sets are made of; else the two are the same.

    Attributes:
        imported: Where the items came from and how it was read, for the stored classes.
        stored_classes: The stored classes that the database names: those of the import, or all label sets.
        view: The classes now.
    """

    imported: Source
    stored_classes: tuple[str, ...]
    view: ClassView

    def __init__(self, store: Store, task: str) -> None:
        self._store, self._several = store, task == "multilabel"
        self._edits: dict[int, ClassEdit] = {}  # of the journal, by their entries
        self._standing: tuple[int, ...] = ()  # those that nobody has taken back
        self.read_source()
        self._check(task)
        self._sets: tuple[ClassView | None, npt.NDArray[np.bool_]] = None, np.empty((0, 0), np.bool_)

    def _check(self, task: str) -> None:
        """DamagedError where the classes and what the source says of them do not belong together."""
        k, several = len(self.stored_classes), self.imported.several
        if self._several != (several is not None):
            raise self._store.damage("settings", "source", expected=_("the labels of the task {name}").format(name=task))
        if any(len(spellings) != k for spellings in self.imported.written.values()):
            raise self._store.damage("settings", "source", expected=_("what stands for each of {k} classes").format(k=k))
        known = set(self.stored_labels)
        odd = next((one for one in self.stored_classes if several and not known.issuperset(labels_of(one))), None)
        if odd is not None:
            raise self._store.damage("classes", expected=_("sets of labels of the project"), got=told(odd))

    def __repr__(self) -> str:
        names = ", ".join(self.label_names[:_NAMED])
        return f"<Taxonomy of {len(self.label_names)} classes: {names}{', …' if len(self.label_names) > _NAMED else ''}>"

    # --- what is there now --------------------------------------------------------------------------------------

    @property
    def classes(self) -> ClassNames:
        """The names by id."""
        return self.view.classes

    @property
    def label_names(self) -> tuple[str, ...]:
        """What a model answers with: the classes; where an item may have any number of labels, these."""
        return self.view.label_names

    @property
    def source(self) -> Source:
        """Where the items came from, and what stands there for each class as it is now."""
        if not self._standing:
            return self.imported
        return self._told_source

    @cached_property
    def _told_source(self) -> Source:
        return replace(self.imported, written=self.written_as(self.imported.written))

    def written_as(self, written: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
        """For each label column what stands for each class now, from what stands for each stored one."""
        return told_written(self.imported, written, self.stored_classes, self.view)

    @property
    def respelled(self) -> npt.NDArray[np.bool_]:
        """(stored,) whether a stored class is written otherwise now than the data set has it."""
        now, k = self.source.written, len(self.stored_classes)
        places = self.view.told(np.arange(k, dtype=np.int32)).tolist()
        return np.array(
            [any(self.imported.written[column][i] != now[column][at] for column in now) for i, at in enumerate(places)], np.bool_
        ).reshape(k)

    @property
    def column(self) -> str | None:
        """The column of the source that the labels come from; None where folders or file names say them."""
        return self.imported.columns["label"]

    def matrix(self, labels: ItemLabels) -> npt.NDArray[np.bool_]:
        """(m, k): which of `label_names` each class of a multi-label project has, for class ids (m,); none where it is -1."""
        if self._sets[0] is not self.view:
            self._sets = self.view, np.pad(set_matrix(self.label_names, self.classes), ((0, 1), (0, 0)))
        return self._sets[1][labels]

    def answers(self, labels: ItemLabels) -> npt.NDArray[Any]:
        """What a model should say of items of these classes (m,): the same as int64, -1 of none, or their label matrix."""
        return self.matrix(labels) if self._several else labels.astype(np.int64)

    # --- by name ------------------------------------------------------------------------------------------------

    def id_of(self, name: str) -> int:
        """The id of a class by its name.

        Args:
            name: A class; or a set of labels written "cat;dog", which is a new class if nobody had it.

        Raises:
            BadcaseError: Where there is none; it names the nearest.
        """
        if self._several:
            name = self._canonical(name)
            self._add([name])
        return named_class(self.classes, name)

    def known_id(self, name: str) -> int:
        """The same of a class that there is; no set of labels becomes a new one."""
        return named_class(self.classes, self._canonical(name) if self._several else name)

    def ids_of(self, sets: npt.NDArray[np.bool_]) -> ItemLabels:
        """The class (m,) of each row of a label matrix (m, k) of a multi-label project; new ones as in `id_of`."""
        distinct, place = np.unique(sets, axis=0, return_inverse=True)
        names = [set_name(np.array(self.label_names, object)[one]) for one in distinct]
        self._add(names)
        ids = {name: number for number, name in enumerate(self.classes)}
        return np.array([ids[name] for name in names], np.int32)[place.reshape(-1)]

    def stored_name(self, stored: int) -> str:
        """What the class of a stored id is called now; what it was last called where it is gone."""
        if (place := self.view.told_one(stored)) >= 0:
            return self.classes[place]
        if self._several:
            return self.stored_classes[stored]
        known = self.view.state.classes  # none of a class whose adding was taken back
        return (known[stored].name if stored < len(known) else "") or self.stored_labels[stored]

    def _canonical(self, written: str) -> str:
        """A set of labels as the project writes it: each once, in the order of `label_names`."""
        places = {named_class(self.label_names, label) for label in labels_of(written)}
        return set_name(self.label_names[place] for place in sorted(places))

    def _add(self, sets: Iterable[str]) -> None:
        """Make sets of labels that nobody had classes, and note how the data set would write them, in one transaction."""
        known = set(self.classes)
        added = [name for name in dict.fromkeys(sets) if name not in known]
        if not added:
            return
        names, order, labels = self.label_names, self.view.state.order, self.stored_labels
        rows = [[names.index(label) for label in labels_of(name)] for name in added]
        cells = [cells_of_set(self.imported, self.view, row) for row in rows]
        spelled = {
            column: [*values, *("" if one[column] is UNWRITABLE else one[column] for one in cells)]
            for column, values in self.imported.written.items()
        }
        changed = replace(self.imported, written=spelled)
        stored = tuple(set_name(labels[i] for i in sorted(order[at] for at in row)) for row in rows)
        with self._store.transaction() as connection:
            connection.executemany("INSERT INTO classes VALUES (?, ?)", enumerate(stored, len(self.stored_classes)))
            said = json.dumps(changed.plain(), ensure_ascii=False)
            connection.execute("UPDATE settings SET value = ? WHERE name = 'source'", (said,))
        self.imported, self.stored_classes = changed, self.stored_classes + stored
        self._look()

    # --- what is stored -----------------------------------------------------------------------------------------

    @property
    def stored_labels(self) -> tuple[str, ...]:
        """What each label that the project has or had is called where it is stored, by its stored id.

        Where an item has one label, labels and classes are the same. A name that is taken gets its number behind it.
        """
        names = list(self.imported_labels)
        for stored, name in sorted(self._added.items()):
            names.append(f"{name} ({stored})" if name in names else name)
        return tuple(names)

    @property
    def imported_labels(self) -> tuple[str, ...]:
        """What a model answered with before anybody changed the classes."""
        several = self.imported.several
        return self.stored_classes if several is None else several.names

    @property
    def _added(self) -> dict[int, str]:
        """The labels that entries of the journal have added, taken back or not, by their stored ids."""
        found: dict[int, str] = {}
        for edit in self._edits.values():
            for stored, said in edit.sets.items():
                if stored >= len(self.imported_labels) and "name" in said:
                    found.setdefault(stored, said["name"])
        return found

    @property
    def stored_count(self) -> int:
        """How many classes items, verdicts and proposals may name."""
        return len(self.stored_classes if self._several else self.stored_labels)

    @property
    def next_id(self) -> int:
        """The stored id of the next label that is added: never one that was used."""
        return len(self.stored_labels)

    def told_columns(self, outputs: Sequence[int] | None) -> ToldColumns | None:
        """The way from what a model says of these stored labels, None for those of the import, to `label_names`.

        None where the two are the same.
        """
        outputs = range(len(self.imported_labels)) if outputs is None else outputs
        return told_columns(self.view, outputs, several=self._several)

    # --- what the journal says ----------------------------------------------------------------------------------

    def know(self, seq: int, edit: ClassEdit) -> None:
        """Take notice of an entry of the journal that this process wrote."""
        self._edits[seq] = edit

    def edit_at(self, seq: int) -> ClassEdit:
        """What an entry of the journal did to the classes."""
        return self._edits[seq]

    def follow(self, standing: Iterable[int]) -> None:
        """The classes after the entries that stand, oldest first; ImpossibleEdit where they do not fit."""
        standing = tuple(standing)
        if standing != self._standing:
            self.view = self.view_after(standing)
            self._standing = standing
            self.__dict__.pop("_told_source", None)

    def view_after(self, standing: Iterable[int], *more: ClassEdit) -> ClassView:
        """The classes after these entries, and further changes; ImpossibleEdit where they do not fit."""
        edits = [*(self._edits[seq] for seq in standing), *more]
        given_up = bool(self._store.setting("journal_missing", 0))
        state = ClassState.imported(self.imported_labels).after_all(edits, given_up=given_up)
        names = list(self.stored_labels)
        names += [one.name for one in state.classes[len(names) :]]
        return ClassView(state, self.stored_classes if self._several else None, names)

    def _look(self) -> None:
        self.view = self.view_after(self._standing)
        self.__dict__.pop("_told_source", None)

    def read_source(self) -> None:
        """Take notice of what another process of the program wrote of the source and the classes."""
        self.imported = read_source(self._store)
        self._store.require("classes")
        names = self._store.rows("SELECT name FROM classes ORDER BY id")
        self.stored_classes = tuple(name for (name,) in names)
        self._read_edits()
        self._look()

    def _read_edits(self) -> None:
        rows = self._store.rows("SELECT seq, classes FROM journal WHERE classes IS NOT NULL ORDER BY seq")
        self._edits = {}
        for seq, text in rows:
            place = _("row {n}").format(n=seq)
            try:
                self._edits[seq] = ClassEdit.of(self._store.plain("journal", place, text, dict))
            except ValueError as error:
                raise self._store.damage("journal", place, expected=_("a change to the classes"), got=told(text)) from error
        self._standing = tuple(seq for seq in self._standing if seq in self._edits)

    def rename_part(self, name: str) -> None:
        """The one table of the source has another name now."""
        part = replace(self.imported.parts[0], name=name)
        self.imported = replace(self.imported, parts=(part,))
        self._store.set_settings([("source", self.imported.plain())])
        self._look()
