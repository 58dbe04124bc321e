"""Duplicates that disagree are settled when their labels agree, or when only one of them is left in the data."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest

from badcase import Project
from badcase.store.verdicts import Verdict, VerdictCode

N = 60


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Texts of two classes, each written twice; three pairs whose labels differ, one text that is there three times."""
    texts = [f"note {i // 2} about subject {i // 2 * 37} and a matter of its own" for i in range(N)]
    texts[8] = texts[6]
    labels = ["ham" if i // 2 % 2 else "spam" for i in range(N)]
    for i in (0, 2, 6):
        labels[i] = "spam" if labels[i] == "ham" else "ham"
    labels[8] = labels[7]
    made = Project.create(
        tmp_path / "p",
        {"text": texts, "label": labels, "split": ["train"] * 40 + ["validation"] * 10 + ["test"] * 10},
        label="label",
    )
    rng = np.random.default_rng(0)
    given = np.array([made.classes.index(one) for one in labels])
    features = np.eye(2)[given] + rng.normal(0, 0.3, (N, 2))
    made.bring_predictions(np.full((N, 2), 0.5), features=features)
    made.rank()
    yield made
    made.close()


def speaks(project: Project, name: str) -> set[int]:
    ranking = project.ranking
    assert ranking is not None
    found = set(np.flatnonzero(ranking.reason_masks()[name]).tolist())
    said = {i for i in range(N) if name in {reason.scorer for reason in ranking.reasons(i)}}
    assert found == said  # the sentences say what the list says
    return found


def test_the_reason_goes_from_both_when_one_takes_the_label_of_the_other_and_comes_back_with_an_undo(project: Project) -> None:
    assert speaks(project, "conflict") == {0, 1, 2, 3, 6, 7, 8}
    project.journal.record(0, Verdict.RELABEL, int(project.given[1]))
    assert speaks(project, "conflict") == {2, 3, 6, 7, 8}
    assert {0, 1} <= speaks(project, "copy")  # they are the same twice all the same
    project.journal.undo()
    assert speaks(project, "conflict") == {0, 1, 2, 3, 6, 7, 8}


def test_the_reason_goes_when_the_other_is_excluded_and_nobody_is_the_copy_of_what_is_gone(project: Project) -> None:
    project.journal.record(2, Verdict.EXCLUDE)
    assert speaks(project, "conflict") == {0, 1, 6, 7, 8}
    assert not {2, 3} & speaks(project, "copy")
    project.journal.undo()
    assert {2, 3} <= speaks(project, "conflict")


def test_duplicates_that_agree_wait_for_nobody_though_they_are_told_and_listed(project: Project) -> None:
    """The twin of what was just relabelled stood in the queue as "Exact duplicate", with nothing left to decide."""
    ranking = project.ranking
    assert ranking is not None
    agreeing = speaks(project, "copy")
    assert len(agreeing) > 40 and not agreeing & set(np.flatnonzero(ranking.worth() & ~ranking.flagged).tolist())
    assert {0, 1} <= set(project.to_review().tolist())
    project.journal.record(0, Verdict.RELABEL, int(project.given[1]))
    assert 1 in speaks(project, "copy") and 1 not in project.to_review()
    assert sum(0 in one.items for one in project.groups("duplicates")) == 1


def test_of_three_the_reason_stays_until_all_agree_that_are_left(project: Project) -> None:
    project.journal.record(7, Verdict.EXCLUDE)
    assert {6, 8} <= speaks(project, "conflict") and 7 not in speaks(project, "conflict")
    project.journal.record(6, Verdict.RELABEL, int(project.given[8]))
    assert not {6, 7, 8} & speaks(project, "conflict")


def test_the_settled_stay_settled_in_a_new_ranking_the_groups_and_when_it_is_opened_again(project: Project) -> None:
    project.journal.record(0, Verdict.RELABEL, int(project.given[1]))
    project.journal.record(2, Verdict.EXCLUDE)
    project.rank()
    assert speaks(project, "conflict") == {6, 7, 8}
    sets = [one for one in project.groups("duplicates") if one.facts["conflict"]]
    assert [set(one.items.tolist()) for one in sets] == [{6, 7, 8}]
    assert not any(set(one.items.tolist()) & {2, 3} for one in project.groups("duplicates"))
    path = project.path
    project.close()
    with Project.open(path) as again:
        assert speaks(again, "conflict") == {6, 7, 8}


def test_a_labels_reasons_name_the_label_that_holds(project: Project) -> None:
    project.journal.record(8, Verdict.RELABEL, int(project.given[6]))
    ranking = project.ranking
    assert ranking is not None
    words = next(reason.brief for reason in ranking.reasons(7) if reason.scorer == "conflict")
    assert project.classes[int(project.given[6])] in words


A, B = 24, 40  # of one class, and nearer to each other than anything else is to either, but no twins


@pytest.fixture
def look_alikes(tmp_path: Path) -> Iterator[Project]:
    """400 items of four classes by features alone; items A and B are hardly told apart, and carry one label."""
    n, rng = 400, np.random.default_rng(0)
    labels = np.arange(n) % 4
    features = np.eye(16)[labels] * 3 + rng.normal(0, 1, (n, 16))
    features[A] = features[B] + 0.2 * np.random.default_rng(1).normal(0, 1, 16)
    table = {"text": [f"{i * 7919} {i}" for i in range(n)], "label": [f"c{label}" for label in labels], "split": ["train"] * n}
    made = Project.create(tmp_path / "alike", table, label="label")
    made.bring_predictions(np.full((n, 4), 0.25), features=features)
    made.rank()
    yield made
    made.close()


def test_look_alikes_wait_while_their_labels_differ_and_no_longer(look_alikes: Project) -> None:
    """Nothing was to decide of two that looked the same and were called the same, yet both stood in the queue."""
    project, ranking = look_alikes, look_alikes.ranking
    assert ranking is not None
    assert {A, B} <= set(np.flatnonzero(ranking.reason_masks()["look_alike"]).tolist())
    assert not ranking.flagged[[A, B]].any() and not {A, B} & set(project.to_review().tolist())
    project.journal.record(A, Verdict.RELABEL, int((project.given[A] + 1) % 4))
    seen = ranking.touched(0)[1]
    assert B in project.to_review()
    items, _seen = ranking.touched(seen - 1 if seen else 0)
    assert {A, B} <= set(items.tolist())  # a window looks at these again
    assert (ranking.worth(np.array([A, B, 7])) == ranking.worth()[[A, B, 7]]).all()
    project.journal.undo()
    assert B not in project.to_review()
    project.journal.record(A, Verdict.EXCLUDE)
    assert B not in project.to_review()


def test_following_what_was_touched_is_following_all(project: Project) -> None:
    rng, ranking = np.random.default_rng(0), project.ranking
    assert ranking is not None
    whole = deepcopy(ranking)
    for _turn in range(30):
        items = rng.choice(np.flatnonzero(~project.gold), 2, replace=False).tolist()
        if rng.random() < 0.3:
            project.journal.undo()
        else:
            verdict = list(Verdict)[rng.integers(0, 4)]
            project.journal.record(items, verdict, int(rng.integers(0, 2)) if verdict is Verdict.RELABEL else None)
        followed = project.ranking
        whole.follow(project.labels, project.verdicts == VerdictCode.EXCLUDE)
        assert followed is ranking
        for name, mask in whole.reason_masks().items():
            assert mask.tolist() == ranking.reason_masks()[name].tolist(), name
