"""The axes are round and hold their data; the curves show what was reported."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from badcase.ui.desktop.plots.curves import Curve, CurvePlot, EpochMark
from badcase.ui.desktop.plots.intervals import IntervalPlot, IntervalRow
from badcase.ui.desktop.plots.scale import round_ticks, tick_texts, whole_ticks
from badcase.ui.desktop.train.runs.history import RunHistory

FINITE = st.floats(-1e6, 1e6, allow_nan=False)


@given(FINITE, FINITE, st.integers(2, 6))
def test_an_axis_holds_its_data_in_a_few_even_steps(one: float, other: float, intervals: int) -> None:
    low, high = sorted((one, other))
    ticks = round_ticks(low, high, intervals)
    room = 1e-6 * max(1.0, abs(low), abs(high))
    assert ticks[0] <= low + room and ticks[-1] >= high - room
    assert 2 <= len(ticks) <= intervals + 1
    assert np.allclose(np.diff(ticks), ticks[1] - ticks[0])


@given(st.integers(2, 10_000), st.integers(2, 12))
def test_epochs_on_an_axis_rise_and_do_not_crowd(last: int, at_most: int) -> None:
    ticks = whole_ticks(1, last, at_most)
    assert ticks[0] == 1 and ticks[-1] <= last
    assert list(ticks) == sorted(set(ticks))
    assert len(ticks) <= at_most + 1


def test_numbers_on_an_axis_are_short_and_have_a_real_minus() -> None:
    assert tick_texts((0.0, 0.5, 1.0)) == ["0", "0.5", "1.0"]
    assert tick_texts((-2.0, 0.0, 2.0)) == ["−2", "0", "2"]
    assert tick_texts((0.0, 2e-5, 4e-5)) == ["0", "2e-5", "4e-5"]


def test_the_training_curve_shows_the_loss_since_the_last_report_not_the_mean_of_the_epoch() -> None:
    """Reports inside an epoch are means since its start: drawn as they are, every epoch began with a step."""
    history = RunHistory()
    for epoch, mean in ((0.5, 4.0), (1.0, 3.0), (1.5, 1.0), (2.0, 0.75)):
        history.add({"epoch": epoch, "train_loss": mean})
    history.add({"epoch": 2, "train_loss": 0.75, "validation_loss": 1.5})
    epochs, losses = history.curve("train_loss")
    assert epochs.tolist() == [0.5, 1.0, 1.5, 2.0]
    assert losses.tolist() == [4.0, 2.0, 1.0, 0.5]
    assert history.epochs == 2


@pytest.mark.parametrize("y", [[], [1.0], [2.0, 2.0], [np.nan, np.inf], [1e9, -1e9]])
def test_a_plot_draws_whatever_a_run_can_say(qtbot: QtBot, y: list[float]) -> None:
    plot = CurvePlot()
    qtbot.addWidget(plot)
    plot.resize(320, 200)
    curve = Curve(np.arange(1.0, len(y) + 1), np.array(y), "accent", "validation")
    plot.show_curves([curve], x_end=5, mark=EpochMark(1, "kept, epoch 1"))
    assert not plot.grab().isNull()


def test_an_interval_that_holds_zero_is_hollow_and_one_that_does_not_is_filled(qtbot: QtBot) -> None:
    plot = IntervalPlot()
    qtbot.addWidget(plot)
    plot.resize(600, 200)

    def filled(low: float) -> bool:
        plot.show_rows([IntervalRow("Accuracy, %", "86.1", "88.9", "+2.8", 2.8, low, 4.4)])
        image = plot.grab().toImage()
        inside = [image.pixelColor(x, y) for x in range(150, 410) for y in range(35, 65)]
        return any(color.blue() - color.red() > 100 for color in inside)

    assert filled(1.2)
    assert not filled(-0.4)


def test_every_row_has_whiskers_where_accuracy_is_a_tie(qtbot: QtBot) -> None:
    """Two whiskers of the log loss that stand apart, whatever the shares above it say."""
    plot = IntervalPlot()
    qtbot.addWidget(plot)
    plot.resize(600, 200)
    loss = IntervalRow("Log loss", "0.300", "0.310", "+0.010", -0.01, -0.03, 0.01, own_scale=True)
    for half in (0.0, 1.3):
        tie = IntervalRow("Accuracy, %", "86.1", "86.1", "+0.0", 0.0, -half, half)
        plot.show_rows([tie, loss])
        image, middle = plot.grab().toImage(), 30 + 38 + 19
        inked = [
            x
            for x in range(160, 400)
            if all(image.pixelColor(x, middle + off) != image.pixelColor(155, middle + off) for off in (-4, 4))
        ]
        assert inked and max(inked) - min(inked) > 60


def test_an_epoch_that_is_looked_at_on_its_way_is_drawn_on_its_way() -> None:
    history = RunHistory()
    for epoch, mean in ((0.25, 4.0), (0.5, 2.0)):  # the mean since the start
        history.add({"epoch": epoch, "train_loss": mean})
    history.add({"epoch": 0.5, "train_loss": 2.0, "validation_loss": 1.5})
    for epoch, mean in ((0.75, 1.0), (1.0, 0.75)):  # the mean since the look at 0.5
        history.add({"epoch": epoch, "train_loss": mean})
    history.add({"epoch": 1.0, "train_loss": 0.75, "validation_loss": 1.0})
    assert history.curve("train_loss")[0].tolist() == [0.25, 0.5, 0.75, 1.0]
    assert history.curve("train_loss")[1].tolist() == [4.0, 0.0, 1.0, 0.5]
    assert history.curve("validation_loss")[0].tolist() == [0.5, 1.0] and history.epochs == 1


def test_a_run_that_goes_on_forgets_what_came_after_its_state() -> None:
    history = RunHistory()
    for epoch in (1.0, 2.0, 3.0):
        history.add({"epoch": epoch, "train_loss": 1.0, "validation_loss": 1.0})
    for epoch in (1.5, 2.0):
        history.add({"epoch": epoch, "train_loss": 0.5})
    history.add({"epoch": 2.0, "train_loss": 0.5, "validation_loss": 0.25})
    assert history.curve("validation_loss")[1].tolist() == [1.0, 0.25]
    assert history.curve("train_loss")[0].tolist() == [1.0, 1.5, 2.0]


def test_a_single_epoch_that_is_looked_at_has_the_whole_axis(qtbot: QtBot) -> None:
    plot = CurvePlot()
    qtbot.addWidget(plot)
    plot.resize(320, 200)

    def axis(*x: float) -> tuple[float, float]:
        plot.show_curves([Curve(np.array(x), np.ones(len(x)), "accent", "validation")], x_end=1)
        assert not plot.grab().isNull()
        scale = plot.scales()[0]
        return scale.low, scale.high

    assert axis(0.25, 0.5) == axis(0.25, 0.5, 0.75, 1.0) == (0.0, 1.0)
    assert axis(1.0) == axis() == (1.0, 2.0)  # one point needs some room
