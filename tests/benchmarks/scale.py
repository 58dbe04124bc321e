"""What a person feels at size, in one table with what is aimed at: `make benchmark-scale`.

Runs the benchmarks of importing, opening, verdicts, memory and ranking on projects of texts of several sizes, each in a process
of its own, and tells how each figure grows: as the power of the number of items. Below stand verdicts on real pictures and
texts, photographs, and what predicting takes beside a bare loop. Times are those of the processor, which other work on the
machine does not lengthen. Ranking beside cleanlab is `make benchmark-peers`, images are in `make benchmark-imports`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

SIZES, BULK = (10_000, 100_000, 1_000_000), 50_000
Table = dict[str, dict[int, float]]
NaN = float("nan")

# What is told, its unit, and the most that is aimed at.
AIMS = {
    "import": ("s", 20.0),
    "import, memory": ("MB", 1000.0),
    "open, 0 verdicts": ("s", 3.0),
    "open, 5,000 verdicts": ("s", 3.0),
    "open, 100,000 verdicts": ("s", 3.0),
    "verdict to next, To review, p99": ("ms", 50.0),
    "verdict to next, All, p99": ("ms", 50.0),
    "window's own time, To review, p99": ("ms", 50.0),
    "window's own time, All, p99": ("ms", 50.0),
    "bulk": ("ms", 1000.0),
    "undo of the bulk": ("ms", 1000.0),
    "window's own time, search for a word, the first": ("ms", 200.0),
    "window's own time, a class and a word": ("ms", 200.0),
    "memory, most": ("MB", 800.0),
    "rank embeddings": ("s", NaN),
    "rank embeddings, memory": ("MB", 3000.0),
}
# The same of real data, whatever the size asked for; the last is aimed at as the least.
REAL_AIMS = {
    "photographs, verdict to next, p99": ("ms", 50.0),
    "signdigits, verdict to next, p99": ("ms", 50.0),
    "thucnews, verdict to next, p99": ("ms", 50.0),
    "signs predicted, plain against a bare loop": ("times", 1.10),
    "signs predicted, faster ways against plain": ("times", 1.8),
    "photos predicted, faster ways against plain": ("times", 1.8),
}


def told(name: str, *arguments: object) -> dict[str, Any]:
    """What a benchmark tells with --json."""
    command = [sys.executable, "-m", f"tests.benchmarks.{name}", "--json", *map(str, arguments)]
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
    done = subprocess.run(command, env=os.environ | threads, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def measure(n: int, keep: Path) -> dict[str, float]:
    """All figures of one size. Opening comes last, since it leaves verdicts."""
    texts, bulk = f"{n:,} texts", min(BULK, n // 2)
    made = told("imports", "--texts", n, "--images", "--keep", keep)["texts"][str(n)]
    around = told("memory", "--items", n, "--keep", keep)[f"{texts}, 10 classes"]
    judged = told("verdict", "--part", "texts", "--items", n, "--bulk", bulk, "--keep", keep)
    opened = told("opening", "--sizes", n, "--keep", keep)
    ranked = told("peers", "--part", "embeddings", "--sizes", n)[f"{n:,} x 64 features, one thread"]
    figures = {
        "import": made["processor"],
        "import, memory": made["MB, most"],
        "rank embeddings": ranked["s of the processor"],
        "rank embeddings, memory": 1000 * ranked["peak GB"],
        "window's own time, search for a word, the first": around["search 'word123'"]["window"],
        "window's own time, a class and a word": around["a class and a word"]["window"],
        "memory, most": max(step["MB, most"] for step in around.values()),
        "bulk": judged[f"{texts}, {bulk:,} at once"]["bulk, processor"],
        "undo of the bulk": judged[f"{texts}, {bulk:,} at once"]["undo, processor"],
    }
    for pile in ("To review", "All"):
        figures[f"verdict to next, {pile}, p99"] = judged[f"{texts}, {pile}"]["next, processor, p99"]
        figures[f"window's own time, {pile}, p99"] = judged[f"{texts}, {pile}"]["window, p99"]
    for verdicts in ("0", "5,000", "100,000"):
        figures[f"open, {verdicts} verdicts"] = opened[f"{n:,} items, {verdicts} verdicts"]["open, processor"]
    return figures


def measure_real() -> dict[str, float]:
    """The figures of `REAL_AIMS`; those whose data are not here are left out."""
    figures = {}
    photographs = told("verdict", "--part", "images")
    figures["photographs, verdict to next, p99"] = next(iter(photographs.values()))["next, processor, p99"]
    for name, seen in told("review", "--verdicts", 200).items():
        figures[f"{name}, verdict to next, p99"] = seen["next, processor, p99"]
    for name, seen in told("predict", "--part", "signs", "photos").items():
        figures[f"{name} predicted, plain against a bare loop"] = seen["plain against bare, processor"]
        figures[f"{name} predicted, faster ways against plain"] = seen["times as fast as plain, processor"]
    return {what: figures[what] for what in REAL_AIMS if what in figures}


def exponent(of: dict[int, float]) -> float:
    """The power of the number of items that the last two sizes show; NaN of one size."""
    if len(of) < 2:
        return float("nan")
    (few, small), (many, large) = sorted(of.items())[-2:]
    return float(np.log(large / small) / np.log(many / few))


def main() -> None:
    parser = argparse.ArgumentParser(description="What a person feels at size, beside what is aimed at.")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--keep", type=Path, help="make the projects in this folder, or take those that are there")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    asked = parser.parse_args()
    table: Table = {what: {} for what in AIMS}
    with tempfile.TemporaryDirectory() as temporary:
        for n in asked.sizes:
            for what, figure in measure(n, asked.keep or Path(temporary)).items():
                table[what][n] = figure
    real = measure_real()
    if asked.json:
        print(json.dumps(table | {"real data": real}, indent=1))
    else:
        print_tables(table, asked.sizes, real)


def print_tables(table: Table, sizes: list[int], real: dict[str, float]) -> None:
    machine = platform.processor() or platform.machine()
    versions = f"Python {platform.python_version()}, numpy {np.__version__}"
    print(f"{machine}, {os.cpu_count()} cores, {versions}; seconds of the processor")
    print(f"{'':44}" + "".join(f"{n:>12,}" for n in sizes) + f"{'aimed at':>12}{'grows as n^':>13}")
    for what, (unit, most) in AIMS.items():
        line = "".join(f"{table[what][n]:12,.2f}" if unit == "s" else f"{table[what][n]:12,.0f}" for n in sizes)
        print(f"{f'{what} ({unit})':44}{line}{most:>12,.0f}{exponent(table[what]):13.2f}")
    for what, value in real.items():
        unit, aim = REAL_AIMS[what]
        print(f"{f'{what} ({unit})':56}{value:12,.2f}{aim:>12,.2f}")


if __name__ == "__main__":
    main()
