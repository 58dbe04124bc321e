"""The counts of a review against a plain model, over random verdicts, undos, exclusions, refits and checks of gold: where an
item has one label, and where it may have any number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from badcase.errors import BadcaseError
from badcase.items.label_sets import labels_of, set_name
from badcase.items.source import SeveralLabels, Source, SourcePart
from badcase.review_counts import counted, is_to_review
from badcase.scorers.duplicates.sets import differs
from badcase.store.classes.taxonomy import Taxonomy
from badcase.store.database import Store
from badcase.store.journal import Journal
from badcase.store.judgments import Judgment
from badcase.store.verdicts import Verdict, VerdictCode

N, NAMES, GOLD = 8, "abc", 2  # the first two are gold
NEW = 5  # the item that comes without a label
Set = frozenset[str] | None  # the labels of an item; where it has one, a set of one; None before it has any
ONE: list[Set] = [frozenset(name) if i != NEW else None for i, name in enumerate("abcabcab")]
TWINS = np.array([-1, -1, 2, 2, 4, 5, 6, 6])  # two pairs whose given labels differ
SEVERAL: list[Set] = [frozenset(names) if i != NEW else None for i, names in enumerate(("a", "", "ab", "c", "ab", "", "bc", "a"))]
ALONE = np.arange(N)  # rankings of several labels know no duplicates

items = st.lists(st.integers(0, N - 1), min_size=1, max_size=3, unique=True)
refit = st.tuples(st.just("refit"), st.sets(st.integers(GOLD, N - 1)))


def steps(written: st.SearchStrategy[str]) -> st.SearchStrategy[list[Any]]:
    """What a person does, who writes labels so."""
    judge = st.tuples(st.just("judge"), items, st.sampled_from(list(Verdict)), written)
    check = st.tuples(st.just("check"), st.sampled_from(list(Verdict)), written)  # of gold, blind
    return st.lists(st.one_of(judge, st.just(("undo",)), st.just(("redo",)), refit, check), max_size=25)


class PlainModel:
    """What each item stands as, told without arrays: a list of batches, and how many of them are taken back."""

    def __init__(self, given: list[Set], twins: np.ndarray) -> None:
        self.given, self.twins = given, twins
        self.done: list[dict[int, tuple[Verdict, Set]]] = []
        self.undone: list[dict[int, tuple[Verdict, Set]]] = []
        self.flagged: set[int] = set()

    def standing(self) -> dict[int, tuple[Verdict, Set]]:
        now: dict[int, tuple[Verdict, Set]] = {}
        for batch in self.done:
            now |= batch
        return now

    def counts(self) -> dict[str, int]:
        now = {item: one for item, one in self.standing().items() if item >= GOLD}
        said = [verdict for verdict, _label in now.values()]
        waits = {item for item in range(GOLD, N) if item not in now and (item in self.flagged or self.disagrees(item))}
        return {
            "to_review": len(waits),
            "reviewed": len(now),
            "fixed": sum(verdict is Verdict.RELABEL and self.given[i] is not None for i, (verdict, _label) in now.items()),
            "labelled": sum(verdict is Verdict.RELABEL and self.given[i] is None for i, (verdict, _label) in now.items()),
            "kept": said.count(Verdict.KEEP),
            "excluded": said.count(Verdict.EXCLUDE),
            "unsure": said.count(Verdict.UNSURE),
            "flagged": len(waits & self.flagged),
        }

    def label(self, item: int) -> Set:
        verdict, label = self.standing().get(item, (None, self.given[item]))
        return label if verdict is Verdict.RELABEL else self.given[item]

    def disagrees(self, item: int) -> bool:
        now = self.standing()
        there = [i for i in range(GOLD, N) if self.twins[i] == self.twins[item] and now.get(i, (None,))[0] != Verdict.EXCLUDE]
        return item in there and len({self.label(i) for i in there}) > 1


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps(st.sampled_from(NAMES)))
def test_the_counts_are_those_of_a_plain_model_whatever_is_judged_undone_excluded_and_learnt(what: list[Any]) -> None:
    _hold(what, "multiclass", PlainModel(ONE, TWINS))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps(st.sampled_from(["", "a", "a;a", "b; a", "a;b", "c;b;c", "c;a;b"])))
@example([("judge", [7], Verdict.RELABEL, "a;a"), ("judge", [2], Verdict.RELABEL, "b; a"), ("undo",), ("redo",)])  # as given
def test_so_are_those_of_several_labels_in_whatever_order_and_however_often_a_label_is_written(what: list[Any]) -> None:
    _hold(what, "multilabel", PlainModel(SEVERAL, ALONE))


def _hold(what: list[Any], task: str, model: PlainModel) -> None:
    """Play the steps in a journal and in the model, and compare them after each."""
    with TemporaryDirectory() as folder:
        store = Store.create(Path(folder) / "project.db")
        store._connection.execute("PRAGMA synchronous = OFF")  # the disk is not what is tested
        classes = list(NAMES)
        if task == "multilabel":
            classes = list(dict.fromkeys(set_name(sorted(one)) for one in model.given if one is not None))
            several = SeveralLabels(tuple(NAMES), "labels", ";", tuple(NAMES))
            written = {"labels": [";".join(labels_of(name)) for name in classes]}
            source = Source(
                "csv", Path("items.csv"), (SourcePart("items.csv", N),), {"label": "labels"}, written, {}, True, several
            )
            store.set_settings([("source", source.plain())])
        with store.transaction() as connection:
            connection.executemany("INSERT INTO classes VALUES (?, ?)", enumerate(classes))
        given_labels = np.array([-1 if one is None else classes.index(set_name(sorted(one))) for one in model.given], np.int32)
        gold, taxonomy = np.arange(N) < GOLD, Taxonomy(store, task)
        journal, flagged = Journal(store, given_labels, taxonomy, gold), np.zeros(N, np.bool_)
        for step in what:
            _play(step, journal, taxonomy, model)
            if step[0] == "refit":
                flagged = np.isin(np.arange(N), list(step[1]))
            verdicts, labels = journal.replay.verdicts, journal.replay.labels
            now = [None if label < 0 else frozenset(labels_of(taxonomy.classes[label])) for label in labels[GOLD:]]
            assert now == [model.label(item) for item in range(GOLD, N)]
            there = np.where(verdicts == VerdictCode.EXCLUDE, -1, model.twins)
            found = counted(verdicts, gold, given_labels < 0, flagged | differs(there, labels), flagged)
            assert {name: getattr(found, name) for name in model.counts()} == model.counts()
            assert found.reviewed == found.fixed + found.labelled + found.kept + found.excluded + found.unsure
            assert found.all_to_review == found.to_review + found.reviewed
            assert journal.counts() == counted(verdicts, gold, given_labels < 0)
        store.close()


def _play(step: tuple[Any, ...], journal: Journal, taxonomy: Taxonomy, model: PlainModel) -> None:
    if step[0] == "judge":
        _name, items, verdict, written = step
        label, relabels = frozenset(labels_of(written)), verdict is Verdict.RELABEL
        if verdict is Verdict.KEEP and NEW in items:
            with pytest.raises(BadcaseError, match="none to keep"):
                journal.record(items, verdict)
            return
        journal.record(items, verdict, taxonomy.id_of(written) if relabels else None)
        model.done.append({i: (Verdict.KEEP if relabels and label == model.given[i] else verdict, label) for i in items})
        model.undone.clear()
    elif step[0] == "check":
        _name, verdict, written = step
        said = taxonomy.id_of(written) if verdict is Verdict.RELABEL else None
        journal.record_all([Judgment(item, verdict, said, decides=False, gold=True) for item in range(GOLD)])
        model.done.append({})  # one step to undo, and no part of the review
        model.undone.clear()
    elif step[0] == "refit":
        model.flagged = set(step[1])
    else:
        source, to = (model.done, model.undone) if step[0] == "undo" else (model.undone, model.done)
        if source:
            to.append(source.pop())
        cast(Callable[[], Any], getattr(journal, step[0]))()


def test_gold_waits_for_nobody_and_counts_nowhere() -> None:
    verdicts, gold = np.full(3, VerdictCode.RELABEL, np.int8), np.ones(3, np.bool_)
    everything = SimpleNamespace(worth=np.ones(3, np.bool_))
    assert counted(verdicts, gold, ~gold & False, everything.worth, everything.worth).all_to_review == 0
    assert not is_to_review(np.zeros(3, np.int8), gold, everything.worth).any()
