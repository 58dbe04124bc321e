"""Every verb of the command line as a page, from the functions that are the verbs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Any, get_args, get_origin

from typer.models import ArgumentInfo

from badcase.ui.cli import VERBS
from badcase.ui.command_line.verb import EVERYWHERE

HEAD = """# The command line

This page is made from the program's own verbs. `badcase` without a verb opens the window; `badcase --version` prints the
version; `python -m badcase` is the same program.

**Exit status**: 0 when it is done, 1 when it failed (with the reason and a remedy), 2 for wrong usage, 130 when it was
stopped with Ctrl+C. **`--json`** prints one JSON document on stdout and nothing else there, for failures too.

**Completion.** `badcase --install-completion` sets the completion of verbs, options and choices up for the shell that you are
in (bash, zsh, fish or PowerShell); `badcase --show-completion` prints the lines, to place them by hand.

**Environment.** `BADCASE_LANGUAGE` (`en`, `zh_CN`) chooses the language; `LOGNAME` is who reviews, where two people share
one account; `BADCASE_MAX_UNPACKED` and `BADCASE_MAX_IMAGE` raise the [bounds](limits.md#files-that-unfold-and-large-images)
on what one file may take.
"""


def command_line_page() -> str:
    """The page as Markdown."""
    parts = [HEAD]
    for panel, verbs in VERBS.items():
        parts += [f"## {panel}\n", *(part for name, function in verbs.items() for part in _verb(name, function))]
    rows = [*map(_row, EVERYWHERE), "| `--help`, `-h` | | Show what the verb does and its options. |"]
    return "\n".join([*parts, "## Options of every verb\n", *_table("option", rows)])


def _verb(name: str, function: Callable[..., None]) -> Iterator[str]:
    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    arguments = [one for one in own if isinstance(_info(one), ArgumentInfo)]
    options = [one for one in own if one not in arguments]
    needed = [f"{_flags(one)[0]} {_value(one)}" for one in options if _required(one)]
    named = [_value(one) if _required(one) else f"[{_value(one)}]" for one in arguments]
    usage = " ".join(["badcase", name, *named, *needed, "[OPTIONS]"])
    yield f"### badcase {name}\n\n{inspect.getdoc(function)}\n\n```text\n{usage}\n```\n"
    yield from _table("argument", map(_row, arguments))
    yield from _table("option", map(_row, options))


def _table(what: str, rows: Iterable[str]) -> list[str]:
    kept = list(rows)
    return [f"| {what} | default | what it is |\n|---|---|---|", *kept, ""] if kept else []


def _row(one: inspect.Parameter) -> str:
    info = _info(one)
    name = f"`{_value(one)}`" if isinstance(info, ArgumentInfo) else ", ".join(f"`{flag}`" for flag in _flags(one))
    if not isinstance(info, ArgumentInfo) and _value(one):
        name += f" `{_value(one)}`"
    cells = [name, "required" if _required(one) else _default(one), (info.help or "") + _choices(one)]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _info(one: inspect.Parameter) -> Any:
    """What typer is told of a parameter."""
    return one.annotation.__metadata__[0]


def _types(one: inspect.Parameter) -> list[Any]:
    """What the value may be, without None and out of its list."""
    plain = get_args(one.annotation)[0]
    kinds = [kind for kind in (get_args(plain) or (plain,)) if kind is not type(None)]
    return [get_args(kind)[0] if get_origin(kind) is list else kind for kind in kinds]


def _flags(one: inspect.Parameter) -> list[str]:
    info = _info(one)
    given = [info.default, *(info.param_decls or ())] if isinstance(info.default, str) else list(info.param_decls or ())
    return [flag for flag in given if flag.startswith("-")] or [f"--{one.name.replace('_', '-')}"]


def _value(one: inspect.Parameter) -> str:
    """What stands for the value; a switch has none."""
    info, kinds = _info(one), _types(one)
    if info.metavar:
        return str(info.metavar)
    if isinstance(info, ArgumentInfo):
        return one.name.upper()
    return "" if kinds == [bool] else {int: "N", str: "TEXT"}.get(kinds[0], "FILE" if kinds[0].__name__ == "Path" else "VALUE")


def _required(one: inspect.Parameter) -> bool:
    return one.default is inspect.Parameter.empty


def _default(one: inspect.Parameter) -> str:
    if _required(one) or one.default is None or one.default is False:
        return ""
    return f"`{one.default}`"


def _choices(one: inspect.Parameter) -> str:
    kind = _types(one)[0]
    if not (isinstance(kind, type) and issubclass(kind, Enum)):
        return ""
    return f" One of {', '.join(f'`{choice.value}`' for choice in kind)}."
