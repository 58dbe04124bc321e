"""The left side of the start page: what this program is for, and the ways in."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.jobs.worker_lane import JobState, Phase
from badcase.ui.desktop.look.theme import BUTTON_PRIMARY
from badcase.ui.desktop.shell.status_strip import pace_text, step_text
from badcase.ui.desktop.start.drop_zone import DropZone
from badcase.ui.desktop.start.machine import MachineFact, machine_facts
from badcase.ui.desktop.start.steps import Steps
from badcase.ui.desktop.widgets import Bar, Button, Hairline, IconLabel, Label, Panel, SectionTitle


class JobCard(QWidget):
    """A running job in the place of the drop zone: its name, bar, step, pace, and Stop."""

    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(8)
        self._title = Label(px=15, bold=True)
        self._bar = Bar(0.0, "accentfill", 6)
        self._step = Label(ink="text2", elide=True)
        self._pace = Label(ink="text2")
        self.stop = Button(_("Stop"), keys="Esc")
        self.stop.setObjectName("stop_start_job")
        self.stop.clicked.connect(self.stopped)
        line = QHBoxLayout()
        line.addWidget(self._step, 1)
        line.addWidget(self._pace)
        column.addStretch(1)
        for part in (self._title, self._bar):
            column.addWidget(part)
        column.addLayout(line)
        column.addSpacing(4)
        column.addWidget(self.stop, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

    def show_job(self, job: JobState) -> None:
        stopping = job.state is Phase.STOPPING
        self._title.setText(job.title)
        self._bar.set_value(job.share or 0.0)
        self._step.setText(step_text(job))
        self._pace.setText(pace_text(job))
        self.stop.setText(_("stopping") if stopping else _("Stop"))
        self.stop.setEnabled(not stopping)


class _Fact(QWidget):
    """One line about this machine."""

    def __init__(self, fact: MachineFact) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(IconLabel(fact.icon, "text2", 14))
        row.addWidget(Label(fact.name))
        row.addWidget(Label(fact.remark, ink="text2", px=12))
        row.addStretch(1)
        row.addWidget(IconLabel("check", "fixed", 14) if fact.good else IconLabel("warning", "given", 14))


class Welcome(Panel):
    """Tells what is wanted; shows a running job."""

    new_wanted = Signal()
    dropped = Signal(Path)
    open_wanted = Signal()
    demo_wanted = Signal(str)
    check_wanted = Signal()
    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self.setObjectName("welcome")
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._add_heading()
        self._drop = DropZone()
        self._drop.clicked.connect(self.new_wanted)
        self._drop.dropped.connect(self.dropped)
        self.job_card = JobCard()
        self.job_card.stopped.connect(self.stopped)
        self._place = QStackedWidget()
        self._place.addWidget(self._drop)
        self._place.addWidget(self.job_card)
        self._place.setFixedHeight(self._drop.sizeHint().height())
        self._column.addWidget(self._place)
        self._column.addSpacing(16)
        self._add_buttons()
        self._column.addSpacing(24)
        self._column.addWidget(SectionTitle(_("How it works")))
        self._column.addSpacing(8)
        self._column.addWidget(Steps(), 4)
        self._column.addStretch(1)
        self._add_machine()

    def _add_heading(self) -> None:
        brand = QHBoxLayout()
        brand.setSpacing(16)
        brand.addWidget(IconLabel("mark", size=36))
        brand.addWidget(Label("badcase", px=20, bold=True))
        brand.addStretch(1)
        self._column.addLayout(brand)
        self._column.addSpacing(24)
        self._column.addWidget(Label(_("Find the labels that are wrong."), px=28, bold=True, wrap=True))
        self._column.addSpacing(4)
        words = _(
            "Your model ranks the samples that look mislabelled. You fix each with one key, retrain, and see what you gained."
        )
        self._column.addWidget(Label(words, px=15, ink="text2", wrap=True))
        self._column.addSpacing(24)

    def _add_buttons(self) -> None:
        self._open = Button(_("Open project"), keys="Ctrl+O", icon="folder", height=BUTTON_PRIMARY)
        self._open.setObjectName("open_project")
        self._open.clicked.connect(self.open_wanted)
        self._demo = Button(_("Try it on digits"), keys="Ctrl+D", icon="play", height=BUTTON_PRIMARY)
        self._demo.setObjectName("demo_images")
        self._demo.clicked.connect(lambda: self.demo_wanted.emit("image"))
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._open, 1)
        row.addWidget(self._demo, 1)
        self._column.addLayout(row)

    def _add_machine(self) -> None:
        self._column.addWidget(Hairline())
        self._column.addSpacing(12)
        for fact in machine_facts():
            self._column.addWidget(_Fact(fact))
            self._column.addSpacing(8)
        last = QHBoxLayout()
        last.addWidget(Label(_("Everything stays on this computer."), px=12, ink="text3"), 1)
        check = Button(_("Check this machine"), flat=True, ink="accent", height=24)
        check.setObjectName("check_machine")
        check.clicked.connect(self.check_wanted)
        last.addWidget(check)
        self._column.addLayout(last)

    def show_job(self, job: JobState) -> None:
        """A job takes the place of the drop zone until it is over."""
        self.job_card.show_job(job)
        self._place.setCurrentIndex(0 if job.over else 1)
        why = "" if job.over else _("A job is running; stop it or wait for it to end.")
        for button in (self._open, self._demo):
            button.set_why(why)

    def set_room(self, tall: bool, wide: bool) -> None:
        """More air where the window is large enough."""
        side = 48 if wide else 28
        self._column.setContentsMargins(side, 56 if tall else 32, side, 28 if tall else 16)

    def sizeHint(self) -> QSize:
        return QSize(500, 700)
