"""Prints how well wrong labels are found, cleanlab and doubtlab beside ours, and what is aimed at.

    python -m tests.benchmarks.ranking [--part features|probs|published|own|own-probs ...] [--sets NAME ...]

features: twelve real sets, ours by features alone, the others by out-of-fold probabilities of a logistic regression on
the same features. probs: the same sets, ours by these probabilities too. published: probabilities of strong models.
own, own-probs: planted noise of other kinds, by features and by probabilities.
AP: average precision of the wrong labels. P@E: precision of as many as are wrong. F1: of the automatic flags. Reviews:
until 80, 90 and 95 % of the wrong labels are seen, in the order of the start. Seconds of one core, the others' without
those of the probabilities that they are given.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from badcase import Estimate, Ranking, rank
from tests.benchmarks.ranking.cases import cases, out_of_fold, published
from tests.benchmarks.ranking.measures import Mask, Ordering, f1, ordering
from tests.benchmarks.ranking.own import own
from tests.benchmarks.ranking.rivals import FILTERS, Rival, by_neighbours, cleanlab_filters, cleanlab_scores, doubtlab, timed

PARTS = ("features", "probs", "published", "own", "own-probs")
TARGETS = {
    "features": "mean AP .85 or more; never more than .01 behind the best of cleanlab's scores and neighbours",
    "probs": "mean AP ahead of the better of SC and NM picked for each set; never more than .03 behind it",
    "published": "aggre AP .980 (swin) and .900 (resnet18); ahead of the better of SC and NM, never .03 behind it",
    "own": "never more than .01 behind the best of cleanlab's scores and neighbours",
    "own-probs": "mean AP ahead of the better of SC and NM picked for each set; never more than .03 behind it",
}


@dataclass(frozen=True)
class Task:
    """One ranking to make; with features ours never sees the probabilities."""

    name: str
    labels: NDArray[np.int64]
    probs: NDArray[np.float32]
    wrong: Mask
    features: NDArray[np.float32] | None = None

    def ranked(self) -> Ranking:
        if self.features is not None:
            return rank(self.labels, features=self.features)
        return rank(self.labels, self.probs)


@dataclass(frozen=True)
class Row:
    """What came out on one set."""

    name: str
    wrong: int
    ours: Ordering
    f1: float
    count: Estimate
    seconds: float
    rivals: list[Rival]
    filters: dict[str, tuple[float, int]]

    def best(self, names: Sequence[str] | None = None) -> Rival:
        """The others' best by AP, picked with hindsight."""
        return max((one for one in self.rivals if names is None or one.name in names), key=lambda one: one.order.ap)


def tasks(part: str, only: Sequence[str]) -> Iterator[Task]:
    """The sets of a part, or `only` those named."""
    if part == "published":
        yield from (Task(one.name, one.labels, one.probs, one.wrong) for one in published() if not only or one.name in only)
        return
    for case in own() if part.startswith("own") else cases():
        if not only or case.name in only:
            features = None if part.endswith("probs") else case.features
            yield Task(case.name, case.labels, out_of_fold(case), case.wrong, features)


def measured(task: Task) -> Row:
    seconds, ours = timed(task.ranked)
    rivals = [*cleanlab_scores(task.labels, task.probs, task.wrong), doubtlab(task.labels, task.probs, task.wrong)]
    if task.features is not None:
        rivals.append(by_neighbours(task.labels, task.features, task.wrong))
    return Row(
        task.name,
        int(task.wrong.sum()),
        ordering(task.wrong, ours.suspicion),
        f1(task.wrong, ours.flagged),
        ours.expected_errors,
        seconds,
        rivals,
        cleanlab_filters(task.labels, task.probs, task.wrong),
    )


def line(name: str, order: Ordering, f1: float, count: str, seconds: float) -> str:
    reviews = " ".join(f"{value:6}" for value in order.reviews)
    flags = "     " if np.isnan(f1) else f"{f1:5.3f}"
    return f"  {name:22} {order.auroc:6.3f} {order.ap:6.3f} {order.precision:6.3f} {flags} {count:>20} {reviews} {seconds:7.2f}"


def told(row: Row) -> str:
    """The lines of one set."""
    errors = row.count
    count = f"{errors.value:.0f} ({errors.low:.0f} to {errors.high:.0f})"
    lines = [f"{row.name}: {row.wrong} wrong", line("badcase", row.ours, row.f1, count, row.seconds)]
    for one in row.rivals:
        flagged = "" if np.isnan(one.count) else f"{one.count:.0f}"
        name = one.name if one.name in ("doubtlab", "neighbours") else f"cleanlab {one.name}"
        lines.append(line(name, one.order, one.f1, flagged, one.seconds))
    flags = "  ".join(f"{name} {value:.3f}/{count}" for name, (value, count) in row.filters.items())
    return "\n".join([*lines, f"  cleanlab filters, F1/flagged: {flags}"])


def summary(part: str, rows: list[Row]) -> str:
    """Means over the sets, and the worst losses."""
    names = [one.name for one in rows[0].rivals]
    ours = np.array([row.ours.ap for row in rows])
    means = "  ".join(f"{name} {np.mean([row.rivals[i].order.ap for row in rows]):.3f}" for i, name in enumerate(names))
    filters = "  ".join(f"{name} {np.mean([row.filters[name][0] for row in rows]):.3f}" for name in FILTERS)
    inside = sum(row.count.low <= row.wrong <= row.count.high for row in rows)
    off = np.median([abs(row.count.value - row.wrong) / row.wrong for row in rows])
    return "\n".join(
        [
            f"{part}, {len(rows)} sets; aimed at: {TARGETS[part]}",
            f"  mean AP: badcase {ours.mean():.3f}  {means}",
            _loss("all the others", rows, [row.best() for row in rows]),
            _loss("SC and NM", rows, [row.best(("SC", "NM")) for row in rows]),
            f"  mean F1 of the flags {np.mean([row.f1 for row in rows]):.3f}, mean precision at the true count "
            f"{np.mean([row.ours.precision for row in rows]):.3f} (aimed at: within .02); filters: {filters}",
            f"  count: median {100 * off:.0f} % off, the interval holds it on {inside} of {len(rows)} sets",
        ]
    )


def _loss(whom: str, rows: list[Row], best: list[Rival]) -> str:
    gain = np.array([row.ours.ap - one.order.ap for row, one in zip(rows, best, strict=True)])
    mean = np.mean([one.order.ap for one in best])
    worst = int(gain.argmin())
    return (
        f"  against the best of {whom} on each set (mean AP {mean:.3f}): mean {gain.mean():+.3f}, worst {gain[worst]:+.3f} "
        f"({rows[worst].name}, {best[worst].name})"
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How well wrong labels are found, next to cleanlab and doubtlab.")
    parser.add_argument("--part", nargs="+", choices=PARTS, default=PARTS, help="which parts to run; all of them without")
    parser.add_argument("--sets", nargs="+", default=(), metavar="NAME", help="only the sets of these names")
    return parser.parse_args()


def main() -> None:
    asked = arguments()
    tools = ", ".join(f"{name} {version(name)}" for name in ("numpy", "cleanlab", "doubtlab"))
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {tools}")
    titles = "AUROC     AP    P@E    F1         count (90 %)   80 %   90 %   95 % seconds"
    summaries = []
    for part in asked.part:
        print(f"\n{part}\n{'':25} {titles}")
        rows = []
        for task in tasks(part, asked.sets):
            rows.append(measured(task))
            print(told(rows[-1]), flush=True)
        if rows:
            summaries.append(summary(part, rows))
    print("", *summaries, sep="\n")


if __name__ == "__main__":
    main()
