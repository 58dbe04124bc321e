"""Damage: what of a project is not as badcase wrote it, told with what is lost by it, what is not, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from badcase.errors import BadcaseError
from badcase.i18n import _, marked

# Of each part of a project what goes with it, and what stays.
LOST = {
    "project.db": marked("Verdicts may be lost with it; the data set, the items and what models said are other files."),
    "identity": marked("The verdicts of the one say nothing about the items of the other, so nothing of either is read."),
    "settings": marked("What is lost is a setting of the project; verdicts, items and what models said are not."),
    "classes": marked("What is lost are names of classes; verdicts, items and what models said are not."),
    "gold": marked("What is lost is which items runs are compared on; verdicts and items are not."),
    "journal": marked("Verdicts are lost from here on; the items and what models said are not."),
    "set_aside": marked("What is lost is the list of what the import could not take, and nothing else."),
    "prediction_sets": marked("What is lost is what one model said, which can be predicted again; verdicts and items are not."),
    "runs": marked("What is lost is the row of a training; verdicts, items and what models said are not."),
    "proposals": marked("What is lost is what machines proposed and nobody took; verdicts, labels and items are not."),
    "items.arrow": marked("The items are lost; the verdicts in project.db and the data set are not."),
}


class DamagedError(BadcaseError):
    """Something in the folder of a project is not as badcase wrote it; nothing was changed."""


def damaged(
    file: Path, part: str, *, where: str = "", expected: object = "", got: object = "", what: str | None = None
) -> DamagedError:
    """The error that names a damaged file of a project.

    Args:
        file: In the folder of the project.
        part: The name in `LOST` of what is damaged.
        where: The place in the file; the file alone where "".
        expected: What would be right.
        got: What is there.
        what: The words for it; else that it is damaged.
    """
    back = _("Nothing was changed. `badcase doctor {project}` looks at all of it and says the way back.").format(
        project=file.parent
    )
    place = f"{file}, {where}" if where else str(file)
    return DamagedError(
        what or _("this is damaged"),
        where=place,
        expected=expected,
        got=got,
        hint=" ".join([_(LOST[part]), back.format(project=file.parent)]),
    )


def told(value: Any) -> str:
    """A stored value as text, whatever it is."""
    return repr(value if not isinstance(value, str | bytes) else value[:80])
