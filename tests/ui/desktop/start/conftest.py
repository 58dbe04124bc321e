"""The assistant by itself, in a window that has the keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import WorkerLane
from badcase.ui.desktop.start.assistant import Assistant


@pytest.fixture
def assistant(qtbot: QtBot, lane: WorkerLane) -> Iterator[Assistant]:
    pool = DecodingPool()
    shown = Assistant(lane, pool)
    qtbot.addWidget(shown)
    shown.resize(1200, 800)
    shown.show()
    shown.activateWindow()
    qtbot.waitUntil(shown.isActiveWindow)
    yield shown
    pool.close()
