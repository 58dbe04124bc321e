"""The classes of a project in its database: fixed at the import, but that a new set of labels is a new class."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.label_sets import labels_of, set_name
from badcase.items.source import Source
from badcase.store.database import Store


def stored_classes(store: Store) -> tuple[str, ...]:
    """Their names, in the order of their ids."""
    return tuple(name for (name,) in store.rows("SELECT name FROM classes ORDER BY id"))


def find_class(classes: Sequence[str], name: str) -> int:
    """The id of a class by its name; BadcaseError with the nearest names."""
    if name in classes:
        return classes.index(name)
    near = get_close_matches(name, classes, 3, 0.4) or list(classes[:10])
    raise BadcaseError(
        _("there is no such class"),
        where="label",
        got=name or _("nothing"),
        hint=_("Classes: {names}").format(names=", ".join(near)),
    )


def canonical(names: Sequence[str], written: str) -> str:
    """A set of labels as the project writes it: each once, in the order of `names`; BadcaseError for an unknown one."""
    places = {find_class(names, label) for label in labels_of(written)}
    return set_name(names[place] for place in sorted(places))


def add_label_sets(store: Store, source: Source, classes: Sequence[str], sets: Iterable[str]) -> tuple[tuple[str, ...], Source]:
    """Make sets of labels (as `canonical` writes them) that nobody had classes, in one transaction.

    Returns the names that are new, and the source with how the data set would write them.
    """
    assert source.several is not None
    names, known = source.several.names, set(classes)
    added = tuple(name for name in dict.fromkeys(sets) if name not in known)
    if not added:
        return (), source
    changed = source.with_sets([[names.index(label) for label in labels_of(name)] for name in added])
    plain = json.dumps(changed.plain(), ensure_ascii=False)
    with store.transaction() as connection:
        connection.executemany("INSERT INTO classes VALUES (?, ?)", enumerate(added, len(classes)))
        connection.execute("UPDATE settings SET value = ? WHERE name = 'source'", (plain,))
    return added, changed
