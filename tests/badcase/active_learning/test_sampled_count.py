"""The count of errors left: coarse words before a random sample, a number that moves by evidence after it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from badcase.active_learning.errors_left import ErrorsLeft
from badcase.active_learning.evidence_model import sigmoid
from badcase.active_learning.learner import Learner
from badcase.active_learning.learner_state import LearnerState
from badcase.active_learning.learner_view import LearnerView, first_belief
from badcase.active_learning.random_sample import draw
from badcase.active_learning.sampled_count import NEEDED, SampledCount
from badcase.ranking.any_ranking import rank
from badcase.ranking.ranking import Ranking
from badcase.store.verdicts import VerdictCode

N = 400


@pytest.fixture(scope="module")
def ranked() -> tuple[Ranking, np.ndarray]:
    """Four blobs of 400 items, 60 labels wrong; the ranking and which are wrong."""
    labels, features, wrong = blobs()
    return rank(labels, features=features), wrong


def blobs() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = np.arange(N) % 4
    labels = truth.copy()
    labels[:60] = (labels[:60] + rng.integers(1, 4, 60)) % 4
    return labels, np.eye(4)[truth] * 3 + rng.normal(0, 1, (N, 4)), labels != truth


def judge(learner: Learner, verdicts: np.ndarray, items: list[int], wrong: np.ndarray) -> None:
    verdicts[items] = np.where(wrong[items], VerdictCode.RELABEL, VerdictCode.KEEP)
    learner.update(verdicts)


def sampled(ranking: Ranking, wrong: np.ndarray) -> tuple[Learner, np.ndarray]:
    """A learner whose random sample was taken at once."""
    learner, verdicts = Learner(ranking), np.zeros(N, np.int8)
    judge(learner, verdicts, learner.draw_until(learner.errors_left().to_check), wrong)
    return learner, verdicts


def test_without_a_sample_it_is_words_and_with_one_a_number_that_holds(ranked: tuple[Ranking, np.ndarray]) -> None:
    ranking, wrong = ranked
    learner = Learner(ranking)
    before = learner.errors_left()
    assert not before.known and before.to_check >= NEEDED and str(round(before.value)) not in before.words
    assert "not known yet: check 40 items drawn at random" in before.words
    learner, verdicts = sampled(ranking, wrong)
    after = learner.errors_left()
    left = int(wrong[verdicts == VerdictCode.NONE].sum())
    assert after.known and after.checked >= NEEDED and after.low <= left <= after.high
    assert after.words == f"{round(after.value)} ({round(after.low)}–{round(after.high)})"


def test_where_every_score_agrees_with_the_labels_they_are_not_told_to_be_right() -> None:
    """Copies that are wrong together look right to every score: of 810 wrong labels among 3,000 none were told."""
    labels = np.arange(480) % 3
    before = Learner(rank(labels, 0.97 * np.eye(3)[labels] + 0.01)).errors_left()
    assert not before.known and before.coarse == "up to some tens" and before.then > 1


def test_verdicts_on_the_most_suspect_items_alone_never_make_a_number(ranked: tuple[Ranking, np.ndarray]) -> None:
    ranking, wrong = ranked
    learner, verdicts = Learner(ranking, random_sample=False), np.zeros(N, np.int8)
    before = learner.errors_left()
    judge(learner, verdicts, ranking.order[:80].tolist(), wrong)
    after = learner.errors_left()
    assert not after.known and after.high >= before.high - 80


@pytest.mark.parametrize("verdict", [VerdictCode.KEEP, VerdictCode.RELABEL, VerdictCode.EXCLUDE, VerdictCode.UNSURE])
def test_a_verdict_on_an_item_that_was_not_drawn_moves_the_number_by_about_one_and_a_surprising_keep_by_a_tenth_at_most(
    ranked: tuple[Ranking, np.ndarray], verdict: VerdictCode
) -> None:
    ranking, wrong = ranked
    learner, verdicts = sampled(ranking, wrong)
    for item in learner.ranked(10).tolist():  # nearly all of them wrong, so that a keep says something of those like it
        before = learner.errors_left()
        verdicts[item] = verdict
        learner.update(verdicts)
        moved = learner.errors_left().value - before.value
        most = 0.1 * before.value if verdict is VerdictCode.KEEP else 1.2
        assert -most < moved < 0.1


@pytest.mark.parametrize(("of_wrong", "of_right"), [(2.0, -3.0), (-1.0, -1.0), (-2.5, 0.0)])
def test_the_interval_holds_whatever_the_scores_are_worth(of_wrong: float, of_right: float) -> None:
    """Where they tell wrong labels, where they say nothing, and where they say the contrary."""
    rng = np.random.default_rng(1)
    wrong, labels = np.arange(600) < 90, np.arange(600) % 2
    of_given = sigmoid(-np.where(wrong, of_wrong, of_right) + rng.normal(0, 1.5, 600))
    ranking = rank(labels, np.where(labels[:, None] == [0, 1], of_given[:, None], 1 - of_given[:, None]))
    look = LearnerView(ranking, first_belief(ranking))
    rates, held = look.strata.rates[look.strata_of(np.arange(600))], []
    for _review in range(20):
        draws = [draw(rng, np.arange(600), np.ones(600), rates) for _draw in range(60)]
        items = np.unique([one.item for one in draws])
        told, is_open = np.full(600, np.nan), np.ones(600, np.bool_)
        told[items], is_open[items] = wrong[items], False
        left = SampledCount(look, draws, told, is_open, items, np.full(len(items), len(draws))).errors_left()
        held.append(left.low <= wrong[is_open].sum() <= left.high)
    assert np.mean(held) >= 0.75  # of 20


def test_a_refit_keeps_what_the_sample_said_and_whoever_opens_the_project_then_is_told_the_same(
    ranked: tuple[Ranking, np.ndarray],
) -> None:
    ranking, wrong = ranked
    labels, features, _wrong = blobs()
    learner, verdicts = sampled(ranking, wrong)
    judge(learner, verdicts, learner.ranked(30).tolist(), wrong)
    before = learner.errors_left()
    verified = np.where(verdicts == VerdictCode.NONE, -1, np.arange(N) % 4)
    again = rank(labels, features=features, verified=verified)
    learner.move(again)
    after, left = learner.errors_left(), int(wrong[verdicts == VerdictCode.NONE].sum())
    assert after.known and after.checked == before.checked and after.low <= left <= after.high
    assert abs(after.value - before.value) < (before.high - before.low) / 2
    state = LearnerState.of(json.loads(json.dumps(learner.state().plain())), N)
    opened = Learner(again, kept=state)
    opened.update(verdicts)
    assert opened.errors_left() == after


def test_excluded_junk_teaches_nothing_of_wrong_labels(ranked: tuple[Ranking, np.ndarray]) -> None:
    """Seven overexposed photos moved 41 errors left to 104."""
    ranking, _wrong = ranked
    learner, verdicts = Learner(ranking, random_sample=False), np.zeros(N, np.int8)
    junk = ranking.order[-7:]
    rest = np.setdiff1d(np.arange(N), junk)
    before, chances = learner.errors_left(), learner.chance_wrong(rest)
    verdicts[junk] = VerdictCode.EXCLUDE
    learner.update(verdicts)
    after = learner.errors_left()
    assert abs(after.value - before.value) < 0.2 * before.value
    np.testing.assert_allclose(learner.chance_wrong(rest), chances, atol=0.02)


def test_drawn_items_that_nobody_judged_can_be_forgotten(ranked: tuple[Ranking, np.ndarray]) -> None:
    ranking, wrong = ranked
    learner, verdicts = sampled(ranking, wrong)
    before, drawn = learner.errors_left(), set(learner.drawn().tolist())
    assert set(learner.draw_until(5)) - drawn
    judge(learner, verdicts, [item for item in learner.ranked().tolist() if item not in learner.drawn()][:1], wrong)
    waiting = [item for item in learner.drawn().tolist() if verdicts[item] == VerdictCode.NONE]
    learner.drop_waiting()
    assert waiting and set(learner.drawn().tolist()) <= drawn
    assert learner.errors_left().checked == before.checked
    assert all(made <= len(learner.drawn()) for made in learner.state().judged.values())


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.2, 0.4, "none"),
        (2, 8, "a few"),
        (0, 90, "up to some tens"),
        (120, 950, "some hundreds"),
        (64, 2_197, "some tens to some thousands"),
        (2e5, 9e5, "hundreds of thousands"),
    ],
)
def test_words_name_the_order_of_magnitude(low: float, high: float, words: str) -> None:
    assert ErrorsLeft((low + high) / 2, low, high, known=False).coarse == words


def test_where_all_is_judged_nothing_is_left(ranked: tuple[Ranking, np.ndarray]) -> None:
    ranking, wrong = ranked
    learner, verdicts = Learner(ranking), np.zeros(N, np.int8)
    judge(learner, verdicts, list(range(N)), wrong)
    left = learner.errors_left()
    assert (left.value, left.high, left.known, left.to_check) == (0, 0, True, 0)
