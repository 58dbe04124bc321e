"""Prints how well wrong labels of multi-label data are found, cleanlab's scores beside ours, in the same run.

python -m tests.benchmarks.multilabel. The sets are made of real features (the folder of BADCASE_DATA, or
../shared/data): an item is one to three rows of a set of single-label data, its features their mean and its labels their
classes. Missing and wrong labels are planted at several rates. cleanlab gets out-of-fold probabilities of a logistic
regression for each label; ours ranks the same probabilities, and by the features. AP: average precision of the wrong
entries of the label matrix, and of the items with at least one. Reviews: how many verdicts find 80 % of the wrong items,
in the order of the ranking and by the queue that learns (with --queue, which takes minutes).
"""

from __future__ import annotations

import csv
import gzip
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from cleanlab.multilabel_classification import get_label_quality_scores
from cleanlab.multilabel_classification.filter import find_label_issues
from cleanlab.multilabel_classification.rank import get_label_quality_scores_per_class
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score
from sklearn.model_selection import KFold

from badcase import MultilabelRanking, Queue, rank
from tests.benchmarks.ranking import DATA

Matrix = NDArray[np.bool_]
SIZES = ((1, 2, 3), (0.4, 0.4, 0.2))  # how many rows an item is made of, and how often


@dataclass(frozen=True)
class Case:
    name: str
    features: NDArray[np.float32]  # (n, d)
    given: Matrix  # (n, k)
    true: Matrix


