"""Why a project's gold cannot be checked blind; no Qt."""

from __future__ import annotations

from badcase.i18n import _
from badcase.project import Project


def why_no_check(project: Project) -> str:
    """Empty where it can."""
    return "" if project.gold.any() else _("This project has no gold")
