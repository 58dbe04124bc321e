"""The images that may be kept in a project or sent away: those it was made from, or of a place that the person named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badcase.items.roots import fingerprint
from badcase.trust.named_places import is_named, not_named

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData


def known_image(project: ProjectData, item: int) -> bytes:
    """The bytes of an item's image.

    BadcaseError where it cannot be read, or is none that the project was made from and lies where nobody said that its data are:
    a small copy of it would go with the project, or with a report, to whoever named it.
    """
    raw = project.items.media(item).open_bytes()
    place = project.items.every_place()[project.items.place(item)]
    if fingerprint(raw) != project.items.fingerprint(item) and not is_named(project.path, place):
        raise not_named(project.path, place, project.items.key(item))
    return raw
