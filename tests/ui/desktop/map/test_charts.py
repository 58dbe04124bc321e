"""Charts of numbers: what they count, and how a brush narrows the list, the map and the other charts."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from badcase.ui.desktop.map.charts import BINS, Binned, NumberChart
from badcase.ui.desktop.review.state.filter_syntax import parse, tokens
from badcase.ui.desktop.review.state.filters import Filter
from tests.ui.desktop.map.conftest import OnMap, child

LEFT = Qt.MouseButton.LeftButton


def brush(chart: NumberChart, low: float, high: float) -> None:
    """Drag from one number to another."""
    ends = [QPoint(round(chart.place(end)), 44) for end in (low, high)]
    QTest.mousePress(chart, LEFT, Qt.KeyboardModifier.NoModifier, ends[0])
    QTest.mouseMove(chart, ends[1] - QPoint(1, 0))
    QTest.mouseMove(chart, ends[1])
    QTest.mouseRelease(chart, LEFT, Qt.KeyboardModifier.NoModifier, ends[1])


def test_steps_count_every_number_once_and_nothing_that_is_none() -> None:
    values = np.array([0, 0.01, 0.5, 0.999, 1.0, np.nan, np.inf], np.float32)
    counts = Binned("suspicion", values).counts()
    assert counts.sum() == 5 and counts[0] == 2 and counts[-1] == 2 and counts[BINS // 2] == 1
    assert Binned("size", np.full(3, np.nan, np.float32)).counts().sum() == 0
    assert Binned("size", np.full(3, 7, np.float32)).counts().sum() == 3


def test_a_brush_narrows_the_list_the_map_and_the_other_charts(shown: OnMap) -> None:
    reviewer = shown.page.reviewer
    chart, other = (child(shown.page, f"chart-{name}") for name in ("suspicion", "confidence"))
    assert isinstance(chart, NumberChart) and isinstance(other, NumberChart)
    whole = other._passing.sum()
    brush(chart, 0.25, 0.9)
    (field, low, high) = reviewer.worklist.filter.ranges[0]
    assert field == "suspicion" and low == pytest.approx(0.25, abs=0.01) and high == pytest.approx(0.9, abs=0.01)
    suspicion = reviewer.facts.suspicion
    inside = (suspicion >= low) & (suspicion <= high)
    assert np.array_equal(shown.page.points.passing, inside)
    assert other._passing.sum() == inside.sum() < whole
    assert chart._passing.sum() == np.isfinite(suspicion).sum()  # its own brush does not narrow it
    assert inside[reviewer.worklist.rows].all()
    QTest.mouseDClick(chart, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(60, 44))
    assert reviewer.worklist.filter.ranges == ()


def test_the_line_of_the_filter_says_a_range_and_a_kind_and_can_be_read_back(shown: OnMap) -> None:
    facts = shown.page.reviewer.facts
    wanted = Filter().with_range("suspicion", 0.25, 0.75).with_kind("status", "to-review", add=False)
    text = " ".join(str(token) for token in tokens(wanted, facts))
    assert text == "status:to-review suspicion:0.25–0.75"
    assert parse(text, facts) == wanted
    assert parse("suspicion:0.5..", facts).ranges == (("suspicion", 0.5, np.inf),)
    assert parse("status:fixed status:kept", facts).kinds == (("status", "fixed"), ("status", "kept"))
    for token in tokens(wanted, facts):
        assert tokens(token.without, facts) != tokens(wanted, facts)
