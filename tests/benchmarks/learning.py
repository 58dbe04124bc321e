"""Prints what the learning queue buys, and whether the count of errors holds: `make benchmark-learning`.

On the sets of the ranking benchmark, or those named with --sets. Reviews: how many verdicts find 80, 90 and 95 % of the
wrong labels, by the order of the ranking, by the queue that learns, and by that with blind items. Count: over --reviews
simulated ones the share of 90 % intervals that hold, and half their median width by the number of wrong labels, after
0, 100 and 300 verdicts. Re-rank: milliseconds from a verdict to the next item, median and 99th percentile.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from badcase import Queue
from badcase.active_learning.learner import Learner
from badcase.ranking.ranking import Ranking
from tests.benchmarks.ranking import Case, cases

SHARES = (0.8, 0.9, 0.95)
CHECKS = (0, 100, 300)


def verdicts_needed(found: NDArray[np.bool_], errors: int) -> list[int]:
    """How many verdicts find each of the shares; found (t,) whether each verdict met an error."""
    total = np.cumsum(found)
    return [int(np.searchsorted(total, np.ceil(share * errors)) + 1) for share in SHARES]


def review(queue: Queue, case: Case) -> tuple[NDArray[np.bool_], list[float]]:
    """Judge by the queue until 95 % are found: whether each was wrong, and the seconds between verdict and next item."""
    found, took, missing = [], [], int(np.ceil(SHARES[-1] * case.wrong.sum()))
    item = int(queue.next()[0])
    while missing > 0:
        wrong = bool(case.wrong[item])
        start = time.perf_counter()
        queue.record(item, int(case.true[item]))
        item = int(queue.next()[0])
        took.append(time.perf_counter() - start)
        found.append(wrong)
        missing -= wrong
    return np.array(found), took


def count(ranking: Ranking, wrong: NDArray[np.bool_], reviews: int) -> Iterator[tuple[float, float]]:
    """For each check the share of intervals that hold and half their median width by the number of errors."""
    held: dict[int, list[bool]] = {check: [] for check in CHECKS}
    widths: dict[int, list[float]] = {check: [] for check in CHECKS}
    for seed in range(reviews):
        learner, left = Learner(ranking, seed=seed), int(wrong.sum())
        for verdict in range(CHECKS[-1] + 1):
            if verdict in CHECKS:
                told = learner.expected_errors()
                held[verdict].append(told.low <= left <= told.high)
                widths[verdict].append((told.high - told.low) / 2 / max(1, int(wrong.sum())))
            item = int(learner.next()[0])
            learner.record(item, bool(wrong[item]))
            left -= int(wrong[item])
    for check in CHECKS:
        yield float(np.mean(held[check])), float(np.median(widths[check]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reviews", type=int, default=20, help="simulated reviews of each set for the count")
    parser.add_argument("--sets", default="", help="names of sets, with commas between them; all without it")
    asked = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, numpy {np.__version__}")
    titles = f"{'ranking':18}{'learning':17}{'with blind':17}{'count: holds, width at 0 / 100 / 300':40}re-rank"
    print(f"{'set':20}{'wrong':>6}   {titles}")
    ratios, all_counts = [], []
    for case in cases():
        if asked.sets and case.name not in asked.sets.split(","):
            continue
        queue = Queue(case.labels, features=case.features, random_sample=False)
        errors, ranking = int(case.wrong.sum()), queue.ranking
        static = verdicts_needed(case.wrong[ranking.order], errors)
        found, took = review(queue, case)
        blind, _took = review(Queue(case.labels, features=case.features), case)
        both = [np.array(verdicts_needed(one, errors)) / static for one in (found, blind)]
        counts = list(count(ranking, case.wrong, asked.reviews))
        ratios.append(np.concatenate(both))
        all_counts.append(counts)
        shown = "  ".join(f"{share:.2f} {width:.2f}" for share, width in counts)
        print(
            f"{case.name:20}{errors:6}   {static[0]:5}{static[1]:6}{static[2]:6}  "
            f"{'  '.join(' '.join(f'{ratio:.2f}' for ratio in one) for one in both)}   {shown:40}"
            f"{1000 * np.median(took):.1f} {1000 * np.percentile(took, 99):.1f}",
            flush=True,
        )
    mean, worst = np.mean(ratios, axis=0), np.max(ratios, axis=0)
    print(f"mean of the ratios to the ranking: {mean.round(3)}; the worst: {worst.round(3)}")
    print(f"mean of holds and width: {np.mean(all_counts, axis=0).round(2).tolist()}")


if __name__ == "__main__":
    main()
