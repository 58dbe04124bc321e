"""Images that are not at their path any more: the canvas says which path, and "Locate…" finds them again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QLabel

from badcase.project import Project
from badcase.ui.desktop.widgets import EmptyState
from tests.ui.desktop.review.conftest import Show, Shown, child, click

WAIT_MS = 60_000


@pytest.fixture
def moved(project: Project, made: Path, tmp_path: Path) -> Path:
    """The images of the project lie elsewhere than it thinks."""
    shutil.copytree(made / "data", tmp_path / "data")
    project.relocate(tmp_path / "data")
    return (tmp_path / "data").rename(tmp_path / "disk")


def sentence(shown: Shown) -> str:
    """What the canvas says instead of the image."""
    centre = shown.page.centre
    shown.bot.waitUntil(lambda: centre.missing is not None, timeout=WAIT_MS)
    (reason,) = [one for one in centre.findChildren(EmptyState) if one.isVisible()]
    return " ".join(label.text() for label in reason.findChildren(QLabel))


def test_the_canvas_says_which_folder_is_missing_and_locate_brings_the_images_back(
    show: Show, project: Project, moved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = show(project)
    assert f"{tmp_path / 'data'} is not there any more" in sentence(shown)
    asked: list[str] = []

    def choose(_over: object, title: str, start: str) -> str:
        asked.append(title)
        return str(moved)

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", choose)
    with shown.bot.waitSignal(shown.session.toast, timeout=WAIT_MS) as told:
        click(child(shown.page, "empty_state_button"))
    assert asked == ["Where is data now?"]
    assert told.args[0] == "90 of 90 items found"
    centre = shown.page.centre
    shown.bot.waitUntil(lambda: centre.image.isVisible() and centre.image.image is not None, timeout=WAIT_MS)
    assert centre.missing is None
    assert project.source.location == moved


def test_the_key_does_the_same_and_other_data_are_refused_in_words(
    show: Show, project: Project, moved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = show(project)
    sentence(shown)
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_arguments: str(tmp_path / "empty"))
    with shown.bot.waitSignal(shown.session.failed, timeout=WAIT_MS) as told:
        shown.key("Ctrl+L")
    assert "this is not the data set of the project" in told.args[0].what
    assert shown.page.centre.missing is not None
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_arguments: "")
    shown.key("Ctrl+L")  # the person changed their mind
    assert not shown.session.busy


def test_one_image_that_is_gone_is_named_and_verdicts_go_on(show: Show, project: Project, made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "data", tmp_path / "data")
    project.relocate(tmp_path / "data")
    assert project.any_ranking is not None
    for item in project.any_ranking.order[:20]:
        (tmp_path / "data" / project.items.text(int(item))).unlink()
    shown = show(project)
    first = shown.current
    assert f"{tmp_path / 'data' / project.items.text(first)} is not there any more" in sentence(shown)
    shown.key("Space")
    assert project.verdicts[first] != 0
    assert shown.current != first
