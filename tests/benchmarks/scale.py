"""What a person feels at size, in one table with what is aimed at: `make benchmark-scale`.

Runs the benchmarks of imports, of opening, of verdicts and of memory on projects of texts of several sizes, each in a process of
its own, and tells how each figure grows: as the power of the number of items. Times are those of the processor, which other work
on the machine does not lengthen. Ranking beside cleanlab is `make benchmark-peers`, images are in `make benchmark-imports`.
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
    "search for a word, the first": ("ms", 200.0),
    "a class and a word": ("ms", 200.0),
    "memory, most": ("MB", 800.0),
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
    figures = {
        "import": made["processor"],
        "import, memory": made["MB, most"],
        "search for a word, the first": around["search 'word123'"]["processor"],
        "a class and a word": around["a class and a word"]["processor"],
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
    if asked.json:
        print(json.dumps(table, indent=1))
        return
    machine = platform.processor() or platform.machine()
    print(
        f"{machine}, {os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}; seconds of the processor"
    )
    print(f"{'':36}" + "".join(f"{n:>12,}" for n in asked.sizes) + f"{'aimed at':>12}{'grows as n^':>13}")
    for what, (unit, most) in AIMS.items():
        line = "".join(f"{table[what][n]:12,.2f}" if unit == "s" else f"{table[what][n]:12,.0f}" for n in asked.sizes)
        print(f"{f'{what} ({unit})':36}{line}{most:>12,.0f}{exponent(table[what]):13.2f}")


if __name__ == "__main__":
    main()
