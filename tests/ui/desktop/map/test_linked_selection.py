"""The map, the grid and the list have one selection, whatever was done on which of them."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from badcase.project import Project
from badcase.ui.desktop.review.page import ReviewPage
from badcase.ui.desktop.review.state.filters import Filter, Pile
from tests.ui.desktop.map.conftest import OnMap

SHIFT, CTRL, ALT = (Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier)


class Sequences:
    """Random things that a person does, on both pages."""

    def __init__(self, on: OnMap, seed: int) -> None:
        self.on, self.rng = on, np.random.default_rng(seed)
        review = on.pages.page("review")
        assert isinstance(review, ReviewPage)
        self.review = review

    def step(self) -> str:
        """Do one thing; returns what it was."""
        done = self.rng.choice(["box", "click", "grid", "filter", "key", "grown", "undo", "all"])
        getattr(self, f"_{done}")()
        return str(done)

    def _box(self) -> None:
        self.on.pages.show("map")
        canvas = self.on.page.canvas
        if str(canvas.tool) != "box":
            self.on.key("B")
        ends = self.rng.integers(5, (canvas.width() - 5, canvas.height() - 130), (2, 2)).tolist()
        held = (Qt.KeyboardModifier.NoModifier, SHIFT, ALT)[int(self.rng.integers(3))]
        self.on.drag([QPoint(*ends[0]), QPoint(*ends[1])], held)

    def _click(self) -> None:
        self.on.pages.show("map")
        self.on.click(int(self.rng.integers(self.on.page.reviewer.facts.n)), (SHIFT, CTRL)[int(self.rng.integers(2))])

    def _grid(self) -> None:
        self.on.pages.show("review")
        self.review.centre.show_grid()
        count = len(self.review.reviewer.worklist)
        if count:
            row = int(self.rng.integers(min(count, 12)))
            held = (Qt.KeyboardModifier.NoModifier, SHIFT, CTRL)[int(self.rng.integers(3))]
            grid = self.review.centre.grid
            QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, held, grid.card(row).center().toPoint())

    def _all(self) -> None:
        self.on.pages.show("review")
        self.review.centre.show_grid()
        QTest.keyClick(self.review, Qt.Key.Key_A, CTRL)

    def _filter(self) -> None:
        wanted = (
            Filter(queue=Pile.ALL),
            Filter(given=(int(self.rng.integers(3)),)),
            Filter(queue=Pile.ALL).with_range("suspicion", 0.2, 1.0),
            Filter(queue=Pile.REVIEWED),
        )
        self.on.page.reviewer.show(wanted[int(self.rng.integers(4))])

    def _key(self) -> None:
        self.on.pages.show(("map", "review")[int(self.rng.integers(2))])
        self.on.key(("Return", "E", "U", "Space", "2")[int(self.rng.integers(5))])

    def _grown(self) -> None:
        self.on.pages.show("map")
        self.on.bot.wait(5)
        self.on.key(("W", "A")[int(self.rng.integers(2))])

    def _undo(self) -> None:
        self.on.pages.show("map")
        self.on.key("Z")

    def agree(self) -> None:
        """All show the same selection, once each is seen."""
        worklist, page = self.on.page.reviewer.worklist, self.on.page
        listed = set(worklist.rows[worklist.selected].tolist())
        self.on.pages.show("map")
        assert {item for item in range(page.reviewer.facts.n) if page.points.is_selected(item)} == listed
        assert not page.reviewer.facts.gold[sorted(listed)].any()
        if page.canvas.kept_outline is not None:
            assert listed
        grid = self.review.centre.grid
        self.on.pages.show("review")
        if listed:
            assert self.review.centre.in_grid
            assert set(np.asarray(grid._items)[grid._selected].tolist()) == listed
            assert self.review.reviewer.targets() == [item for item in worklist.rows.tolist() if item in listed]


@pytest.mark.parametrize("seed", range(4))
def test_map_grid_and_list_agree_after_any_sequence(shown: OnMap, project: Project, seed: int) -> None:
    doing = Sequences(shown, seed)
    done = []
    for _step in range(14):
        done.append(doing.step())
        doing.agree()
    assert len(set(done)) > 4
