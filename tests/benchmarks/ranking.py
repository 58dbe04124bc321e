"""Prints how well wrong labels are found, cleanlab's scores beside ours: python -m tests.benchmarks.ranking.

Twelve sets of real features with known wrong labels (the folder of BADCASE_DATA, or ../shared/data). Ours ranks by the
features; cleanlab's scores get the published out-of-fold probabilities of a logistic regression on the same features, or
where there are none the same made here. AP: average precision of the wrong labels; F1: of the automatic flags.
"""

from __future__ import annotations

import csv
import gzip
import os
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from badcase import rank

DATA = Path(os.environ.get("BADCASE_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
TEXTS = {
    "noisyag_human": ("label_human",),
    "agnews_test": ("label_sym10", "label_idn20"),
    "thucnews_zh": ("label_sym10", "label_asym15", "label_idn20"),
    "banking77": ("label_sym10", "label_asym15", "label_idn20"),
}
CLEANLAB = ("self_confidence", "normalized_margin", "confidence_weighted_entropy")


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
    """The probabilities that cleanlab gets."""
    published = np.load(DATA / "oof_pred_probs.npz")
    if case.name in published:
        probs = published[case.name].astype(np.float32)
    else:
        x = case.features - case.features.mean(0)
        x /= np.sqrt((x**2).sum(1).mean())
        folds = StratifiedKFold(5, shuffle=True, random_state=0)
        model = LogisticRegression(C=1, max_iter=200)
        probs = cross_val_predict(model, x, case.labels, cv=folds, method="predict_proba").astype(np.float32)
    return probs / probs.sum(1, keepdims=True)


def main() -> None:
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, numpy {np.__version__}")
    print(f"{'set':22}{'wrong':>6}{'AP':>7}{'AUROC':>7}{'F1':>6}{'expected (90 %)':>21}{'cpu s':>7}   cleanlab: SC, NM, CWE; F1")
    table = []
    for case in cases():
        start = time.process_time()
        ours = rank(case.labels, features=case.features)
        seconds = time.process_time() - start
        ap = average_precision_score(case.wrong, ours.suspicion)
        probs = out_of_fold(case)
        theirs = [
            average_precision_score(case.wrong, 1 - get_label_quality_scores(case.labels, probs, method=method))
            for method in CLEANLAB
        ]
        found = find_label_issues(case.labels, probs, n_jobs=1)
        table.append([ap, f1_score(case.wrong, ours.flagged), *theirs, f1_score(case.wrong, found)])
        errors = ours.expected_errors
        count = f"{errors.value:.0f} ({errors.low:.0f} to {errors.high:.0f})"
        print(
            f"{case.name:22}{case.wrong.sum():6}{ap:7.3f}{roc_auc_score(case.wrong, ours.suspicion):7.3f}{table[-1][1]:6.2f}"
            f"{count:>21}{seconds:7.1f}   {'  '.join(f'{value:.3f}' for value in theirs)}  {table[-1][-1]:.2f}",
            flush=True,
        )
    mean = np.mean(table, axis=0)
    theirs = "  ".join(f"{value:.3f}" for value in mean[2:5])
    print(f"{'mean':22}{'':6}{mean[0]:7.3f}{'':7}{mean[1]:6.2f}{'':28}   {theirs}  {mean[5]:.2f}")


if __name__ == "__main__":
    main()
