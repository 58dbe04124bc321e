"""What is known of every item beside its classes, by name: numbers, and kinds. Filters, colours and charts go by them. No Qt."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from badcase.i18n import _
from badcase.project import Project
from badcase.ranking.any_ranking import AnyRanking
from badcase.store.prediction_sets import PredictionSet
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.session.seen import Seen

_MOST = 200  # kinds of a column; one with more tells items apart and is no kind of them
_ALL = slice(None)
_BLOCK = 1 << 16  # items whose confidences are computed at once
_OWN = ("suspicion", "confidence", "honest", "given", "pred", "pair", "became", "reason", "is", "split")
_LIVE = ("label", "status", "suggestion", "reviewer", "revision")
STATUSES = ("to-review", "fixed", "kept", "unsure", "excluded", "rest")

Mask = npt.NDArray[np.bool_]
ItemRows = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Kinds:
    """The names of some kinds, and which of them each item is of (n,), -1 for none."""

    names: Sequence[str]
    of: npt.NDArray[np.int32]


def field_words(name: str) -> str:
    """What the window calls a field."""
    known = {
        "suspicion": _("suspicion"),
        "confidence": _("confidence"),
        "honest": _("honest confidence"),
        "label": _("label now"),
        "status": _("status"),
        "suggestion": _("suggestion"),
        "reviewer": _("reviewer"),
        "revision": _("data revision"),
    }
    return known.get(name, name)


def kind_words(field: str, kind: str) -> str:
    """What the window calls a kind of a field; classes and what columns hold are called as they are."""
    known = {
        ("status", "to-review"): _("to review"),
        ("status", "fixed"): _("fixed"),
        ("status", "kept"): _("kept"),
        ("status", "unsure"): _("unsure"),
        ("status", "excluded"): _("excluded"),
        ("status", "rest"): _("not in the queue"),
        ("suggestion", "same"): _("is the given label"),
        ("suggestion", "differs"): _("differs"),
    }
    return known.get((field, kind), kind)


class ItemFields:
    """The fields of a project's items under one ranking. Numbers and columns are read once, when they are first asked for;
    labels and statuses are those of the moment, as the one who reviews may see them."""

    def __init__(self, project: Project, ranking: AnyRanking | None, predictions: PredictionSet | None, seen: Seen) -> None:
        self._project, self._ranking, self._predictions, self._seen = project, ranking, predictions, seen
        self._numbers: dict[str, Numbers] = {}
        self._columns: dict[str, Kinds | None] = {}
        self._live: dict[str, Callable[[slice | ItemRows], Kinds]] = {}
        if project.task == "multiclass":
            self._live["label"] = self._label
        self._live["status"] = self._status
        self._live["reviewer"] = self._reviewer
        self._live["revision"] = self._revision
        if ranking is not None and project.task == "multiclass":
            self._live["suggestion"] = self._suggestion

    # --- which there are ------------------------------------------------------------------------------------------

    def number_names(self) -> list[str]:
        """The fields that are numbers, in a steady order."""
        found = [] if self._ranking is None else ["suspicion"]
        found += [] if self._predictions is None or self._project.task != "multiclass" else ["confidence"]
        found += ["honest"] if self._honest else []
        return found + [name for name in self._sources if _is_number(self._project.items.metadata_column(name).type)]

    def kind_names(self) -> list[str]:
        """The fields that are kinds: what changes with verdicts first, then columns of the source."""
        told = {"reviewer": self._project.journal.replay.revision > 0, "revision": len(self._starts) > 1}
        return [*(name for name in self._live if told.get(name, True)), *self.column_kinds()]

    def column_kinds(self) -> list[str]:
        """Those of them that columns of the source hold."""
        return [name for name in self._sources if self._column(name) is not None]

    @property
    def _honest(self) -> bool:
        """Whether there are probabilities that a model gave which had not learnt from the item."""
        return self._ranking is not None and self._project.task == "multiclass"

    @cached_property
    def _starts(self) -> list[int]:
        """The first item of each revision of the data that brought any."""
        before = [one["items"] for one in self._project.data_revisions if "items" in one]
        return sorted({0, *(start for start in before if start < len(self._project.items))})

    @cached_property
    def _sources(self) -> list[str]:
        """The columns of the source that can be asked for by name: one word that means nothing else."""
        names = self._project.items.metadata_names
        return [name for name in names if re.fullmatch(r"\w+", name) and name not in (*_OWN, *_LIVE)]

    def named(self, typed: str) -> str:
        """The field that a word names, as it is kept or as the window calls it; "" where it names none."""
        wanted = typed.casefold()
        names = [*self.number_names(), "label", *self.kind_names()]
        return next((name for name in names if wanted in (name.casefold(), field_words(name).casefold())), "")

    def is_number(self, name: str) -> bool:
        return name in self.number_names()

    # --- what they say --------------------------------------------------------------------------------------------

    def numbers(self, name: str) -> Numbers:
        """(n,) the numbers of a field; NaN where an item has none."""
        if name not in self._numbers:
            self._numbers[name] = self._read(name)
        return self._numbers[name]

    def kinds(self, name: str, items: slice | ItemRows = _ALL) -> Kinds:
        """What all items, or these, are by a field, none of anything where there is no such field."""
        if name in self._live:
            return self._live[name](items)
        names = self._project.label_names if name == "label" else ()  # any number of which an item may have
        known = self._column(name) if name in self._sources else None
        known = known or Kinds(names, np.full(len(self._project.items), -1, np.int32))
        return Kinds(known.names, known.of[items])

    def of_kinds(self, name: str, wanted: Sequence[str], items: slice | ItemRows = _ALL) -> Mask:
        """(n,) which of all items, or of these, are of some kinds."""
        known = self.kinds(name, items)
        places = [place for place, kind in enumerate(known.names) if kind in wanted]
        if name == "label" and name not in self._live:
            has = self._project.taxonomy.matrix(self._seen.labels(items))[:, places].any(1)
            return np.asarray(has & (self._seen.verdicts(items) != VerdictCode.EXCLUDE))
        chosen = np.zeros(len(known.names) + 1, np.bool_)
        chosen[places] = True
        found: Mask = chosen[known.of]  # -1 is the last one
        return found

    def between(self, name: str, low: float, high: float, items: slice | ItemRows = _ALL) -> Mask:
        """(n,) of which of all items, or of these, the number lies from `low` to `high`."""
        if not self.is_number(name):
            return np.zeros(len(self._project.items), np.bool_)[items]
        values = self.numbers(name)[items]
        found: Mask = (values >= np.float32(low)) & (values <= np.float32(high))
        return found

    # --- where they come from -------------------------------------------------------------------------------------

    def _read(self, name: str) -> Numbers:
        n = len(self._project.items)
        if name == "suspicion" and self._ranking is not None:
            return np.asarray(self._ranking.suspicion, np.float32)
        if name == "honest":
            return self.honest[0]
        if name == "confidence" and self._predictions is not None:
            made = np.empty(n, np.float32)
            for start in range(0, n, _BLOCK):
                made[start : start + _BLOCK] = self._predictions.confidences(slice(start, start + _BLOCK)).max(1)
            return made
        column = self._project.items.metadata_column(name)
        return np.asarray(pc.fill_null(column.cast(pa.float32(), safe=False), float("nan")).to_numpy(), np.float32)

    @cached_property
    def honest(self) -> tuple[Numbers, npt.NDArray[np.int32]]:
        """(n,) the highest probability out of sample and (n,) of which class it is; NaN and -1 of what is not ranked."""
        ranking, n = self._ranking, len(self._project.items)
        assert ranking is not None
        highest, of = np.full(n, np.nan, np.float32), np.full(n, -1, np.int32)
        for start in range(0, n, _BLOCK):
            rows = np.asarray(ranking.probs[start : start + _BLOCK])
            known = np.flatnonzero(~np.isnan(ranking.suspicion[start : start + _BLOCK]))
            of[start + known] = rows[known].argmax(1)
            highest[start + known] = rows[known, of[start + known]]
        return highest, of

    def _column(self, name: str) -> Kinds | None:
        if name not in self._columns:
            self._columns[name] = _kinds_of(self._project.items.metadata_column(name))
        return self._columns[name]

    def _status(self, items: slice | ItemRows) -> Kinds:
        """What became of each item, whoever of those that may be seen decided it."""
        ranking, verdicts, reviewed = self._ranking, self._seen.verdicts(items), ~self._project.gold[items]
        of = np.full(len(verdicts), len(STATUSES) - 1, np.int32)
        if ranking is not None:
            worth = ranking.worth() if isinstance(items, slice) else ranking.worth(items)
            of[np.asarray(worth, np.bool_) & reviewed] = 0
        for place, code in enumerate((VerdictCode.RELABEL, VerdictCode.KEEP, VerdictCode.UNSURE, VerdictCode.EXCLUDE), 1):
            of[(verdicts == code) & reviewed] = place
        return Kinds(STATUSES, of)

    def _label(self, items: slice | ItemRows) -> Kinds:
        """The class of each item now; none of what is excluded, as classes are counted everywhere."""
        seen = self._seen
        excluded = seen.verdicts(items) == VerdictCode.EXCLUDE
        return Kinds(self._project.classes, np.where(excluded, -1, seen.labels(items)))

    def _reviewer(self, items: slice | ItemRows) -> Kinds:
        names, of = self._project.journal.judges()
        return Kinds(names, np.where(self._seen.hidden(items), -1, of[items]))

    def _revision(self, items: slice | ItemRows) -> Kinds:
        """Which revision of the data brought each item."""
        of = np.searchsorted(self._starts, np.arange(len(self._project.items))[items], side="right") - 1
        return Kinds([str(number + 1) for number in range(len(self._starts))], of.astype(np.int32))

    def _suggestion(self, items: slice | ItemRows) -> Kinds:
        """Whether the suggestion is the given label, of the items that are ranked."""
        ranking = self._ranking
        assert ranking is not None
        differs = np.asarray(ranking.suggested)[items] != self._project.given[items]
        return Kinds(("same", "differs"), np.where(np.isnan(ranking.suspicion[items]), -1, differs).astype(np.int32))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _kinds_of(column: pa.ChunkedArray) -> Kinds | None:
    """The kinds of a column of words or truth values, by name; None where it has too many, or none that items share."""
    if pa.types.is_boolean(column.type) or pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        words = column.cast(pa.string())
        if pc.count_distinct(words.slice(0, 20 * _MOST)).as_py() > _MOST:
            return None
        whole = words.combine_chunks().dictionary_encode()
        names, codes = whole.dictionary.to_pylist(), pc.fill_null(whole.indices, -1).to_numpy(zero_copy_only=False)
        if not 1 < len(names) <= _MOST:
            return None
        order = sorted(range(len(names)), key=lambda place: names[place])
        rank = np.empty(len(names) + 1, np.int32)
        rank[order], rank[-1] = np.arange(len(names)), -1
        return Kinds([names[place] for place in order], rank[codes])
    return None
