"""`mcp`: a project for assistants."""

from __future__ import annotations

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.ui.command_line.printing import CommandOutput
from badcase.ui.command_line.verb import ProjectPath


def mcp(out: CommandOutput, project: ProjectPath) -> None:
    """Let an assistant read a project and propose labels, over the Model Context Protocol on standard input and output."""
    if out.as_json:
        raise BadcaseError(_("what an assistant is told is JSON already"), where="--json", hint=_("Leave it out."))
    try:
        from badcase.ui.assistants.mcp_server import serve
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in ("mcp", "mcp_types", "pydantic"):
            raise
        hint = _("Install it: pip install 'badcase[mcp]'")
        raise BadcaseError(_("assistants need the library mcp, which is not installed"), where="mcp", hint=hint) from error
    serve(project)
