"""The window asks before code of a project runs: once, with the code to read, and Enter does not run it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from badcase.project import Project
from badcase.trust import gate
from badcase.trust.foreign_code import named_code
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.shell.trust_question import TrustQuestion
from tests.ui.desktop.conftest import WarmLane

CODE = "__import__('pathlib').Path(__file__ + '.ran').touch()\ndef build(): return '<b>no network</b>'\n"


@pytest.fixture
def theirs(texts_project: Path, tmp_path: Path, lane: WarmLane) -> Path:
    """A project whose model is built by code that lies in it; the worker has the settings of this test."""
    lane.leave()
    shutil.copytree(texts_project, tmp_path / "theirs")
    (tmp_path / "theirs" / "net_of_theirs.py").write_text(CODE)
    with Project.open(tmp_path / "theirs") as project:
        spec = {"kind": "factory", "source": "net_of_theirs:build", "task": "text", "search_path": str(project.path)}
        project.set_setting("model_spec", spec)
    return tmp_path / "theirs"


def asked(window: MainWindow, qtbot: QtBot) -> TrustQuestion:
    qtbot.waitUntil(lambda: any(one.isVisible() for one in window.findChildren(TrustQuestion)), timeout=120_000)
    return next(one for one in window.findChildren(TrustQuestion) if one.isVisible())


def press(question: TrustQuestion, qtbot: QtBot, name: str) -> None:
    button = question.findChild(QWidget, name)
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_code_of_a_project_is_shown_and_runs_once_the_person_says_yes(window: MainWindow, qtbot: QtBot, theirs: Path) -> None:
    ran = theirs / "net_of_theirs.py.ran"
    window.open_project(theirs)
    assert window.session is not None and window.errors.isHidden()

    window.session.start("predict", title="Predict")
    question = asked(window, qtbot)
    qtbot.keyClick(question, Qt.Key.Key_Return)  # the safe answer
    assert not window.errors.isHidden() and not ran.exists()
    assert "et_of_theirs:build: this code is not run" in window.errors.what.text()

    window.errors.hide()
    window.session.start("predict", title="Predict")
    question = asked(window, qtbot)
    press(question, qtbot, "trust_show")
    code = question.findChild(QPlainTextEdit, "trust_code")
    assert code is not None and code.isVisible() and CODE in code.toPlainText() and code.isReadOnly()
    press(question, qtbot, "dialog_accept")
    qtbot.waitUntil(lambda: not window.errors.isHidden(), timeout=120_000)
    assert ran.exists() and "did not return a network" in window.errors.what.text()
    gate.require(named_code("net_of_theirs:build", theirs), theirs)

    window.errors.hide()
    window.session.start("predict", title="Predict")
    qtbot.waitUntil(lambda: not window.errors.isHidden(), timeout=120_000)
    assert "did not return a network" in window.errors.what.text(), "it is asked once"


def test_an_answer_that_cannot_be_kept_is_told_and_nothing_runs(
    window: MainWindow, qtbot: QtBot, theirs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.open_project(theirs)
    assert window.session is not None
    window.session.start("predict", title="Predict")
    question = asked(window, qtbot)
    (tmp_path / "taken").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "taken"))
    press(question, qtbot, "dialog_accept")
    assert "cannot be kept" in window.errors.what.text() and not window.lane.busy
    assert not (theirs / "net_of_theirs.py.ran").exists()
