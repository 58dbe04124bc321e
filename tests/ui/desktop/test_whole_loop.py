"""The whole loop on real photographs through the real window: every step by key or click, every job in the worker."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.review.page import ReviewPage
from tests.part_of_data import part_of_table, part_of_zip

CTRL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
JUDGED = 20
WAIT_MS = 480_000  # the worker is polite: on a busy machine it waits


def part(window: MainWindow, name: str) -> QWidget:
    return next(widget for widget in reversed(window.findChildren(QWidget, name)) if widget.isVisible())


def table(archive: Path, name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(archive) as opened:
        return list(csv.DictReader(io.StringIO(opened.read(name).decode("utf-8-sig"))))


class Hands:
    """Keys and clicks on the window, and waiting for what they set off."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self.qtbot = window, qtbot

    def press(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        self.qtbot.keyClick(QApplication.focusWidget() or self.window, key, held)

    def fill(self, name: str, text: str) -> None:
        field = part(self.window, name)
        assert isinstance(field, QLineEdit)
        field.setFocus()
        field.selectAll()
        self.qtbot.keyClicks(field, text)

    def make_project(self, source: Path, path: Path) -> Project:
        self.press(Qt.Key.Key_N, CTRL)
        self.fill("data_path", str(source))
        self.fill("project_path", str(path))
        self.qtbot.waitUntil(part(self.window, "create_project").isEnabled, timeout=WAIT_MS)
        self.press(Qt.Key.Key_Return, CTRL)
        self.qtbot.waitUntil(lambda: self.window.session is not None, timeout=WAIT_MS)
        assert self.window.session is not None
        return self.window.session.project

    def shown(self) -> int:
        """The item under review; the next one depends on the verdicts, and some are drawn at random."""
        page = part(self.window, "review")
        assert isinstance(page, ReviewPage)
        item = page.reviewer.current
        assert item is not None
        return item

    def blind(self, item: int) -> bool:
        """Whether the suggestion is kept from the person, since the item was drawn at random."""
        page = part(self.window, "review")
        assert isinstance(page, ReviewPage)
        return page.reviewer.blind(item)

    def retrain_and_accept(self, project: Project) -> None:
        assert self.window.session is not None
        finished = self.window.session.finished
        self.press(Qt.Key.Key_R, CTRL)
        with self.qtbot.waitSignal(finished, timeout=WAIT_MS):
            self.press(Qt.Key.Key_Return)
        self.qtbot.waitUntil(part(self.window, "comparison_accept").isVisible, timeout=10_000)
        with self.qtbot.waitSignal(finished, timeout=WAIT_MS):
            self.press(Qt.Key.Key_Return, CTRL)
        assert project.runs.current is not None
        assert project.runs.current.kind == "training"
        assert len(project.predictions.all()) == 2

    def export(self, path: Path) -> None:
        assert self.window.session is not None
        self.press(Qt.Key.Key_4, CTRL)
        self.press(Qt.Key.Key_E, CTRL)
        self.fill("export_path", str(path))
        with self.qtbot.waitSignal(self.window.session.finished, timeout=WAIT_MS):
            self.qtbot.mouseClick(part(self.window, "dialog_accept"), Qt.MouseButton.LeftButton)


@pytest.mark.timeout(900)
def test_signdigits_from_the_zip_to_the_corrected_zip(
    window: MainWindow, qtbot: QtBot, shared_data: Path, tmp_path: Path
) -> None:
    hands = Hands(window, qtbot)
    source = part_of_zip(shared_data / "signdigits_planted.zip", tmp_path / "planted.zip", every=10)
    project = hands.make_project(source, tmp_path / "signs")

    truth = {row["file"]: row["label_true"] for row in table(source, "truth.csv")}
    queue: list[int] = []
    while len(queue) < JUDGED:
        queue.append(item := hands.shown())  # the class names are digits, so the digit of the true class is its key
        hands.press(Qt.Key(int(Qt.Key.Key_0) + int(truth[project.items.key(item)])))
    counts = project.journal.counts()
    assert counts.reviewed == len(set(queue)) == JUDGED
    assert all(project.classes[project.labels[item]] == truth[project.items.key(item)] for item in queue)
    assert counts.fixed > len(queue) / 2

    hands.press(Qt.Key.Key_Z)
    assert project.journal.counts().reviewed == len(queue) - 1
    hands.press(Qt.Key(int(Qt.Key.Key_0) + int(truth[project.items.key(queue[-1])])))

    hands.retrain_and_accept(project)
    hands.export(tmp_path / "corrected.zip")
    before, after = table(source, "labels.csv"), table(tmp_path / "corrected.zip", "labels.csv")
    changed = {row["file"] for row, now in zip(before, after, strict=True) if row != now}
    assert len(changed) == project.journal.counts().fixed
    assert all(now["label"] == truth[now["file"]] for now in after if now["file"] in changed)
    assert window.errors.isHidden(), window.errors.what.text()


@pytest.mark.timeout(900)
def test_banking77_from_the_packed_table_to_the_corrected_packed_table(
    window: MainWindow, qtbot: QtBot, shared_data: Path, tmp_path: Path
) -> None:
    hands = Hands(window, qtbot)
    source = part_of_table(shared_data / "banking77.csv.gz", tmp_path / "banking.csv.gz", every=16)
    project = hands.make_project(source, tmp_path / "banking")
    assert len(project.classes) == 77

    ranking = project.ranking
    assert ranking is not None
    fixed: dict[str, str] = {}
    for place in range(30):  # a suggestion taken where one is shown, a label kept, in turn
        item = hands.shown()
        takes = place % 2 == 0 and ranking.suggested[item] != project.given[item] and not hands.blind(item)
        hands.press(Qt.Key.Key_Return if takes else Qt.Key.Key_Space)
        assert project.verdicts[item] == (VerdictCode.RELABEL if takes else VerdictCode.KEEP)
        if takes:
            fixed[project.items.key(item)] = project.classes[int(ranking.suggested[item])]
    assert project.journal.counts().fixed == len(fixed) > 5

    hands.retrain_and_accept(project)
    hands.export(tmp_path / "corrected.csv.gz")
    with gzip.open(source, "rt", newline="") as old, gzip.open(tmp_path / "corrected.csv.gz", "rt", newline="") as new:
        before, after = list(csv.DictReader(old)), list(csv.DictReader(new))
    changed = {now["id"]: now["label_name"] for was, now in zip(before, after, strict=True) if was != now}
    assert changed == fixed
    assert window.errors.isHidden(), window.errors.what.text()
