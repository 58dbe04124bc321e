"""What the settings say of the source, checked as a whole before anything is read from it."""

from __future__ import annotations

import codecs
from typing import Any

from badcase.i18n import _
from badcase.items.source import Source
from badcase.store.checks.json_shapes import misfit
from badcase.store.database import Store, is_place


def _is_one_sign(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 1


def _is_encoding(value: Any) -> bool:
    try:
        return isinstance(value, str) and codecs.lookup(value) is not None
    except (LookupError, ValueError):
        return False


def _is_spelling(value: Any) -> bool:
    """Whether a value can stand for a class in a data set."""
    return isinstance(value, str | int | float | list | dict) and value == value


_READ = {
    "encoding?": (_is_encoding, None),
    "delimiter?": (_is_one_sign, None),
    "quotes?": (bool, str, None),
    "header?": (bool, None),
    "sheet?": str,
}

_SEVERAL = {
    "names": [str],
    "atoms": list,
    "column": str,
    "joiner": (str, None),
    "opening?": str,
    "closing?": str,
    "quote?": str,
    "columns?": (None, {str: lambda says: isinstance(says, list) and len(says) == 2}),
}
_SOURCE = {
    "format?": str,
    "location?": is_place,
    "parts?": [{"name": is_place, "rows": int, "digest?": str}],
    "columns?": {str: (str, None)},
    "written?": {str: [_is_spelling]},
    "details?": {"base?": is_place, "tables?": {str: _READ}, **_READ},
    "lone?": bool,
    "several?": (_SEVERAL, None),
    "options?": {
        "encoding?": (_is_encoding, None),
        "header?": (bool, None),
        "missing?": ([str], None),
        "images?": (is_place, None),
        "join_spellings?": bool,
    },
}


def read_source(store: Store) -> Source:
    """Where the items came from, as the settings say; DamagedError where they cannot."""
    plain = store.setting("source", {})
    place = misfit(plain, _SOURCE)
    if place is None and plain and "label" not in plain.get("columns", {}):
        place = ".columns.label"
    if place is None and len((several := plain.get("several") or {}).get("names", ())) != len(several.get("atoms", ())):
        place = ".several.atoms"
    if place is None and plain and (not (parts := plain.get("parts")) or (plain.get("lone") and len(parts) > 1)):
        place = ".parts"
    if place is None and plain.get("format") == "csv":  # whose cells are texts
        odd = any(not isinstance(one, str | list) for values in plain.get("written", {}).values() for one in values)
        place = ".written" if odd else None
    if place is not None:
        raise store.damage("settings", "source", expected=_("another kind of value at {place}").format(place=ascii(place)[1:-1]))
    return Source.of(plain)
