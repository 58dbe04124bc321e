"""The labels of the rows of a source that is read again, as classes of the project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from badcase.errors import BadcaseError
from badcase.importing.column_roles import ColumnRoles
from badcase.importing.column_values import strings
from badcase.importing.importer import labelling_of
from badcase.importing.labels.labelling import Labelling
from badcase.importing.labels.numbers import whole_names
from badcase.importing.labels.one_hot import OneHot
from badcase.importing.labels.spellings import spellings
from badcase.importing.read_options import ReadOptions
from badcase.importing.rows import TableRows
from badcase.items.kinds import UNLABELLED
from badcase.items.label_sets import SEPARATOR
from badcase.items.source import Source


class RowLabels:
    """The label that each row has now."""

    def __init__(
        self,
        rows: TableRows,
        columns: ColumnRoles,
        one_hot: OneHot | None,
        source: Source,
        classes: Sequence[str],
        task: str,
        *,
        also: Mapping[str, int] | None = None,
    ) -> None:
        """The labels of rows.

        Args:
            rows: As `read_again` gave them, and so `columns` and `one_hot`.
            columns: Of the roles.
            one_hot: The columns that are a label each.
            source: Of the project, as it was imported.
            classes: The stored classes.
            task: Of the project.
            also: Other names of stored classes, by which they are known too.
        """
        self._rows, self._columns, self._one_hot = rows, columns, one_hot
        self._source, self._classes, self._task, self._also = source, classes, task, also or {}

    def of(self, at: int) -> int | None:
        """The class id that a row has now, -1 where it has no label, None where that is no class of the project."""
        name = self.names[at]
        return UNLABELLED if name is None else self._class_of(name)

    @cached_property
    def written(self) -> Mapping[str, Sequence[Any]]:
        """What stands for each class in the label columns: ids whose names the source declares may be others by now."""
        column, said = self._columns.label or "", self._source.written
        if column not in self._rows.class_names or self._task == "multilabel":
            return said
        now = dict(zip(self.labelling.classes, self.labelling.written[column], strict=True))
        return {**said, column: [now.get(name, value) for name, value in zip(self._classes, said[column], strict=False)]}

    def _class_of(self, name: str | None) -> int | None:
        """The class of a label as it is called now: a row beside it may have changed how a column is read.

        Whole floats are not called by whole numbers where a label is none, and of spellings that are joined the most frequent
        one tells the name.
        """
        at = self._class_ids.get(self._comparable(name))
        if at is None and name is not None and self._task == "multiclass":
            alike = [name, whole_names([name])[name]]
            at = next((self._spelled[one] for one in alike if one in self._spelled), None)
        return self._also.get(name or "") if at is None else at

    @cached_property
    def _spelled(self) -> dict[str, int]:
        """The class of each label as its column writes it, and of each other spelling where a person joined them."""
        written = self._source.written.get(self._columns.label or "", ())
        spelled = {str(value).strip(): at for at, value in enumerate(written)} | {
            name: at for at, name in enumerate(self._classes)
        }
        if not ReadOptions.settled(self._source).join_spellings:
            return spelled
        called = spellings(dict.fromkeys((*spelled, *filter(None, self.names)), 1), join=True).name
        by_name = {called[name]: at for name, at in spelled.items()}
        return {one: by_name[name] for one, name in called.items() if name in by_name} | spelled

    @cached_property
    def labelling(self) -> Labelling:
        """The labels of the rows as they are read now."""
        options = ReadOptions.settled(self._source)
        return labelling_of(self._rows, self._columns, self._task, options, self._one_hot)

    @cached_property
    def names(self) -> Sequence[str | None]:
        """What the label of every row is called now."""
        try:
            labelling = self.labelling
        except BadcaseError:  # one class is left, or more that has no single reading: compared as it is written
            cells = strings(self._rows.table[self._columns.label or ""])
            written = self._source.written[self._columns.label or ""]
            spelled = {str(value).strip(): name for value, name in zip(written, self._classes, strict=False)}
            return [spelled.get(cell.strip(), cell) if cell else None for cell in cells]
        names = [*labelling.classes, None]  # -1 is the last
        return [names[label] for label in labelling.given.tolist()]

    @cached_property
    def _class_ids(self) -> dict[object, int]:
        return {self._comparable(name): at for at, name in enumerate(self._classes)}

    def _comparable(self, name: str | None) -> object:
        """A class; of several labels, whatever their order is now."""
        return frozenset(name.split(SEPARATOR)) if name is not None and self._task == "multilabel" else name
