"""Clusters of errors of one kind: suspects that lie together, are given alike and suggested alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels

MIN_SIZE = 8
_MOST_SUSPECTS = 20_000  # the most suspect; beyond these a cluster is known by its core
_COUNTS = (2, 3, 4, 6, 8, 12, 16, 24, 32)  # how many clusters to try
# The silhouette likes few and coarse clusters; a person wants those that one rule mends. At least half as many as the
# rule of thumb sqrt(n / 2) (Mardia et al. 1979) are tried.
_FINENESS = 0.5
_DIMENSIONS = 32
# What a different given or suggested class adds to a squared distance whose mean between two suspects is 2: classes and
# content then count alike.
_CLASS_WEIGHT = 0.5
_STEPS = 30
_TRIES = 4  # from other seeds, since k-means stays where it began

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Suspects of one kind, the most typical first.

    Attributes:
        items: Their ids.
        expected: The errors to expect among them.
        cohesion: How much closer together than all suspects; 1 = in one point.
    """

    items: NDArray[np.int64]
    expected: float
    cohesion: float


def clusters(
    features: NDArray[np.floating],
    given: Labels,
    suggested: Labels,
    chance: NDArray[np.floating],
    suspects: NDArray[np.int64],
    *,
    rng: np.random.Generator,
    min_size: int = MIN_SIZE,
) -> list[Cluster]:
    """Clusters among the suspects, most expected errors first, ties by their first item.

    k-means over the principal components of the suspects beside their two classes, the number of clusters by the silhouette
    to centres. A cluster is kept where it is closer together than any of about its size that the same steps find with the
    components shuffled: what k-means cuts out of nothing is none.

    Content and classes clustered together: Domino, Eyuboglu et al. 2022, https://arxiv.org/abs/2203.14960 (a mixture
    model there). Silhouette: Rousseeuw 1987, https://doi.org/10.1016/0377-0427(87)90125-7, to centres as in Hruschka et
    al. 2004. Shuffled reference: the idea of Tibshirani et al. 2001, https://doi.org/10.1111/1467-9868.00293

    Args:
        features: (n, d).
        given: (n,) given classes.
        suggested: (n,) suggested classes.
        chance: (n,) that a label is wrong.
        suspects: Item ids.
        rng: Where the randomness comes from.
        min_size: The fewest items of a cluster.
    """
    if len(suspects) > _MOST_SUSPECTS:
        suspects = suspects[np.argsort(-chance[suspects], kind="stable")[:_MOST_SUSPECTS]]
    suspects = np.sort(suspects)
    if len(suspects) < 2 * min_size:
        return []
    content = components(np.asarray(features[suspects], np.float32))
    classes = _class_columns(given[suspects], suggested[suspects])
    shuffled = rng.permuted(content, axis=0)
    chosen = _partition(content, classes, rng, min_size)
    by_chance = _partition(shuffled, classes, rng, min_size)
    of_nothing = [(len(rows), _cohesion(shuffled[rows])) for rows in _parts(by_chance, min_size)]
    found = []
    for rows in _parts(chosen, min_size):
        cohesion = _cohesion(content[rows])
        # The smaller, the closer: a cluster is compared with those of nothing that are at least half as large.
        if cohesion > max((closest for size, closest in of_nothing if 2 * size >= len(rows)), default=0.0):
            distance = ((content[rows] - content[rows].mean(0)) ** 2).sum(1)
            items = suspects[rows[np.argsort(distance, kind="stable")]]
            found.append(Cluster(items, float(np.nansum(chance[items])), cohesion))
    return sorted(found, key=lambda one: (-one.expected, int(one.items.min())))


def components(features: Matrix, dimensions: int = _DIMENSIONS) -> Matrix:
    """Principal components of rows of unit length, their mean squared length 1."""
    unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    unit = unit - unit.mean(0)
    values, vectors = np.linalg.eigh(unit.T.astype(np.float64) @ unit)
    axes = vectors[:, ::-1][:, : min(dimensions, len(values))]
    axes = axes * np.sign(axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])])  # an axis has no sign of its own
    content = (unit @ axes).astype(np.float32)
    return content / np.sqrt(max(float((content**2).sum(1).mean()), 1e-12), dtype=np.float32)


def _class_columns(given: Labels, suggested: Labels) -> Matrix:
    columns = []
    for classes in (given, suggested):
        codes = np.unique(classes, return_inverse=True)[1].reshape(-1)
        columns.append(np.eye(codes.max() + 1, dtype=np.float32)[codes] * np.sqrt(_CLASS_WEIGHT, dtype=np.float32))
    return np.concatenate(columns, axis=1)


def _partition(content: Matrix, classes: Matrix, rng: np.random.Generator, min_size: int) -> NDArray[np.int64]:
    """The cluster of each row, from the number of clusters with the best silhouette."""
    points = np.concatenate([content, classes], axis=1)
    fewest = _FINENESS * np.sqrt(len(points) / 2)
    allowed = [count for count in _COUNTS if count * min_size <= len(points)]
    best, best_score = np.zeros(len(points), np.int64), -np.inf
    for count in [count for count in allowed if count >= fewest] or allowed[-1:]:
        tries = [k_means(points, count, rng) for _try in range(_TRIES)]
        codes, distances = min(tries, key=lambda one: float((one[1].min(1) ** 2).sum()))
        score = _silhouette(codes, distances)
        if score > best_score:
            best, best_score = codes, score
    return best


def k_means(points: Matrix, count: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], Matrix]:
    """Lloyd's steps from k-means++ seeds (Arthur and Vassilvitskii 2007): codes and distances (n, count) to centres."""
    centres = points[rng.integers(len(points), size=count)]
    nearest = _squared(points, centres[:1])[:, 0].astype(np.float64)
    for seed in range(1, count):
        if nearest.sum() > 0:
            centres[seed] = points[rng.choice(len(points), p=nearest / nearest.sum())]
        nearest = np.minimum(nearest, _squared(points, centres[seed : seed + 1])[:, 0])
    codes = np.full(len(points), -1, np.int64)
    for _step in range(_STEPS):
        squared = _squared(points, centres)
        now = squared.argmin(1)
        if (now == codes).all():
            break
        codes = now
        filled, sizes = np.unique(codes, return_counts=True)
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        sums = np.add.reduceat(points[np.argsort(codes, kind="stable")], starts)
        centres[filled] = sums / sizes[:, None].astype(np.float32)
    return codes, np.sqrt(_squared(points, centres))


def _squared(points: Matrix, centres: Matrix) -> Matrix:
    squared = (points**2).sum(1)[:, None] - 2 * points @ centres.T + (centres**2).sum(1)
    return np.maximum(squared, 0)


def _silhouette(codes: NDArray[np.int64], distances: Matrix) -> float:
    rows = np.arange(len(codes))
    own = distances[rows, codes]
    others = distances.copy()
    others[rows, codes] = np.inf
    near = others.min(1)
    return float(((near - own) / np.maximum(np.maximum(near, own), 1e-12)).mean())


def _parts(codes: NDArray[np.int64], min_size: int) -> list[NDArray[np.int64]]:
    return [np.flatnonzero(codes == code) for code in np.flatnonzero(np.bincount(codes) >= min_size)]


def _cohesion(content: Matrix) -> float:
    """One minus the spread around the own centre, of which all suspects together have 1."""
    spread = ((content - content.mean(0)) ** 2).sum() / (len(content) - 1)  # so that a small cluster is not closer by that
    return 1 - float(spread)
