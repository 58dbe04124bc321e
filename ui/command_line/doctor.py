"""`doctor`: what this machine has and what is missing, with the remedy."""

from __future__ import annotations

from badcase.doctor import Check, CheckState, examine
from badcase.i18n import _
from badcase.ui.command_line.printing import CommandOutput
from badcase.ui.command_line.window import window_obstacle


def doctor(out: CommandOutput) -> None:
    """Say what this machine has and what is missing, with the remedy."""
    findings = [*examine(), _window()]
    out.give(findings=findings, ready=all(one.state is not CheckState.MISSING for one in findings))
    out.table((_("what"), "", _("found"), _("remedy")), [(f.name, f.state, f.found, f.remedy) for f in findings])


def _window() -> Check:
    obstacle = window_obstacle()
    if obstacle is None:
        return Check(_("window"), CheckState.OK, _("can open"))
    return Check(_("window"), CheckState.NOTE, str(obstacle), obstacle.hint)
