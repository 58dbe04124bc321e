"""How fast the review list and its grid are at a million items: `make benchmark-grid`.

Prints the time of a frame while scrolling, of a filter, of a confusion cell and of a re-sort, with the machine.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from badcase.ui.desktop.look.theme import apply_theme
from badcase.ui.desktop.review.filtering.filters import Facts, Filter
from badcase.ui.desktop.review.grid.grid import Grid
from badcase.ui.desktop.review.grid.item_cards import Face
from badcase.ui.desktop.review.state.word_marks import WordMark
from badcase.ui.desktop.review.state.worklist import Order, Worklist

N, K = 1_000_000, 100


class DrawnFaces:
    """Faces whose pictures are decoded already: what is measured is our own painting."""

    is_text = False

    def __init__(self, facts: Facts) -> None:
        rng = np.random.default_rng(0)
        self._pixels = rng.integers(0, 255, (997, 160, 160, 4), np.uint8)  # more than what is kept cut to size
        self._pictures = [QImage(one.data, 160, 160, QImage.Format.Format_RGB32) for one in self._pixels]
        self._facts = facts

    def face(self, item: int) -> Face:
        facts = self._facts
        given, suggested = (facts.classes[int(part[item])] for part in (facts.given, facts.suggested))
        return Face(item, given, suggested, float(facts.suspicion[item]))

    def picture(self, item: int, pixels: float) -> QImage | None:
        return self._pictures[item % 997]

    def text(self, item: int) -> str:
        return ""

    def marks(self, item: int) -> Sequence[WordMark]:
        return ()


def million() -> Facts:
    """A ranking of a million items in a hundred classes."""
    rng = np.random.default_rng(0)
    suspicion = rng.random(N, np.float32)
    given = rng.integers(0, K, N).astype(np.int32)
    return Facts(
        classes=[f"class {number}" for number in range(K)],
        given=given,
        suggested=np.where(suspicion > 0.9, (given + 1) % K, given),
        suspicion=suspicion,
        verdicts=np.zeros(N, np.int8),
        split=np.zeros(N, np.int8),
        gold=np.zeros(N, np.bool_),
        order=np.argsort(-suspicion, kind="stable"),
        worth=np.ones(N, np.bool_),
        flagged=np.ones(N, np.bool_),
        reasons={name: rng.random(N) < 0.2 for name in ("margin", "neighbours", "self_confidence")},
    )


def took(work: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def frames(grid: Grid, values: Sequence[int]) -> str:
    """Milliseconds of a repaint at each of these places of the scroll bar, in words."""
    bar, times = grid.verticalScrollBar(), []
    for value in values:

        def scroll(value: int = value) -> None:
            bar.setValue(value)
            QTest.qWait(0)  # paints

        times.append(took(scroll))
    return f"median {np.median(times):.1f} ms, p99 {np.percentile(times, 99):.1f} ms"


def main() -> None:
    app = QApplication([])
    apply_theme(app, "light")
    facts = million()
    listed = Worklist(facts)
    grid = Grid(DrawnFaces(facts))
    grid.resize(1000, 820)
    grid.show()
    QTest.qWaitForWindowExposed(grid)
    first = took(lambda: grid.show_items(listed.rows, listed.selected, 0)) + took(grid.viewport().repaint)
    end = grid.verticalScrollBar().maximum()
    wheel = frames(grid, [end // 2 + 40 * step for step in range(400)])
    thumb = frames(grid, [int(value) for value in np.linspace(0, end, 400)])
    where = platform.processor() or platform.machine()
    print(f"machine: {where}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"grid of {N:,} items: first paint {first:.1f} ms")
    print(f"  a frame while the wheel turns: {wheel}")
    print(f"  a frame while the scroll bar is dragged, all cards new: {thumb}")
    print(f"  filter by a reason: {took(lambda: listed.show(Filter(reasons=('margin',)))):.0f} ms")
    print(f"  a confusion cell: {took(lambda: listed.show(Filter(pairs=((1, 2),)))):.0f} ms")
    print(f"  no filter again: {took(lambda: listed.show(Filter())):.0f} ms")
    print(f"  sort by confusion: {took(lambda: listed.show(Filter(), Order.PAIR)):.0f} ms")
    print(f"  sort by suspicion: {took(lambda: listed.show(Filter(), Order.SUSPECT)):.0f} ms")
    print(f"  counts of the left panel: {took(listed.counts):.0f} ms")
    print(f"  confusions: {took(listed.confusions):.0f} ms")
    print(f"  select all: {took(listed.select_all):.1f} ms")


if __name__ == "__main__":
    main()
