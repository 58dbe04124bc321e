"""The map page on a small real project, beside the review page on the same session, as the window has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeySequence, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from badcase.project import Project
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import WorkerLane
from badcase.ui.desktop.map.map_ground import GroundState
from badcase.ui.desktop.map.page import MapPage
from badcase.ui.desktop.review.page import ReviewPage
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.session.view_state import ViewState
from badcase.ui.desktop.shell.pages import ProjectPages
from tests.ui.desktop.review.conftest import _sessions, bare, made, opened_copy, predict_from_shape, project

__all__ = ["bare", "made", "opened_copy", "predict_from_shape", "project"]

NO_KEY = Qt.KeyboardModifier.NoModifier


@dataclass
class OnMap:
    """The map in a stack of pages."""

    page: MapPage
    session: Session
    pages: ProjectPages
    bot: QtBot

    @property
    def selected(self) -> set[int]:
        return set(self.page.selected.tolist())

    def key(self, *names: str) -> None:
        """Press keys where the focus is, as a person does."""
        for name in names:
            combination = QKeySequence(name)[0]
            target = QApplication.focusWidget() or self.page.canvas
            QTest.keyClick(target, combination.key(), combination.keyboardModifiers())

    def at(self, item: int) -> QPoint:
        """The pixel of an item on the map."""
        return self.page.canvas.place(item).toPoint()

    def click(self, item: int, held: Qt.KeyboardModifier = NO_KEY) -> None:
        QTest.mouseClick(self.page.canvas, Qt.MouseButton.LeftButton, held, self.at(item))

    def drag(
        self, corners: list[QPoint], held: Qt.KeyboardModifier = NO_KEY, button: Qt.MouseButton = Qt.MouseButton.LeftButton
    ) -> None:
        """Press at the first place, move over the others, let go at the last."""
        canvas = self.page.canvas

        def send(kind: QEvent.Type, at: QPoint, buttons: Qt.MouseButton) -> None:
            event = QMouseEvent(kind, QPointF(at), QPointF(canvas.mapToGlobal(at)), button, buttons, held)
            QApplication.sendEvent(canvas, event)

        send(QEvent.Type.MouseButtonPress, corners[0], button)
        for one in corners[1:]:
            send(QEvent.Type.MouseMove, one, button)
        send(QEvent.Type.MouseButtonRelease, corners[-1], Qt.MouseButton.NoButton)

    def point(self, item: int) -> None:
        """Let the pointer rest on an item."""
        canvas, at = self.page.canvas, QPointF(self.at(item))
        none = Qt.MouseButton.NoButton
        event = QMouseEvent(QEvent.Type.MouseMove, at, QPointF(canvas.mapToGlobal(at.toPoint())), none, none, NO_KEY)
        QApplication.sendEvent(canvas, event)

    def around(self, items: list[int], room: int = 6) -> list[QPoint]:
        """The corners of a box around some items, in pixels."""
        places = np.array([[self.at(item).x(), self.at(item).y()] for item in items])
        (left, top), (right, bottom) = places.min(0) - room, places.max(0) + room
        return [QPoint(x, y) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))]

    def in_box(self, corners: list[QPoint]) -> set[int]:
        """The items whose pixels lie in a box."""
        left, top = min(one.x() for one in corners), min(one.y() for one in corners)
        right, bottom = max(one.x() for one in corners), max(one.y() for one in corners)
        places = {item: self.page.canvas.place(item) for item in range(self.page.reviewer.facts.n)}
        return {item for item, at in places.items() if left <= at.x() <= right and top <= at.y() <= bottom}

    def wait_ready(self) -> None:
        self.bot.waitUntil(lambda: self.page.ground.state is GroundState.READY)


Show = Callable[[Project], OnMap]


@pytest.fixture
def show(qtbot: QtBot, qapp: QApplication, tmp_path: Path, lane: WorkerLane) -> Iterator[Show]:
    pool = DecodingPool()
    kept: list[object] = []

    def open_map(project: Project) -> OnMap:
        session = Session(project, lane, pool, ViewState(tmp_path / "view.json"))
        _sessions.append(session)  # the project closes what is open on it
        stack = QStackedWidget()
        qtbot.addWidget(stack)
        stack.resize(1440, 820)
        pages = ProjectPages(session, stack)
        session.changed.connect(pages.refresh)
        session.navigate.connect(lambda page, _what: pages.show(page))
        stack.show()
        qtbot.waitExposed(stack)
        stack.activateWindow()
        review = pages.show("review")
        assert isinstance(review, ReviewPage)
        page = pages.show("map")
        assert isinstance(page, MapPage)
        kept.extend([stack, pages, review, page, page.filter_field, review.filter_field])
        return OnMap(page, session, pages, qtbot)

    yield open_map
    pool.close()


@pytest.fixture
def shown(show: Show, project: Project) -> OnMap:
    on = show(project)
    on.wait_ready()
    return on


def child(page: QWidget, name: str) -> QWidget:
    found = page.findChild(QWidget, name)
    assert found is not None, name
    return found
