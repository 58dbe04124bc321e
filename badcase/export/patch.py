"""A patch: verdicts as a small file keyed by fingerprint, to apply to another copy or merge with another reviewer's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.progress import Job, Progress
from badcase.store.atomic_files import write_whole
from badcase.store.changes import Area, Changes
from badcase.store.journal import user_name
from badcase.store.verdicts import Verdict

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

_VERSION = 1


def export_patch(project: ProjectData, out: Path) -> Job[int]:
    """JSON lines: a header with the classes, then one line for what each reviewer says of an item, oldest first."""
    yield Progress(_("Writing"))
    with write_whole(out) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        for line in _lines(project):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return 1


def _lines(project: ProjectData) -> Iterator[dict[str, Any]]:
    yield {"badcase_patch": _VERSION, "classes": list(project.classes)}
    for one in project.journal.by_reviewer():
        yield {
            "fingerprint": project.items.fingerprint(one.item),
            "key": project.items.key(one.item),
            "given": project.classes[project.given[one.item]],
            "verdict": str(one.verdict),
            "label": project.classes[one.label],
            "who": one.who,
        }


def apply_patch(project: ProjectData, file: Path) -> Changes:
    """Record the verdicts of a patch for the items of the same content; the title counts those without a match.

    Where several items have one content, the one with the patch's key is meant, else all of them. Verdicts keep their
    reviewer, so that two who judged apart can be compared; one of a line without `who` is that of whoever applies it.
    What a reviewer says already is not recorded again.
    """
    lines = _read(file)
    places = _places(project)
    code = _codes(project, lines)
    said = {(one.item, one.who): (one.verdict, one.label) for one in project.journal.by_reviewer()}
    unmatched, touched = 0, set()
    for who, run in groupby(lines, key=lambda line: line.get("who") or user_name()):  # in order: the newest verdict holds
        wanted: dict[int, tuple[Verdict, int]] = {}
        for line in run:
            items = places.get(line["fingerprint"], [])
            items = [i for i in items if project.items.key(i) == line["key"]] or items
            if not items or line["label"] not in code:
                unmatched += 1
                continue
            wanted |= {i: (Verdict(line["verdict"]), code[line["label"]]) for i in items}
        new = {i: one for i, one in wanted.items() if said.get((i, who)) != one}
        if new:
            verdicts, labels = zip(*new.values(), strict=True)
            project.journal.record(list(new), list(verdicts), list(labels), who=who)
            touched |= set(new)
    title = plural("{n} verdict applied", "{n} verdicts applied", len(touched)).format(n=len(touched))
    if unmatched:
        title += _(", {n} without a match").format(n=unmatched)
    return Changes(title, frozenset({Area.LABELS}) if touched else frozenset(), frozenset(touched))


def _codes(project: ProjectData, lines: list[dict[str, Any]]) -> dict[str, int]:
    """The class that each label of a patch names here; what is no class of the project is not in it."""
    found: dict[str, int] = {}
    for name in dict.fromkeys(line["label"] for line in lines):
        with suppress(BadcaseError):
            found[name] = project.taxonomy.id_of(name)
    return found


def _places(project: ProjectData) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for i, fingerprint in enumerate(project.items.fingerprints[:]):
        places.setdefault(fingerprint, []).append(i)
    return places


def _read(file: Path) -> list[dict[str, Any]]:
    """The lines behind the header, checked as a whole before anything is recorded."""
    if not file.is_file():
        raise BadcaseError(_("there is no such file"), where=str(file), hint=_("Check the path."))
    try:
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        if lines[0]["badcase_patch"] > _VERSION:
            raise BadcaseError(
                _("the patch is of a newer version"),
                where=str(file),
                expected=_VERSION,
                got=lines[0]["badcase_patch"],
                hint=_("Update badcase."),
            )
        for line in lines[1:]:
            texts = line["fingerprint"] + line["key"] + line["label"] + line.get("who", "")
            Verdict(line["verdict"]), texts.encode()  # half a character is no text
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, BadcaseError):
            raise
        raise BadcaseError(
            _("this is not a patch"), where=str(file), hint=_("Make one with `badcase export --format patch`.")
        ) from error
    return lines[1:]
