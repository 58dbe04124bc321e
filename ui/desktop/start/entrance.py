"""Everything in front of a project: the start page, the assistant, the demo, the look at this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from badcase.i18n import _
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import JobState, WorkerLane
from badcase.ui.desktop.shell.machine_check import MachineCheck
from badcase.ui.desktop.start.assistant import Assistant
from badcase.ui.desktop.start.page import StartPage
from badcase.ui.desktop.start.recent import RecentProjects

_DEMOS = {"image": "digits-demo", "text": "texts-demo"}


class Entrance(QStackedWidget):
    """Ends in the path of a project to open."""

    open_wanted = Signal(Path)
    predict_wanted = Signal(Path, object)  # a project to open, and the options of the prediction to start in it
    commands_wanted = Signal()
    settings_wanted = Signal()
    failed = Signal(object)  # BadcaseError

    def __init__(self, lane: WorkerLane, pool: DecodingPool, recent: RecentProjects, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lane = lane
        self.start_page = StartPage(recent, pool)
        self.assistant = Assistant(lane, pool)
        self.addWidget(self.start_page)
        self.addWidget(self.assistant)
        start = self.start_page
        start.open_wanted.connect(self.open_wanted)
        start.new_wanted.connect(self.show_assistant)
        start.demo_wanted.connect(self.open_demo)
        start.check_wanted.connect(self.check_machine)
        start.stop_wanted.connect(lane.cancel)
        start.commands_wanted.connect(self.commands_wanted)
        start.settings_wanted.connect(self.settings_wanted)
        self.assistant.closed.connect(self.show_start)
        self.assistant.created.connect(self._on_created)
        self.assistant.predicting.connect(self._on_predicting)
        self.assistant.failed.connect(self.failed)

    def show_start(self) -> None:
        self.start_page.refresh()
        self.setCurrentWidget(self.start_page)

    def show_assistant(self, data: Path | None = None) -> None:
        if not self._lane.busy:
            self.setCurrentWidget(self.assistant)
            self.assistant.begin(data)

    def _on_created(self, path: Path) -> None:
        self.setCurrentWidget(self.start_page)
        self.open_wanted.emit(path)

    def _on_predicting(self, path: Path, options: dict[str, Any]) -> None:
        self.setCurrentWidget(self.start_page)
        self.predict_wanted.emit(path, options)

    def open_demo(self, kind: str) -> None:
        """Open the demo project of a kind, made first where it does not exist yet."""
        path = Path.home() / "badcase" / _DEMOS[kind]
        if (path / "project.db").is_file():
            self.open_wanted.emit(path)
            return
        self._lane.start(
            "demo",
            title=_("Making the demo"),
            options={"path": str(path), "kind": kind},
            done=lambda _value: self.open_wanted.emit(path),
            failed=self.failed.emit,
            kind=kind,
        )

    def check_machine(self) -> None:
        """Let the worker look, for it may import what this process must not."""
        self._lane.start(
            "doctor",
            title=_("Checking this machine"),
            options={},
            done=lambda value: MachineCheck(self, value["findings"]).open(),
            failed=self.failed.emit,
        )

    def show_job(self, job: JobState) -> None:
        self.start_page.welcome.show_job(job)
        self.assistant.show_job(job)

    def commands(self) -> list[Command]:
        page = self.start_page if self.currentWidget() is self.start_page else self.assistant
        return page.commands()
