"""The gate: whatever imports or runs code that a project, a model's folder or a recipe names asks here first.

Trust is a person's, for a project and a code by its digest. It is kept in the person's settings and never in the project, where
whoever made the project could write it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import platformdirs

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.store.atomic_files import write_whole
from badcase.trust.foreign_code import ForeignCode, sha256

Entry = tuple[str, str]  # project, and digest of the code

_said: dict[Entry, str] = {}  # what this process was told, with the name of the code
_vouched: list[str] = []  # projects all of whose code the person vouches for while the job at hand goes on
_project: ContextVar[str] = ContextVar("project", default="")


class Since(StrEnum):
    """What became of the files of a code since it was trusted."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class TrustedCode:
    """One answer that is kept.

    Attributes:
        project: The folder of the project that it holds in.
        name: Of the code: package.module:function, or the folder or file of a model.
        file: The one to read first.
        at: When it was given, as ISO 8601 in UTC; "" where that is not known.
        files: All files that it was given for.
        since: What became of them. Code that changed is asked about again.
    """

    project: str
    name: str
    file: str
    at: str
    files: tuple[str, ...]
    since: Since


class UntrustedCode(BadcaseError):
    """Code that this person has not trusted in this project; nothing of it was run.

    Attributes:
        facts: project, name, digest, place, files and the sums of these, as JSON can carry them: what `trust_facts` takes.
    """

    def __init__(self, code: ForeignCode, project: str, *, changed: bool, why: str = "") -> None:
        files, sums = [str(path) for path, _digest in code.files], [digest for _path, digest in code.files]
        told = {"project": project, "name": code.name, "digest": code.digest, "place": code.place}
        self.facts = told | {"files": files, "sums": sums}
        what = _("this code has changed since you trusted it, and it is not run") if changed else why
        by = _("the project {path}").format(path=project) if project else _("no project")
        super().__init__(
            what or _("this code is not run, because you have not trusted it in this project"),
            where=code.name,
            got=_("{files}, named by {project}").format(files=_few(files) or code.name, project=by),
            hint=_(
                "Read {file}. If you trust it, say so once, by adding --trust-remote-code to the command (in Python: "
                "trust_remote_code=True), or by answering the question in the window."
            ).format(file=code.place),
        )


def require(code: ForeignCode, project: Path | None = None, *, why: str = "") -> None:
    """Pass where the person trusts this code in this project.

    Args:
        code: What is about to run.
        project: Its folder; without one, that of the work at hand (`on_behalf_of`).
        why: What the error says, in place of its usual words.

    Raises:
        UntrustedCode: Otherwise.
    """
    place = _project.get() if project is None else _place(project)
    if place in _vouched:
        _take(place, code)
    elif not _known(place, code):
        changed = any(entry[0] == place and name == code.name for entry, name in (_kept() | _said).items())
        raise UntrustedCode(code, place, changed=changed, why=why)


def trusts(code: ForeignCode) -> bool:
    """Whether the person trusts this code in the project of the work at hand."""
    with suppress(UntrustedCode):
        require(code)
        return True
    return False


def refusal(code: ForeignCode, *, why: str) -> UntrustedCode:
    """The error of code that turned out to be needed and is not trusted."""
    try:
        require(code, why=why)
    except UntrustedCode as error:
        return error
    raise AssertionError("it is trusted")


def trust(code: ForeignCode, project: Path | None = None) -> None:
    """Keep that a person named this code, or said yes to it."""
    _take(_project.get() if project is None else _place(project), code)


def trust_facts(facts: dict[str, Any]) -> None:
    """Keep that a person said yes to the code that an `UntrustedCode` told of; BadcaseError where it cannot be kept."""
    try:
        sums = dict(zip(facts["files"], facts.get("sums", ()), strict=False))
        _keep((str(facts["project"]), str(facts["digest"])), str(facts["name"]), str(facts["place"]), sums)
    except OSError as error:
        raise BadcaseError(
            _("your answer cannot be kept"),
            where=str(_path()),
            got=error,
            hint=_("Make room there, or use the command with --trust-remote-code."),
        ) from error


def trusted() -> list[TrustedCode]:
    """What the person trusts on this computer, and whether it is still as it was; the newest answer first."""
    return [_as_kept(row) for row in reversed(_read())]


