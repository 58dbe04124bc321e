"""A replay over arrays is what a plain model of the journal says, at every revision, and whoever wrote the entries."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase.errors import BadcaseError
from badcase.store.classes.taxonomy import Taxonomy
from badcase.store.journal import Journal
from badcase.store.judgments import Judgment
from badcase.store.verdicts import CODES, Verdict, VerdictCode
from tests.badcase.store.test_journal import CLASSES, GIVEN, journal_in, state

judgment = st.builds(
    Judgment,
    st.integers(0, 4),
    st.sampled_from(Verdict),
    st.integers(0, 2),
    st.sampled_from(["ann", "bob"]),
    decides=st.booleans(),
)
step = st.one_of(st.just("undo"), st.just("redo"), st.lists(judgment, min_size=1, max_size=4))


def plain(journal: Journal, revision: int) -> tuple[list[int], list[int]]:
    """Labels and verdicts by the rows up to a revision, one after the other, with nothing remembered."""
    rows = journal._store.rows(
        "SELECT batch, action, item, verdict, label, opinion FROM journal WHERE seq <= ? ORDER BY seq", (revision,)
    )
    gone = set()
    for batch, action, *_rest in rows:
        if action != "verdict":
            (gone.add if action == "undo" else gone.discard)(batch)
    labels, verdicts = GIVEN.tolist(), [0] * len(GIVEN)
    for batch, action, item, verdict, label, opinion in rows:
        if action == "verdict" and batch not in gone and not opinion:
            labels[item] = label if verdict == "relabel" else int(GIVEN[item])
            verdicts[item] = int(CODES[Verdict(verdict)])
    return labels, verdicts


def do(journal: Journal, one: object) -> None:
    if one == "undo":
        journal.undo()
    elif one == "redo":
        journal.redo()
    else:
        journal.record_all(one)  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(step, max_size=14))
def test_every_revision_is_what_the_entries_up_to_it_say(steps: list[object], tmp_path_factory: pytest.TempPathFactory) -> None:
    journal = journal_in(tmp_path_factory.mktemp("journal"))
    for one in steps:
        do(journal, one)
        assert state(journal) == plain(journal, journal.replay.revision)
    for revision in range(journal.replay.revision + 2):
        labels, verdicts = journal.labels_at(revision)
        assert (labels.tolist(), verdicts.tolist()) == plain(journal, revision)
        said = {(one.item, one.who) for one in journal.by_reviewer(revision)}
        assert {item for item, _who in said} >= set(np.flatnonzero(verdicts).tolist())


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(step, max_size=14), back=st.integers(0, 14))
def test_among_very_many_items_the_same_stands_and_what_is_another_is_told_as_touched(
    steps: list[object], back: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    journal = journal_in(tmp_path_factory.mktemp("journal"))
    wide = Journal(journal._store, np.resize(GIVEN, 400), Taxonomy(journal._store, "multiclass"))
    for one in steps:
        do(journal, one)
        wide.catch_up()
        assert (wide.replay.labels[:5].tolist(), wide.replay.verdicts[:5].tolist()) == state(journal)
    for since in range(max(0, wide.replay.revision - back), wide.replay.revision + 1):
        labels, verdicts = wide.labels_at(since)
        others = np.flatnonzero((labels != wide.replay.labels) | (verdicts != wide.replay.verdicts))
        touched = wide.replay.touched(since)
        assert touched is not None and set(others.tolist()) <= set(touched.tolist()) and max(touched, default=0) < 5
    assert wide.replay.touched(wide.replay.revision).tolist() == []
    assert wide.replay.touched(wide.replay.revision + 1) is None


@settings(max_examples=20, deadline=None)
@given(steps=st.lists(st.tuples(st.booleans(), step), max_size=16))
def test_two_processes_that_write_in_turn_take_no_batch_twice_and_undo_what_was_last(
    steps: list[tuple[bool, object]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    both = journal_in(folder), journal_in(folder)
    for which, one in steps:
        do(both[which], one)
    for journal in both:
        journal.catch_up()
    alone = journal_in(folder)
    for journal in both:
        assert state(journal) == state(alone) == plain(alone, alone.replay.revision)
        assert (journal.replay.done, journal.replay.undone) == (alone.replay.done, alone.replay.undone)
    batches = alone._store.rows("SELECT batch, MIN(seq) FROM journal WHERE item >= 0 GROUP BY batch")
    assert all(batch == first for batch, first in batches), "each batch is named by its first entry"


def test_verdicts_of_several_reviewers_and_times_are_one_batch(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    at = "2026-01-02T03:04:05.000+00:00"
    changes = journal.record_all(
        [
            Judgment(0, Verdict.RELABEL, 2, "ann", at, {"rank": 1}),
            Judgment(0, Verdict.EXCLUDE, who="bob", at=at, decides=False),
            Judgment(3, Verdict.UNSURE),
        ]
    )
    assert changes.title == "3 judged" and changes.items == {0, 3}
    ann, bob = journal.history(0)
    assert (ann.who, ann.at, ann.shown, ann.decides) == ("ann", at, {"rank": 1}, True)
    assert (bob.who, bob.at, bob.verdict, bob.decides) == ("bob", at, Verdict.EXCLUDE, False)
    assert journal.replay.labels[0] == 2 and journal.replay.verdicts.tolist() == [1, 0, 0, VerdictCode.UNSURE, 0]
    assert {one.who for one in journal.by_reviewer() if one.item == 0} == {"ann", "bob"}
    journal.undo()
    assert journal.by_reviewer() == [] and journal.undo() is None


def test_one_that_makes_no_sense_among_many_leaves_nothing(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    with pytest.raises(BadcaseError, match="class of the project"):
        journal.record_all([Judgment(0, Verdict.KEEP), Judgment(1, Verdict.RELABEL, 7)])
    assert journal.replay.revision == journal_in(tmp_path).replay.revision == 0


@pytest.mark.parametrize(
    "damage",
    [
        "item = 5",
        "item = 'x'",
        "item = NULL",
        "label = 3",
        "label = NULL",
        "verdict = 'eat'",
        "batch = 9",
        "batch = 'x'",
        "verdict = NULL, action = 'undo'",
    ],
)
def test_a_damaged_entry_is_named(damage: str, tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.record([0, 1], "relabel", 2)
    with journal._store.transaction() as connection:
        connection.execute(f"UPDATE journal SET {damage} WHERE seq = 1")
    with pytest.raises(BadcaseError, match="journal, row 1") as refusal:
        journal_in(tmp_path)
    assert refusal.value.hint and len(CLASSES) == 3


def test_the_labels_of_any_revision_are_there_at_once_after_50_000_verdicts(tmp_path: Path) -> None:
    """They took seconds when every entry was replayed; a processor's time is the same on a machine that does other work."""
    n = 50_000
    items = np.random.default_rng(0).permutation(n).tolist()
    store = journal_in(tmp_path)._store
    with store.transaction() as connection:
        connection.executemany(
            "INSERT INTO journal (batch, action, item, verdict, label, who, at) VALUES (?, 'verdict', ?, 'relabel', 1, 'me', '')",
            [(number, item) for number, item in enumerate(items, 1)],
        )
    journal = Journal(store, np.zeros(n, np.int32), Taxonomy(store, "multiclass"))
    for revision in (10, n // 2, n):
        took = []
        for _again in range(3):
            start = time.process_time()
            labels, _verdicts = journal.labels_at(revision)
            took.append(time.process_time() - start)
        assert labels[items[:revision]].all() and labels.sum() == revision
        assert min(took) < 0.1, f"{1000 * min(took):.0f} ms for revision {revision}"
    start = time.process_time()
    journal.undo()
    assert time.process_time() - start < 0.1 and journal.replay.labels.sum() == n - 1
