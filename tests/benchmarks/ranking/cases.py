"""Sets with known wrong labels (the folder of BADCASE_DATA, or ../shared/data)."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from tests import DATA

TEXTS = {
    "noisyag_human": ("label_human",),
    "agnews_test": ("label_sym10", "label_idn20"),
    "thucnews_zh": ("label_sym10", "label_asym15", "label_idn20"),
    "banking77": ("label_sym10", "label_asym15", "label_idn20"),
}


@dataclass(frozen=True)
class Case:
    name: str
    features: NDArray[np.float32]
    labels: NDArray[np.int64]
    wrong: NDArray[np.bool_]
    true: NDArray[np.int64]


def cases() -> Iterator[Case]:
    """The twelve sets, in the order of the methods' table."""
    labels = np.load(DATA / "cifar10n_labels.npz")
    features = np.load(DATA / "cifar10n_features.npz")["features"].astype(np.float32)
    for column in ("aggre", "random1", "worst"):
        given = labels[f"label_{column}"].astype(np.int64)
        true = labels["label_true"].astype(np.int64)
        yield Case(f"cifar10n_{column}", features, given, given != true, true)
    for name, columns in TEXTS.items():
        with gzip.open(DATA / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        features = np.load(DATA / f"{name}_features.npz")["features"].astype(np.float32)
        classes = sorted({row["label"] for row in rows}, key=lambda label: (len(label), label))
        for column in columns:
            given = np.array([classes.index(row[column]) for row in rows])
            short = "human" if column == "label_human" else column.removeprefix("label_")
            yield Case(
                name if short == "human" else f"{name}_{short}",
                features,
                given,
                np.array([row[column] != row["label"] for row in rows]),
                np.array([classes.index(row["label"]) for row in rows]),
            )


def out_of_fold(case: Case) -> NDArray[np.float32]:
    """The probabilities that the others get: the published ones, or the same of a logistic regression made here."""
    if case.name not in _MADE:
        stored = np.load(DATA / "oof_pred_probs.npz")
        _MADE[case.name] = _rows_of_one(stored[case.name] if case.name in stored else logistic(case.features, case.labels))
    return _MADE[case.name]


_MADE: dict[str, NDArray[np.float32]] = {}  # several parts of the benchmark ask for the same


def logistic(features: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Out-of-fold probabilities (n, k) of a logistic regression, made as the published ones were."""
    x = features - features.mean(0)
    x /= np.sqrt((x**2).sum(1).mean())
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    probs: NDArray[np.float64] = cross_val_predict(
        LogisticRegression(C=1, max_iter=200), x, labels, cv=folds, method="predict_proba"
    )
    return probs


@dataclass(frozen=True)
class Published:
    """Labels and somebody's probabilities for them."""

    name: str
    labels: NDArray[np.int64]
    probs: NDArray[np.float32]
    wrong: NDArray[np.bool_]


def published() -> Iterator[Published]:
    """Two strong models on two kinds of human labels, and the test set whose errors people verified."""
    stored = np.load(DATA / "cifar10n_pred_probs.npz")
    true = stored["y_true"].astype(np.int64)
    for column in ("aggre", "worst"):
        given = stored[f"y_{column}"].astype(np.int64)
        for model in ("swin", "resnet18"):
            yield Published(f"cifar10n_{column}_{model}", given, _rows_of_one(stored[f"pred_{column}_{model}"]), given != true)
    stored = np.load(DATA / "label_errors_cifar10.npz")
    wrong = np.zeros(len(stored["y"]), np.bool_)
    wrong[stored["checked_index"]] = stored["votes_given"] < 3  # of five people
    yield Published("cifar10_test_verified", stored["y"].astype(np.int64), _rows_of_one(stored["pred_probs"]), wrong)


def _rows_of_one(probs: NDArray[np.floating]) -> NDArray[np.float32]:
    return (probs / probs.sum(1, keepdims=True)).astype(np.float32)
