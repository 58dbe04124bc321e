"""A patch: verdicts as a small file keyed by fingerprint, to apply to another copy or merge with another reviewer's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from badcase.changes import Area, Changes
from badcase.errors import BadcaseError
from badcase.files import write_whole
from badcase.journal import Verdict, VerdictCode
from badcase.language import _, plural
from badcase.progress import Job, Progress

if TYPE_CHECKING:
    from badcase.project import Project

_VERSION = 1


def export_patch(project: Project, out: Path) -> Job[int]:
    """JSON lines: a header with the classes, then one line a standing verdict."""
    yield Progress(_("Writing"))
    with write_whole(out) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        for line in _lines(project):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return 1


def _lines(project: Project) -> Iterator[dict[str, Any]]:
    yield {"badcase_patch": _VERSION, "classes": list(project.classes)}
    for i in map(int, np.flatnonzero(project.verdicts)):
        yield {
            "fingerprint": project.items.fingerprint(i),
            "key": project.items.key(i),
            "given": project.classes[project.given[i]],
            "verdict": VerdictCode(int(project.verdicts[i])).name.lower(),
            "label": project.classes[project.labels[i]],
        }


def apply_patch(project: Project, file: Path) -> Changes:
    """Record the verdicts of a patch for the items of the same content; the title counts those without a match.

    Where several items have one content, the one with the patch's key is meant, else all of them. A verdict that
    stands already is not recorded again.
    """
    wanted: dict[Verdict, dict[int, int]] = {}
    unmatched = 0
    places = _places(project)
    code = _codes(project, lines := _read(file))
    for line in lines:
        verdict, name = Verdict(line["verdict"]), line["label"]
        items = places.get(line["fingerprint"], [])
        items = [i for i in items if project.items.key(i) == line["key"]] or items
        if not items or name not in code:
            unmatched += 1
        for i in items if name in code else ():
            stands = project.verdicts[i] == VerdictCode[verdict.name] and project.labels[i] == code[name]
            if not stands:
                wanted.setdefault(verdict, {})[i] = code[name]
    for verdict, labels in wanted.items():
        if verdict is Verdict.RELABEL:
            project.record(list(labels), verdict, list(labels.values()))
        else:
            project.record(list(labels), verdict)
    touched = frozenset(i for labels in wanted.values() for i in labels)
    title = plural("{n} verdict applied", "{n} verdicts applied", len(touched)).format(n=len(touched))
    if unmatched:
        title += _(", {n} without a match").format(n=unmatched)
    return Changes(title, frozenset({Area.LABELS}) if touched else frozenset(), touched)


def _codes(project: Project, lines: list[dict[str, Any]]) -> dict[str, int]:
    """The class that each label of a patch names here; what is no class of the project is not in it."""
    found: dict[str, int] = {}
    for name in dict.fromkeys(line["label"] for line in lines):
        with suppress(BadcaseError):
            found[name] = project.class_of(name)
    return found


def _places(project: Project) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for i, fingerprint in enumerate(project.items.fingerprints[:]):
        places.setdefault(fingerprint, []).append(i)
    return places


def _read(file: Path) -> list[dict[str, Any]]:
    """The lines behind the header, checked as a whole before anything is recorded."""
    try:
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        if lines[0]["badcase_patch"] > _VERSION:
            raise BadcaseError(
                _("the patch is of a newer version"), where=str(file), expected=_VERSION, got=lines[0]["badcase_patch"],
                hint=_("Update badcase."),
            )  # fmt: skip
        for line in lines[1:]:
            Verdict(line["verdict"]), line["fingerprint"] + line["key"] + line["label"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        if isinstance(error, BadcaseError):
            raise
        raise BadcaseError(
            _("this is not a patch"),
            where=str(file),
            got=error,
            hint=_("Make one with `badcase export --format patch`."),
        ) from error
    return lines[1:]
