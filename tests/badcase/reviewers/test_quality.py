"""Several reviewers: the consensus beats a vote, qualities follow who is right, and little evidence promises little."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import badcase
from badcase.errors import BadcaseError
from badcase.reviewers.kappa import agreement, kappa
from badcase.reviewers.quality import consensus, disagreements, for_second

QUALITY = np.array([0.95, 0.85, 0.7, 0.55, 0.4])


def simulate(seed: int, n: int = 1500, k: int = 5, share: float = 0.5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth, answers of five reviewers who each judge a share and mostly err towards one class, probabilities of a model
    that is right in about 80 %."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    answers = np.full((n, len(QUALITY)), -1)
    for j, quality in enumerate(QUALITY):
        rows = np.flatnonzero(rng.random(n) < share)
        wrong = np.where(rng.random(len(rows)) < 0.7, (truth[rows] + 1 + j % 3) % k, rng.integers(0, k, len(rows)))
        answers[rows, j] = np.where(rng.random(len(rows)) < quality, truth[rows], wrong)
    logits = rng.normal(0, 1, (n, k)) + 2.2 * np.eye(k)[truth]
    probs = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return truth, answers, probs


def majority(answers: np.ndarray, k: int) -> np.ndarray:
    votes = np.stack([(answers == c).sum(1) for c in range(k)], 1)
    return (votes + np.random.default_rng(0).random(votes.shape) * 0.1).argmax(1)


def right(label: np.ndarray, truth: np.ndarray, answers: np.ndarray) -> float:
    judged = (answers >= 0).any(1)
    return float((label == truth)[judged].mean())


@pytest.mark.parametrize("with_model", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_the_consensus_beats_a_vote_and_qualities_are_in_order(seed: int, with_model: bool) -> None:
    truth, answers, probs = simulate(seed)
    made = consensus(answers, probs if with_model else None)
    assert right(made.label, truth, answers) > right(majority(answers, 5), truth, answers) + 0.03
    assert np.argsort(-made.quality).tolist() == [0, 1, 2, 3, 4]
    if with_model:
        assert right(made.label, truth, answers) > right(probs.argmax(1), truth, answers)


@pytest.mark.parametrize("with_model", [True, False])
def test_one_who_is_right_outweighs_two_who_guess(with_model: bool) -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, 400)
    guesses = rng.integers(0, 4, (400, 2))
    answers = np.column_stack([truth, truth, guesses])
    answers[:40, 1] = -1  # here one knows, and two guess another class alike
    answers[:40, 2:] = (truth[:40, None] + 1) % 4
    made = consensus(answers, np.full((400, 4), 0.25) if with_model else None)
    assert (made.label[:40] == truth[:40]).mean() > 0.9


def test_a_sure_consensus_is_right_more_often() -> None:
    truth, answers, probs = simulate(4)
    made = consensus(answers, probs)
    judged = np.flatnonzero(made.label >= 0)
    order = judged[np.argsort(made.confidence[judged])]
    third = len(order) // 3
    assert (made.label == truth)[order[-third:]].mean() > (made.label == truth)[order[:third]].mean() + 0.1


@pytest.mark.parametrize("reviewers", [2, 5, 20])
def test_on_real_human_votes_the_consensus_beats_a_vote(shared_data: Path, reviewers: int, record_property: object) -> None:
    """CIFAR-10H has no reviewers' names: each here answers as people did, at times with a confusion of their own."""
    kept = np.load(shared_data / "cifar10_test_labels.npz")
    truth, votes = kept["label"].astype(np.int64), kept["human_counts"].astype(float)
    probs = np.load(shared_data / "oof_pred_probs.npz")["cifar10_test_label"].astype(np.float64)
    probs /= probs.sum(1, keepdims=True)
    rng = np.random.default_rng(reviewers)
    answers, share_right = np.full((len(truth), reviewers), -1), np.zeros(reviewers)
    for j, skill in enumerate(np.linspace(0.5, 0.97, reviewers)):
        rows = rng.choice(len(truth), min(len(truth), 24_000 // reviewers), replace=False)
        habit = np.eye(10)[rng.permutation(10)[truth[rows]]]
        chance = skill * votes[rows] / votes[rows].sum(1, keepdims=True) + (1 - skill) * (0.6 * habit + 0.04)
        answers[rows, j] = (chance.cumsum(1) > rng.random(len(rows))[:, None] * chance.sum(1)[:, None]).argmax(1)
        share_right[j] = (answers[rows, j] == truth[rows]).mean()
    vote = right(majority(answers, 10), truth, answers)
    crowd, people = consensus(answers, probs), consensus(answers)
    with_model, alone = right(crowd.label, truth, answers), right(people.label, truth, answers)
    record_property("figure", f"{reviewers} reviewers: vote {vote:.3f}, alone {alone:.3f}, with model {with_model:.3f}")  # type: ignore[operator]
    assert with_model > vote + 0.05
    assert alone > vote + (0.05 if reviewers > 2 else -0.01), "of two alone nobody can tell who errs"
    assert np.corrcoef(crowd.quality, share_right)[0, 1] > 0.9


# --- little or strange evidence ------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(1, 4), st.integers(2, 4), st.floats(0, 1), st.booleans(), st.integers(0, 1000))
def test_any_answers_give_a_consensus_exactly_where_somebody_answered_and_it_is_an_answer_that_was_given(
    n: int, m: int, k: int, share: float, with_model: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    answers = np.where(rng.random((n, m)) < share, rng.integers(0, k, (n, m)), -1)
    made = consensus(answers, rng.dirichlet(np.ones(k), n) if with_model else None)
    judged = (answers >= 0).any(1)
    np.testing.assert_array_equal(made.label >= 0, judged)
    assert (answers == made.label[:, None])[judged].any(1).all(), "however sure the model is of another class"
    np.testing.assert_array_equal(np.isfinite(made.confidence), judged)
    assert ((made.confidence[judged] > 0) & (made.confidence[judged] <= 1 + 1e-9)).all()
    shared = (answers >= 0)[(answers >= 0).sum(1) > 1].any(0) if n else np.zeros(m, bool)
    np.testing.assert_array_equal(np.isfinite(made.quality), shared)
    assert ((made.quality[shared] >= 0) & (made.quality[shared] <= 1)).all()


@settings(max_examples=30, deadline=None)
@given(st.booleans(), st.integers(0, 1000))
def test_what_the_classes_and_reviewers_are_called_decides_nothing(with_model: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    _truth, answers, probs = simulate(seed, n=60)
    classes, people = rng.permutation(5), rng.permutation(5)
    renamed = np.where(answers >= 0, classes[answers], -1)[:, people]
    moved = np.empty_like(probs)
    moved[:, classes] = probs
    one, other = consensus(answers, probs if with_model else None), consensus(renamed, moved if with_model else None)
    sure = one.confidence > np.nanmin(one.confidence) + 1e-6 if with_model else one.confidence > 0.501  # no ties
    np.testing.assert_array_equal(classes[one.label[sure]], other.label[sure])
    np.testing.assert_allclose(one.confidence, other.confidence, atol=1e-6)
    np.testing.assert_allclose(one.quality[people], other.quality, atol=1e-6)


def test_one_reviewer_alone_has_no_quality_and_no_agreement() -> None:
    made = consensus(np.array([[0], [1], [-1]]))
    assert made.label.tolist() == [0, 1, -1]
    assert np.isnan(made.quality).all() and made.agreement.items == 0 and made.agreement.pairs == ()
    assert np.isnan(made.agreement.alpha)


def test_of_two_alone_nobody_can_tell_who_is_better_and_a_model_can() -> None:
    _truth, answers, probs = simulate(0, share=1.0)
    two = answers[:, [0, 4]]
    alone, asked = consensus(two).quality, consensus(two, probs).quality
    assert alone[0] == alone[1] and asked[0] > asked[1] + 0.2


def test_a_model_speaks_where_the_only_reviewer_is_unlikely() -> None:
    probs = np.array([[0.98, 0.01, 0.01], [0.5, 0.25, 0.25]])
    made = consensus(np.array([[1], [1]]), probs)
    assert made.belief[0, 0] < made.belief[1, 0]


@pytest.mark.parametrize("with_model", [True, False])
def test_few_shared_items_promise_little(with_model: bool) -> None:
    def quality(n: int) -> float:
        answers = np.tile(np.arange(n)[:, None] % 2, (1, 3))
        return float(consensus(answers, np.eye(2)[answers[:, 0]] if with_model else None).quality[0])

    assert quality(2) < 0.9 < quality(200)


def test_where_all_agree_they_are_good_and_sure() -> None:
    for probs in (None, np.full((40, 3), 1 / 3)):
        made = consensus(np.tile(np.arange(40)[:, None] % 3, (1, 3)), probs)
        assert made.label.tolist() == [i % 3 for i in range(40)]
        assert (made.quality > 0.75).all() and made.agreement.alpha == 1
    same = consensus(np.zeros((10, 2), np.int64))
    assert (same.label == 0).all() and np.isnan(same.agreement.alpha), "one class only: chance explains all"


@pytest.mark.parametrize(
    ("labels", "probs", "said"),
    [
        (np.zeros(3, int), None, "n items, m reviewers"),
        (np.zeros((0, 2), int), None, "n items, m reviewers"),
        (np.zeros((2, 2)), None, "whole numbers"),
        (np.array([[0, -2]]), None, "row 0"),
        (np.array([[0, 1], [0, 2]]), np.full((2, 2), 0.5), "row 1"),
        (np.zeros((2, 2), int), np.full((3, 2), 0.5), "wrong length"),
    ],
)
def test_bad_input_is_named(labels: np.ndarray, probs: np.ndarray | None, said: str) -> None:
    with pytest.raises(BadcaseError) as refusal:
        badcase.reviewers.consensus(labels, probs)
    assert said in str(refusal.value)


# --- agreement, and what to do with it -----------------------------------------------------------------------------


def test_agreement_has_the_values_of_the_textbooks() -> None:
    # 20 yes and yes, 5 yes and no, 10 no and yes, 15 no and no: kappa .4.
    one = np.repeat([0, 0, 1, 1], [20, 5, 10, 15])
    other = np.repeat([0, 1, 0, 1], [20, 5, 10, 15])
    assert kappa(one, other) == pytest.approx(0.4)
    # Krippendorff's example of four observers and twelve units: alpha for named classes .743.
    none = -1
    units = np.array(
        [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, none, none, none],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, none, 3],
            [none, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, none],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, none],
        ]
    ).T
    made = agreement(units)
    assert made.alpha == pytest.approx(0.743, abs=5e-4)
    assert made.items == 11 and len(made.pairs) == 6 and made.pairs[0].items == 9


def test_disagreements_come_with_the_least_sure_first_and_seconds_where_one_has_looked() -> None:
    answers = np.array([[0, 0], [0, 1], [1, 0], [2, -1], [-1, 1], [-1, -1], [-1, -1]])
    assert disagreements(answers, np.array([0.9, 0.6, 0.4, 0.7, 0.3, np.nan, np.nan])).tolist() == [2, 1]
    seen = answers >= 0
    belief = np.where(seen, 0.5, np.nan)
    belief[3, 0] = 0.6
    seen[5, 0] = True  # looked at, unsure
    assert for_second(seen, belief).tolist() == [5, 4, 3]
