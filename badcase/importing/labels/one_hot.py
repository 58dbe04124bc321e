"""One column a label: 0 and 1, yes and no, or a mark, that together say which labels an item has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped, plural
from badcase.importing.column_roles import RoleChoice, choose_columns, label_candidates
from badcase.importing.column_values import is_string
from badcase.importing.labels.cells import LabelCells, label_cells
from badcase.importing.rows import TableRows
from badcase.items.label_sets import NO_LABEL, SEPARATOR

_PAIRS = (("0", "1"), ("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"))  # for no and yes
_MARKS = frozenset({"1", "true", "yes", "y", "t", "x", "*", "✓", "✔"})  # for yes, where an empty cell is a no
_UNSAID = frozenset({"", "-1", "nan"})  # for nobody knows
_SHOWN = 10
_FEW = 4  # values that a column of yes and no may hold in all its spellings
_Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class OneHot:
    """Columns of labels that are taken together.

    Attributes:
        column: What the table calls the column that was made of them.
        names: (k,) the columns, each of which is a label.
        matrix: (rows, k) which labels each row has.
        known: (rows,) whether every cell of a row says yes or no.
        says: What stands in each column for no and for yes, as JSON can carry it.
    """

    column: str
    names: tuple[str, ...]
    matrix: _Bools
    known: _Bools
    says: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of yes and no: (rows,) each; what stands there for either, None where nothing does."""

    yes: _Bools
    known: _Bools
    off: Any
    on: Any


def choose_with_one_hot(rows: TableRows, named: Mapping[str, Any], task: str) -> tuple[TableRows, RoleChoice, OneHot | None]:
    """Columns for every role, where several columns may be the label together: as a person named them, or noticed.

    They are noticed where no other column can be the label: for any number of labels an item all columns of 0 and 1, for one
    label those of which each row has exactly one 1.

    Raises:
        BadcaseError: As for `choose_columns`, and where named columns cannot be taken together.
    """
    label = _columns_named(rows, named.get("label"))
    if len(label) > 1:
        return _with_column(rows, named, _together(rows, label))
    choice = choose_columns(rows, {**named, "label": label[0] if label else None})
    candidates = set(label_candidates(rows, choice.columns))
    columns = _binary_columns(rows, choice)
    binary = {name: one for name, one in columns.items() if one.known.all()}
    several = columns if task == "multilabel" and len(columns) > 1 else binary
    chosen = choice.columns.label
    if task == "multilabel" and chosen in several and (label or len(several) == 1 or chosen == "label"):
        raise _alone(chosen, list(several))
    if label or len(binary) < 2 or chosen == "label" or chosen not in (None, *binary) or candidates - set(binary):
        return rows, replace(choice, hint=_several(list(several)) if len(several) > 1 and not label else choice.hint), None
    found = _joined(rows, binary)
    if task != "multilabel" and not (_alike(binary) and (found.matrix.sum(1) == 1).all()):
        return rows, replace(choice, hint=_several(list(binary))), None
    return _with_column(rows, named, found)


def _columns_named(rows: TableRows, label: str | Sequence[str] | None) -> list[str]:
    """The label columns that a person named: one, several, or several in one text with commas between them."""
    known = rows.table.column_names
    found: list[str] = []
    for name in [label] if isinstance(label, str) else label or ():
        found += [name] if name in known or "," not in name else map(str.strip, name.split(","))
    return list(dict.fromkeys(name for name in found if name.strip()))


def _binary_columns(rows: TableRows, choice: RoleChoice) -> dict[str, _Column]:
    """The columns without a role that say yes, no or that nobody knows."""
    columns = choice.columns
    taken = {columns.text, columns.image, columns.split, columns.key, columns.group, columns.time, "id", *rows.class_names}
    for role in ("text", "image"):
        taken |= set(choice.open.get(role, ()))
    found = {}
    for name in rows.table.column_names:
        plain = name not in taken and SEPARATOR not in name and name != NO_LABEL
        column = _read(name, rows.table[name]) if plain and _may_be_binary(rows.table[name]) else None
        if column is not None and column.known.any():
            found[name] = column
    return found


def _alike(columns: Mapping[str, _Column]) -> bool:
    """Whether all columns say yes and no in the same words: one of 0 and 1 beside one of marks are two ways to say the same."""
    return len({(_word(str(one.off)), _word(str(one.on))) for one in columns.values()}) == 1


def _may_be_binary(column: pa.ChunkedArray) -> bool:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    plain = is_string(column) or pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind)
    return bool(plain) and column.null_count < len(column) and len(column.slice(0, 200).unique()) <= _FEW


def _read(name: str, column: pa.ChunkedArray) -> _Column | None:
    """A column as yes and no; None where it holds anything else."""
    cells = label_cells(name, column, lists=False)
    words = [_word(text) for text in cells.texts]
    said = set(words) - _UNSAID
    empty = column.null_count > 0 or "" in words
    if empty and len(said) == 1 and said <= _MARKS:
        no, yes = "", said.pop()
    else:
        no, yes = next((pair for pair in _PAIRS if said and said <= set(pair)), ("", ""))
        if not yes:
            return None
    on = np.array([*(word == yes for word in words), False])
    known = np.array([*(word in (no, yes) for word in words), not no])
    off_value = _most(cells, words, no)
    if no == "" and off_value is None and column.null_count == 0:
        off_value = ""
    return _Column(on[cells.codes], known[cells.codes], off_value, _most(cells, words, yes))


