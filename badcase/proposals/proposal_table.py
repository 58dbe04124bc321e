"""The proposals of a project: who proposes what for which item, put in, listed and withdrawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.shown_tables import Columns, ShownTable
from badcase.store.classes.taxonomy import Taxonomy
from badcase.store.database import Store
from badcase.store.judgments import item_ids
from badcase.store.verdicts import ItemLabels


@dataclass(frozen=True, slots=True)
class ProposedLabels:
    """What one machine proposes.

    Attributes:
        by: Its name.
        items: (m,) ids, rising.
        labels: (m,) class ids.
        confidence: (m,) in [0, 1] as the machine says; NaN where it says nothing.
    """

    by: str
    items: NDArray[np.int64]
    labels: ItemLabels
    confidence: NDArray[np.float64]


class Proposals(ShownTable):
    """The table of proposals. No label, verdict, count, training or export knows of it."""

    def __init__(self, store: Store, n: int, taxonomy: Taxonomy) -> None:
        self._store, self._n, self._taxonomy = store, n, taxonomy

    def __repr__(self) -> str:
        return f"<Proposals by {', '.join(self.authors()) or 'nobody'}>"

    def _columns(self, most: int | None) -> Columns:
        rows, name = self._rows("1 LIMIT ?", -1 if most is None else most), self._taxonomy.stored_name
        return {
            "by": [row[0] for row in rows],
            "item": [row[1] for row in rows],
            "label": [name(row[2]) for row in rows],
            "confidence": [row[3] for row in rows],
            "at": [row[4] for row in rows],
        }

    def authors(self) -> list[str]:
        """The machines that propose something, in the order of the alphabet."""
        return [by for (by,) in self._store.rows("SELECT DISTINCT by FROM proposals ORDER BY by")]

    def of(self, by: str) -> ProposedLabels:
        """What one machine proposes.

        Raises:
            BadcaseError: Where it proposes nothing.
        """
        rows = [row for row in self._rows("by = ? ORDER BY item", by) if self._taxonomy.view.told_one(row[2]) >= 0]
        if not rows:
            known = ", ".join(self.authors()) or _("nobody proposes anything")
            raise BadcaseError(_("there are no proposals of this name"), where="by", expected=known, got=by)
        confidence = [np.nan if row[3] is None else row[3] for row in rows]
        return ProposedLabels(
            by,
            np.array([row[1] for row in rows], np.int64),
            self._taxonomy.view.told(np.array([row[2] for row in rows], np.int32)),
            np.array(confidence, np.float64),
        )

    def add(
        self, by: str, items: Sequence[int], labels: Sequence[int | str], confidence: Sequence[float | None] | None = None
    ) -> int:
        """Put proposals in, in the place of what the same machine proposed of the same items; all of them or none.

        Args:
            by: The name of the machine.
            items: Ids, each once.
            labels: A class for each, by id or name.
            confidence: How sure it is of each, 0 to 1; None where it does not say.

        Returns:
            How many there are.

        Raises:
            BadcaseError: Where there is no such item or class, or a confidence is none.
        """
        if not by.strip() or by != by.strip() or any(ord(letter) < 32 for letter in by):
            raise BadcaseError(_("a machine needs a name"), where="by", got=repr(by))
        ids = item_ids(items, self._n)
        sure = [None] * len(ids) if confidence is None else list(confidence)
        if not len(ids) == len(labels) == len(sure):
            counts = f"{len(ids)}, {len(labels)}, {len(sure)}"
            raise BadcaseError(_("items, labels and confidence are not as many"), where="proposals", got=counts)
        if len(set(ids)) < len(ids):
            again = Counter(ids).most_common(1)[0][0]
            raise BadcaseError(_("a machine proposes one label for an item"), where="items", expected=_("each once"), got=again)
        for value in sure:
            if value is not None and not 0 <= value <= 1:
                raise BadcaseError(_("this is no confidence"), where="confidence", expected=_("0 to 1"), got=value)
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._store.transaction() as connection:
            numbers = [int(self._taxonomy.view.stored[self._class(label)]) for label in labels]
            connection.executemany(
                "INSERT OR REPLACE INTO proposals (by, item, label, confidence, at) VALUES (?, ?, ?, ?, ?)",
                [
                    (by, item, label, None if value is None else float(value), now)
                    for item, label, value in zip(ids, numbers, sure, strict=True)
                ],
            )
        return len(ids)

    def stored_labels(self) -> ItemLabels:
        """(m,) the stored classes that are proposed, of whatever machine."""
        return np.array([row[2] for row in self._rows("1")], np.int32)

    def withdraw(self, by: str) -> int:
        """Take out what a machine proposes; what people have taken stays theirs. Returns how many there were."""
        n = len(self.of(by).items)
        with self._store.transaction() as connection:
            connection.execute("DELETE FROM proposals WHERE by = ?", (by,))
        return n

    def _class(self, label: int | str) -> int:
        if isinstance(label, str):
            return self._taxonomy.id_of(label)
        k = len(self._taxonomy.classes)
        if not 0 <= label < k:
            raise BadcaseError(
                _("there is no such class"), where="label", expected=_("0 to {last}").format(last=k - 1), got=label
            )
        return int(label)

    def _rows(self, condition: str, *values: object) -> list[tuple[str, int, int, float | None, str]]:
        self._store.require("proposals", n=self._n, k=self._taxonomy.stored_count)
        found: list[tuple[str, int, int, float | None, str]] = self._store.rows(
            f"SELECT by, item, label, confidence, at FROM proposals WHERE {condition}", values
        )
        return found
