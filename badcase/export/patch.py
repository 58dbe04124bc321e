"""A patch: verdicts as a small file keyed by fingerprint, to apply to another copy or merge with another reviewer's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from badcase.i18n import _, grouped, plural
from badcase.progress import Job, Progress
from badcase.store.atomic_files import write_whole

if TYPE_CHECKING:
    from badcase.store.journal_reader import ReviewerVerdict
    from badcase.store.project_data import ProjectData

PLAIN, WITH_OPINIONS = 1, 2  # versions of a patch; one that earlier programs understand is written as they know it


@dataclass(frozen=True, slots=True)
class PatchItem:
    """What a patch says of an item, beside what was said of it; `given` is a class id, or -1."""

    key: str
    fingerprint: str
    given: int


def export_patch(project: ProjectData, out: Path) -> Job[int]:
    """JSON lines: a header with the classes, then one line for what each reviewer says of an item, oldest first.

    The last line of an item that is no opinion is what its label follows.
    """

    def about(item: int) -> PatchItem:
        return PatchItem(project.items.key(item), project.items.fingerprint(item), int(project.given[item]))

    yield Progress(_("Writing"))
    with write_whole(out) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        for line in patch_lines(project.journal.standing(), dict(enumerate(project.classes)), about):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return 1


def patch_remarks(project: ProjectData, _to: object) -> list[str]:
    """What a patch holds: also what changes no label."""
    standing = project.journal.standing()
    n = len(_told(standing, {one.item: one for one in standing if one.decides}))
    words = plural(
        "{n} verdict is written, with its reviewer and time.", "{n} verdicts are written, each with its reviewer and time.", n
    )
    return [words.format(n=grouped(n))]


def _told(standing: Sequence[ReviewerVerdict], deciding: Mapping[int, ReviewerVerdict]) -> list[ReviewerVerdict]:
    """Of what stands, the last word of each reviewer on each item, and what its label follows, by item; oldest first."""
    newest = {(one.item, one.who): one for one in standing}
    return sorted({one.seq: one for one in (*newest.values(), *deciding.values())}.values(), key=lambda one: one.seq)


def patch_lines(
    standing: Sequence[ReviewerVerdict], classes: Mapping[int, str], about: Callable[[int], PatchItem]
) -> Iterator[dict[str, Any]]:
    """The header of a patch and its lines.

    Args:
        standing: The verdicts that have not been taken back, oldest first; an item of which nothing is known has none here.
        classes: Names by id.
        about: What is known of an item.
    """
    deciding = {one.item: one for one in standing if one.decides}
    lines = _told(standing, deciding)
    # What an earlier program would take for the label though it is none.
    opinions = {
        one.seq
        for one in lines
        if (held := deciding.get(one.item)) is None
        or (one.seq > held.seq and (one.verdict, one.label) != (held.verdict, held.label))
    }
    yield {"badcase_patch": WITH_OPINIONS if opinions else PLAIN, "classes": [classes[i] for i in sorted(classes)]}
    for one in lines:
        item = about(one.item)
        yield {
            "fingerprint": item.fingerprint,
            "key": item.key,
            "given": classes.get(item.given, ""),
            "verdict": str(one.verdict),
            "label": classes.get(one.label, ""),
            "who": one.who,
            "at": one.at or None,
        } | ({"opinion": True} if one.seq in opinions else {})