def _word(text: str | None) -> str:
    """A cell in lower case, "1.0" as "1"."""
    plain = (text or "").casefold()
    return {"0.0": "0", "1.0": "1", "-1.0": "-1"}.get(plain, plain)


def _most(cells: LabelCells, words: Sequence[str], word: str) -> Any:
    """The most frequent spelling of a word; None where no row has it."""
    found = [(n, -at) for at, (one, n) in enumerate(zip(words, cells.counts, strict=True)) if one == word]
    return cells.written[-max(found)[1]] if found else None


def _together(rows: TableRows, names: Sequence[str]) -> OneHot:
    """The columns that a person named; BadcaseError where one holds something else than yes and no."""
    found: dict[str, _Column] = {}
    for name in names:
        if name not in rows.table.column_names:
            raise BadcaseError(
                _("there is no such column"),
                where="label",
                expected=_("one of {names}").format(names=", ".join(rows.table.column_names)),
                got=name,
                hint=_("Name a column of the table."),
            )
        if SEPARATOR in name or name == NO_LABEL:
            raise BadcaseError(
                _("a label may not contain a semicolon"), where="label", got=name, hint=_("Rename it in the data.")
            )
        column = _read(name, rows.table[name])
        if column is None:
            values = [text or "" for text in label_cells(name, rows.table[name], lists=False).texts]
            raise BadcaseError(
                _("several label columns are taken together only where each says yes or no"),
                where=name,
                expected=_("0 and 1, true and false, yes and no, or x and nothing"),
                got=_few(values),
                hint=_("Name this column alone with --label, or leave it out."),
            )
        found[name] = column
    return _joined(rows, found)


def _joined(rows: TableRows, columns: Mapping[str, _Column]) -> OneHot:
    usual = [next((one.off for one in columns.values() if one.off is not None), None)]
    usual += [next((one.on for one in columns.values() if one.on is not None), None)]
    says = {}
    for name, one in columns.items():
        off, on = _of_type(usual[0], rows.table[name], 0), _of_type(usual[1], rows.table[name], 1)
        said_nothing = one.off is None and not one.known.all()
        says[name] = (off if one.off is None and (said_nothing or one.yes.all()) else one.off, on if one.on is None else one.on)
    title = _few(list(columns))
    while title in rows.table.column_names:
        title += " "
    matrix = np.stack([one.yes for one in columns.values()], axis=1)
    known = np.logical_and.reduce([one.known for one in columns.values()])
    return OneHot(title, tuple(columns), matrix, known, says)


def _of_type(usual: Any, column: pa.ChunkedArray, bit: int) -> Any:
    """What stands in other columns, where it fits this one; else 0 or 1 in the type of the column."""
    kind = column.type
    if is_string(column):
        return usual if isinstance(usual, str) else str(bit)
    return bool(bit) if pa.types.is_boolean(kind) else float(bit) if pa.types.is_floating(kind) else bit


def _with_column(rows: TableRows, named: Mapping[str, Any], found: OneHot) -> tuple[TableRows, RoleChoice, OneHot]:
    """The table with one column in place of those of the labels, and what there is to say of it."""
    names = np.array(found.names, object)
    packed, place = _patterns(found.matrix)
    texts = np.array([SEPARATOR.join(names[one]) for one in packed], object)[place]
    table = rows.table.drop_columns(list(found.names))
    table = table.append_column(found.column, pa.array(texts, pa.large_string(), mask=~found.known))
    told = _("The columns {names} say yes or no: each is a label.").format(names=_few(found.names))
    made = replace(rows, table=table, notes=(*rows.notes, told))
    return made, choose_columns(made, {**named, "label": found.column}), found


def _patterns(matrix: _Bools) -> tuple[_Bools, npt.NDArray[np.int64]]:
    """The distinct rows of a matrix, and (rows,) the place of each row among them."""
    bits = np.ascontiguousarray(np.packbits(matrix, axis=1))
    _same, first, place = np.unique(bits.view(f"V{bits.shape[1]}").reshape(-1), return_index=True, return_inverse=True)
    return matrix[first], place.reshape(-1).astype(np.int64)


def patterns(found: OneHot) -> tuple[list[tuple[int, ...]], npt.NDArray[np.int64]]:
    """The distinct sets of labels, by their places, and (rows,) the set of each row among them, -1 where nobody knows."""
    distinct, place = _patterns(found.matrix)
    return [tuple(np.flatnonzero(one).tolist()) for one in distinct], np.where(found.known, place, -1)


def _alone(name: str, binary: Sequence[str]) -> BadcaseError:
    others = [other for other in binary if other != name]
    if others:
        hint = _("Name all columns of labels: {options}.").format(options=_options([name, *others]))
    else:
        hint = _("Leave out --task multilabel: the classes are then no and yes.")
    return BadcaseError(_("a column of yes and no is one label, and there have to be several"), where=name, hint=hint)


def _several(binary: Sequence[str]) -> str:
    return _("Or take columns of 0 and 1 together: --task multilabel {options}.").format(options=_options(binary))


def _options(names: Sequence[str]) -> str:
    return " ".join(f"--label '{name}'" if not name.isidentifier() else f"--label {name}" for name in names)


def _few(names: Sequence[str]) -> str:
    said = ", ".join(names[:_SHOWN])
    more = len(names) - _SHOWN
    if more <= 0:
        return said
    return plural("{names} and {n} more", "{names} and {n} more", more).format(names=said, n=grouped(more))
