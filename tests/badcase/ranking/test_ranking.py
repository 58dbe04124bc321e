"""What a ranking says: reasons in words, a place for each item, and more from two kinds of evidence than from one."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from badcase import BadcaseError, rank


def average_precision(suspicion: np.ndarray, wrong: np.ndarray) -> float:
    hits = wrong[np.argsort(-suspicion, kind="stable")]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())


def blobs(n: int = 300, wrong: int = 20) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, n)
    features = np.eye(5)[labels] * 5 + rng.normal(size=(n, 5))
    labels[:wrong] = (labels[:wrong] + 1) % 3
    return features, labels


def test_reasons_name_the_classes_and_the_masks_agree_with_them() -> None:
    features, labels = blobs()
    names = ["cat", "dog", "fox"]
    ranking = rank(labels, features=features, class_names=names)
    first = int(ranking.order[0])
    meant = names[ranking.suggested[first]]
    texts = [reason.text for reason in ranking.reasons(first)]
    assert f"10 of 10 neighbours are {meant}" in texts
    assert any(text.startswith(f"The model says {meant}, 0.") for text in texts)
    masks = ranking.reason_masks()
    for item in range(300):
        told = {reason.scorer for reason in ranking.reasons(item)}
        assert told == {name for name, mask in masks.items() if mask[item]}


def test_over_all_items_those_outside_have_no_suspicion_and_keep_their_label() -> None:
    features, labels = blobs()
    part = np.arange(100, 400)
    everyone = np.concatenate([np.full(100, 2), labels]).astype(np.int32)
    ranking = rank(labels, features=features)
    wide = ranking.over(part, everyone)
    np.testing.assert_array_equal(wide.order, ranking.order + 100)
    np.testing.assert_array_equal(wide.suspicion[100:], ranking.suspicion)
    assert np.isnan(wide.suspicion[:100]).all()
    assert (wide.suggested[:100] == 2).all()
    assert wide.reasons(5) == []
    assert wide.reasons(int(wide.order[0])) == ranking.reasons(int(ranking.order[0]))


def test_probs_and_features_together_follow_the_one_that_knows_more() -> None:
    features, labels = blobs()
    wrong = np.arange(300) < 20
    rng = np.random.default_rng(1)
    useless = rng.dirichlet([1, 1, 1], 300)
    both, alone = rank(labels, useless, features=features), rank(labels, features=features)
    assert average_precision(both.suspicion, wrong) >= average_precision(alone.suspicion, wrong) - 0.02
    clear = np.where(np.arange(3) == np.where(wrong, (labels - 1) % 3, labels)[:, None], 0.98, 0.01)
    noise = rng.normal(size=(300, 5))
    assert average_precision(rank(labels, clear, features=noise).suspicion, wrong) > 0.95


def test_nothing_to_rank_by_and_names_that_do_not_fit_are_refused() -> None:
    with pytest.raises(BadcaseError, match="nothing to rank by"):
        rank([0, 1])
    with pytest.raises(BadcaseError, match=r"probs: wrong number of columns .*expected 3, got 2"):
        rank([0, 1], [[0.5, 0.5]] * 2, class_names=["a", "b", "c"])


@pytest.mark.parametrize(("column", "least"), [("label_asym15", 0.85), ("label_sym10", 0.83)])
def test_on_chinese_titles_it_beats_self_confidence_under_uneven_noise_and_keeps_up_under_even(
    shared_data: Path, column: str, least: float
) -> None:
    """Self-confidence of a logistic regression reaches an average precision of .53 and .88 there."""
    features = np.load(shared_data / "thucnews_zh_features.npz")["features"][::2]
    with gzip.open(shared_data / "thucnews_zh.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[::2]
    names = sorted({row["label"] for row in rows})
    given = np.array([names.index(row[column]) for row in rows])
    wrong = np.array([row[column] != row["label"] for row in rows])
    ranking = rank(given, features=features)
    assert average_precision(ranking.suspicion, wrong) > least
    assert ranking.expected_errors.low <= wrong.sum() <= ranking.expected_errors.high


def test_published_probabilities_rank_about_as_well_as_the_better_single_score(shared_data: Path) -> None:
    data = np.load(shared_data / "cifar10n_pred_probs.npz")
    wrong = data["y_aggre"] != data["y_true"]
    for model, single in (("swin", 0.978), ("resnet18", 0.872)):
        ranking = rank(data["y_aggre"], data[f"pred_aggre_{model}"])
        assert average_precision(ranking.suspicion, wrong) > single - 0.01
