"""Settle conflicts: the label was changed in the data after a verdict, and a person says which of the two holds."""

from __future__ import annotations

from collections.abc import Sequence

from badcase.store.changes import Changes
from badcase.store.project_data import ProjectData
from badcase.store.verdicts import Verdict, VerdictCode


def settle(project: ProjectData, keep: Sequence[int], take: Sequence[int]) -> Changes:
    """Record what was decided as verdicts, one batch that one undo takes back.

    Args:
        project: The project.
        keep: Items whose verdict stands, said once more now that the data say otherwise.
        take: Items that get the label which the data have now.

    Raises:
        BadcaseError: Where one of them is gold or has no label in the data.
    """
    said = project.taxonomy.view.told(project.items.said)
    verdicts, labels = [], []
    for item in keep:
        code = VerdictCode(int(project.verdicts[item]))
        decided = code in (VerdictCode.RELABEL, VerdictCode.EXCLUDE)
        verdicts.append(Verdict(code.name.lower()) if decided else Verdict.KEEP)
        labels.append(int(project.labels[item]))
    for item in take:
        verdicts.append(Verdict.RELABEL)
        labels.append(int(said[item]))
    return project.journal.record([*keep, *take], verdicts, labels)
