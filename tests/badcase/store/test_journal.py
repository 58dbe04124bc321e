"""The journal is the truth: labels are a fold over it, undo has no limit, and nothing acknowledged is lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase.errors import BadcaseError
from badcase.store.database import Store
from badcase.store.journal import Journal
from badcase.store.verdicts import Verdict, VerdictCode

CLASSES = ("cat", "dog", "fox")
GIVEN = np.array([0, 1, 2, 0, 1], np.int32)


def review_in(folder: Path) -> Journal:
    return Journal(Store(folder / "project.db"), GIVEN, CLASSES)


def state(review: Journal) -> tuple[list[int], list[int]]:
    return review.replay.labels.tolist(), review.replay.verdicts.tolist()


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
    review = review_in(folder)
    past, future = [state(review)], []
    for one in steps:
        if one == "undo":
            assert (review.undo() is None) == (len(past) == 1)
            if len(past) > 1:
                future.append(past.pop())
        elif one == "redo":
            assert (review.redo() is None) == (not future)
            if future:
                past.append(future.pop())
        else:
            items, verdict, label = one  # type: ignore[misc]
            review.record(items, verdict, label)
            past.append(state(review))
            future.clear()
        assert state(review) == past[-1]
    reopened = review_in(folder)
    assert state(reopened) == past[-1]
    assert reopened.replay.done == review.replay.done
    assert reopened.replay.undone == review.replay.undone


def test_each_verdict_does_to_the_label_what_its_name_says(tmp_path: Path) -> None:
    review = review_in(tmp_path)
    review.record([0], Verdict.RELABEL, 2)
    review.record([1], Verdict.KEEP)
    review.record([2], Verdict.EXCLUDE)
    review.record([3], Verdict.UNSURE)
    assert review.replay.labels.tolist() == [2, 1, 2, 0, 1]
    codes = VerdictCode
    assert review.replay.verdicts.tolist() == [codes.RELABEL, codes.KEEP, codes.EXCLUDE, codes.UNSURE, codes.NONE]
    counts = review.counts()
    assert (counts.reviewed, counts.fixed, counts.kept, counts.excluded, counts.unsure) == (4, 1, 1, 1, 1)


def test_choosing_the_given_label_is_a_keep(tmp_path: Path) -> None:
    review = review_in(tmp_path)
    review.record([0], Verdict.RELABEL, 2)
    review.record([0], Verdict.RELABEL, 0)
    assert review.replay.labels[0] == 0
    assert review.replay.verdicts[0] == VerdictCode.KEEP


def test_a_batch_with_a_label_for_each_item_is_one_undo(tmp_path: Path) -> None:
    review = review_in(tmp_path)
    changes = review.record([0, 1, 2], Verdict.RELABEL, [1, 2, 0])
    assert changes.items == {0, 1, 2}
    assert changes.title == "3 relabelled"
    undone = review.undo()
    assert undone is not None
    assert undone.items == {0, 1, 2}
    assert state(review) == (GIVEN.tolist(), [0] * 5)


def test_an_earlier_revision_shows_the_labels_of_then(tmp_path: Path) -> None:
    review = review_in(tmp_path)
    review.record([0], Verdict.RELABEL, 1)
    then = review.replay.revision
    review.record([0], Verdict.RELABEL, 2)
    review.undo()
    review.undo()
    assert review.at(then).labels[0] == 1
    assert review.at(0).labels.tolist() == GIVEN.tolist()


def test_history_keeps_what_was_taken_back_and_what_was_on_screen(tmp_path: Path) -> None:
    review = review_in(tmp_path)
    review.record([4], Verdict.RELABEL, 2, who="ann", shown={"suggestion": 2})
    review.undo()
    review.record([4], Verdict.KEEP, who="bob")
    first, second = review.history(4)
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
    review = review_in(tmp_path)
    with pytest.raises(BadcaseError, match=words):
        review.record(items, verdict, label)
    assert review_in(tmp_path).replay.revision == 0
