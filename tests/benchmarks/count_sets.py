"""Made sets for the benchmark of the count: features and labels whose wrong ones are known, unlike the twelve real sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.ranking import Case

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


def _classes(rng: np.random.Generator, n: int, k: int, apart: float, uneven: bool = False) -> tuple[Floats, Labels, Floats]:
    """Features (n, 32) around class centers `apart` standard deviations long, the true classes, and the centers."""
    shares = 1 / np.arange(1, k + 1) if uneven else np.ones(k)
    true = rng.choice(k, n, p=shares / shares.sum())
    centers = rng.normal(0, 1, (k, 32))
    centers *= apart / np.linalg.norm(centers, axis=1, keepdims=True)
    return centers[true] + rng.normal(0, 1, (n, 32)), true, centers


def _even(rng: np.random.Generator, x: Floats, true: Labels, centers: Floats, rate: float) -> Labels:
    """Any other class."""
    hit = rng.random(len(true)) < rate
    return np.where(hit, (true + rng.integers(1, len(centers), len(true))) % len(centers), true)


def _one_sided(rng: np.random.Generator, x: Floats, true: Labels, centers: Floats, rate: float) -> Labels:
    """Only items of class 0 are wrong, all with class 1."""
    return np.where((true == 0) & (rng.random(len(true)) < rate * len(centers)), 1, true)


def _paired(rng: np.random.Generator, x: Floats, true: Labels, centers: Floats, rate: float) -> Labels:
    """The nearest other class, as people confuse them."""
    far = ((centers[:, None] - centers) ** 2).sum(2) + np.diag(np.full(len(centers), np.inf))
    return np.where(rng.random(len(true)) < rate, far.argmin(1)[true], true)


def _follows_item(rng: np.random.Generator, x: Floats, true: Labels, centers: Floats, rate: float, seen: int) -> Labels:
    """Items that look like another class in the first `seen` features are wrong rather, with that class."""
    close = -((x[:, None, :seen] - centers[:, :seen]) ** 2).sum(2) / 2
    close[np.arange(len(true)), true] = -np.inf
    own = -((x[:, :seen] - centers[true][:, :seen]) ** 2).sum(1) / 2
    hard = close.max(1) - own + rng.gumbel(size=len(true))
    return np.where(hard >= np.quantile(hard, 1 - rate), close.argmax(1), true)


def _unseen(rng: np.random.Generator, x: Floats, true: Labels, centers: Floats, rate: float) -> Labels:
    """Errors follow something of the item that the features do not hold, to one class for each true one."""
    return np.where(rng.random(len(true)) < rate, (true + 1) % len(centers), true)


def _make(
    name: str,
    seed: int,
    n: int,
    k: int,
    apart: float,
    noise: Callable[..., Labels],
    rate: float,
    *,
    uneven: bool = False,
    strange: float = 0.0,
    copies: int = 1,
) -> Case:
    rng = np.random.default_rng(seed)
    x, true, centers = _classes(rng, n, k, apart, uneven)
    given = noise(rng, x, true, centers, rate)
    if strange:  # items of no class: wrong whatever they are called; the reviewer calls them something else
        odd = rng.random(n) < strange
        x[odd] = rng.normal(0, 1, (int(odd.sum()), 32)) + rng.normal(0, apart / 4, 32)
        given[odd] = rng.integers(0, k, int(odd.sum()))
        true = np.where(odd, (given + 1) % k, true)
    if copies > 1:  # near-duplicates, wrong together
        x = np.repeat(x, copies, 0) + rng.normal(0, 0.02, (n * copies, 32))
        given, true = np.repeat(given, copies), np.repeat(true, copies)
    return Case(name, x.astype(np.float32), given, given != true, true)


def _sets(first: int, made: list[tuple[str, tuple[object, ...], dict[str, float]]]) -> dict[str, Callable[[], Case]]:
    """The makers by name; each set has a seed of its own, from `first` on."""
    return {name: partial(_make, name, first + at, *rest, **more) for at, (name, rest, more) in enumerate(made)}  # type: ignore[arg-type]


# Sets that were looked at while the rule was made; then some that had no part in it.
CHOSEN_ON = (
    _sets(
        0,
        [
            ("two_classes_1", (2000, 2, 4.0, _even, 0.01), {}),
            ("ten_even_10", (2500, 10, 5.0, _even, 0.1), {}),
            ("weak_ten_20", (2500, 10, 2.5, _even, 0.2), {}),
            ("follows_item_20", (2500, 10, 4.5, partial(_follows_item, seen=16), 0.2), {}),
            ("strange_8", (2500, 8, 5.0, _even, 0.02), {"strange": 0.08}),
            ("fifty_paired_15", (3000, 50, 5.0, _paired, 0.15), {}),
        ],
    )
    | _sets(
        100,
        [
            ("one_sided_15", (2000, 2, 3.5, _one_sided, 0.15), {}),
            ("two_weak_5", (2500, 2, 2.0, _even, 0.05), {}),
            ("ten_even_40", (2500, 10, 5.5, _even, 0.4), {}),
            ("ten_even_2", (3000, 10, 5.0, _even, 0.02), {}),
            ("follows_item_8", (2500, 6, 4.0, partial(_follows_item, seen=8), 0.08), {}),
            ("follows_unseen_12", (2500, 12, 3.5, _unseen, 0.12), {}),
            ("many_150_20", (4500, 150, 6.0, _even, 0.2), {}),
            ("many_weak_150_10", (4500, 150, 3.5, _paired, 0.1), {}),
            ("uneven_30_10", (2500, 30, 5.0, _even, 0.1), {"uneven": True}),
            ("strange_20", (2500, 10, 4.5, _paired, 0.05), {"strange": 0.15}),
            ("near_copies_12", (900, 10, 5.0, _even, 0.12), {"copies": 3}),
            ("people_25", (2500, 5, 4.0, partial(_follows_item, seen=32), 0.25), {}),
        ],
    )
    | _sets(
        200,
        [
            ("says_nothing_10", (2500, 10, 0.2, _even, 0.1), {}),
            ("weak_model_300_5", (4500, 300, 3.0, _even, 0.05), {}),
            ("open_set_25", (2500, 6, 4.0, _even, 0.05), {"strange": 0.2}),
            ("one_sided_of_five_6", (2500, 5, 3.0, _one_sided, 0.06), {}),
            ("follows_seven_30", (2500, 7, 3.5, partial(_follows_item, seen=12), 0.3), {}),
            ("uneven_60_3", (3000, 60, 4.5, _even, 0.03), {"uneven": True}),
            ("five_copies_25", (600, 8, 4.0, _paired, 0.25), {"copies": 5}),
            ("two_35", (2000, 2, 3.0, _even, 0.35), {}),
        ],
    )
)
CHECKED_ON = _sets(
    300,
    [
        ("two_weak_12", (2000, 2, 2.5, _even, 0.12), {}),
        ("hundred_paired_8", (3000, 100, 5.0, _paired, 0.08), {}),
        ("follows_eight_15", (2000, 8, 4.0, partial(_follows_item, seen=6), 0.15), {}),
        ("open_set_uneven_18", (2000, 12, 4.5, _paired, 0.04), {"uneven": True, "strange": 0.14}),
        ("four_copies_10", (500, 6, 4.5, _paired, 0.1), {"copies": 4}),
        ("five_weak_40", (2000, 5, 2.5, _even, 0.4), {}),
        ("one_sided_of_twenty_2", (2500, 20, 5.5, _one_sided, 0.02), {}),
        ("unseen_three_20", (2000, 3, 3.0, _unseen, 0.2), {}),
    ],
)


def made() -> Iterator[Case]:
    for make in (CHOSEN_ON | CHECKED_ON).values():
        yield make()