def forget(project: str, name: str) -> None:
    """Take an answer back: the code is asked about again before it runs. BadcaseError where that cannot be written."""
    rows = [row for row in _read() if (row["project"], row["name"]) != (project, name)]
    try:
        _write(rows)
    except OSError as error:
        raise BadcaseError(_("your answer cannot be taken back"), where=str(_path()), got=error) from error
    for entry in [entry for entry, known in _said.items() if (entry[0], known) == (project, name)]:
        del _said[entry]


def answers_for(project: Path) -> dict[str, str]:
    """What the person trusts in a project, the names of codes by their digests: for processes that share the work on it."""
    place = _place(project)
    return {digest: name for (where, digest), name in (_kept() | _said).items() if where == place}


def take_over(project: Path, answers: dict[str, str]) -> None:
    """In a process that shares the work: what the person trusts, as the first one told, whose settings lie elsewhere maybe."""
    _said.update({(_place(project), digest): name for digest, name in answers.items()})


@contextmanager
def vouching_for(project: Path | None, vouches: bool = True) -> Iterator[None]:
    """Within the block the person vouches for all code that this project names: it is trusted as it comes, and that is kept."""
    place = _place(project)
    if not vouches:
        yield
        return
    _vouched.append(place)
    try:
        yield
    finally:
        _vouched.remove(place)


@contextmanager
def on_behalf_of(project: Path | None) -> Iterator[None]:
    """Within the block code is asked for in this project. Not around a `yield` of a job, which others run between."""
    token = _project.set(_place(project))
    try:
        yield
    finally:
        _project.reset(token)


# --- what is kept ------------------------------------------------------------------------------------------------


def _place(project: Path | None) -> str:
    return "" if project is None else str(project.expanduser().resolve())


def _known(place: str, code: ForeignCode) -> bool:
    entry = (place, code.digest)
    return entry in _said or entry in _kept()


def _take(place: str, code: ForeignCode) -> None:
    if _known(place, code):
        return
    entry = (place, code.digest)
    _said[entry] = code.name
    if place and code.files:  # what has no file has no digest that would tell it from other code
        with suppress(OSError):  # settings that cannot be written: it holds for this process
            _keep(entry, code.name, code.place, {str(path): digest for path, digest in code.files})


def _path() -> Path:
    return platformdirs.user_config_path("badcase") / "trusted-code.json"


def _kept() -> dict[Entry, str]:
    """A file that is damaged trusts nothing."""
    return {(one["project"], one["sha256"]): one["name"] for one in _read()}


def _as_kept(row: dict[str, Any]) -> TrustedCode:
    kept = row.get("files")
    sums = {str(path): one for path, one in kept.items()} if isinstance(kept, dict) else {}
    file, at = str(row.get("file", row["name"])), str(row.get("since", ""))
    return TrustedCode(row["project"], row["name"], file, at, tuple(sums) or (file,), _since(file, sums))


def _since(file: str, sums: dict[str, str]) -> Since:
    if not any(Path(path).is_file() for path in sums or (file,)):
        return Since.GONE
    with suppress(OSError):
        return Since.SAME if all(sha256(Path(path)) == one for path, one in sums.items()) else Since.CHANGED
    return Since.CHANGED


def _read() -> list[dict[str, Any]]:
    try:
        rows = json.loads(_path().read_text(encoding="utf-8"))["trusted"]
        return [row for row in rows if all(isinstance(row[key], str) for key in ("project", "name", "sha256"))]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []


def _keep(entry: Entry, name: str, place: str, sums: dict[str, str]) -> None:
    project, digest = entry
    rows = [row for row in _read() if (row["project"], row["name"]) != (project, name)]  # the newest of a name is trusted alone
    when = datetime.now(UTC).isoformat(timespec="seconds")
    rows.append({"project": project, "name": name, "sha256": digest, "file": place, "since": when, "files": sums})
    _write(rows)


def _write(rows: list[dict[str, Any]]) -> None:
    with write_whole(_path()) as temporary:
        temporary.write_text(json.dumps({"trusted": rows}, ensure_ascii=False, indent=1), encoding="utf-8")


def _few(files: list[str]) -> str:
    more = len(files) - 3
    return ", ".join(files[:3]) + (_(" and {n} more").format(n=more) if more > 0 else "")
