"""The reviewers of a ranked project: the model has a say, excludes and unsures count for what they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from badcase.project import Project
from badcase.reviewers.adopting import plan_consensus
from badcase.store.verdicts import VerdictCode
from tests.projects import SUBJECTS, predict_from, write_texts


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """90 texts of three classes, under a model that sees the true class clearly."""
    truth = write_texts(tmp_path / "texts.csv")
    with Project.create(tmp_path / "my", tmp_path / "texts.csv") as made:
        classes = np.array([list(SUBJECTS).index(truth[made.items.key(i)]) for i in range(len(made.items))])
        rng = np.random.default_rng(0)
        predict_from(made, np.eye(6)[classes] * 4 + rng.normal(0, 0.3, (len(classes), 6)))
        made.truth = classes  # type: ignore[attr-defined]
        yield made


def test_of_two_who_differ_the_model_is_asked(project: Project) -> None:
    truth = project.truth  # type: ignore[attr-defined]
    items = np.flatnonzero(~project.gold)[:40]
    agreed, disputed = items[:30], items[30:]
    for who in ("ann", "bob"):
        project.journal.record(agreed.tolist(), "relabel", truth[agreed].tolist(), who=who)
    project.journal.record(disputed.tolist(), "relabel", ((truth[disputed] + 1) % 3).tolist(), who="ann")
    project.journal.record(disputed[:5].tolist(), "relabel", truth[disputed[:5]].tolist(), who="bob")
    project.journal.record(disputed[5:].tolist(), "relabel", ((truth[disputed[5:]] + 2) % 3).tolist(), who="bob")
    found = project.reviewers()
    assert found.consensus is not None
    np.testing.assert_array_equal(found.consensus.label[disputed[:5]], truth[disputed[:5]])
    assert sorted(found.disagreements()) == sorted(disputed)
    assert found.consensus.confidence[disputed].max() < found.consensus.confidence[agreed].min()
    changed = project.accept_consensus()
    np.testing.assert_array_equal(project.labels[disputed[:5]], truth[disputed[:5]])
    wrong = disputed[5:]  # the model alone knows better there: its own answer is never taken over
    assert all(project.labels[i] != truth[i] for i in wrong)
    assert changed.items <= set(disputed.tolist())


def test_a_plan_tells_what_would_change_and_what_is_left_and_why(project: Project) -> None:
    truth = project.truth  # type: ignore[attr-defined]
    alike, divided, lone, theirs = np.flatnonzero(~project.gold)[:4].tolist()
    for who in ("ann", "bob"):
        project.journal.record([alike, theirs], "relabel", [int(truth[alike]), int((truth[theirs] + 1) % 3)], who=who)
    project.journal.record([alike], "unsure", who="eve")  # which stands, and is no answer
    project.journal.record([divided], "relabel", int((truth[divided] + 1) % 3), who="ann")
    project.journal.record([divided], "relabel", int((truth[divided] + 2) % 3), who="bob")
    project.journal.record([lone], "exclude", who="ann")
    planned = plan_consensus(project, project.reviewers())
    assert (planned.changed.tolist(), planned.answers.tolist()) == ([alike], [truth[alike]])
    assert (planned.divided.tolist(), planned.lone.tolist(), planned.followed) == ([divided], [lone], 1)
    assert [words.split(" is ")[0].split(" follows ")[0] for words in planned.left_out] == ["1 item"] * 3
    assert "divided" in planned.left_out[0] and "alone" in planned.left_out[1]
    before = project.labels.copy()
    assert project.accept_consensus().items == {alike}
    assert np.flatnonzero(project.labels != before).tolist() in ([alike], [])
    assert project.labels[divided] == (truth[divided] + 2) % 3, "what stood"


def test_agreeing_to_exclude_is_agreeing_also_after_the_ranking_has_left_the_item_out(project: Project) -> None:
    items = np.flatnonzero(~project.gold)[:12].tolist()
    for who in ("ann", "bob"):
        project.journal.record(items[:4], "exclude", who=who)
        project.journal.record(items[4:], "keep", who=who)
    for _again in range(2):
        found = project.reviewers()
        assert found.consensus is not None
        assert (found.consensus.label[items[:4]] == found.excluded).all()
        assert len(found.disagreements()) == 0 and found.consensus.agreement.alpha == 1
        project.rank()


def test_an_unsure_is_no_answer_and_asks_for_a_second_reviewer_first(project: Project) -> None:
    one, two = np.flatnonzero(~project.gold)[:2].tolist()
    project.journal.record([one], "keep", who="ann")
    project.journal.record([two], "unsure", who="ann")
    found = project.reviewers()
    assert found.for_second().tolist() == [two, one]
    assert found.consensus is not None and found.consensus.label[two] == -1
    project.journal.record([two], "keep", who="bob")
    assert project.reviewers().for_second().tolist() == [one], "two have looked at it"


def test_an_only_answer_that_the_model_contradicts_asks_for_a_second_one_first(project: Project) -> None:
    truth = project.truth  # type: ignore[attr-defined]
    items = np.flatnonzero(~project.gold & (project.verdicts == VerdictCode.NONE))[:6]
    project.journal.record(items[:5].tolist(), "relabel", truth[items[:5]].tolist(), who="ann")
    project.journal.record([int(items[5])], "relabel", int((truth[items[5]] + 1) % 3), who="ann")
    assert project.reviewers().for_second()[0] == items[5]
