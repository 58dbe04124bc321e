"""From Create to the first item: one bar, and reviewing while the model still looks at the rest."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from badcase.prediction import early_review
from badcase.progress import RANKED, Progress
from badcase.project import Project
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.review.page import ReviewPage
from badcase.ui.desktop.start.assistant import MANY
from tests.projects import write_texts

WAIT_MS = 240_000


def press(key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget(), key, held)


def test_the_first_items_are_reviewed_while_the_rest_is_predicted_and_the_others_come_behind(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    write_texts(tmp_path / "subjects.csv", MANY, wrong=MANY // 10)
    bars: list[float] = []
    window.lane.state.connect(lambda job: bars.append(job.share or 0.0) if not job.over else None)
    window.entrance.show_assistant(tmp_path / "subjects.csv")
    qtbot.waitUntil(window.entrance.assistant.create_button.isEnabled, timeout=WAIT_MS)
    window.entrance.assistant.form.place.set_text(str(tmp_path / "subjects"))
    press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.session is not None and window.session.busy, timeout=WAIT_MS)
    assert window.session is not None
    page = window.findChild(ReviewPage)
    assert page is not None
    reviewer = page.reviewer
    assert reviewer.current is None and page.centre._why_empty is not None
    assert "as soon as some are known" in page.centre._why_empty.sentence

    qtbot.waitUntil(lambda: reviewer.current is not None, timeout=WAIT_MS)
    assert reviewer.early and window.session.project.predictions.current is None
    waiting = len(reviewer.worklist)
    judged = reviewer.current
    press(Qt.Key.Key_Space)
    listed, strip = reviewer.worklist, page.centre.strip
    stood = [int(listed.rows[row]) for row, _place in strip.places()]
    current = reviewer.current
    assert judged in stood and window.session.project.verdicts[judged]

    qtbot.waitUntil(lambda: window.session is not None and not window.session.busy, timeout=WAIT_MS)
    assert window.session.project.predictions.current is not None and not reviewer.early
    assert reviewer.current == current
    assert [int(listed.rows[row]) for row, _place in strip.places()] == stood
    assert len(listed) > 2 * waiting  # the queue has filled in behind the cursor
    assert [(before, after) for before, after in pairwise(bars) if after < before] == [] and len(set(bars)) > 5


def test_what_a_stopped_prediction_had_found_is_reviewed_and_not_called_nothing(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever stopped it with forty cases in the queue read that no model had looked at the items."""
    monkeypatch.setattr(early_review, "FIRST", 100)
    monkeypatch.setattr(early_review, "_A_CLASS", 1)
    write_texts(tmp_path / "subjects.csv", 480, wrong=48)
    with Project.create(tmp_path / "subjects", tmp_path / "subjects.csv") as project:
        job = project.predicting("chargrams", batch_size=20, early=True)
        next(step for step in job if isinstance(step, Progress) and step.values.get(RANKED))
        job.close()
    window.open_project(tmp_path / "subjects")
    assert window.session is not None and window.session.project.predictions.current is None
    page = window.findChild(ReviewPage)
    assert page is not None
    reviewer, waiting = page.reviewer, len(page.reviewer.worklist)
    assert reviewer.early and reviewer.current is not None and waiting > 2
    for _item in range(waiting):
        press(Qt.Key.Key_Space)
    assert reviewer.current is None and page.centre._why_empty is not None
    assert "was stopped" in page.centre._why_empty.sentence
    qtbot.wait(50)
    assert window.errors.isHidden() and not window.lane.quiet  # nothing is learnt from what is not predicted
