"""The noise matrix finds what is written for what, and is trusted where it is concentrated."""

from __future__ import annotations

import numpy as np
import pytest

from badcase.probabilities.noise_matrix import cleaned, levelled, noise_matrix, systematic


def noisy(one_for_one: bool, n: int = 6_000, k: int = 6, rate: float = 0.25) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities of a model that knows the true class well, labels of which a share is wrong, the true classes."""
    rng = np.random.default_rng(0)
    true = rng.integers(0, k, n)
    wrong = rng.random(n) < rate
    shift = 1 if one_for_one else rng.integers(1, k, n)
    labels = np.where(wrong, (true + shift) % k, true)
    # A model that learnt from such labels believes a little in what is written for a class.
    written = np.eye(k)[(true + 1) % k] if one_for_one else np.full((n, k), 1 / k)
    probs = (0.9 * np.eye(k)[true] + 0.1 * written) * rng.gamma(6, size=(n, k)) + 0.005
    return (probs / probs.sum(1, keepdims=True)).astype(np.float32), labels, true


def test_it_finds_the_class_that_is_written_for_another() -> None:
    probs, labels, _true = noisy(one_for_one=True)
    matrix = noise_matrix(probs, labels)
    np.testing.assert_allclose(matrix.sum(1), 1)
    off = matrix * (1 - np.eye(6))
    assert (off.argmax(1) == (np.arange(6) + 1) % 6).all()
    assert matrix.diagonal().mean() == pytest.approx(0.75, abs=0.1)


def test_noise_is_systematic_only_where_the_confusions_are_concentrated() -> None:
    probs, labels, _true = noisy(one_for_one=True)
    assert systematic(probs, labels) > 0.9
    probs, labels, _true = noisy(one_for_one=False)
    assert systematic(probs, labels) < 0.1


@pytest.mark.parametrize("one_for_one", [True, False])
def test_beliefs_after_cleaning_are_nearer_the_truth_than_the_labels(one_for_one: bool) -> None:
    probs, labels, true = noisy(one_for_one)
    assert (cleaned(probs, labels).argmax(1) == true).mean() > (labels == true).mean() + 0.15


def hard_class(k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, log odds in which class 0 is two higher as a whole, and probabilities that contradict no class in order."""
    labels = np.repeat(np.arange(k), 300)
    rng = np.random.default_rng(0)
    odds = rng.normal(-3, 1, len(labels)) + 2.0 * (labels == 0)
    probs = rng.dirichlet(np.full(k, 0.3), len(labels)) + np.eye(k)[labels]
    return labels, odds, (probs / 2).astype(np.float32)


def test_a_class_that_is_doubtful_as_a_whole_is_less_suspect_and_keeps_its_order() -> None:
    labels, odds, probs = hard_class(6)
    level = levelled(odds, probs, labels)
    first, others = labels == 0, labels != 0
    before = np.median(odds[first]) - np.median(odds[others])
    assert 0.6 * before < np.median(level[first]) - np.median(level[others]) < 0.95 * before
    assert (np.argsort(level[first]) == np.argsort(odds[first])).all()


def test_of_two_classes_or_where_one_is_written_for_another_none_is_less_suspect() -> None:
    labels, odds, probs = hard_class(2)
    assert (levelled(odds, probs, labels) == odds).all()
    labels, odds, _ = hard_class(6)
    swapped = np.where(np.arange(len(labels)) % 4 == 0, (labels + 1) % 6, labels)  # what the probabilities say
    sure = (0.9 * np.eye(6)[swapped] + 0.1 / 6).astype(np.float32)
    assert np.allclose(levelled(odds, sure, labels), odds)
