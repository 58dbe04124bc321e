"""Published ways to choose what to label next, as small as they can be: what the benchmark of labelling compares with.

Each takes the features of the pool, and answers `pick(count, labelled, probs)` with the ids to label next; `labelled` are
those that have a label, `probs` what the linear head says of the pool (None before the first labels).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans, MiniBatchKMeans

Ids = NDArray[np.int64]
Matrix = NDArray[np.float32]

_TYPICAL, _MOST_CLUSTERS, _LEAST = 20, 500, 5  # as published: neighbours, clusters, items of a cluster that is looked at


class Strategy(Protocol):
    def pick(self, count: int, labelled: Ids, probs: Matrix | None) -> Ids: ...


class ByChance:
    """At random: what everything else has to beat."""

    def __init__(self, x: Matrix, rng: np.random.Generator) -> None:
        self.x, self.rng = x, rng

    def pick(self, count: int, labelled: Ids, probs: Matrix | None) -> Ids:
        waiting = np.setdiff1d(np.arange(len(self.x)), labelled)
        return self.rng.choice(waiting, count, replace=False)


class ByDoubt(ByChance):
    """Those with the most doubt; by chance while nothing is known."""

    def __init__(self, x: Matrix, rng: np.random.Generator, doubt: Callable[[Matrix], Matrix]) -> None:
        super().__init__(x, rng)
        self.doubt = doubt

    def pick(self, count: int, labelled: Ids, probs: Matrix | None) -> Ids:
        if probs is None:
            return super().pick(count, labelled, probs)
        waiting = np.setdiff1d(np.arange(len(self.x)), labelled)
        return waiting[np.argsort(-self.doubt(probs[waiting]), kind="stable")[:count]]


def margin(x: Matrix, rng: np.random.Generator) -> Strategy:
    """The smallest margin between the two likeliest classes. Scheffer et al. 2001, Active hidden Markov models."""
    return ByDoubt(x, rng, lambda probs: -np.ptp(np.partition(probs, -2, axis=1)[:, -2:], axis=1))


def entropy(x: Matrix, rng: np.random.Generator) -> Strategy:
    """The largest entropy. Settles 2009, Active learning literature survey."""
    return ByDoubt(x, rng, lambda probs: -(probs * np.log(probs + 1e-12)).sum(1))


class KCentre:
    """The item that is furthest from all labelled ones. Sener and Savarese 2018, https://arxiv.org/abs/1708.00489"""

    def __init__(self, x: Matrix, rng: np.random.Generator) -> None:
        self.x, self.next = x, int(rng.integers(len(x)))
        self.apart = np.full(len(x), np.inf, np.float32)

    def pick(self, count: int, labelled: Ids, probs: Matrix | None) -> Ids:
        found = []
        for _item in range(count):
            found.append(self.next)
            self.apart = np.minimum(self.apart, ((self.x - self.x[self.next]) ** 2).sum(1))
            self.apart[self.next] = -1
            self.next = int(self.apart.argmax())
        return np.array(found)


class Badge(ByChance):
    """k-means++ seeds among the gradients of the last layer. Ash et al. 2020, https://arxiv.org/abs/1906.03671"""

    def pick(self, count: int, labelled: Ids, probs: Matrix | None) -> Ids:
        if probs is None:
            return super().pick(count, labelled, probs)
        waiting = np.setdiff1d(np.arange(len(self.x)), labelled)
        # The gradient is (probabilities less the likeliest class) times the features; products of two need neither.
        left, right = probs[waiting].copy(), self.x[waiting]
        left[np.arange(len(left)), left.argmax(1)] -= 1
        squares = (left**2).sum(1) * (right**2).sum(1)
        found, apart = [int(squares.argmax())], np.full(len(waiting), np.inf)
        while len(found) < count:
            last = found[-1]
            far = squares + squares[last] - 2 * (left @ left[last]) * (right @ right[last])
            apart = np.minimum(apart, np.maximum(far, 0))
            apart[found] = 0
            found.append(int(self.rng.choice(len(waiting), p=apart / apart.sum())))
        return waiting[found]


class TypiClust:
    """The most typical item of the largest cluster that has no label. Hacohen et al. 2022, https://arxiv.org/abs/2202.02794"""

    def __init__(self, x: Matrix, rng: np.random.Generator) -> None:
        self.unit, self.rng = x / np.linalg.norm(x, axis=1, keepdims=True), rng
        similar = np.concatenate(
            [
                np.partition(rows @ self.unit.T, -_TYPICAL - 1, axis=1)[:, -_TYPICAL - 1 :]
                for rows in np.array_split(self.unit, 16)
            ]
        )
        distances = np.sqrt(np.maximum(2 - 2 * np.sort(similar, axis=1)[:, :-1], 1e-9))  # itself left out
        self.typical = 1 / distances.mean(1)

    def pick(self, count: int, labelled: Ids, probs: Matrix | None) -> Ids:
        k = min(len(labelled) + count, _MOST_CLUSTERS)
        seed = int(self.rng.integers(2**31))
        kind = KMeans(k, n_init=1, random_state=seed) if k <= 50 else MiniBatchKMeans(k, n_init=1, random_state=seed)
        clusters = kind.fit(self.unit).labels_.astype(np.int64)
        sizes = np.bincount(clusters, minlength=k)
        had = np.bincount(clusters[labelled], minlength=k)
        waits = np.ones(len(self.unit), np.bool_)
        waits[labelled] = False
        found: list[int] = []
        while len(found) < count:
            left = np.bincount(clusters[waits], minlength=k)
            allowed = np.flatnonzero((left > 0) & (sizes >= _LEAST))
            if not len(allowed):
                allowed = np.flatnonzero(left > 0)
            cluster = allowed[np.lexsort((-sizes[allowed], had[allowed]))[0]]
            items = np.flatnonzero(waits & (clusters == cluster))
            found.append(int(items[self.typical[items].argmax()]))
            waits[found[-1]] = False
            had[cluster] += 1
        return np.array(found)


PEERS: dict[str, Callable[[Matrix, np.random.Generator], Strategy]] = {
    "random": ByChance,
    "margin": margin,
    "entropy": entropy,
    "k-centre": KCentre,
    "BADGE": Badge,
    "TypiClust": TypiClust,
}
