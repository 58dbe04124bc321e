"""The difference of two revisions: which labels changed, from what to what, and by whom."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.i18n import _, grouped, plural
from badcase.items.label_sets import labels_of
from badcase.revisions.named_revision import NOW, named_revision
from badcase.shown_tables import Columns, ShownTable, markdown_table, plain_markdown
from badcase.store.classes.class_view import ClassView
from badcase.store.verdicts import ItemLabels, VerdictCode

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData


class ChangeKind(StrEnum):
    """What became of an item: it has another label, went out of the data set, or came back into it."""

    RELABELLED = "relabelled"
    EXCLUDED = "excluded"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class ChangedLabel:
    """An item whose label is another at the second revision.

    `before` and `after` are classes by name; "" where the item is excluded. `who` and `at` (ISO 8601, UTC) are of the verdict,
    undo or redo that made it so.
    """

    item: int
    key: str
    before: str
    after: str
    kind: ChangeKind
    who: str
    at: str


@dataclass(frozen=True, slots=True)
class LabelDiff(ShownTable):
    """What differs between two revisions of a project, in the order of its items; gold that was checked is no part of it.

    Labels are told under the classes of their revision. `class_changes`: what was done to the classes in between, in words,
    oldest first, as far as one of the two revisions has it and the other has not.
    """

    first: int
    second: int
    changed: tuple[ChangedLabel, ...]
    class_changes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<LabelDiff from revision {self.first} to {self.second}: {len(self.changed)} labels changed>"

    @property
    def pairs(self) -> list[tuple[str, str, int]]:
        """From what to what, and how many; the most first. "" is an excluded item."""
        counts = Counter((one.before, one.after) for one in self.changed)
        return [(*pair, n) for pair, n in sorted(counts.items(), key=lambda found: (-found[1], found[0]))]

    @property
    def by(self) -> dict[str, int]:
        """How many of the changes are whose, the most first."""
        return dict(Counter(one.who for one in self.changed).most_common())

    def of_kind(self, kind: ChangeKind) -> int:
        return sum(one.kind is kind for one in self.changed)

    def _columns(self, most: int | None) -> Columns:
        rows = self.changed[:most]
        return {
            "key": [one.key for one in rows],
            "from": [one.before for one in rows],
            "to": [one.after for one in rows],
            "change": [str(one.kind) for one in rows],
            "who": [one.who for one in rows],
            "at": [one.at for one in rows],
        }


def label_diff(project: ProjectData, first: int | str, second: int | str = NOW) -> LabelDiff:
    """What changed from one revision to another, which may be the earlier one.

    Args:
        project: The project.
        first: A revision, as `named_revision` takes it.
        second: The other.

    Raises:
        BadcaseError: Where there is no such revision.
    """
    a, b = named_revision(project, first), named_revision(project, second)
    journal = project.journal
    (labels_a, verdicts_a), (labels_b, verdicts_b) = journal.replay.at(a), journal.replay.at(b)
    (names_a, live_a), (names_b, live_b) = _told(journal.view_at(a), labels_a), _told(journal.view_at(b), labels_b)
    out_a, out_b = verdicts_a == VerdictCode.EXCLUDE, verdicts_b == VerdictCode.EXCLUDE
    differs = np.flatnonzero((out_a != out_b) | ((live_a != live_b) & ~out_a & ~out_b))
    touched, edits = journal.last_touched(min(a, b), max(a, b)), journal.edits_between(a, b)
    merged = (edits[-1].who, edits[-1].at) if edits else ("", "")
    changed = []
    for i in differs.tolist():
        kind = ChangeKind.EXCLUDED if out_b[i] else ChangeKind.RETURNED if out_a[i] else ChangeKind.RELABELLED
        before, after = ("" if out else names[i] for out, names in ((out_a[i], names_a), (out_b[i], names_b)))
        changed.append(ChangedLabel(i, project.items.key(i), before, after, kind, *touched.get(i, merged)))
    return LabelDiff(a, b, tuple(changed), tuple(change.edit.title for change in edits))


def _told(view: ClassView, stored: ItemLabels) -> tuple[list[str], npt.NDArray[np.object_]]:
    """(n,) what stored labels are called under the classes of a view, and what tells these from others whatever their names.

    Of a set of labels that is its labels.
    """
    names = [*view.classes, ""]
    ids = dict(zip(view.label_names, view.state.order, strict=True))
    marks: list[object] = [ids[name] if name in ids else frozenset(ids[one] for one in labels_of(name)) for name in view.classes]
    told, found = view.told(stored).tolist(), np.empty(len(stored), object)
    found[:] = [[*marks, -1][label] for label in told]
    return [names[label] for label in told], found


def diff_summary(diff: LabelDiff) -> list[str]:
    """Sentences: how many labels changed, and by whom."""
    n = {kind: diff.of_kind(kind) for kind in ChangeKind}
    told = [
        plural("{n} label changed.", "{n} labels changed.", n[ChangeKind.RELABELLED]).format(n=grouped(n[ChangeKind.RELABELLED]))
    ]
    if n[ChangeKind.EXCLUDED]:
        words = plural("{n} item was excluded.", "{n} items were excluded.", n[ChangeKind.EXCLUDED])
        told.append(words.format(n=grouped(n[ChangeKind.EXCLUDED])))
    if n[ChangeKind.RETURNED]:
        words = plural("{n} excluded item came back.", "{n} excluded items came back.", n[ChangeKind.RETURNED])
        told.append(words.format(n=grouped(n[ChangeKind.RETURNED])))
    told += [_("Classes: {what}.").format(what=one) for one in diff.class_changes]
    if diff.changed:
        told.append(_("By {names}.").format(names=", ".join(f"{who} {grouped(m)}" for who, m in diff.by.items())))
    return told


def diff_markdown(name: str, diff: LabelDiff) -> str:
    """The difference for people: the sentences, from what to what, and each item.

    name: Of the project.
    """

    excluded = _("excluded")

    def label(written: str) -> str:
        return plain_markdown(written) if written else f"*{excluded}*"

    title = _("{name}: revision {first} to {second}").format(name=plain_markdown(name), first=diff.first, second=diff.second)
    lines = [f"# {title}", "", *(f"- {plain_markdown(line)}" for line in diff_summary(diff))]
    if diff.changed:
        pairs = [(label(before), label(after), n) for before, after, n in diff.pairs]
        lines += ["", *markdown_table([_("from"), _("to"), _("items")], pairs)]
        items = [
            (plain_markdown(one.key), label(one.before), label(one.after), plain_markdown(one.who), one.at)
            for one in diff.changed
        ]
        lines += ["", *markdown_table([_("key"), _("from"), _("to"), _("who"), _("when")], items)]
    return "\n".join(lines) + "\n"
