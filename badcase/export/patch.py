"""A patch: verdicts as a small file keyed by fingerprint, to apply to another copy or merge with another reviewer's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from badcase.i18n import _
from badcase.progress import Job, Progress
from badcase.store.atomic_files import write_whole

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

PLAIN, WITH_OPINIONS = 1, 2  # versions of a patch; one that earlier programs understand is written as they know it


def export_patch(project: ProjectData, out: Path) -> Job[int]:
    """JSON lines: a header with the classes, then one line for what each reviewer says of an item, oldest first.

    The last line of an item that is no opinion is what its label follows.
    """
    yield Progress(_("Writing"))
    with write_whole(out) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        for line in _lines(project):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return 1


def _lines(project: ProjectData) -> Iterator[dict[str, Any]]:
    standing = project.journal.standing()
    newest = {(one.item, one.who): one for one in standing}
    deciding = {one.item: one for one in standing if one.decides}
    lines = sorted({one.seq: one for one in (*newest.values(), *deciding.values())}.values(), key=lambda one: one.seq)
    # What an earlier program would take for the label though it is none.
    opinions = {
        one.seq
        for one in lines
        if (held := deciding.get(one.item)) is None
        or (one.seq > held.seq and (one.verdict, one.label) != (held.verdict, held.label))
    }
    yield {"badcase_patch": WITH_OPINIONS if opinions else PLAIN, "classes": list(project.classes)}
    for one in lines:
        yield {
            "fingerprint": project.items.fingerprint(one.item),
            "key": project.items.key(one.item),
            "given": project.classes[project.given[one.item]],
            "verdict": str(one.verdict),
            "label": project.classes[one.label],
            "who": one.who,
            "at": one.at,
        } | ({"opinion": True} if one.seq in opinions else {})
