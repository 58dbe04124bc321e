"""Charts: what they count, and how each narrows the list, the map and the other charts."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from badcase.groups.confusions import alike_order, confusion_matrix
from badcase.groups.reliability import reliability
from badcase.ui.desktop.map.charts.calibration_chart import ReliabilityPlot
from badcase.ui.desktop.map.charts.kind_chart import KindChart, KindRow
from badcase.ui.desktop.map.charts.matrix_view import MatrixView
from badcase.ui.desktop.map.charts.number_chart import BINS, Binned, NumberChart
from badcase.ui.desktop.review.filtering.filter_syntax import parse, tokens
from badcase.ui.desktop.review.filtering.filters import Filter
from badcase.ui.desktop.widgets import Label
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
    counts = Binned("suspicion", values).whole
    assert counts.sum() == 5 and counts[0] == 2 and counts[-1] == 2 and counts[BINS // 2] == 1
    assert Binned("size", np.full(3, np.nan, np.float32)).whole.sum() == 0
    assert Binned("size", np.full(3, 7, np.float32)).whole.sum() == 3


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


def kind_row(chart: KindChart, name: str) -> KindRow:
    return next(row for row in chart.rows.values() if row.text() == name)


def counts_of(chart: KindChart) -> dict[str, int]:
    """What the rows of a chart say, as a screen reader is told it."""
    return {row.text(): int(row.accessibleName().removeprefix(row.text())) for row in chart.rows.values()}


def test_a_click_on_a_bar_filters_ctrl_click_adds_and_the_other_charts_follow(shown: OnMap) -> None:
    reviewer, classes = shown.page.reviewer, shown.session.project.classes
    given, status, split = (child(shown.page, f"chart-{name}") for name in ("given", "status", "split"))
    assert isinstance(given, KindChart) and isinstance(status, KindChart) and isinstance(split, KindChart)
    whole = counts_of(given)
    QTest.mouseClick(kind_row(given, classes[1]), LEFT)
    assert reviewer.worklist.filter.given == (1,)
    of_one = reviewer.facts.given == 1
    assert counts_of(given) == whole, "its own condition does not narrow it"
    assert sum(counts_of(split).values()) == sum(counts_of(status).values()) == of_one.sum()
    assert kind_row(given, classes[1]).isChecked() and given.accessibleDescription() == classes[1]
    QTest.mouseClick(kind_row(given, classes[2]), LEFT, Qt.KeyboardModifier.ControlModifier)
    assert reviewer.worklist.filter.given == (1, 2)
    QTest.mouseClick(kind_row(status, "to review"), LEFT)
    waiting, others = reviewer.facts.fields.of_kinds("status", ["to-review"]), reviewer.facts.given > 0
    assert np.array_equal(shown.page.points.passing, waiting & others)
    assert counts_of(given)[classes[0]] == (waiting & ~others).sum()
    assert sum(counts_of(split).values()) == (waiting & others).sum()


def test_gold_is_a_part_of_the_split_that_a_bar_and_the_line_ask_for(shown: OnMap) -> None:
    reviewer, split = shown.page.reviewer, child(shown.page, "chart-split")
    assert isinstance(split, KindChart)
    n = int(reviewer.facts.gold.sum())
    assert counts_of(split)["gold"] == n > 0 and sum(counts_of(split).values()) == reviewer.facts.n
    QTest.mouseClick(kind_row(split, "gold"), LEFT)
    assert np.array_equal(shown.page.points.passing, reviewer.facts.gold)
    assert [str(one) for one in tokens(reviewer.worklist.filter, reviewer.facts)] == ["split:gold"]
    assert parse("split:gold", reviewer.facts) == Filter(splits=(3,))


def test_reasons_are_counted_as_the_filter_asks_for_them_and_reviewers_come_with_their_verdicts(shown: OnMap) -> None:
    reviewer, project = shown.page.reviewer, shown.session.project
    reasons = child(shown.page, "chart-reason")
    assert isinstance(reasons, KindChart)
    for place, (name, mask) in enumerate(reviewer.facts.reasons.items()):
        if place in reasons.rows:
            assert counts_of(reasons)[reasons.rows[place].text()] == mask.sum(), name
    assert shown.page.findChild(KindChart, "chart-reviewer") is None
    shown.session.preferences.others_hidden = False
    project.journal.record([0, 1], "keep", who="Ada")
    shown.session.tell(project.journal.record([1, 2], "unsure", who="Bo"))
    people = child(shown.page, "chart-reviewer")
    assert isinstance(people, KindChart) and counts_of(people) == {"Ada": 1, "Bo": 2}
    QTest.mouseClick(kind_row(people, "Bo"), LEFT)
    assert set(np.flatnonzero(shown.page.points.passing)) == {1, 2}
    shown.session.tell(project.journal.undo())
    assert counts_of(people) == {"Ada": 2, "Bo": 0}


def matrix_of(shown: OnMap) -> MatrixView:
    QTest.mouseClick(child(shown.page, "open-confusions"), LEFT)
    view = child(shown.page, "matrix")
    assert isinstance(view, MatrixView) and view.isVisible()
    return view


def press_segment(shown: OnMap, name: str, place: int) -> None:
    bar = child(shown.page, name)
    QTest.mouseClick(bar, LEFT, pos=QPoint(round((place + 0.5) * bar.width() / (2 if name != "matrix-counts" else 3)), 10))


def test_a_cell_of_the_confusion_matrix_filters_and_does_not_narrow_itself(shown: OnMap) -> None:
    reviewer = shown.page.reviewer
    view, facts = matrix_of(shown), shown.page.reviewer.facts
    assert not shown.page.canvas.isVisible()
    whole = view._values.copy()
    assert whole.sum() == facts.n
    given, suggested = 1, 0
    assert whole[given, suggested]
    QTest.mouseClick(view, LEFT, pos=view.cell_rect(given, suggested).center().toPoint())
    assert reviewer.worklist.filter.pairs == ((given, suggested),)
    inside = (facts.given == given) & (facts.suggested == suggested)
    assert np.array_equal(shown.page.points.passing, inside) and np.array_equal(view._values, whole)
    press_segment(shown, "matrix-counts", 1)
    rates = 100 * whole / whole.sum(1, keepdims=True)
    assert np.allclose(view._values, rates)
    press_segment(shown, "matrix-counts", 2)
    blind = reviewer.all_blind()
    told = np.array(facts.suggested)
    told[blind] = facts.given[blind]  # what was drawn at random tells no suggestion yet
    expected = confusion_matrix(facts.given, told, 3, weight=facts.suspicion)
    assert np.allclose(view._values, expected)
    shown.key("Escape")
    assert shown.page.canvas.isVisible() and reviewer.worklist.filter.pairs


def test_the_matrix_stands_against_the_label_now_and_its_cells_can_be_typed(shown: OnMap) -> None:
    reviewer, project = shown.page.reviewer, shown.session.project
    item = int(np.flatnonzero((project.given == 2) & ~project.gold)[0])
    shown.session.tell(project.journal.record([item], "relabel", 0))
    view = matrix_of(shown)
    press_segment(shown, "matrix-suggested", 1)
    assert view._values[2, 0] == 1
    view.setFocus()
    shown.key("Down")  # the first cell
    at = view._at
    while at != (2, 0):
        order = view._order
        shown.key("Down" if order.index(at[0]) < order.index(2) else "Up" if order.index(at[0]) > order.index(2) else "Right")
        assert view._at != at
        at = view._at
    shown.key("Return")
    assert reviewer.worklist.filter.became == ((2, 0),)
    assert np.flatnonzero(shown.page.points.passing).tolist() == [item]
    said = " ".join(str(one) for one in tokens(reviewer.worklist.filter, reviewer.facts))
    assert said == f"became:{project.classes[2]}→{project.classes[0]}"
    assert parse(said, reviewer.facts) == reviewer.worklist.filter
    assert "1 item" in view.accessibleDescription()


def test_a_hundred_and_fifty_classes_fit_zoom_and_stand_beside_what_they_are_taken_for(qtbot: QtBot) -> None:
    k, rng = 150, np.random.default_rng(0)
    pairs = rng.permutation(k).reshape(-1, 2)
    counts = np.eye(k) * 40 + rng.poisson(0.05, (k, k))
    for a, b in pairs:
        counts[a, b] = counts[b, a] = 9
    order = alike_order(counts)
    assert sorted(order) == list(range(k))
    apart = [abs(order.index(a) - order.index(b)) for a, b in pairs]
    assert np.mean(np.array(apart) == 1) > 0.9 and np.mean([abs(a - b) == 1 for a, b in pairs]) < 0.1
    view = MatrixView([f"class {one}" for one in range(k)])
    qtbot.addWidget(view)
    view.resize(900, 700)
    view.show()
    view.show_values(counts, order, (), decimals=0)
    a, b = (int(one) for one in pairs[0])
    whole = view.cell_rect(a, b)
    assert view.rect().toRectF().contains(view.cell_rect(order[-1], order[-1])) and whole.width() > 3.5
    event = QWheelEvent(
        whole.center(), whole.center(), QPoint(), QPoint(0, 1200), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)
    near = view.cell_rect(a, b)
    assert near.width() > 30, "large enough for a name and a number"
    assert near.contains(whole.center())
    with qtbot.waitSignal(view.chosen) as told:
        QTest.mouseClick(view, LEFT, pos=near.center().toPoint())
    assert told.args == [a, b, False]


def test_calibration_counts_what_is_right_and_a_step_filters(shown: OnMap) -> None:
    reviewer = shown.page.reviewer
    QTest.mouseClick(child(shown.page, "open-calibration"), LEFT)
    plot = child(shown.page, "reliability")
    assert isinstance(plot, ReliabilityPlot)
    facts, found = reviewer.facts, plot._found
    assert found is not None and facts.fields is not None
    probs = shown.session.project.any_ranking.probs
    known = np.flatnonzero(np.isfinite(facts.suspicion))
    top, right = probs[known].max(1), probs[known].argmax(1) == facts.given[known]
    step = int(np.argmax(found.count))
    inside = (top >= step / 10) & ((top < (step + 1) / 10) | (step == 9))
    assert found.count.sum() == len(known) and found.count[step] == inside.sum()
    assert found.right[step] == pytest.approx(right[inside].mean()) and found.low[step] <= found.right[step] <= found.high[step]
    square = plot.square
    QTest.mouseClick(
        plot, LEFT, pos=QPoint(round(square.left() + (step + 0.5) / 10 * square.width()), round(square.center().y()))
    )
    assert np.array_equal(np.flatnonzero(shown.page.points.passing), known[inside])
    assert plot._asked == step and plot._found.count.sum() == len(known), "its own condition does not narrow it"
    said = " ".join(str(one) for one in tokens(reviewer.worklist.filter, facts))
    reviewer.show(parse(said, facts))
    assert plot._asked == step, "what was saved is the same step"


def test_calibration_tells_probabilities_that_are_too_sure() -> None:
    rng = np.random.default_rng(0)
    truth = rng.uniform(0.3, 0.9, 20_000)
    honest = reliability(truth, rng.random(len(truth)) < truth)
    sure = reliability(truth + 0.1, rng.random(len(truth)) < truth)
    assert honest.error < 0.02 and sure.error == pytest.approx(0.1, abs=0.02) and sure.excess == pytest.approx(0.1, abs=0.02)
    none = reliability(np.array([np.nan]), np.array([True]))
    assert none.count.sum() == 0 and np.isnan(none.error)


def test_charts_tell_a_second_reviewer_nothing_of_the_first_and_say_how_much_is_kept_back(shown: OnMap) -> None:
    def counts() -> list[str]:
        chart = child(shown.page, "chart-status")
        assert isinstance(chart, KindChart)
        return [row.accessibleName() for row in chart.findChildren(KindRow)]

    reviewer, session = shown.page.reviewer, shown.session
    before = counts()
    session.preferences.reviewer = "Anna"
    session.prefer()
    item = int(reviewer.worklist.rows[0])
    shown.click(item)
    shown.key("E")
    shown.bot.waitUntil(lambda: counts() != before)
    line = child(shown.page, "kept_back")
    assert not line.isVisible()
    session.preferences.reviewer = "Ben"
    session.prefer()
    shown.bot.waitUntil(lambda: counts() == before)
    line = child(shown.page, "kept_back")
    assert isinstance(line, Label) and line.isVisible() and line.full_text() == "1 decision of others is kept back"
