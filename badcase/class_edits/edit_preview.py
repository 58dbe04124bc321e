"""What a change to the classes would make other, before it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from badcase.i18n import _, grouped, plural
from badcase.store.classes.class_edit import ClassEdit
from badcase.store.classes.told_source import Spellings, told_written
from badcase.store.judgments import Judgment
from badcase.store.run_table import RunState
from badcase.store.verdicts import VerdictCode

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData


@dataclass(frozen=True, slots=True)
class EditPreview:
    """What a change to the classes would make other.

    Attributes:
        title: The change, in words.
        labels: Items whose label would be told as another class, or under another name.
        verdicts: How many of these are verdicts of people, which stay theirs.
        gold: How many of them are gold.
        relabelled: Items that get another label by a verdict of this change.
        runs: Finished runs, which go on answering.
        untrained: Classes of which the model in use says nothing until it is trained.
        rows: Rows that an export of the source would write otherwise than now.
    """

    title: str
    labels: int
    verdicts: int
    gold: int
    relabelled: int
    runs: int
    untrained: tuple[str, ...]
    rows: int

    @property
    def sentences(self) -> list[str]:
        """The same in words, only what there is."""
        n = self.labels
        told = [plural("{n} label is told otherwise", "{n} labels are told otherwise", n).format(n=grouped(n))] if n else []
        if n and self.verdicts:
            words = plural("{n} of them is a verdict, which stays", "{n} of them are verdicts, which stay", self.verdicts)
            told.append(words.format(n=grouped(self.verdicts)))
        if n and self.gold:
            told.append(plural("{n} of them is gold", "{n} of them are gold", self.gold).format(n=grouped(self.gold)))
        if m := self.relabelled:
            told.append(plural("{n} item gets another label", "{n} items get another label", m).format(n=grouped(m)))
        if self.runs:
            words = plural("{n} run still answers", "{n} runs still answer", self.runs)
            told.append(words.format(n=grouped(self.runs)))
        if self.untrained:
            told.append(_("the model in use says nothing of {names} until it is trained").format(names=", ".join(self.untrained)))
        if self.rows:
            words = plural("an export writes {n} row otherwise", "an export writes {n} rows otherwise", self.rows)
            told.append(words.format(n=grouped(self.rows)))
        return told or [_("no label is told otherwise")]


def preview_of(project: ProjectData, edit: ClassEdit, judgments: Sequence[Judgment]) -> EditPreview:
    """What a change would make other; nothing is changed by looking."""
    taxonomy, journal = project.taxonomy, project.journal
    now, then = taxonomy.view, taxonomy.view_after(journal.replay.edits(), edit)
    stored = journal.replay.labels
    names_now, names_then = np.array([*now.classes, ""], object), np.array([*then.classes, ""], object)
    moved = names_now[now.told(stored)] != names_then[then.told(stored)]
    current = project.predictions.current
    untaught: tuple[str, ...] = ()
    if current is not None:
        known = {then.state.live(i) for i in current.meta.get("classes", range(len(taxonomy.imported_labels)))}
        untaught = tuple(then.state.classes[i].name for i in then.state.order if i not in known)
    before = _spelled(now.told(stored), taxonomy.source.written)
    labels = then.told(stored).copy()
    for one in judgments:
        labels[one.item] = one.label if one.label is not None else labels[one.item]
    written = told_written(taxonomy.imported, taxonomy.imported.written, taxonomy.stored_classes, then)
    after = _spelled(labels, written)
    kept = project.verdicts != VerdictCode.EXCLUDE
    return EditPreview(
        edit.title,
        int(moved.sum()),
        int((moved & (project.verdicts != VerdictCode.NONE)).sum()),
        int((moved & project.gold).sum()),
        len(judgments),
        sum(run.state is RunState.DONE and run.has("logits.npy") for run in project.runs.all()),
        untaught,
        int(((before != after) & kept).sum()) if len(written) else 0,
    )


def _spelled(labels: npt.NDArray[Any], written: Spellings) -> npt.NDArray[np.object_]:
    """(n,) what stands in the label columns of the source for labels (n,)."""
    cells = [repr([values[at] for values in written.values()]) for at in range(int(labels.max(initial=-1)) + 1)]
    return np.array([*cells, ""], object)[labels]