def base_sets() -> Iterator[tuple[str, NDArray[np.float32], NDArray[np.int64]]]:
    """Real features and the true class of each row."""
    labels = np.load(DATA / "cifar10n_labels.npz")["label_true"].astype(np.int64)
    yield "cifar10n", _features("cifar10n"), labels
    for name in ("agnews_test", "thucnews_zh", "banking77"):
        with gzip.open(DATA / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
            column = [row["label"] for row in csv.DictReader(file)]
        yield name, _features(name), np.unique(column, return_inverse=True)[1].astype(np.int64)


def _features(name: str) -> NDArray[np.float32]:
    x: NDArray[np.float32] = np.load(DATA / f"{name}_features.npz")["features"].astype(np.float32)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def joined(
    features: NDArray[np.float32], labels: NDArray[np.int64], rng: np.random.Generator
) -> tuple[NDArray[np.float32], Matrix]:
    """Items made of one to three rows each, no row in two items: features (n, d) and true labels (n, k)."""
    sizes = rng.choice(SIZES[0], len(labels), p=SIZES[1])
    sizes = sizes[: np.searchsorted(sizes.cumsum(), len(labels), side="right")]
    item = np.repeat(np.arange(len(sizes)), sizes)
    rows = rng.permutation(len(labels))[: len(item)]
    mixed = np.zeros((len(sizes), features.shape[1]), np.float32)
    np.add.at(mixed, item, features[rows])
    true = np.zeros((len(sizes), labels.max() + 1), np.bool_)
    true[item, labels[rows]] = True
    return mixed / sizes[:, None].astype(np.float32), true


def noises(true: Matrix, rng: np.random.Generator) -> Iterator[tuple[str, Matrix]]:
    """The given labels under several structures of noise."""
    n, k = true.shape
    for rate in (0.05, 0.2):
        yield f"missing{100 * rate:.0f}", true & (rng.random((n, k)) > rate)
    yield "both10", (true & (rng.random((n, k)) > 0.1)) | (rng.random((n, k)) < 0.1 * true.mean())
    rates = rng.permutation(np.linspace(0, 0.5, k) ** 1.5)  # some labels are hardly ever forgotten, others often
    yield "uneven", (true & (rng.random((n, k)) > rates)) | (rng.random((n, k)) < 0.02 * true.mean())
    swapped = true & (rng.random((n, k)) < 0.12)  # one label is written for a certain other
    yield "swap12", (true & ~swapped) | np.roll(swapped, 1, axis=1)
    yield "extra10", true | (rng.random((n, k)) < 0.1 * true.mean())
    yield "missing40", true & (rng.random((n, k)) > 0.4)


def out_of_fold(features: NDArray[np.float32], given: Matrix) -> NDArray[np.float32]:
    """Probabilities (n, k) of a logistic regression for each label."""
    x = features - features.mean(0)
    x /= np.sqrt((x**2).sum(1).mean())
    probs = np.empty(given.shape, np.float32)
    for train, held in KFold(5, shuffle=True, random_state=0).split(x):
        for label in range(given.shape[1]):
            model = LogisticRegression(C=1, max_iter=100, tol=1e-3).fit(x[train], given[train, label])
            probs[held, label] = model.predict_proba(x[held])[:, 1]
    return probs


def cases() -> Iterator[Case]:
    for name, features, labels in base_sets():
        rng = np.random.default_rng(0)
        mixed, true = joined(features, labels, rng)
        for noise, given in [("clean", true), *noises(true, rng)]:
            yield Case(f"{name}_{noise}", mixed, given, true)


def theirs(case: Case, probs: NDArray[np.float32]) -> list[float]:
    """cleanlab: AP of entries, AP of items, F1 of its flagged items."""
    wrong = case.given != case.true
    lists = [np.flatnonzero(row).tolist() for row in case.given]
    entries = get_label_quality_scores_per_class(lists, probs)
    items = get_label_quality_scores(lists, probs)
    flagged = find_label_issues(lists, probs, n_jobs=1)
    return [
        average_precision_score(wrong.ravel(), 1 - entries.ravel()),
        average_precision_score(wrong.any(1), 1 - items),
        f1_score(wrong.any(1), flagged),
    ]


def ours(case: Case, ranking: MultilabelRanking) -> list[float]:
    wrong = case.given != case.true
    return [
        average_precision_score(wrong.ravel(), ranking.label_suspicion.ravel()),
        average_precision_score(wrong.any(1), ranking.suspicion),
        f1_score(wrong.any(1), ranking.flagged),
        f1_score(wrong.ravel(), ranking.label_flagged.ravel()),
    ]


def counted(ranking: MultilabelRanking) -> str:
    errors = ranking.expected_errors
    return f"{errors.value:.0f} ({errors.low:.0f} to {errors.high:.0f})"


def reviews(case: Case, ranking: MultilabelRanking) -> str:
    wrong = (case.given != case.true).any(1)
    wanted = int(np.ceil(0.8 * wrong.sum()))
    static = int(np.searchsorted(np.cumsum(wrong[ranking.order]), wanted)) + 1
    queue, found, judged = Queue(case.given, features=case.features, random_sample=False), 0, 0
    while found < wanted:
        item = int(queue.next()[0])
        queue.record(item, case.true[item])
        judged, found = judged + 1, found + int(wrong[item])
    return f"{static:6}{judged:6}"


def main() -> None:
    queue = "--queue" in sys.argv
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, numpy {np.__version__}")
    print("AP of entries, of items, F1 of flagged items (ours: and entries); expected items (90 %)")
    titles = f"{'cleanlab':20}{'ours, same probs':47}{'ours, features':47}{'cpu s':>5}"
    print(f"{'set':22}{'items':>6}  {titles}{'reviews' * queue:>11}")
    table = []
    for case in cases():
        items = int((case.given != case.true).any(1).sum())
        probs = out_of_fold(case.features, case.given)
        same = rank(case.given, probs)
        start = time.process_time()
        better = rank(case.given, features=case.features)
        seconds = time.process_time() - start
        assert isinstance(same, MultilabelRanking)
        assert isinstance(better, MultilabelRanking)
        if items == 0:
            print(f"{case.name:22}{items:6}{'':48}{counted(same):47}{counted(better):21}{seconds:5.1f}", flush=True)
            continue
        table.append([*theirs(case, probs), *ours(case, same), *ours(case, better)])
        cells = [f"{value:.3f}" for value in table[-1]]
        print(
            f"{case.name:22}{items:6}  {' '.join(cells[:3]):20}{' '.join(cells[3:7]):26}{counted(same):21}"
            f"{' '.join(cells[7:]):26}{counted(better):21}{seconds:5.1f}"
            f"{reviews(case, better) if queue else ''}",
            flush=True,
        )
    cells = [f"{value:.3f}" for value in np.mean(table, axis=0)]
    print(f"{'mean':30}{' '.join(cells[:3]):20}{' '.join(cells[3:7]):47}{' '.join(cells[7:])}")


if __name__ == "__main__":
    main()
