"""Noise of our own making over clean labels, of other rates, structures and class counts than the published sets.

At most 5,000 items each, drawn with fixed seeds. Which noise is planted never looks at what ours sees: harder items
are those that a mean of each class, over another random half of the features, tells least apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.ranking.cases import DATA, Case, cases

_MOST = 5_000

Labels = NDArray[np.int64]
Plant = Callable[["Clean", np.random.Generator], Labels]


class Clean(NamedTuple):
    features: NDArray[np.float32]
    labels: Labels


def uniform(rate: float) -> Plant:
    """Any other class."""

    def plant(clean: Clean, rng: np.random.Generator) -> Labels:
        k = int(clean.labels.max()) + 1
        hit = rng.random(len(clean.labels)) < rate
        return np.where(hit, (clean.labels + rng.integers(1, k, len(hit))) % k, clean.labels)

    return plant


def to_nearest(rate: float) -> Plant:
    """The class whose mean is nearest to that of the own."""

    def plant(clean: Clean, rng: np.random.Generator) -> Labels:
        means = class_means(clean.features, clean.labels)
        like = means @ means.T
        np.fill_diagonal(like, -np.inf)
        return np.where(rng.random(len(clean.labels)) < rate, like.argmax(1)[clean.labels], clean.labels)

    return plant


def to_next(rate: float) -> Plant:
    """The next class of the list, whether alike or not."""

    def plant(clean: Clean, rng: np.random.Generator) -> Labels:
        k = int(clean.labels.max()) + 1
        return np.where(rng.random(len(clean.labels)) < rate, (clean.labels + 1) % k, clean.labels)

    return plant


def where_hard(rate: float) -> Plant:
    """Hard items more often, to a class drawn by how like its mean they are."""

    def plant(clean: Clean, rng: np.random.Generator) -> Labels:
        half = rng.permutation(clean.features.shape[1])[: clean.features.shape[1] // 2]
        x = clean.features[:, half] - clean.features[:, half].mean(0)
        logits = 10 * x @ class_means(x, clean.labels).T / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-9)
        p = np.exp(logits - logits.max(1, keepdims=True))
        own = p[np.arange(len(x)), clean.labels] / p.sum(1)
        p[np.arange(len(x)), clean.labels] = 0
        drawn = (p.cumsum(1) / p.sum(1, keepdims=True) > rng.random((len(x), 1))).argmax(1)
        hard = 1 - own + 0.02
        return np.where(rng.random(len(x)) < rate * hard / hard.mean(), drawn, clean.labels)

    return plant


def one_way(rate: float) -> Plant:
    """Items of class 0 written as class 1, never the other way."""

    def plant(clean: Clean, rng: np.random.Generator) -> Labels:
        return np.where((clean.labels == 0) & (rng.random(len(clean.labels)) < rate), 1, clean.labels)

    return plant


def junk(left_out: int) -> Plant:
    """Items of the last classes are of no class of the list and carry any label of the others."""

    def plant(clean: Clean, rng: np.random.Generator) -> Labels:
        k = int(clean.labels.max()) + 1 - left_out
        return np.where(clean.labels >= k, rng.integers(0, k, len(clean.labels)), clean.labels)

    return plant


def class_means(features: NDArray[np.float32], labels: Labels) -> NDArray[np.float32]:
    """(k, d) directions of the class means."""
    centred = features - features.mean(0)
    means = np.stack([centred[labels == c].mean(0) for c in range(int(labels.max()) + 1)])
    return means / np.linalg.norm(means, axis=1, keepdims=True)


def _drawn(clean: Clean, rng: np.random.Generator, shares: NDArray[np.float64]) -> Clean:
    """At most so many items, and of each class its share of them; shares (k,), 0 leaves the class out."""
    kept = []
    wanted = shares / shares.sum() * _MOST
    for new, c in enumerate(np.flatnonzero(shares)):
        rows = np.flatnonzero(clean.labels == c)
        rows = rng.permutation(rows)[: int(wanted[c])]
        kept.append(np.stack([rows, np.full(len(rows), new)]))
    rows, labels = np.concatenate(kept, axis=1)
    order = np.argsort(rows, kind="stable")
    return Clean(clean.features[rows[order]], labels[order].astype(np.int64))


def _few(*classes: int, k: int = 10) -> NDArray[np.float64]:
    return np.isin(np.arange(k), classes).astype(np.float64)


# name: where the clean labels come from, the share of each class, what is planted
SUITE: dict[str, tuple[str, NDArray[np.float64], Plant]] = {
    "images_uniform05": ("cifar10n_aggre", np.ones(10), uniform(0.05)),
    "images_nearest20": ("cifar10n_aggre", np.ones(10), to_nearest(0.2)),
    "images_hard30": ("cifar10n_aggre", np.ones(10), where_hard(0.3)),
    "images_cat_dog10": ("cifar10n_aggre", _few(3, 5), uniform(0.1)),
    "images_3_classes25": ("cifar10n_aggre", _few(0, 1, 8), uniform(0.25)),
    "images_unbalanced10": ("cifar10n_aggre", 0.6 ** np.arange(10), uniform(0.1)),
    "news_uniform40": ("agnews_test_sym10", np.ones(4), uniform(0.4)),
    "news_next15": ("agnews_test_sym10", np.ones(4), to_next(0.15)),
    "news_one_way15": ("agnews_test_sym10", _few(2, 3, k=4), one_way(0.15)),
    "titles_uniform01": ("thucnews_zh_sym10", np.ones(10), uniform(0.01)),
    "titles_next25": ("thucnews_zh_sym10", np.ones(10), to_next(0.25)),
    "titles_junk": ("thucnews_zh_sym10", np.r_[np.ones(8), 0.3, 0.3], junk(2)),
    "bank_nearest10": ("banking77_sym10", np.ones(77), to_nearest(0.1)),
    "bank_hard15": ("banking77_sym10", np.ones(77), where_hard(0.15)),
}


def own() -> Iterator[Case]:
    """The sets of the suite, and one on which each image carries the word of one person."""
    sources = {case.name: Clean(case.features, case.true) for case in cases()}
    for seed, (name, (source, shares, plant)) in enumerate(SUITE.items()):
        rng = np.random.default_rng(seed)
        clean = _drawn(sources[source], rng, shares)
        given = plant(clean, rng)
        yield Case(name, clean.features, given, given != clean.labels, clean.labels)
    yield _one_person()


def _one_person() -> Case:
    stored, rng = np.load(DATA / "cifar10_test_labels.npz"), np.random.default_rng(len(SUITE))
    rows = np.sort(rng.choice(len(stored["label"]), _MOST, replace=False))
    true, counts = stored["label"][rows].astype(np.int64), stored["human_counts"][rows].astype(np.float64)
    said = (counts.cumsum(1) / counts.sum(1, keepdims=True) > rng.random((len(rows), 1))).argmax(1)
    features = np.load(DATA / "cifar10_test_features.npz")["features"][rows].astype(np.float32)
    return Case("images_one_person", features, said, said != true, true)
