"""The whole loop on real photographs through the real window: every step by key or click, every job in the worker."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from ui.desktop.main_window import MainWindow

CTRL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
JUDGED = 60
WAIT_MS = 480_000  # the worker is polite: on a busy machine it waits


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow()
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.lane.close()
    made.close()


def part(window: MainWindow, name: str) -> QWidget:
    return next(widget for widget in reversed(window.findChildren(QWidget, name)) if widget.isVisible())


def table(archive: Path, name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(archive) as opened:
        return list(csv.DictReader(io.StringIO(opened.read(name).decode("utf-8-sig"))))


@pytest.mark.timeout(900)
def test_signdigits_from_the_zip_to_the_corrected_zip(
    window: MainWindow, qtbot: QtBot, shared_data: Path, tmp_path: Path
) -> None:
    def press(key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        qtbot.keyClick(QApplication.focusWidget() or window, key, held)

    def fill(name: str, text: str) -> None:
        field = part(window, name)
        assert isinstance(field, QLineEdit)
        field.setFocus()
        field.selectAll()
        qtbot.keyClicks(field, text)

    source = shared_data / "signdigits_planted.zip"
    press(Qt.Key.Key_N, CTRL)
    fill("data_path", str(source))
    fill("project_path", str(tmp_path / "signs"))
    qtbot.waitUntil(part(window, "create_project").isEnabled, timeout=WAIT_MS)
    press(Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: window.session is not None, timeout=WAIT_MS)
    session = window.session
    assert session is not None
    project = session.project

    truth = {row["file"]: row["label_true"] for row in table(source, "truth.csv")}
    ranking = project.ranking
    assert ranking is not None
    queue = [int(item) for item in ranking.order if ranking.flagged[item]][:JUDGED]
    for item in queue:  # the class names are digits, so the digit of the true class is its key
        press(Qt.Key(int(Qt.Key.Key_0) + int(truth[project.items.key(item)])))
    counts = project.counts()
    assert counts.reviewed == len(queue)
    assert all(project.classes[project.labels[item]] == truth[project.items.key(item)] for item in queue)
    assert counts.fixed > len(queue) / 2

    press(Qt.Key.Key_Z)
    assert project.counts().reviewed == len(queue) - 1
    press(Qt.Key(int(Qt.Key.Key_0) + int(truth[project.items.key(queue[-1])])))

    press(Qt.Key.Key_R, CTRL)
    with qtbot.waitSignal(session.finished, timeout=WAIT_MS):
        press(Qt.Key.Key_Return)
    qtbot.waitUntil(part(window, "comparison_accept").isVisible, timeout=10_000)
    with qtbot.waitSignal(session.finished, timeout=WAIT_MS):
        press(Qt.Key.Key_Return, CTRL)
    assert project.current_run is not None
    assert project.current_run.kind == "training"
    assert len(project.prediction_sets()) == 2

    press(Qt.Key.Key_3, CTRL)
    press(Qt.Key.Key_E, CTRL)
    fill("export_path", str(tmp_path / "corrected.zip"))
    with qtbot.waitSignal(session.finished, timeout=WAIT_MS):
        qtbot.mouseClick(part(window, "dialog_accept"), Qt.MouseButton.LeftButton)
    before, after = table(source, "labels.csv"), table(tmp_path / "corrected.zip", "labels.csv")
    changed = {row["file"] for row, now in zip(before, after, strict=True) if row != now}
    assert len(changed) == project.counts().fixed
    assert all(now["label"] == truth[now["file"]] for now in after if now["file"] in changed)
    assert window.errors.isHidden(), window.errors.what.text()
