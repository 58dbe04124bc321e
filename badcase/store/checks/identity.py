"""Whether the files of a project belong together: each part carries a mark that the database notes, made with it."""

from __future__ import annotations

from badcase.i18n import _
from badcase.items import Items
from badcase.store.checks.damage import damaged
from badcase.store.database import Store

NAME = "identity"  # the setting


def require_same_project(store: Store, items: Items) -> None:
    """DamagedError where the database and the items are of two projects, however alike these are."""
    noted: str | None = store.setting(NAME)
    if not is_of(items, noted):
        raise damaged(
            store.path,
            NAME,
            what=_("project.db and items.arrow are of two projects"),
            expected=items.identity,
            got=noted or _("no mark"),
        )


def is_of(items: Items, noted: str | None) -> bool:
    """Whether a database that notes this mark, None for none, is about these items."""
    return noted == items.identity or (noted is None and not items.are_marked)


def note_project(store: Store, items: Items) -> None:
    """Note whose items the database is about, where it was made before databases did."""
    if store.setting(NAME) is None:
        store.set_settings([(NAME, items.identity)])
