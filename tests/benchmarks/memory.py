"""What the window's process holds in memory at size: `make benchmark-memory`.

Projects of texts, ranked: 1,000,000 in ten classes, and 20,000 in a thousand. After opening, on every pile, after a search and
with the grid open stands the resident memory, mapped files included, and how much of it is the process's own. Beside a search
stands what it takes on the wall and of the processor, the first one too.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from badcase.ui.desktop.look.theme import apply_theme
from badcase.ui.desktop.review.filtering.filters import Filter, Pile
from badcase.ui.desktop.review.page import ReviewPage
from tests.benchmarks.made_projects import texts
from tests.benchmarks.verdict import PACE_MS, Clocks, wait, window_of

SHAPES = ((1_000_000, 10, 800), (20_000, 1_000, 500))  # texts, classes, MB at most
SEARCHED = ("word123", "word45", "nothing has this")
Figures = dict[str, float]


def resident() -> dict[str, float]:
    """MB: all that is resident, and what of it is no mapped file."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    told = {line.split(":")[0]: int(line.split()[1]) / 1e3 for line in lines if line.endswith("kB")}
    return {"MB": told["VmRSS"], "MB, own": told["RssAnon"], "MB, most": told["VmHWM"]}


def look_around(page: ReviewPage) -> dict[str, Figures]:
    """The piles, searches and the grid, one after the other."""
    steps: dict[str, Figures] = {"opened": resident()}
    for pile in Pile:
        took = shown(page, Filter(queue=pile))
        steps[f"pile {pile}"] = took | resident()
    for word in SEARCHED:
        took = shown(page, Filter(queue=Pile.ALL, words=(word,)))
        steps[f"search {word!r}"] = took | resident()
    took = shown(page, Filter(queue=Pile.ALL, given=(1,), words=(SEARCHED[0],)))
    steps["a class and a word"] = took | resident()
    page.centre.toggle_grid()
    steps["grid"] = shown(page, Filter(queue=Pile.ALL)) | resident()
    return steps


def shown(page: ReviewPage, wanted: Filter) -> Figures:
    """Milliseconds until a filter's list is painted, and those of the window's own thread among them."""
    clocks = Clocks()
    page.reviewer.show(wanted)
    while page.reviewer.searching:
        wait(1)
    page.repaint()
    wall, processor, own = clocks()
    wait(PACE_MS)
    return {"wall": wall, "processor": processor, "window": own}


def main() -> None:
    parser = argparse.ArgumentParser(description="What the window's process holds in memory at size.")
    parser.add_argument("--items", type=int, nargs="*", help="projects of so many texts in ten classes, and no others")
    parser.add_argument("--keep", type=Path, help="make the projects in this folder, or take those that are there")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    asked = parser.parse_args()
    app = QApplication([])
    apply_theme(app, "dark")
    figures: dict[str, dict[str, Figures]] = {}
    for n, classes, most in [(n, 10, SHAPES[0][2]) for n in asked.items] if asked.items else SHAPES:
        with texts(n, asked.keep, classes) as folder, window_of(folder / "project") as page:
            title = f"{n:,} texts, {classes:,} classes"
            figures[title] = look_around(page)
        if not asked.json:
            print(f"{title} (aimed at: under {most} MB, a filter under 200 ms)")
            for step, told in figures[title].items():
                print(f"  {step:28}" + "   ".join(f"{name} {value:7.1f}" for name, value in told.items()), flush=True)
    if asked.json:
        print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
