"""Labels, probabilities and features from several files or data frames, put row to row by the keys that they share."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from badcase.array_checks import refuse_not_finite
from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.importing.arrays.answers import Answers, answered, of_two_classes
from badcase.importing.arrays.array_source import as_table, source_name
from badcase.importing.arrays.class_columns import Affix, few, find_affix, fold_name
from badcase.importing.arrays.loaded_array import INDEX, LoadedArray, is_key_name
from badcase.importing.arrays.read_arrays import array_of_arrow, load_array
from badcase.importing.arrays.row_keys import KeyJoin, join_by_key, key_texts, may_be_keys
from badcase.plain_arrays import PlainArray, class_texts, plain_array

_NEAR, _EXACT = 0.01, 2e-3  # a row that sums to 1 within the first is divided by its sum, within the second it is left


@dataclass(slots=True)
class JoinedInputs:
    """What `read_given` takes, row to row.

    Attributes:
        labels: Labels, as files hold them or as they were passed; so `probs` and `features`.
        keys: (n,) what the rows are called; None where nothing calls them.
        notes: What was understood, in sentences.
    """

    labels: Any
    probs: Any = None
    features: Any = None
    keys: Sequence[str] | None = None
    notes: list[str] = field(default_factory=list)


def join_inputs(labels: Any, probs: Any, features: Any, *, several: bool | None = None, named: bool = False) -> JoinedInputs:
    """Read what are files, and data frames that have keys; anything else stays as it is.

    Args:
        labels: Labels.
        probs: Probabilities, or None.
        features: Features, or None.
        several: Whether items may have any number of labels; None where the labels tell.
        named: Whether the caller names the classes: columns are not looked for by name then.

    Raises:
        BadcaseError: Where keys do not match, or a row is not finite.
    """
    made = JoinedInputs(labels, probs, features)
    given = _read(labels, "labels")
    if given is not None:
        if given.taken:
            note = _("The labels are those of {column}; {others} could be labels too.")
            made.notes.append(note.format(column=given.taken[0], others=few(given.taken[1:])))
        if given.columns is not None:  # a matrix of labels, whose columns may have a prefix too
            affix = _common(given.columns)
            given = LoadedArray(given.values, [affix.inside(name) or name for name in given.columns], given.beside)
        made.labels = PlainArray(given.values, given.columns)
        made.keys = _row_names(given)
    else:
        plain = plain_array("labels", labels)
        given = LoadedArray(plain.values, plain.columns)
    for what, source in (("probs", probs), ("features", features)):
        loaded = _read(source, what)
        if loaded is None:
            continue
        where, names = source_name(source, what), source_name(labels, "labels")
        rows = None if _same_file(labels, source) else _rows(given, loaded, names, where, made.notes)
        if rows is None and (bare := _without_keys(given, loaded, names, where)):
            if bare == names:  # what comes after has to follow the keys that there are
                given, made.keys = LoadedArray(given.values, given.columns, loaded.beside), _row_names(loaded)
            made.notes.append(_told_order(bare, made.keys or []))
        values, keys = loaded.values, made.keys
        if rows is not None:
            values = np.asarray(values)[rows]
        named_rows = keys is not None or loaded.columns is not None  # of a bare array `rank` says the row
        if named_rows and isinstance(values, np.ndarray) and values.dtype.kind == "f" and values.ndim == 2:
            refuse_not_finite(values, keys if keys is not None and len(keys) == len(values) else None, where)
        plain = PlainArray(values, loaded.columns)
        if what == "probs" and not named:
            classes = sorted(_present(given) or ())
            answers = None if _same_file(labels, source) else answered(loaded.beside, classes, rows)
            plain = _classes(plain, given, several, made.notes, answers)
        setattr(made, what, plain)
    return made


def _read(source: Any, what: str) -> LoadedArray | None:
    if isinstance(source, str | Path):
        return load_array(Path(source).expanduser(), what)
    table = None if source is None else as_table(source)
    if table is None or not any(is_key_name(column.name) and not pa.types.is_floating(column.type) for column in table.schema):
        return None
    return array_of_arrow(table, what, what)


def _same_file(one: Any, other: Any) -> bool:
    paths = isinstance(one, str | Path) and isinstance(other, str | Path)
    return paths and Path(one).expanduser().resolve() == Path(other).expanduser().resolve()


# --- rows -----------------------------------------------------------------------------------------------------------


def _row_names(given: LoadedArray) -> list[str] | None:
    """(n,) the keys of the labels, where a column has them."""
    for name, column in given.beside.items():
        if is_key_name(name) and name not in INDEX:
            keys = key_texts(column)
            if len(set(keys)) == len(keys) == len(given.values):
                return keys
    return None


def _without_keys(given: LoadedArray, loaded: LoadedArray, labels: str, where: str) -> str:
    """Which of two goes by the order of its rows, as it has no keys and the other has; empty where none or both have."""
    bare, keyed = (given, loaded) if _row_names(given) is None else (loaded, given)
    if len(bare.values) != len(keyed.values) or _row_names(keyed) is None:
        return ""
    if any(may_be_keys(name, column) for name, column in bare.beside.items()):
        return ""
    return labels if bare is given else where


def _told_order(bare: str, keys: Sequence[str]) -> str:
    note = _("There are no keys, so row 1 is taken as {first} and the last as {last}, in the order of the items.")
    return f"{bare}: {note.format(first=keys[0], last=keys[-1])}"


def _rows(given: LoadedArray, loaded: LoadedArray, labels: str, where: str, notes: list[str]) -> NDArray[np.int64] | None:
    """(n,) the row for each label; None where rows go by order."""
    n, best = len(given.values), None
    for name, column in given.beside.items():
        keys = key_texts(column)
        if len(keys) != n or len(set(keys)) < n:
            continue
        join = join_by_key(loaded.beside, {"": keys})
        if join is None or (join.found < n and not _both_keys(name, join)):
            continue
        if best is None or join.found > best[1].found:
            best = name, join, keys
    if best is None:
        _refuse_strangers(given, loaded, labels, where)
        return None
    _name, join, keys = best
    if join.found < n:
        missing = np.flatnonzero(join.rows < 0)
        words = plural("{n} label has no row", "{n} labels have no row", len(missing)).format(n=len(missing))
        got = _("none for {keys}").format(keys=few([keys[int(i)] for i in missing[:9]]))
        hint = _("Leave these labels out, or add their rows.")
        raise BadcaseError(words, where=where, expected=_("a row for each of {n} labels").format(n=n), got=got, hint=hint)
    for row, first in join.doubles:
        if not np.array_equal(np.asarray(loaded.values[row]), np.asarray(loaded.values[first])):
            raise BadcaseError(
                _("two rows of one key say different things"),
                where=where,
                got=key_texts(loaded.beside[join.column])[row],
                hint=_("Keep one of the two."),
            )
    if np.array_equal(join.rows, np.arange(len(loaded.values))):
        return None
    notes.append(
        _("The rows of {path} are matched to the labels by {column}.").format(path=where, column=join.column or _("the index"))
    )
    if join.further:
        words = plural(
            "{n} row of {path} is of no label and is left out.",
            "{n} rows of {path} are of no label and are left out.",
            join.further,
        )
        notes.append(words.format(n=join.further, path=where))
    return join.rows


def _both_keys(name: str, join: KeyJoin) -> bool:
    return all(is_key_name(one) and one not in INDEX for one in (name, join.column))


def _refuse_strangers(given: LoadedArray, loaded: LoadedArray, labels: str, where: str) -> None:
    """BadcaseError where both have keys that are more than numbers of rows, and none is the same."""
    mine = next((key_texts(one) for name, one in given.beside.items() if is_key_name(name) and may_be_keys(name, one)), None)
    theirs = next((key_texts(one) for name, one in loaded.beside.items() if may_be_keys(name, one)), None)
    if mine and theirs and len(set(mine)) == len(mine):
        raise BadcaseError(
            _("no key is the same as in {path}").format(path=labels),
            where=where,
            expected=few(mine[:4]),
            got=few(theirs[:4]),
            hint=_("Write the same keys in both, or remove the keys from one where the rows are in the same order."),
        )


# --- columns ----------------------------------------------------------------------------------------------------------


def _classes(
    matrix: PlainArray, given: LoadedArray, several: bool | None, notes: list[str], answers: Answers | None
) -> PlainArray:
    """The matrix with the columns that are classes, called as the labels call them."""
    values, columns = np.asarray(matrix.values), matrix.columns
    present = _present(given)
    if present is not None and len(present) > 2 and (values.ndim == 1 or values.shape[1:] == (1,)):
        raise BadcaseError(
            _("one column says nothing of more than two classes"),
            where="probs",
            expected=_("a column for each of {k} classes").format(k=len(present)),
            got=1,
            hint=_("Write the probabilities of all classes."),
        )
    if values.ndim == 1 or values.shape[1:] == (1,):
        return _one_column(values.reshape(-1), columns, sorted(present or ()), notes, answers)
    if columns is None:
        return matrix
    affix = find_affix(columns, present, "probs") if present else None
    if affix is not None:
        inside = {column: affix.inside(column) for column in columns}
    else:
        folded = {fold_name(name): name for name in present or ()}
        inside = {column: folded.get(fold_name(column)) for column in columns}
        if present is None or len(set(inside.values()) - {None}) < len(present):
            affix = _common(columns)
            inside = {column: affix.inside(column) for column in columns}
            if all((name or "").isdecimal() for name in inside.values()):
                inside, affix = {column: column for column in columns}, None
        else:
            inside = {column: name or column for column, name in inside.items()}
    names = {column: name for column, name in inside.items() if name is not None}
    if affix is not None and affix != Affix("", ""):
        notes.append(_("Columns called {affix} are taken as the classes.").format(affix=affix))
    places = [columns.index(column) for column in names]
    if several is not True and (present or several is False):
        places = _summing(values, places, [at for at in places if names[columns[at]] in (present or ())])
    left_out = [name for at, name in enumerate(columns) if at not in set(places)]
    if left_out:
        notes.append(_("Columns that are no class were left out: {names}.").format(names=few(left_out)))
        values = values[:, places]
    if several is not True:
        values = _divided(values, notes)
    return PlainArray(values, [names[columns[at]] for at in places])


def _present(given: LoadedArray) -> set[str] | None:
    """The labels that occur, as texts; None where they cannot be told yet, as in texts of several."""
    values = given.values
    if isinstance(values, np.ndarray) and values.ndim == 2:
        return set(given.columns) if given.columns else None
    if isinstance(values, np.ndarray):
        flat = values.tolist() if values.dtype.kind == "O" else np.unique(values).tolist()
    else:
        flat = values
    if any(isinstance(one, list | tuple | set | np.ndarray) for one in flat):
        flat = [label for one in flat if isinstance(one, list | tuple | set | np.ndarray) for label in one]
    known = [one for one in dict.fromkeys(flat) if one is not None and one == one]
    return set(class_texts([one.decode() if isinstance(one, bytes) else one for one in known])) or None


def _one_column(
    values: NDArray[Any], columns: list[str] | None, present: Sequence[str], notes: list[str], answers: Answers | None
) -> PlainArray:
    """Probabilities of the second of two classes."""
    if len(present) == 2:
        of, values, note = of_two_classes(values, columns, answers, present, "probs")
        notes.append(note)
        values = values if of else 1 - values
    return PlainArray(values)


def _common(columns: Sequence[str]) -> Affix:
    """What all columns have in common before and after, up to where a word ends."""
    before = _shared(columns)
    after = _shared([column[::-1] for column in columns])[::-1]
    while before and before[-1].isalnum():
        before = before[:-1]
    while after and after[0].isalnum():
        after = after[1:]
    affix = Affix(before, after)
    return affix if len(columns) > 1 and all(affix.inside(column) for column in columns) else Affix("", "")


def _shared(words: Sequence[str]) -> str:
    """The letters that all words begin with."""
    first, last = min(words), max(words)
    return first[: next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))]


def _summing(values: NDArray[Any], places: list[int], sure: Collection[int]) -> list[int]:
    """Of the columns those whose rows sum to 1: all, else those that are labels, else all but one; all where none do."""
    tries = [
        places,
        [at for at in places if at in sure],
        *([at for at in places if at != out] for out in places if out not in sure),
    ]
    for tried in tries:
        chosen = values if len(tried) == values.shape[1] else values[:, tried]
        if len(tried) > 1 and (np.abs(chosen.sum(1, dtype=np.float64) - 1) <= _NEAR).all():
            return tried
    return places


def _divided(values: NDArray[Any], notes: list[str]) -> NDArray[Any]:
    """Rows that nearly sum to 1, as rounded ones do, divided by their sums."""
    sums = values.sum(1, dtype=np.float64)
    off = np.abs(sums - 1)
    if values.size and (off > _EXACT).any() and (off <= _NEAR).all() and values.min() >= 0:
        n = int((off > _EXACT).sum())
        words = plural(
            "{n} row did not sum to 1 and was divided by its sum.", "{n} rows did not sum to 1 and were divided by their sum.", n
        )
        notes.append(words.format(n=n))
        return values / sums[:, None]
    return values
