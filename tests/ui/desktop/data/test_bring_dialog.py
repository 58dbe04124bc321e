"""Predictions that were computed elsewhere come in through the window as they do on the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit
from pytest import MonkeyPatch
from pytestqt.qtbot import QtBot

from badcase.errors import BadcaseError
from badcase.ui.desktop.data.bring_dialog import BringDialog
from badcase.ui.desktop.data.page import DataPage
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.start.path_field import PathField
from badcase.ui.desktop.widgets import Button
from tests.projects import SUBJECTS

WAIT_MS = 60_000


def _written(session: Session, path: Path) -> np.ndarray:
    """A shuffled table of probabilities that doubt the label of the fourth item."""
    project = session.project
    probs = 0.9 * np.eye(3)[project.given] + 0.1 / 3
    probs[3] = np.roll(probs[3], 1)
    frame = pd.DataFrame(probs, columns=[f"p_{name}" for name in SUBJECTS]).assign(id=list(project.items.keys))
    frame.sample(frac=1, random_state=0).to_csv(path, index=False)
    return probs


def _opened(page: DataPage, qtbot: QtBot) -> BringDialog:
    button = page.findChild(Button, "bring_predictions")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    dialog = page.window().findChild(BringDialog)
    assert isinstance(dialog, BringDialog)
    return dialog


def test_a_file_is_chosen_and_its_predictions_are_ranked(
    page: DataPage, session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: MonkeyPatch
) -> None:
    probs = _written(session, tmp_path / "probs.csv")
    dialog = _opened(page, qtbot)
    assert dialog.accept_button.why
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (str(tmp_path / "probs.csv"), ""))
    field = dialog.findChild(QLineEdit, "predictions_path")
    assert field is not None and isinstance(field.parent(), PathField)
    browse = field.parent().findChild(Button)
    qtbot.mouseClick(browse, Qt.MouseButton.LeftButton)
    assert field.text() == str(tmp_path / "probs.csv") and not dialog.accept_button.why
    trained_on = dialog.findChild(QComboBox, "trained_on")
    assert trained_on is not None
    QTest.keyClick(trained_on, Qt.Key.Key_Down)
    assert dialog.form.options()["trained_on"] == "none"
    told: list[str] = []
    session.toast.connect(lambda text, _key: told.append(text))
    with qtbot.waitSignal(session.finished, timeout=WAIT_MS):
        qtbot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
    made, ranking = session.project.predictions.current, session.project.ranking
    assert made is not None and ranking is not None
    np.testing.assert_allclose(made.probabilities(), probs, atol=2e-3)
    assert not made.trained_on.any() and ranking.order[0] == 3
    assert any("matched to items by id" in text and "read as probabilities" in text for text in told)


def test_what_is_wrong_with_a_file_is_told_and_nothing_changes(
    page: DataPage, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    _written(session, tmp_path / "probs.csv")
    table = pd.read_csv(tmp_path / "probs.csv")
    table.iloc[5:].to_csv(tmp_path / "probs.csv", index=False)
    dialog = _opened(page, qtbot)
    field = dialog.findChild(QLineEdit, "predictions_path")
    assert field is not None
    qtbot.keyClicks(field, str(tmp_path / "probs.csv"))
    with qtbot.waitSignal(session.failed, timeout=WAIT_MS) as failed:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert failed.args is not None and isinstance(failed.args[0], BadcaseError)
    assert "5 items of the project have no row" in str(failed.args[0])
    assert session.project.predictions.current is None
