"""Revisions by what a person calls them: a number, "given", "now", or the run that learnt from one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badcase.errors import BadcaseError
from badcase.i18n import _

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

GIVEN, NOW, RUN = "given", "now", "run:"


def named_revision(project: ProjectData, name: int | str) -> int:
    """The revision that a person means.

    Args:
        project: The project.
        name: Its number; "given" for the labels as the data set said, "now" for those that hold, "run:3" for those that run 3
            was trained with.

    Raises:
        BadcaseError: Where there is none of this name.
    """
    text = str(name).strip().lower()
    if text == GIVEN:
        return 0
    if text == NOW:
        return project.revision
    if text.startswith(RUN) and text.removeprefix(RUN).isdecimal():
        return project.runs.get(int(text.removeprefix(RUN))).revision
    if text.isdecimal() and int(text) <= project.revision:
        return int(text)
    raise BadcaseError(
        _("there is no such revision"),
        where=str(project.path),
        expected=_("0 to {last}, given, now or run:NUMBER").format(last=project.revision),
        got=name,
    )
