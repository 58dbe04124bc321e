"""Odds from probabilities alone: confusions that repeat are trusted, junk confirms nothing, and blocks give what loops give."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from badcase import rank
from badcase.probabilities import noise_matrix as noise
from badcase.probabilities.linear_head import LinearFolds
from badcase.probabilities.noise_matrix import noise_matrix
from badcase.probabilities.repeated_confusions import foretold, wrong_log_odds

Probs = NDArray[np.float32]
Labels = NDArray[np.int64]


def modelled(true: Labels, k: int, rng: np.random.Generator, sure: float = 3.0) -> Probs:
    """(n, k) of a fair model: the true class is the likeliest of most."""
    logits = rng.normal(size=(len(true), k))
    logits[np.arange(len(true)), true] += sure
    powers = np.exp(logits)
    return (powers / powers.sum(1, keepdims=True)).astype(np.float32)


def table(path: Path, *columns: str) -> list[list[str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [[row[column] for row in rows] for column in columns]


def plain(probs: Probs, labels: Labels, trust: float) -> NDArray[np.float64]:
    """Item by item, in double precision: posteriors, counts without the item, odds."""
    n, k = probs.shape
    p = probs.astype(np.float64)
    matrix = noise_matrix(probs, labels, steps=4)
    true = p * matrix[:, labels].T
    true /= true.sum(1, keepdims=True)
    odds = np.empty(n)
    for i, g in enumerate(labels):
        others = np.arange(n) != i
        written = np.array([true[others & (labels == g), j].sum() for j in range(k)])
        first = 20 * np.where(np.arange(k) == g, 0.8 + 0.2 / k, 0.2 / k)
        likely = p[i] * ((written + first) / (true[others].sum(0) + 20)) ** trust
        odds[i] = np.log((np.delete(likely, g) ** (1 + trust)).sum()) / (1 + trust) - np.log(likely[g])
    return odds


@over(st.integers(0, 10**6), st.integers(2, 6), st.sampled_from([0.0, 0.35, 0.7, 1.0]))
@settings(max_examples=25)
def test_in_blocks_it_says_what_a_loop_over_the_items_says(seed: int, k: int, trust: float) -> None:
    rng = np.random.default_rng(seed)
    true = rng.integers(0, k, 60)
    labels = np.where(rng.random(60) < 0.2, rng.integers(0, k, 60), true)
    probs = modelled(true, k, rng)
    np.testing.assert_allclose(wrong_log_odds(probs, labels, trust=trust), plain(probs, labels, trust), atol=1e-3)


def test_confusions_that_repeat_are_foretold_and_junk_under_random_labels_is_not() -> None:
    rng = np.random.default_rng(0)
    true = rng.integers(0, 10, 3000)
    probs = modelled(true, 10, rng, sure=5)
    one_way = np.where(rng.random(3000) < 0.1, (true + 1) % 10, true)
    at_random = np.where(rng.random(3000) < 0.1, rng.integers(0, 10, 3000), true)
    assert foretold(probs, one_way) > 0.6 and foretold(probs, at_random) < 0.25


def test_a_few_questions_of_no_class_do_not_confirm_themselves(shared_data: Path) -> None:
    """60 news among 1,500 questions of 77 kinds, under random labels: each class has one or none of them."""
    rng = np.random.default_rng(0)
    questions, news = (np.load(shared_data / f"{name}_features.npz")["features"] for name in ("banking77", "agnews_test"))
    kinds = np.unique(table(shared_data / "banking77.csv.gz", "label")[0], return_inverse=True)[1]
    rows = rng.choice(len(kinds), 1500, replace=False)
    x = np.concatenate([questions[rows], news[rng.choice(len(news), 60, replace=False)]]).astype(np.float32)
    labels, wrong = np.concatenate([kinds[rows], rng.integers(0, 77, 60)]), np.arange(1560) >= 1500
    x -= x.mean(0)
    x = x @ np.linalg.eigh(x.T @ x)[1][:, -24:]
    x /= np.sqrt((x**2).sum(1).mean())
    probs = LinearFolds(x, np.arange(1560) % 5, 77).probs(np.eye(77, dtype=np.float32)[labels], 30)
    own = average_precision_score(wrong, -probs[np.arange(1560), labels])
    assert average_precision_score(wrong, rank(labels, probs).suspicion) > own - 0.02


def test_what_is_written_one_way_is_found_where_self_confidence_loses_it(shared_data: Path) -> None:
    """Each title of 15 % is given the class most confused with its own; the model learnt that too."""
    columns = table(shared_data / "thucnews_zh.csv.gz", "label", "label_asym15")
    true, labels = (np.array([int(label) for label in column]) for column in columns)
    probs = np.load(shared_data / "oof_pred_probs.npz")["thucnews_zh_asym15"].astype(np.float32)
    probs /= probs.sum(1, keepdims=True)
    own = average_precision_score(labels != true, -probs[np.arange(len(labels)), labels])
    assert average_precision_score(labels != true, rank(labels, probs).suspicion) > own + 0.3


def test_of_a_sample_too_each_is_judged_without_itself_and_the_rest_by_all(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    true = rng.integers(0, 5, 4000)
    labels = np.where(rng.random(4000) < 0.2, (true + 1) % 5, true)
    probs = modelled(true, 5, rng)
    whole = wrong_log_odds(probs, labels)
    monkeypatch.setattr(noise, "_SAMPLE", 2000)
    part = wrong_log_odds(probs, labels)
    assert np.isfinite(part).all() and np.corrcoef(whole, part)[0, 1] > 0.99


def test_half_precision_zeros_and_one_item_a_class_are_finite() -> None:
    probs = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]], np.float16)
    odds = wrong_log_odds(probs.astype(np.float32), np.array([0, 1, 2, 2]))
    assert np.isfinite(odds).all() and odds.argmax() == 3
    two = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]], np.float32)
    assert wrong_log_odds(two, np.array([0, 1, 1])).argmax() == 2


def test_verified_classes_shape_the_confusions() -> None:
    """A model that takes half of a class for another seems to show that it is written so; verified items tell that it is not."""
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 4, 1200)
    probs = modelled(np.where(labels == 1, rng.integers(0, 2, 1200), labels), 4, rng, sure=4)
    verified = np.where(rng.random(1200) < 0.5, labels, -1)
    waits = (verified < 0) & (labels == 1)
    plainly, told = (wrong_log_odds(probs, labels, known, trust=1.0)[waits] for known in (None, verified))
    assert told.mean() < plainly.mean() - 0.2
