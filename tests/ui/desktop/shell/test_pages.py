"""The pages hear of every change once: not of what they began, and of what they missed when they come up."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtWidgets import QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from badcase.project import Project
from badcase.store.changes import Area, Changes
from badcase.ui import operations
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import WorkerLane
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.session.view_state import ViewState
from badcase.ui.desktop.shell import pages as shell_pages
from badcase.ui.desktop.shell.pages import ProjectPages


class Listening(QWidget):
    """A page that only keeps what it is told."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.id, self.heard = page, list[Changes]()

    def refresh(self, changes: Changes) -> None:
        self.heard.append(changes)

    def commands(self) -> list[Command]:
        return []


@pytest.fixture
def session(texts_project: Path, tmp_path: Path, qtbot: QtBot, lane: WorkerLane) -> Iterator[Session]:
    shutil.copytree(texts_project, tmp_path / "subjects")
    pool = DecodingPool()
    made = Session(Project.open(tmp_path / "subjects"), lane, pool, ViewState())
    yield made
    made.close()
    pool.close()


@dataclass(frozen=True)
class Told:
    """Two pages, of which "data" is seen, and what each has heard."""

    pages: ProjectPages
    heard: dict[str, list[Changes]]


@pytest.fixture
def told(session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    made = {page: Listening(page) for page in ("review", "data")}
    monkeypatch.setattr(shell_pages, "PAGES", {page: (page, lambda _session, page=page: made[page]) for page in made})
    stack = QStackedWidget()
    qtbot.addWidget(stack)
    pages = ProjectPages(session, stack)
    session.changed.connect(pages.refresh)
    for page in made:
        pages.show(page)
    yield Told(pages, {page: widget.heard for page, widget in made.items()})
    session.changed.disconnect(pages.refresh)
    pages.close()


def test_a_page_is_not_told_of_what_it_began_and_the_others_are(session: Session, told: Told) -> None:
    session.apply(operations.keep, origin="data", items=[1])
    assert told.heard["data"] == []
    session.apply(operations.keep, items=[2])
    assert [changes.items for changes in told.heard["data"]] == [{2}]


def test_a_page_that_is_not_seen_misses_nothing_of_others_and_gathers_nothing_of_its_own(session: Session, told: Told) -> None:
    """A refit that Review took over behind another page was told to it when it came up, and its list made anew."""
    session.tell(Changes("ranked anew", frozenset({Area.RANKING})), origin="review")
    session.apply(operations.keep, items=[3])
    session.apply(operations.keep, origin="data", items=[4])
    assert told.heard["review"] == []
    told.pages.show("review")
    assert [(changes.areas, changes.items) for changes in told.heard["review"]] == [({Area.LABELS}, {3, 4})]
    assert [(changes.areas, changes.origin) for changes in told.heard["data"]] == [
        ({Area.RANKING}, "review"),
        ({Area.LABELS}, ""),
    ]
