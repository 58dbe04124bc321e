"""Prints time and memory of an audit of arrays on disk, beside cleanlab: python -m tests.benchmarks.audit.

1,000,000 x 100 probabilities (--rows for others) in a memory-mapped .npy, one label an item and any number. Every line is a
process of its own: seconds from the files to the ranking with the reasons of its first thousand, and the peak of its
memory, of which the mapped file itself is a part that the system may take back.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

CLASSES = 100
_BLOCK = 50_000


def write_arrays(folder: Path, n: int) -> None:
    """one.npy (n,), several.npy (n, 100) bool and probs.npy (n, 100) float32; a twentieth of the labels are wrong."""
    rng = np.random.default_rng(0)
    one = rng.integers(0, CLASSES, n)
    probs = np.lib.format.open_memmap(folder / "probs.npy", "w+", np.float32, (n, CLASSES))
    several = np.lib.format.open_memmap(folder / "several.npy", "w+", np.bool_, (n, CLASSES))
    for start in range(0, n, _BLOCK):
        logits = rng.normal(size=(min(_BLOCK, n - start), CLASSES)).astype(np.float32)
        logits[np.arange(len(logits)), one[start : start + _BLOCK]] += 5
        rows = np.exp(logits)
        probs[start : start + _BLOCK] = rows / rows.sum(1, keepdims=True)
        several[start : start + _BLOCK] = (probs[start : start + _BLOCK] > 0.1) ^ (rng.random(rows.shape) < 0.001)
    wrong = rng.random(n) < 0.05
    one[wrong] = rng.integers(0, CLASSES, wrong.sum())
    np.save(folder / "one.npy", one)


def ours(folder: Path, labels: str) -> None:
    import badcase

    ranking = badcase.audit(folder / f"{labels}.npy", folder / "probs.npy")
    for item in ranking.order[:1000]:
        ranking.reasons(int(item))


def cleanlab_exact(folder: Path) -> None:
    from cleanlab.filter import find_label_issues

    find_label_issues(np.load(folder / "one.npy"), np.load(folder / "probs.npy"), n_jobs=1)


def cleanlab_several(folder: Path) -> None:
    from cleanlab.multilabel_classification import get_label_quality_scores

    lists = [np.flatnonzero(row).tolist() for row in np.load(folder / "several.npy")]
    get_label_quality_scores(lists, np.load(folder / "probs.npy"))


WAYS: dict[str, Callable[[Path], None]] = {
    "ours, one label an item": lambda folder: ours(folder, "one"),
    "cleanlab, its filter": cleanlab_exact,
    "ours, any number": lambda folder: ours(folder, "several"),
    "cleanlab, its scores of items": cleanlab_several,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--way", choices=list(WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way:
        start = time.perf_counter()
        WAYS[asked.way](asked.folder)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{asked.way:32}{time.perf_counter() - start:8.1f} s {peak:8.0f} MB", flush=True)
        return
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, numpy {np.__version__}, {asked.rows} rows")
    with tempfile.TemporaryDirectory() as folder:
        write_arrays(Path(folder), asked.rows)
        for way in WAYS:
            command = [sys.executable, "-m", "tests.benchmarks.audit", "--way", way, "--folder", folder]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
