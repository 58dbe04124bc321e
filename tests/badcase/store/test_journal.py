"""The journal is the truth: labels are a replay of it, undo has no limit, and nothing acknowledged is lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase.errors import BadcaseError
from badcase.progress import Progress, finish
from badcase.store import journal as journal_module
from badcase.store.classes.taxonomy import Taxonomy
from badcase.store.database import Store
from badcase.store.journal import Journal
from badcase.store.judgments import Judgment
from badcase.store.verdicts import Verdict, VerdictCode

CLASSES = ("cat", "dog", "fox")
GIVEN = np.array([0, 1, 2, 0, 1], np.int32)


def journal_in(folder: Path) -> Journal:
    path = folder / "project.db"
    store = Store(path) if path.exists() else Store.create(path)
    with store.transaction() as connection:
        connection.executemany("INSERT OR IGNORE INTO classes VALUES (?, ?)", enumerate(CLASSES))
    return Journal(store, GIVEN, Taxonomy(store, "multiclass"))


def state(journal: Journal) -> tuple[list[int], list[int]]:
    return journal.replay.labels.tolist(), journal.replay.verdicts.tolist()


step = st.one_of(
    st.just("undo"),
    st.just("redo"),
    st.tuples(st.lists(st.integers(0, 4), min_size=1, max_size=3, unique=True), st.sampled_from(Verdict), st.integers(0, 2)),
)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(step, max_size=25))
def test_any_history_of_verdicts_undo_and_redo_is_what_a_stack_of_states_would_give(
    steps: list[object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    journal = journal_in(folder)
    past, future = [state(journal)], []
    for one in steps:
        if one == "undo":
            assert (journal.undo() is None) == (len(past) == 1)
            if len(past) > 1:
                future.append(past.pop())
        elif one == "redo":
            assert (journal.redo() is None) == (not future)
            if future:
                past.append(future.pop())
        else:
            items, verdict, label = one  # type: ignore[misc]
            journal.record(items, verdict, label)
            past.append(state(journal))
            future.clear()
        assert state(journal) == past[-1]
    reopened = journal_in(folder)
    assert state(reopened) == past[-1]
    assert reopened.replay.done == journal.replay.done
    assert reopened.replay.undone == journal.replay.undone


def test_each_verdict_does_to_the_label_what_its_name_says(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.record([0], Verdict.RELABEL, 2)
    journal.record([1], Verdict.KEEP)
    journal.record([2], Verdict.EXCLUDE)
    journal.record([3], Verdict.UNSURE)
    assert journal.replay.labels.tolist() == [2, 1, 2, 0, 1]
    codes = VerdictCode
    assert journal.replay.verdicts.tolist() == [codes.RELABEL, codes.KEEP, codes.EXCLUDE, codes.UNSURE, codes.NONE]
    counts = journal.counts()
    assert (counts.reviewed, counts.fixed, counts.kept, counts.excluded, counts.unsure) == (4, 1, 1, 1, 1)


def test_choosing_the_given_label_is_a_keep(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.record([0], Verdict.RELABEL, 2)
    journal.record([0], Verdict.RELABEL, 0)
    assert journal.replay.labels[0] == 0
    assert journal.replay.verdicts[0] == VerdictCode.KEEP


def test_a_batch_with_a_label_for_each_item_is_one_undo(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    changes = journal.record([0, 1, 2], Verdict.RELABEL, [1, 2, 0])
    assert changes.items == {0, 1, 2}
    assert changes.title == "3 relabelled"
    undone = journal.undo()
    assert undone is not None
    assert undone.items == {0, 1, 2}
    assert state(journal) == (GIVEN.tolist(), [0] * 5)


def test_an_earlier_revision_shows_the_labels_of_then(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.record([0], Verdict.RELABEL, 1)
    then = journal.replay.revision
    journal.record([0], Verdict.RELABEL, 2)
    journal.undo()
    journal.undo()
    assert journal.labels_at(then)[0][0] == 1
    assert journal.labels_at(0)[0].tolist() == GIVEN.tolist()


def test_history_keeps_what_was_taken_back_and_what_was_on_screen(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.record([4], Verdict.RELABEL, 2, who="ann", shown={"suggestion": 2})
    journal.undo()
    journal.record([4], Verdict.KEEP, who="bob")
    first, second = journal.history(4)
    assert (first.verdict, first.label, first.who, first.undone, first.shown) == (
        Verdict.RELABEL,
        2,
        "ann",
        True,
        {"suggestion": 2},
    )
    assert (second.verdict, second.undone) == (Verdict.KEEP, False)


@pytest.mark.parametrize(
    ("items", "verdict", "label", "words"),
    [
        ([], Verdict.KEEP, None, "nothing to judge"),
        ([9], Verdict.KEEP, None, "no such item"),
        ([0], Verdict.RELABEL, 3, "class of the project"),
        ([0], Verdict.RELABEL, None, "class of the project"),
        ([0, 1], Verdict.RELABEL, [1], "one label for each"),
    ],
)
def test_a_verdict_that_makes_no_sense_is_refused_and_nothing_is_written(
    items: list[int], verdict: Verdict, label: int | None, words: str, tmp_path: Path
) -> None:
    journal = journal_in(tmp_path)
    with pytest.raises(BadcaseError, match=words):
        journal.record(items, verdict, label)
    assert journal_in(tmp_path).replay.revision == 0


def test_what_is_read_from_the_disk_is_entry_for_entry_what_was_recorded(tmp_path: Path) -> None:
    """Written many at a time, and read by one query: relabels, opinions, checks of gold, batches taken back and brought back."""
    journal = journal_in(tmp_path)
    journal.record([0, 1, 2], ["relabel", "keep", "exclude"], [1, 1, 1])
    opinions = [Judgment(3, Verdict.RELABEL, 2, decides=False), Judgment(1, Verdict.UNSURE), Judgment(2, Verdict.RELABEL, 2)]
    journal.record_all([*opinions, Judgment(4, Verdict.RELABEL, 0, gold=True, decides=False)])
    journal.undo()
    journal.redo()
    journal.record(4, "relabel", "fox", shown={"batch": 1})
    again = journal_in(tmp_path).replay
    assert len(again._rows) == 10 and (again._rows == journal.replay._rows).all()
    assert again._rows["seq"].tolist() == list(range(1, 11))
    assert state(journal_in(tmp_path)) == state(journal)


def test_a_batch_that_is_stopped_halfway_was_never_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "_AT_ONCE", 2)
    journal = journal_in(tmp_path)
    journal.record([4], "keep")
    before, written = state(journal), journal.newest()
    job = journal.recording([0, 1, 2, 3, 4], "exclude")
    assert [next(job), next(job)] == [Progress("Recording", done, 5, "items") for done in (2, 4)]
    assert journal.catch_up() == set(), "what is half recorded is read by nobody"
    for refused in (lambda: journal.record([1], "keep"), journal.undo):
        with pytest.raises(BadcaseError, match="being recorded"):
            refused()
    job.close()
    assert (state(journal), journal.newest()) == (before, written)
    assert sorted(finish(journal.recording([0, 1, 2, 3, 4], "exclude")).items) == [0, 1, 2, 3, 4]
    assert state(journal_in(tmp_path)) == state(journal) != before
    journal.undo()
    assert state(journal) == before, "all of it is one batch"


def test_what_fails_within_a_larger_step_leaves_nothing_of_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "_AT_ONCE", 2)
    journal = journal_in(tmp_path)
    with journal.one_action():
        journal.record([0], "keep")
        with pytest.raises(BadcaseError):
            journal.record_all([*(Judgment(item, Verdict.KEEP) for item in (1, 2, 3)), Judgment(4, Verdict.RELABEL, 99)])
        journal.record([2], "exclude")
    assert state(journal_in(tmp_path)) == state(journal)
    assert np.flatnonzero(journal.replay.verdicts).tolist() == [0, 2]
