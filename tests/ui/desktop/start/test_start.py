"""The start page: recent projects by key and mouse, the ways in, and what survives a damaged list."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from badcase.ui.desktop.start.card import ProjectCard
from badcase.ui.desktop.start.drop_zone import DropZone
from badcase.ui.desktop.start.page import StartPage
from badcase.ui.desktop.start.recent import NextItem, RecentProjects, Summary
from badcase.ui.desktop.widgets import SearchField


def summary(path: Path, **values: object) -> Summary:
    path.mkdir(parents=True, exist_ok=True)
    (path / "project.db").touch()
    now = datetime.now(UTC).isoformat()
    return Summary(path=str(path), opened=now, kind="text", items=90, classes=3, left=(45, 31, 60), **values)  # type: ignore[arg-type]


@pytest.fixture
def recent(tmp_path: Path) -> RecentProjects:
    listed = RecentProjects(tmp_path / "recent.json")
    for name in ("third", "second", "first"):
        listed.put(summary(tmp_path / name, next=(NextItem("a text", "cat", "dog"),)))
    return listed


@pytest.fixture
def page(recent: RecentProjects, qtbot: QtBot) -> Iterator[StartPage]:
    made = StartPage(recent)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.refresh()
    yield made
    made.close()


def cards(page: StartPage) -> list[ProjectCard]:
    QApplication.sendPostedEvents(None, 52)  # cards that were replaced go with a DeferredDelete
    return sorted(page.findChildren(ProjectCard), key=lambda card: card.objectName())


def test_the_newest_project_stands_first_and_opening_again_moves_it_up(recent: RecentProjects, tmp_path: Path) -> None:
    recent.put(summary(tmp_path / "third"))
    assert [row.name for row in recent.all()] == ["third", "first", "second"]


def test_what_a_card_shows_survives_the_file(recent: RecentProjects, tmp_path: Path) -> None:
    told = summary(tmp_path / "told", next=(NextItem("保障房", "财经", "股票"),), gold=0.971, reviewed=132)
    recent.put(told)
    assert recent.all()[0] == told


@pytest.mark.parametrize("damage", ["", "{", "[1]", '[{"path": 3, "nonsense": 1}]', "\x00"])
def test_a_damaged_list_costs_a_warning_and_never_the_start(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "recent.json").write_text(damage)
    listed = RecentProjects(tmp_path / "recent.json")
    with caplog.at_level(logging.WARNING):
        assert listed.all() == []
    assert "recent projects" in caplog.text
    listed.put(summary(tmp_path / "new"))
    assert [row.name for row in listed.all()] == ["new"]


def test_arrows_move_and_enter_opens(page: StartPage, qtbot: QtBot, tmp_path: Path) -> None:
    qtbot.keyClick(page, Qt.Key.Key_Down)
    assert [card.current for card in cards(page)] == [False, True, False]
    with qtbot.waitSignal(page.open_wanted) as told:
        qtbot.keyClick(page, Qt.Key.Key_Return)
    assert told.args == [tmp_path / "second"]


def test_a_digit_or_a_click_opens_a_project(page: StartPage, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(page.open_wanted) as told:
        qtbot.keyClick(page, Qt.Key.Key_3)
    assert told.args == [tmp_path / "third"]
    with qtbot.waitSignal(page.open_wanted) as told:
        qtbot.mouseClick(cards(page)[0], Qt.MouseButton.LeftButton)
    assert told.args == [tmp_path / "first"]


def test_typing_narrows_the_list_and_digits_belong_to_the_field(page: StartPage, qtbot: QtBot) -> None:
    opened: list[Path] = []
    page.open_wanted.connect(opened.append)
    qtbot.keyClick(page, Qt.Key.Key_Slash)
    field = page.findChild(SearchField, "find_project")
    assert field is not None
    assert field.hasFocus()
    qtbot.keyClicks(field, "thi1")
    assert opened == []
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert [card.text() for card in cards(page)] == ["third"]
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert [path.name for path in opened] == ["third"]


def test_delete_forgets_a_project_and_leaves_its_folder(page: StartPage, qtbot: QtBot, tmp_path: Path) -> None:
    qtbot.keyClick(page, Qt.Key.Key_Delete)
    assert [card.text() for card in cards(page)] == ["second", "third"]
    assert (tmp_path / "first" / "project.db").exists()


def test_a_project_whose_folder_is_gone_says_so(page: StartPage, recent: RecentProjects, tmp_path: Path) -> None:
    (tmp_path / "first" / "project.db").unlink()
    page.refresh()
    assert not cards(page)[0].summary.there
    assert not page.grab().isNull()


@pytest.mark.parametrize(("keys", "kind"), [("D", "image"), ("Shift+D", "text")])
def test_the_demos_are_one_key_away(page: StartPage, qtbot: QtBot, keys: str, kind: str) -> None:
    held = Qt.KeyboardModifier.ControlModifier
    held |= Qt.KeyboardModifier.ShiftModifier if "Shift" in keys else Qt.KeyboardModifier.NoModifier
    with qtbot.waitSignal(page.demo_wanted) as told:
        qtbot.keyClick(page, Qt.Key.Key_D, held)
    assert told.args == [kind]


def test_a_dropped_folder_begins_a_project(page: StartPage, qtbot: QtBot, tmp_path: Path) -> None:
    zone = page.findChild(DropZone)
    assert zone is not None
    dragged = QMimeData()
    dragged.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    held = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(zone, QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, dragged, *held))
    with qtbot.waitSignal(page.new_wanted) as told:
        QApplication.sendEvent(zone, QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, dragged, *held))
    assert told.args == [tmp_path]


def test_every_command_of_the_page_runs_and_has_a_title(page: StartPage) -> None:
    assert {command.keys for command in page.commands()} >= {"Ctrl+N", "Ctrl+O", "Ctrl+D"}
    assert all(command.title for command in page.commands())
