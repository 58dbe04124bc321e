"""The counts of a review against a plain model, over random verdicts, undos, exclusions, refits and checks of gold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from badcase.review_counts import counted, is_to_review
from badcase.scorers.duplicates.sets import differs
from badcase.store.database import Store
from badcase.store.journal import Journal
from badcase.store.judgments import Judgment
from badcase.store.taxonomy import Taxonomy
from badcase.store.verdicts import Verdict, VerdictCode

N, K, GOLD = 8, 3, 2  # the first two are gold
GIVEN = np.array([0, 1, 2, 0, 1, 2, 0, 1], np.int32)
TWINS = np.array([-1, -1, 2, 2, 4, 5, 6, 6])  # two pairs whose given labels differ
CODES = {Verdict.RELABEL: 1, Verdict.KEEP: 2, Verdict.EXCLUDE: 3, Verdict.UNSURE: 4}

judge = st.tuples(
    st.just("judge"), st.lists(st.integers(0, N - 1), min_size=1, max_size=3, unique=True), st.sampled_from(list(Verdict)),
    st.integers(0, K - 1),
)  # fmt: skip
check = st.tuples(st.just("check"), st.sampled_from(list(Verdict)), st.integers(0, K - 1))  # of gold, blind
refit = st.tuples(st.just("refit"), st.sets(st.integers(GOLD, N - 1)))
steps = st.lists(st.one_of(judge, st.just(("undo",)), st.just(("redo",)), refit, check), max_size=25)


class PlainModel:
    """What each item stands as, told without arrays: a list of batches, and how many of them are taken back."""

    def __init__(self) -> None:
        self.done: list[dict[int, tuple[Verdict, int]]] = []
        self.undone: list[dict[int, tuple[Verdict, int]]] = []
        self.flagged: set[int] = set()

    def standing(self) -> dict[int, tuple[Verdict, int]]:
        now: dict[int, tuple[Verdict, int]] = {}
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
            "fixed": said.count(Verdict.RELABEL),
            "kept": said.count(Verdict.KEEP),
            "excluded": said.count(Verdict.EXCLUDE),
            "unsure": said.count(Verdict.UNSURE),
            "flagged": len(waits & self.flagged),
        }

    def disagrees(self, item: int) -> bool:
        now = self.standing()
        there = [i for i in range(GOLD, N) if TWINS[i] == TWINS[item] and now.get(i, (None, 0))[0] != Verdict.EXCLUDE]
        labels = {now[i][1] if i in now and now[i][0] is Verdict.RELABEL else int(GIVEN[i]) for i in there}
        return item in there and len(labels) > 1


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps)
def test_the_counts_are_those_of_a_plain_model_whatever_is_judged_undone_excluded_and_learnt(what: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        store = Store.create(Path(folder) / "project.db")
        store._connection.execute("PRAGMA synchronous = OFF")  # the disk is not what is tested
        with store.transaction() as connection:
            connection.executemany("INSERT INTO classes VALUES (?, ?)", enumerate("abc"))
        gold = np.arange(N) < GOLD
        journal, model = Journal(store, GIVEN, Taxonomy(store, "multiclass"), gold), PlainModel()
        flagged = np.zeros(N, np.bool_)
        for step in what:
            _play(step, journal, model)
            if step[0] == "refit":
                flagged = np.isin(np.arange(N), list(step[1]))
            verdicts, labels = journal.replay.verdicts, journal.replay.labels
            there = np.where(verdicts == VerdictCode.EXCLUDE, -1, TWINS)
            found = counted(verdicts, gold, flagged | differs(there, labels), flagged)
            assert {name: getattr(found, name) for name in model.counts()} == model.counts()
            assert found.reviewed == found.fixed + found.kept + found.excluded + found.unsure
            assert found.all_to_review == found.to_review + found.reviewed
            told = journal.counts()
            assert (told.reviewed, told.fixed, told.excluded) == (found.reviewed, found.fixed, found.excluded)
        store.close()


def _play(step: tuple[Any, ...], journal: Journal, model: PlainModel) -> None:
    if step[0] == "judge":
        _name, items, verdict, label = step
        journal.record(items, verdict, label if verdict is Verdict.RELABEL else None)
        kept = {i: (Verdict.KEEP, label) if verdict is Verdict.RELABEL and label == GIVEN[i] else (verdict, label) for i in items}
        model.done.append(kept)
        model.undone.clear()
    elif step[0] == "check":
        _name, verdict, label = step
        said = label if verdict is Verdict.RELABEL else None
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
    assert counted(verdicts, gold, everything.worth, everything.worth).all_to_review == 0
    assert not is_to_review(np.zeros(3, np.int8), gold, everything.worth).any()
