"""The classes of a project: fixed at the import, but that a new set of labels is a new class."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from badcase.class_names import ClassNames, named_class
from badcase.i18n import _
from badcase.items.label_sets import labels_of, set_matrix, set_name
from badcase.items.source import Source
from badcase.store.checks.damage import told
from badcase.store.checks.stored_source import read_source
from badcase.store.database import Store
from badcase.store.verdicts import ItemLabels

_NAMED = 10  # classes that a repr names


class Taxonomy:
    """The names of the classes, and what a model answers of an item of each.

    Attributes:
        classes: The names by id. In a multi-label project each distinct set of labels is a class, "cat;dog", and
            `label_names` are what such sets are made of; else the two are the same.
        source: Where the items came from and how it was read.
    """

    source: Source
    classes: ClassNames

    def __init__(self, store: Store, task: str) -> None:
        self._store, self._several = store, task == "multilabel"
        self.read_source()
        self._check(task)
        self._sets = np.empty((0, 0), np.bool_)  # which labels each class has, of a multi-label project

    def _check(self, task: str) -> None:
        """DamagedError where the classes and what the source says of them do not belong together."""
        k, several = len(self.classes), self.source.several
        if self._several != (several is not None):
            raise self._store.damage("settings", "source", expected=_("the labels of the task {name}").format(name=task))
        if any(len(spellings) != k for spellings in self.source.written.values()):
            raise self._store.damage("settings", "source", expected=_("what stands for each of {k} classes").format(k=k))
        known = set(self.label_names)
        if several is not None and (odd := next((one for one in self.classes if not known.issuperset(labels_of(one))), None)):
            raise self._store.damage("classes", expected=_("sets of labels of the project"), got=told(odd))

    def __repr__(self) -> str:
        names = ", ".join(self.label_names[:_NAMED])
        return f"<Taxonomy of {len(self.label_names)} classes: {names}{', …' if len(self.label_names) > _NAMED else ''}>"

    @property
    def label_names(self) -> tuple[str, ...]:
        """What a model answers with: the classes; where an item may have any number of labels, these."""
        several = self.source.several
        return self.classes if several is None else several.names

    @property
    def column(self) -> str | None:
        """The column of the source that the labels come from; None where folders or file names say them."""
        return self.source.columns["label"]

    def matrix(self, labels: ItemLabels) -> npt.NDArray[np.bool_]:
        """(m, k): which of `label_names` each class of a multi-label project has, for class ids (m,); none where it is -1."""
        if len(self._sets) != len(self.classes) + 1:
            self._sets = np.pad(set_matrix(self.label_names, self.classes), ((0, 1), (0, 0)))
        return self._sets[labels]

    def answers(self, labels: ItemLabels) -> npt.NDArray[Any]:
        """What a model should say of items of these classes (m,): the same as int64, -1 of none, or their label matrix."""
        return self.matrix(labels) if self._several else labels.astype(np.int64)

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

    def _canonical(self, written: str) -> str:
        """A set of labels as the project writes it: each once, in the order of `label_names`."""
        places = {named_class(self.label_names, label) for label in labels_of(written)}
        return set_name(self.label_names[place] for place in sorted(places))

    def _add(self, sets: Iterable[str]) -> None:
        """Make sets of labels that nobody had classes, and note how the data set would write them, in one transaction."""
        known = set(self.classes)
        added = tuple(name for name in dict.fromkeys(sets) if name not in known)
        if not added:
            return
        names = self.label_names
        changed = self.source.with_sets([[names.index(label) for label in labels_of(name)] for name in added])
        with self._store.transaction() as connection:
            connection.executemany("INSERT INTO classes VALUES (?, ?)", enumerate(added, len(self.classes)))
            said = json.dumps(changed.plain(), ensure_ascii=False)
            connection.execute("UPDATE settings SET value = ? WHERE name = 'source'", (said,))
        self.source, self.classes = changed, ClassNames((*self.classes, *added))

    def read_source(self) -> None:
        """Take notice of what another process of the program wrote of the source and the classes."""
        self.source = read_source(self._store)
        self._store.require("classes")
        self.classes = ClassNames(name for (name,) in self._store.rows("SELECT name FROM classes ORDER BY id"))

    def rename_part(self, name: str) -> None:
        """The one table of the source has another name now."""
        part = replace(self.source.parts[0], name=name)
        self.source = replace(self.source, parts=(part,))
        self._store.set_settings([("source", self.source.plain())])
