"""What a class may be called, and which keys may choose one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.label_sets import NO_LABEL, SEPARATOR

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

KEYS = tuple(f"F{number}" for number in range(3, 11))


def checked_name(project: ProjectData, name: str, *, but: str = "") -> str:
    """A name for a class as it is kept; BadcaseError where another class has it, or nothing could call it so.

    but: The name that the class itself has now.
    """
    name = name.strip()
    if not name or any(ord(letter) < 32 for letter in name) or name != name.encode(errors="replace").decode():
        raise BadcaseError(_("this is no name for a class"), where="name", got=repr(name))
    if project.task == "multilabel" and (SEPARATOR in name or name == NO_LABEL):
        expected = _("a name without {sign}").format(sign=SEPARATOR)
        raise BadcaseError(_("this is no name for a label"), where="name", expected=expected, got=name)
    if name != but and name in project.label_names:
        hint = _("Merge the two, or choose another name.")
        raise BadcaseError(_("there is a class of this name"), where="name", got=name, hint=hint)
    return name


def checked_key(key: str) -> str:
    """A key that may choose a class, "" for none."""
    wanted = key.strip().upper()
    if wanted and wanted not in KEYS:
        raise BadcaseError(_("this key cannot choose a class"), where="key", expected=f"{KEYS[0]} - {KEYS[-1]}", got=key)
    return wanted
