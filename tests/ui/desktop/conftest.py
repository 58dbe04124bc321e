"""Tests of the window never touch the user's own settings, and start from the light theme."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from badcase.ui.desktop.jobs.worker_lane import DecodingPool
from badcase.ui.desktop.look.theme import apply_theme
from tests.projects import write_texts


@pytest.fixture(autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for each test: recent projects, window sizes and the demos live there."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    return home


@pytest.fixture(autouse=True)
def light(qapp: object, qtbot: QtBot) -> None:
    apply_theme(qapp, "light")  # type: ignore[arg-type]


@pytest.fixture
def pool(qtbot: QtBot) -> Iterator[DecodingPool]:
    """A pool of one thread."""
    made = DecodingPool(threads=1)
    yield made
    made.close()


@pytest.fixture(scope="session")
def texts_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small predicted project of texts, made by the program itself; copy it before changing it."""
    folder = tmp_path_factory.mktemp("texts")
    write_texts(folder / "subjects.csv", 240, wrong=16)
    for arguments in (["new", "subjects", "--data", "subjects.csv"], ["predict", "subjects"], ["rank", "subjects"]):
        subprocess.run([sys.executable, "-m", "badcase.ui.cli", *arguments], cwd=folder, check=True, capture_output=True)
    return folder / "subjects"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A window that a test leaves behind is freed in this thread: no thread of this or of a later test may do it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.enable()
