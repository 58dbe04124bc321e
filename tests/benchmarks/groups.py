"""What slices, clusters and the consensus of reviewers find, and how fast: `make benchmark-groups`.

Prints how many planted slices are found and how many of the found ones are chance, seconds at 100,000 items and 20
columns, and the share of right labels of a vote, of Dawid and Skene, and of CROWDLAB, over reviewers who answer as people
did on CIFAR-10 (CIFAR-10H keeps no reviewers' names: they are drawn, each with a skill and a confusion of their own).
"""

from __future__ import annotations

import os
import platform
import time

import numpy as np

from badcase.groups.clusters import clusters
from badcase.groups.columns import ItemColumn, named
from badcase.groups.slices import Slice, slices
from badcase.reviewers.quality import consensus
from tests import DATA

RUNS = 50


def random_columns(rng: np.random.Generator, n: int, count: int, values: int) -> list[ItemColumn]:
    names = [f"v{i}" for i in range(values)]
    return [named(f"c{j}", rng.integers(0, values, n), names) for j in range(count)]


def discoveries() -> None:
    """8 columns of 6 values, 3,000 items: nothing planted, then one corner of about 80 items at 45 % against 10 %."""
    alone, hits, chance, found = 0, 0, 0, 0
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        columns = random_columns(rng, 3000, 8, 6)
        errors = (rng.random(3000) < 0.1).astype(float)
        alone += bool(slices(columns, errors))
        corner = (columns[0].codes == 1) & (columns[1].codes == 2)
        errors[corner] = rng.random(corner.sum()) < 0.45
        made = slices(columns, errors)
        hits += any(one.conditions == (("c0", "v1"), ("c1", "v2")) for one in made)
        chance += sum(not _touches(one) for one in made)
        found += len(made)
    print(f"slices: nothing planted, something found in {alone} of {RUNS} runs")
    print(f"slices: planted corner found in {hits} of {RUNS}; of {found} slices {chance} have nothing to do with it")


def _touches(one: Slice) -> bool:
    return bool({("c0", "v1"), ("c1", "v2")} & set(one.conditions))


def speed() -> None:
    """100,000 items: 20 columns of 30 values; 8,000 suspects of 256 features."""
    rng = np.random.default_rng(0)
    columns, errors = random_columns(rng, 100_000, 20, 30), rng.random(100_000) ** 4
    start = time.perf_counter()
    slices(columns, errors)
    print(f"slices: {time.perf_counter() - start:.2f} s at 100,000 items, 20 columns, 171,000 pairs of values")
    features = rng.normal(size=(100_000, 256)).astype(np.float16)
    given, suggested = rng.integers(0, 20, (2, 100_000))
    suspects = rng.choice(100_000, 8000, replace=False)
    start = time.perf_counter()
    clusters(features, given, suggested, errors, suspects, rng=rng)
    print(f"clusters: {time.perf_counter() - start:.2f} s of 8,000 suspects")


def reviewers() -> None:
    kept = np.load(DATA / "cifar10_test_labels.npz")
    truth, votes = kept["label"].astype(np.int64), kept["human_counts"].astype(np.float64)
    strong = np.load(DATA / "label_errors_cifar10.npz")["pred_probs"].astype(np.float64)
    weak = np.load(DATA / "oof_pred_probs.npz")["cifar10_test_label"].astype(np.float64)
    models = {"weak model": weak / weak.sum(1, keepdims=True), "strong model": strong / strong.sum(1, keepdims=True)}
    accuracies = ", ".join(f"{name} {(probs.argmax(1) == truth).mean():.3f}" for name, probs in models.items())
    print(f"reviewers, right labels of those judged by two or more (alone: {accuracies})")
    for count, each in ((2, 8000), (3, 6000), (5, 4000), (20, 1500), (50, 600)):
        rng = np.random.default_rng(count)
        answers, skill = draw_reviewers(rng, truth, votes, count, each)
        shared = (answers >= 0).sum(1) > 1
        voted = np.stack([(answers == c).sum(1) for c in range(10)], 1) + rng.random((len(truth), 10)) * 0.1
        alone = consensus(answers)
        columns = {"vote": voted.argmax(1), "Dawid-Skene": alone.label}
        qualities = {"Dawid-Skene": alone.quality} if count > 2 else {}  # of two it says the same
        for name, probs in models.items():
            made = consensus(answers, probs)
            columns[f"CROWDLAB, {name}"], qualities[name] = made.label, made.quality
        right = "  ".join(f"{name} {(label == truth)[shared].mean():.3f}" for name, label in columns.items())
        fit = "  ".join(f"{name} {np.corrcoef(skill, quality)[0, 1]:.2f}" for name, quality in qualities.items())
        print(f"  {count:2} x {each}: {right};  quality against truth: {fit}")


def draw_reviewers(
    rng: np.random.Generator, truth: np.ndarray, votes: np.ndarray, count: int, each: int
) -> tuple[np.ndarray, np.ndarray]:
    """answers (n, count), -1 where not judged, and the share of right answers of each."""
    answers, right = np.full((len(truth), count), -1), np.zeros(count)
    for j, skill in enumerate(np.linspace(0.5, 0.98, count)):
        rows = rng.choice(len(truth), each, replace=False)
        habit = np.eye(10)[rng.permutation(10)[truth[rows]]]
        chance = skill * votes[rows] / votes[rows].sum(1, keepdims=True) + (1 - skill) * (0.6 * habit + 0.04)
        answers[rows, j] = (chance.cumsum(1) > rng.random(each)[:, None] * chance.sum(1)[:, None]).argmax(1)
        right[j] = (answers[rows, j] == truth[rows]).mean()
    return answers, right


def main() -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, numpy {np.__version__}")
    discoveries()
    speed()
    reviewers()


if __name__ == "__main__":
    main()
