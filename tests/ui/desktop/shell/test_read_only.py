"""A project that can only be read in the window: all of it is shown, and it says that nothing can be recorded."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from badcase.project import Project
from badcase.ui.desktop.main_window import MainWindow
from tests.projects import SUBJECTS, predict_from, write_texts
from tests.ui.desktop.test_main_window import CTRL, part, press
from tests.unwritable import read_only


@pytest.mark.parametrize("ranked", [True, False])
def test_a_project_that_can_only_be_read_is_shown(window: MainWindow, qtbot: QtBot, tmp_path: Path, ranked: bool) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    truth = write_texts(folder / "subjects.csv", 48, wrong=3)
    with Project.create(folder / "project", folder / "subjects.csv") as project:
        classes = np.array([list(SUBJECTS).index(truth[key]) for key in project.items.keys])
        predict_from(project, np.eye(3)[classes] + np.random.default_rng(0).normal(0, 0.3, (48, 3)))
    if not ranked:
        for ranking in folder.glob("project/predictions/*/ranking-*"):
            shutil.rmtree(ranking)
    with read_only(folder) as shown:
        window.open_project(shown / "project")
        session = window.session
        assert session is not None and window.errors.isHidden()
        qtbot.waitUntil(lambda: session.project.ranking is not None, timeout=20_000)
        saved = part(window, "saved")
        assert isinstance(saved, QLabel) and "nothing can be recorded" in saved.text()
        assert "Nothing can be recorded" in window.note.words.text() and "opy the project" in window.note.words.text()
        assert "Nothing can be recorded" in window.strip.retrain.why
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_E, Qt.Key.Key_U, Qt.Key.Key_1):
            window.errors.hide()
            press(qtbot, window, key)
            assert "nothing can be recorded" in window.errors.what.text() and window.errors.isVisible()
        assert not np.any(session.project.verdicts)
        press(qtbot, window, Qt.Key.Key_R, CTRL)
        session.start("train", title="Training")
        assert not session.busy
        window.errors.hide()
        session.start("export", title="Export", out=tmp_path / "out.csv")
        qtbot.waitUntil(lambda: not session.busy, timeout=60_000)
        assert window.errors.isHidden(), window.errors.what.text()
        assert (tmp_path / "out.csv").is_file()
        assert session.project.ranking is not None, "it is kept in memory"
        for page in ("train", "data"):
            window.show_page(page)
        window.close_project()
        assert window.session is None and window.errors.isHidden()
