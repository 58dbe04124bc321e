"""Remedies are written for the command line; in the window they name what stands there for a command or an option."""

from __future__ import annotations

import re
from collections.abc import Callable

from badcase.i18n import _

# What does in the window what a verb does; `predict --from` is one of its own. What is not here has no control.
_CONTROLS: dict[str, Callable[[], str]] = {
    "classes": lambda: _("Classes"),
    "compare": lambda: _("Compare"),
    "diff": lambda: _("See what changed in the labels"),
    "doctor": lambda: _("Check this machine"),
    "export": lambda: _("Export the corrected data"),
    "label": lambda: _("Review"),
    "new": lambda: _("New project"),
    "predict": lambda: _("Predict"),
    "predict --from": lambda: _("Predictions from a file…"),
    "rank": lambda: _("Rank"),
    "relocate": lambda: _("Locate…"),
    "report": lambda: _("Write a report"),
    "runs": lambda: _("Runs"),
    "train": lambda: _("Train"),
    "tune": lambda: _("Train"),
    "undo": lambda: _("Undo"),
    "update": lambda: _("Update"),
}
_OF_A_PROJECT = ("doctor",)  # with a project it checks that, which the window does not
_OPTION = r" --[a-z-]+(?: [\w./=-]*[\w=])?| [A-Z]+\b"
_COMMAND = re.compile(rf"`badcase (?P<held>[^`]+)`|\bbadcase (?P<bare>relocate .+? PATH\b|[a-z]+ \S+(?:{_OPTION})*)")


def in_window(hint: str) -> str:
    """A remedy with the names of controls in the place of commands for a shell; what the window cannot do stays."""

    def named(command: re.Match[str]) -> str:
        line = command["held"] or command["bare"]
        verb = line.split()[0] + (" --from" if " --from" in line and line.startswith("predict") else "")
        if verb not in _CONTROLS or (verb in _OF_A_PROJECT and " " in line):
            return command[0]
        return f"“{_CONTROLS[verb]()}”"

    return _COMMAND.sub(named, hint)
