"""Items with any number of labels are ranked by `badcase.rank` as others are, and each label says its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import badcase
from badcase import BadcaseError, MultilabelRanking
from badcase.ranking.multilabel.noise_rates import noise_rates
from tests.badcase.ranking.multilabel.planted import Planted, planted


def ranked(data: Planted, evidence: str, **more: object) -> MultilabelRanking:
    arrays = {"probs": data.probs, "features": data.features}
    used = {name: arrays[name] for name in evidence.split("+")}
    ranking = badcase.rank(data.given, **used, **more)  # type: ignore[arg-type]
    assert isinstance(ranking, MultilabelRanking)
    return ranking


@pytest.mark.parametrize("evidence", ["probs", "features", "probs+features"])
def test_planted_errors_surface_first_and_the_suggestion_is_the_true_row(evidence: str) -> None:
    data = planted()
    ranking = ranked(data, evidence)
    first = ranking.order[:40]
    assert (first < 40).mean() >= 0.9
    assert (ranking.suggested[:40] == data.true[:40]).all(1).mean() >= 0.85
    wrong = data.given != data.true
    entries = np.argsort(-ranking.label_suspicion, axis=None)[:40]
    assert wrong.ravel()[entries].mean() >= 0.9
    assert ranking.expected_errors.low <= 40 <= ranking.expected_errors.high


@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 60), k=st.integers(2, 8), seed=st.integers(0, 10**6))
def test_the_contract_of_a_ranking_holds_for_any_labels_and_probabilities(n: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels, probs = rng.random((n, k)) < 0.3, rng.random((n, k)) ** 3
    ranking = badcase.rank(labels, probs)
    assert isinstance(ranking, MultilabelRanking)
    assert sorted(ranking.order) == list(range(n))
    assert (np.diff(ranking.suspicion[ranking.order]) <= 0).all()
    for suspicion in (ranking.suspicion, ranking.label_suspicion):
        assert ((suspicion > 0) & (suspicion < 1)).all()
    assert (ranking.suspicion >= ranking.label_suspicion.max(1) - 1e-6).all()
    np.testing.assert_array_equal(ranking.label_flagged.any(1), ranking.flagged)
    assert (ranking.suggested[ranking.label_flagged] != labels[ranking.label_flagged]).all()
    masks = ranking.reason_masks()
    for item in range(n):
        told = {reason.scorer for reason in ranking.reasons(item)}
        assert told == {name for name, mask in masks.items() if mask[item]}
        assert told or not ranking.flagged[item]


def test_reasons_name_the_label_that_is_missing_or_wrong_and_the_masks_agree() -> None:
    data, names = planted(), ["beach", "city", "dog", "night", "snow"]
    ranking = ranked(data, "features", class_names=names)
    missing, extra = (int(np.flatnonzero(data.given[item] != data.true[item])[0]) for item in (0, 30))
    texts = [reason.text for reason in ranking.reasons(0)]
    assert any(text.startswith(f"Likely missing: {names[missing]}; the model gives it 0.") for text in texts)
    assert f"10 of 10 neighbours have {names[missing]}" in texts
    texts = [reason.text for reason in ranking.reasons(30)]
    assert any(text.startswith(f"Likely wrong: {names[extra]}; the model gives it 0.") for text in texts)
    masks = ranking.reason_masks()
    assert masks["neighbours"].any()
    for item in range(400):
        assert {reason.scorer for reason in ranking.reasons(item)} == {name for name, mask in masks.items() if mask[item]}
        assert {name for name, mask in ranking.reason_masks(item).items() if mask[0]} == {
            name for name, mask in masks.items() if mask[item]
        }


def test_labels_are_forgotten_more_often_than_invented_where_they_are() -> None:
    data = planted(2000, missing=400, extra=20)
    rates = noise_rates(data.probs, data.given)
    assert rates.missing.mean() == pytest.approx(400 / data.true.sum(), rel=0.4)
    assert rates.extra.mean() < rates.missing.mean() / 5


@pytest.mark.parametrize(("missing", "extra", "swapped"), [(0.2, 0, 0), (0, 0.05, 0), (0.1, 0.03, 0), (0.02, 0, 0.15)])
def test_the_rates_of_the_noise_are_found_whatever_its_structure(missing: float, extra: float, swapped: float) -> None:
    rng = np.random.default_rng(5)
    n, k = 6000, 6
    true = rng.random((n, k)) < 0.25
    unsure = 0.5 + (true - 0.5) * rng.uniform(0, 1, (n, k)) ** 0.2  # most are told surely, some not at all
    moved = true & (rng.random((n, k)) < swapped)  # the next label is given in its place
    lost, invented = rng.random((n, k)) < missing, rng.random((n, k)) < extra
    given = (true & ~moved & ~lost) | np.roll(moved, 1, axis=1) | invented
    probs = np.clip(unsure, 0.02, 0.98)
    if swapped:  # what takes the place of a label resembles it, so that no lowest probability shows it
        probs = np.where(np.roll(true, 1, axis=1) & ~true, np.maximum(probs, 0.3), probs)
    rates = noise_rates(probs, given)
    assert rates.missing.mean() == pytest.approx((true & ~given).sum() / true.sum(), abs=0.03)
    assert rates.extra.mean() == pytest.approx((~true & given).sum() / (~true).sum(), abs=0.012)


def test_a_label_that_is_forgotten_more_often_than_the_others_is_told_from_them() -> None:
    rng = np.random.default_rng(6)
    true = rng.random((8000, 5)) < 0.3
    given = true & (rng.random(true.shape) > [0.02, 0.02, 0.02, 0.02, 0.5])
    alike = true & (rng.random(true.shape) > 0.1)
    probs = np.where(true, 0.95, 0.05) + rng.uniform(-0.04, 0.04, true.shape)
    rates = noise_rates(probs, given).missing
    assert rates[4] > 0.3 and rates[:4].max() < 0.06
    assert np.ptp(noise_rates(probs, alike).missing) < 0.05, "and where all are alike chance makes no difference"


def test_twins_cannot_vouch_for_each_other() -> None:
    """Twelve copies all lack the same label: were one evidence for the others, none would look wrong."""
    data = planted(missing=8, extra=0)
    features = np.concatenate([np.tile(data.features[:8], (12, 1)), data.features[8:]])
    labels = np.concatenate([np.tile(data.given[:8], (12, 1)), data.given[8:]])
    assert (badcase.rank(labels, features=features).order[:96] < 96).mean() >= 0.9


def test_the_same_input_gives_the_same_queue_and_bits_and_numbers_mean_the_same() -> None:
    data = planted()
    first = badcase.rank(data.given, features=data.features)
    second = badcase.rank(data.given.astype(np.int64).tolist(), features=data.features)
    np.testing.assert_array_equal(first.order, second.order)
    np.testing.assert_array_equal(first.suspicion, second.suspicion)


def test_a_label_that_one_item_alone_has_is_not_called_wrong_for_it() -> None:
    data = planted()
    labels = np.concatenate([data.given, np.zeros((400, 1), np.bool_)], axis=1)
    labels[77, 5] = True
    ranking = badcase.rank(labels, features=data.features)
    assert isinstance(ranking, MultilabelRanking)
    assert not ranking.label_flagged[77, 5]


def test_what_a_person_found_teaches_the_classifiers() -> None:
    """Of a label that was forgotten nearly everywhere, verified rows bring the others to light."""
    data = planted(600, missing=0, extra=0)
    forgotten = np.flatnonzero(data.true[:, 0])[:-12]
    labels = data.true.copy()
    labels[forgotten, 0] = False
    verified = np.full(labels.shape, -1)
    verified[forgotten[:60]] = data.true[forgotten[:60]]
    before, after = (badcase.rank(labels, features=data.features, verified=known) for known in (None, verified))
    others = (ranking.order[~np.isin(ranking.order, forgotten[:60])] for ranking in (before, after))
    share_before, share_after = (np.isin(order[:100], forgotten[60:]).mean() for order in others)
    assert share_after > share_before + 0.2
    with pytest.raises(BadcaseError, match="verified: wrong shape"):
        badcase.rank(labels, features=data.features, verified=verified[:, 0])


def test_over_all_items_those_outside_have_no_suspicion_and_keep_their_labels() -> None:
    data = planted()
    ranking = ranked(data, "features")
    everyone = np.concatenate([np.zeros((100, 5), np.bool_), data.given])
    wide = ranking.over(np.arange(100, 500), everyone)
    np.testing.assert_array_equal(wide.order, ranking.order + 100)
    assert np.isnan(wide.suspicion[:100]).all()
    assert wide.reasons(5) == []
    assert wide.reasons(130) == ranking.reasons(30)
    np.testing.assert_array_equal(wide.suggested[:100], everyone[:100])


@pytest.mark.parametrize(
    ("labels", "probs", "words"),
    [
        (np.array([[0, 1], [2, 0]]), [[0.5, 0.5]] * 2, r"labels, row 1: not a matrix of labels .*0 or 1.*got 2"),
        ([[0, 1], [2, 0]], [[0.5, 0.5]] * 2, r"labels, row 1: label out of range .*0 to 1, got 2"),
        ([["a", "b"]], [[0.5, 0.3, 0.2]], "labels: the number of label names differs"),
        ([[0], [1]], [[0.5], [0.5]], "labels: wrong shape .*2 columns or more"),
        ([[0, 1]], [[0.5, 0.5]] * 2, r"probs: wrong shape .*expected \(1, 2\), got \(2, 2\)"),
        ([[0, 1], [1, 0]], [[0.5, 0.5], [0.5, 1.5]], "probs, row 1: not a probability .*got 1.5"),
        ([[0, 1], [1, 0]], [[0.5, 0.5], [0.5, np.nan]], "probs, row 1: not a finite number"),
    ],
)
def test_bad_arrays_are_refused_by_name_and_row(labels: object, probs: object, words: str) -> None:
    with pytest.raises(BadcaseError, match=words):
        badcase.rank(labels, probs)  # type: ignore[arg-type]


def test_features_need_a_few_items_that_differ_in_their_labels() -> None:
    with pytest.raises(BadcaseError, match="too few items"):
        badcase.rank(np.eye(3, dtype=int), features=np.eye(3))
    with pytest.raises(BadcaseError, match="all items have the same labels") as refused:
        badcase.rank(np.ones((9, 2), int), features=np.eye(9))
    assert "Add items of another class" in refused.value.hint


def test_lists_of_class_ids_become_the_matrix() -> None:
    np.testing.assert_array_equal(badcase.label_matrix([[0, 2], [], [1]], 3), [[1, 0, 1], [0, 0, 0], [0, 1, 0]])
    with pytest.raises(BadcaseError, match=r"labels, row 1: label out of range .*0 to 2, got 3"):
        badcase.label_matrix([[0], [3]], 3)
