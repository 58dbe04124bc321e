"""`doctor`: what this machine has and what is missing, with the remedy."""

from __future__ import annotations

from badcase.ui.command_line.output import Output
from badcase.ui.command_line.window import window_obstacle

from badcase.doctor import Finding, State, examine
from badcase.i18n import _


def doctor(out: Output) -> None:
    """Say what this machine has and what is missing, with the remedy."""
    findings = [*examine(), _window()]
    out.give(findings=findings, ready=all(one.state is not State.MISSING for one in findings))
    out.table((_("what"), "", _("found"), _("remedy")), [(f.name, f.state, f.found, f.remedy) for f in findings])


def _window() -> Finding:
    obstacle = window_obstacle()
    if obstacle is None:
        return Finding(_("window"), State.OK, _("can open"))
    return Finding(_("window"), State.NOTE, str(obstacle), obstacle.hint)
