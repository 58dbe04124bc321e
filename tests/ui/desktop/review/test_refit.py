"""While a person reviews, the worker learns the verdicts; what is on the screen waits for the next key."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from badcase.active_learning.refit_schedule import refit_at
from badcase.project import Project
from badcase.ui.desktop.jobs.worker_lane import Phase, WorkerLane
from tests.ui.desktop.review.conftest import Shown

Show = Callable[..., Shown]
WAIT_MS = 60_000


@pytest.fixture
def shown(show: Show, project: Project, lane: WorkerLane) -> Shown:
    """One verdict before the classifiers would learn."""
    assert project.ranking is not None
    for item in project.ranking.order[::-1][: refit_at(len(project.items), 0) - 1].tolist():
        project.journal.record([item], "keep")
    opened = show(project)
    assert not lane.quiet
    return opened


def test_a_refit_comes_in_with_the_next_verdict_and_moves_nothing_before(
    shown: Shown, project: Project, lane: WorkerLane
) -> None:
    page, learner, old = shown.page, shown.session.learner.now(), project.ranking
    assert learner is not None and old is not None
    states: list[Phase] = []
    shown.session.job.connect(lambda job: states.append(job.state))
    shown.key("Space")
    assert lane.quiet
    item, rows = shown.current, page.reviewer.worklist.rows.tolist()
    with shown.bot.waitSignal(shown.session.refit.ready, timeout=WAIT_MS):
        pass
    shown.bot.waitUntil(lambda: page.reviewer.coming is not None, timeout=5000)
    assert (shown.current, page.reviewer.worklist.rows.tolist()) == (item, rows)
    assert project.ranking is old
    drawn, found = learner.drawn().tolist(), int((project.labels != project.given).sum())
    shown.key("Space")
    assert project.ranking is not old and project.ranking is page.reviewer.ranking is learner.ranking
    assert project.verdicts_ranked == project.journal.counts().reviewed - 1
    assert shown.session.learner.now() is learner
    assert learner.drawn()[: len(drawn)].tolist() == drawn
    assert learner.expected_errors().value >= found
    listed = page.reviewer.worklist
    assert listed.rows[: listed.position].tolist() == rows[: listed.position]  # what was judged stands where it stood
    behind = listed.rows[page.reviewer.order.fixed_until(listed.position) + 1 :]  # what is seen stays, whatever is learnt
    assert listed.filter.mask(listed.facts)[behind].all() and listed.facts.suspicion is project.ranking.suspicion
    assert len(set(listed.rows.tolist())) == len(listed.rows)
    shown.key("Z")
    assert shown.current == item
    assert states == []  # nobody asked for it, so no progress is shown
    gain = shown.session.refit.gain
    assert gain is not None and gain.base == 0


def test_a_job_of_the_person_goes_first_and_the_refit_comes_after_it(shown: Shown, project: Project, lane: WorkerLane) -> None:
    ready: list[object] = []
    done: list[dict[str, object]] = []
    shown.session.refit.ready.connect(ready.append)
    shown.key("Space")
    assert lane.quiet
    lane.start(
        "understand",
        title="Reading",
        options={"data": str(project.path.parent / "none")},
        done=done.append,
        failed=lambda error: done.append({"error": str(error)}),
        cancelled=lambda: None,
    )
    assert lane.busy and not lane.quiet
    shown.bot.waitUntil(lambda: bool(done), timeout=WAIT_MS)
    assert not ready
    shown.bot.waitUntil(lambda: bool(ready), timeout=WAIT_MS)
    assert len(ready) == 1


def test_a_refit_that_fails_is_told_once_and_the_review_goes_on(shown: Shown, project: Project, lane: WorkerLane) -> None:
    told: list[object] = []
    shown.session.failed.connect(told.append)
    assert project.predictions.current is not None
    folder = project.predictions.current.folder
    (folder / "embeddings.npy").write_bytes(b"damaged")
    shown.key("Space")
    shown.bot.waitUntil(lambda: bool(told), timeout=WAIT_MS)
    item = shown.current
    shown.key("Space", "Space")
    shown.settle()
    assert len(told) == 1 and "background" in str(told[0])
    assert not lane.quiet and shown.current != item
    assert np.isin(project.verdicts[item], (1, 2))


def test_what_a_retraining_gains_is_measured_soon_after_opening_before_any_verdict(
    show: Show, project: Project, lane: WorkerLane
) -> None:
    opened = show(project)
    refit, old = opened.session.refit, project.ranking
    assert refit.gain is None
    with opened.bot.waitSignal(refit.reported, timeout=WAIT_MS):
        refit.begin()
    assert refit.gain is not None and refit.gain.base == refit.gain.revision == 0
    opened.settle()
    assert project.ranking is old and not lane.quiet  # nothing else was learnt, and it is not asked again
