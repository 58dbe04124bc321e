"""Classes or sets of labels from columns that each say yes or no of one label."""

from __future__ import annotations

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped, plural
from badcase.importing.labels.labelling import Labelling
from badcase.importing.labels.one_hot import OneHot, patterns
from badcase.importing.rows import TableRows
from badcase.items.label_sets import SEPARATOR, set_name
from badcase.items.source import SeveralLabels


def read_one_hot(rows: TableRows, found: OneHot, task: str) -> Labelling:
    """Labels in the order of their columns: as classes where an item has one, else as sets.

    Raises:
        BadcaseError: Where items are to have one label and a row has several.
    """
    return _sets(found) if task == "multilabel" else _classes(rows, found)


def _sets(found: OneHot) -> Labelling:
    distinct, place = patterns(found)
    used = set(place.tolist()) - {-1}
    sets = sorted(one for at, one in enumerate(distinct) if at in used)
    code = {one: at for at, one in enumerate(sets)}
    codes = np.array([*(code.get(one, -1) for one in distinct), -1], np.int32)
    several = SeveralLabels(found.names, found.column, SEPARATOR, found.names, columns=found.says)
    spelled = [several.written_by_column(one) for one in sets]
    given = codes[place]
    bare = int((given == code[()]).sum()) if () in code else 0
    said = plural("{n} row has no label: the empty set.", "{n} rows have no label: the empty set.", bare)
    return Labelling(
        tuple(set_name(found.names[at] for at in one) for one in sets),
        given,
        [""] * len(given),
        {column: [one[column] for one in spelled] for column in found.names},
        several,
        (said.format(n=grouped(bare)),) if bare else (),
    )


def _classes(rows: TableRows, found: OneHot) -> Labelling:
    count = found.matrix.sum(1)
    several = np.flatnonzero((count > 1) & found.known)
    if len(several):
        text = plural("{n} row has several labels", "{n} rows have several labels", len(several))
        raise BadcaseError(
            text.format(n=grouped(len(several))),
            where=rows.where(int(rows.number[several[0]])),
            expected=_("one label a row"),
            hint=_("Read them with --task multilabel."),
        )
    given = np.where((count == 1) & found.known, found.matrix.argmax(1), -1).astype(np.int32)
    written = {column: [says[one == column] for one in found.names] for column, says in found.says.items()}
    return Labelling(found.names, given, [""] * len(given), written)
