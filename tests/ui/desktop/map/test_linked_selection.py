"""The map, the grid, the list, the data and the charts have one selection and one filter, whatever was done on which of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from badcase.project import Project
from badcase.ui.desktop.data.page import DataPage
from badcase.ui.desktop.map.charts.kind_chart import KindChart
from badcase.ui.desktop.map.charts.matrix_view import MatrixView
from badcase.ui.desktop.map.charts.number_chart import NumberChart
from badcase.ui.desktop.review.filtering.filters import Filter, Pile
from badcase.ui.desktop.review.page import ReviewPage
from badcase.ui.desktop.widgets import ListRow
from tests.ui.desktop.map.conftest import OnMap
from tests.ui.desktop.map.test_charts import brush

SHIFT, CTRL, ALT = (Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier)


class Sequences:
    """Random things that a person does, on both pages."""

    def __init__(self, on: OnMap, seed: int) -> None:
        self.on, self.rng = on, np.random.default_rng(seed)
        review = on.pages.page("review")
        assert isinstance(review, ReviewPage)
        self.review = review
        self.page: QWidget = on.page

    def step(self) -> str:
        """Do one thing; returns what it was."""
        done = self.rng.choice(["box", "click", "grid", "filter", "key", "grown", "undo", "all", "bar", "brush", "cell", "part"])
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

    def _bar(self) -> None:
        self._on_charts()
        chart = self.rng.choice(self.page.findChildren(KindChart))
        rows = [row for row in chart.rows.values() if row.isEnabled()]
        held = (Qt.KeyboardModifier.NoModifier, CTRL)[int(self.rng.integers(2))]
        if rows:
            QTest.mouseClick(rows[int(self.rng.integers(len(rows)))], Qt.MouseButton.LeftButton, held)

    def _brush(self) -> None:
        self._on_charts()
        chart = self.page.findChild(NumberChart, "chart-suspicion")
        assert chart is not None
        low = float(self.rng.uniform(0, 0.4))
        brush(chart, low, low + 0.5)

    def _cell(self) -> None:
        self._on_charts()
        row = self.page.findChild(ListRow, "open-confusions")
        assert row is not None
        if not row.isChecked():
            QTest.mouseClick(row, Qt.MouseButton.LeftButton)
        view = self.page.findChild(MatrixView)
        assert view is not None
        cell = view.cell_rect(*self.rng.integers(3, size=2).tolist())
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=cell.center().toPoint())
        QTest.mouseClick(row, Qt.MouseButton.LeftButton)  # and the page as it was

    def _part(self) -> None:
        self.on.pages.show("data")
        row = self.on.pages.page("data").sources.findChild(ListRow, ("part_all", "part_train")[int(self.rng.integers(2))])  # type: ignore[attr-defined]
        QTest.mouseClick(row, Qt.MouseButton.LeftButton)

    def _on_charts(self) -> None:
        """The charts of the map, or those of the data."""
        page = self.on.pages.show(("map", "data")[int(self.rng.integers(2))])
        self.page = page

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
        self.charts_agree()
        grid = self.review.centre.grid
        self.on.pages.show("review")
        if listed:
            assert self.review.centre.in_grid
            assert set(np.asarray(grid._items)[grid._selected].tolist()) == listed
            assert self.review.reviewer.targets() == [item for item in worklist.rows.tolist() if item in listed]

    def charts_agree(self) -> None:
        """The charts of map and data count what the map lights and the table lists; each beside its own condition."""
        reviewer, facts = self.on.page.reviewer, self.on.page.reviewer.facts
        shown, data = reviewer.worklist.filter, self.on.pages.show("data")
        assert isinstance(data, DataPage)
        lit = self.on.page.points.passing
        assert np.array_equal(data._items, np.flatnonzero(lit)) and np.array_equal(lit, shown.passing(facts))
        inside = lit[reviewer.worklist.rows] | (facts.verdicts[reviewer.worklist.rows] != 0)
        assert inside.all(), "the list holds what is lit, and what was judged since"
        for page in (self.on.page, data):
            chart = page.findChild(KindChart, "chart-given")
            assert chart is not None
            among = replace(shown, given=()).passing(facts)
            for place, row in chart.rows.items():
                assert row.accessibleName().split(" ")[-1] == str(np.count_nonzero(among & (facts.given == place)))
            number = page.findChild(NumberChart, "chart-suspicion")
            assert number is not None
            values = facts.suspicion[
                shown.with_range("suspicion", np.nan, np.nan).passing(facts) if shown.listed is None else lit
            ]
            assert number._passing.sum() == np.isfinite(values).sum()


@pytest.mark.parametrize("seed", range(4))
def test_map_grid_and_list_agree_after_any_sequence(shown: OnMap, project: Project, seed: int) -> None:
    doing = Sequences(shown, seed)
    done = []
    for _step in range(16):
        done.append(doing.step())
        doing.agree()
    assert len(set(done)) > 4
