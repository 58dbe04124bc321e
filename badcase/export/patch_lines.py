"""The lines of a patch as they are read, and what each says of the items of a project."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from badcase.errors import BadcaseError
from badcase.export.patch import WITH_OPINIONS
from badcase.i18n import _
from badcase.items.whole_files import require_whole
from badcase.store.verdicts import Verdict

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

Says: TypeAlias = tuple[Verdict, int]  # a verdict and the class id that holds by it; -1 for an exclude and an unsure
_LONGEST_NAME = 200  # characters of a reviewer's name
_CLOCKS_DIFFER = timedelta(days=1)
NEVER = datetime.min.replace(tzinfo=UTC)  # when something was said that has no time: before all that has one


@dataclass(frozen=True, slots=True)
class PatchLine:
    """What one reviewer says of one item; an opinion is not what the label of its project follows."""

    fingerprint: str
    key: str
    verdict: Verdict
    label: str
    who: str
    at: datetime
    opinion: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """The same of an item of this project; `line` is its place in the patch."""

    line: int
    item: int
    says: Says
    who: str
    at: datetime
    opinion: bool


def is_patch(file: Path) -> bool:
    """Whether a file begins as a patch does."""
    try:
        with file.open("rb") as opened:
            return opened.read(256).lstrip().startswith(b'{"badcase_patch"')
    except OSError:
        return False


def read_lines(file: Path) -> list[PatchLine]:
    """The lines behind the header, checked as a whole; BadcaseError where it is no patch."""
    if not file.is_file():
        raise BadcaseError(_("there is no such file"), where=str(file), hint=_("Check the path."))
    require_whole(file)
    with _told(file):  # not splitlines: a key may hold other signs that end a line
        texts = [(n, text) for n, text in enumerate(file.read_text(encoding="utf-8").split("\n"), 1) if text.strip()]
    for number, text in texts[:1] or [(1, "{}")]:
        with _told(file, number):
            _require_version(file, json.loads(text, object_pairs_hook=_once)["badcase_patch"])
    lines = []
    for number, text in texts[1:]:
        with _told(file, number):
            lines.append(_line(json.loads(text, object_pairs_hook=_once)))
    return lines


@contextmanager
def _told(file: Path, line: int = 0) -> Iterator[None]:
    """Say of a file that it is no patch, and which line is none."""
    try:
        yield
    except BadcaseError:
        raise
    except (OSError, ValueError, LookupError, TypeError, OverflowError, RecursionError) as error:
        where = _("{file}, line {n}").format(file=file, n=line) if line else str(file)
        hint = _("Make one with `badcase export --format patch`.")
        raise BadcaseError(_("this is not a patch"), where=where, got=error, hint=hint) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object none of whose names stands twice: readers differ in which of the two they take."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError(_("a name that stands twice"))
    return made


def _require_version(file: Path, said: Any) -> None:
    if not isinstance(said, int) or isinstance(said, bool) or said < 1:
        raise ValueError(ascii(said))
    if said > WITH_OPINIONS:
        what, hint = _("the patch is of a newer version"), _("Update badcase.")
        raise BadcaseError(what, where=str(file), expected=WITH_OPINIONS, got=said, hint=hint)


def _line(line: dict[str, Any]) -> PatchLine:
    texts = [line["fingerprint"], line["key"], line["label"], line.get("who", "")]
    "".join(texts).encode()  # a lone surrogate is no text
    at, opinion = line.get("at"), line.get("opinion", False)
    if not isinstance(opinion, bool):
        raise TypeError(opinion)
    fingerprint, key, label, who = texts
    if len(who) > _LONGEST_NAME:
        raise ValueError(_("a reviewer with a name of {n} characters").format(n=len(who)))
    return PatchLine(fingerprint, key, Verdict(line["verdict"]), label, who, _when(at) if at else NEVER, opinion)


def _when(at: str) -> datetime:
    """A time as the journal and a patch write it; one without a zone is in UTC, and one to come is none.

    What says to be of tomorrow would be the newest for ever.
    """
    time = datetime.fromisoformat(at)
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return time if time < datetime.now(UTC) + _CLOCKS_DIFFER else NEVER


def recorded(at: str) -> datetime:
    """When an entry of the journal says that it was made."""
    try:
        return _when(at)
    except (ValueError, TypeError, OverflowError):  # damaged: the verdict counts all the same
        return NEVER


def says(project: ProjectData, item: int, verdict: Verdict, label: int) -> Says:
    """What a verdict comes to here: the given label may be another one than where it was given."""
    if verdict in (Verdict.EXCLUDE, Verdict.UNSURE):
        return verdict, -1
    return (Verdict.KEEP if label == project.given[item] else Verdict.RELABEL), label


def statements(project: ProjectData, lines: list[PatchLine], me: str) -> Iterator[Statement | None]:
    """What each line says of the items of its content, in their order; None for a line without a match.

    Where several items have one content, the one with the line's key is meant, else all of them. A line that names nobody
    is `me`'s.
    """
    places, code = _places(project), _codes(project, lines)
    for number, line in enumerate(lines):
        items = places.get(line.fingerprint, [])
        items = [i for i in items if project.items.key(i) == line.key] or items
        label = code.get(line.label, -1) if line.verdict in (Verdict.RELABEL, Verdict.KEEP) else -1
        if not items or (label < 0 and line.verdict in (Verdict.RELABEL, Verdict.KEEP)):
            yield None
            continue
        for i in items:
            yield Statement(number, i, says(project, i, line.verdict, label), line.who or me, line.at, line.opinion)


def _codes(project: ProjectData, lines: list[PatchLine]) -> dict[str, int]:
    """The class that each label of a patch names here; what is no class of the project is not in it."""
    found: dict[str, int] = {}
    for name in dict.fromkeys(line.label for line in lines if line.verdict in (Verdict.RELABEL, Verdict.KEEP)):
        with suppress(BadcaseError):
            found[name] = project.taxonomy.id_of(name)
    return found


def _places(project: ProjectData) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for i, fingerprint in enumerate(project.items.fingerprints[:]):
        places.setdefault(fingerprint, []).append(i)
    return places
