"""The ways to the blind check in the window: the strip, the palette, the comparison; and the way back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from badcase.project import Project
from badcase.store.run_table import RunKind
from badcase.ui.desktop.main_window import MainWindow
from tests.training.projects import write_noisy_texts
from tests.ui.desktop.test_main_window import part


@pytest.fixture
def opened(window: MainWindow, tmp_path: Path) -> MainWindow:
    write_noisy_texts(tmp_path / "texts.csv", 60, wrong=0.0)
    with Project.create(tmp_path / "project", tmp_path / "texts.csv") as made:
        for _run in range(2):
            number = made.runs.add(kind=RunKind.TRAINING, title="made", state="done")
            np.save(made.runs.get(number).folder / "logits.npy", (4 * np.eye(3)[made.given]).astype(np.float16))
    window.open_project(tmp_path / "project")
    return window


def page(window: MainWindow) -> QWidget:
    return part(window, "gold")


def facts(window: MainWindow) -> str:
    return window.strip.facts.accessibleName()


def test_the_strip_leads_to_the_check_and_tells_how_far_it_is(opened: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(opened.strip.gold.isVisible)
    qtbot.mouseClick(opened.strip.gold, Qt.MouseButton.LeftButton)
    assert page(opened).isVisible()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "answered blind: 0" in facts(opened))
    assert not opened.strip.gold.isVisible() and "comparisons stand on the labels as given" in facts(opened)
    QTest.keyClicks(QApplication.focusWidget(), "1")
    qtbot.waitUntil(lambda: "answered blind: 1" in facts(opened))
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert part(opened, "review").isVisible()
    qtbot.waitUntil(opened.strip.gold.isVisible)


def test_the_palette_has_it_and_a_check_goes_on_after_the_window_was_closed(opened: MainWindow, qtbot: QtBot) -> None:
    command = next(one for one in opened.commands() if one.title == "Check gold")
    assert not command.why_not
    QTest.keyClick(opened, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(QApplication.focusWidget(), "check gold")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(opened.findChildren(QWidget, "gold")))
    QTest.keyClicks(page(opened), "1")
    QTest.keyClick(page(opened), Qt.Key.Key_Return)
    QTest.keyClicks(page(opened), "12")
    path = opened.session.project.path
    opened.close_project()
    opened.open_project(path)
    opened.check_gold()
    assert page(opened).check.answers == (0, 1)


def test_the_comparison_asks_for_the_check_of_its_own_two_runs(opened: MainWindow, qtbot: QtBot) -> None:
    opened.session.navigate.emit("train", {"compare": (2, 1)})
    qtbot.mouseClick(part(opened, "comparison_check_gold"), Qt.MouseButton.LeftButton)
    assert "run 2 and run 1" in page(opened).choice.rows["disagree"].accessibleName()
    QTest.keyClick(page(opened), Qt.Key.Key_Escape)
    assert part(opened, "comparison_check_gold").isVisible(), "back to where one came from"
