"""Tests of the window never touch the user's own settings, and start from the light theme."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ui.desktop.theme import apply_theme


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
