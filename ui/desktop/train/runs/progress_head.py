"""What the run on screen is doing: its name, the epoch, the pace, the time left, Stop, and a bar beneath."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.look.theme import BUTTON_BAR
from badcase.ui.desktop.widgets import Bar, Button, Chip, Label


class ProgressHead(QWidget):
    """Two faces: a run that trains, with its bar and Stop, and one that is over, with its state and what is to be done."""

    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._step = Label(px=15, bold=True), Label(ink="text2")
        self._chip = Chip("")
        self.pace = Label(ink="text2")
        self._bar = Bar(0.0, "accent")
        self.stop = Button(_("Stop"), keys="Esc", height=BUTTON_BAR)
        self.stop.setObjectName("stop_training")
        self.stop.clicked.connect(self._on_stop)
        self.again = Button("", keys="R", icon="retrain", height=BUTTON_BAR)
        self.again.setObjectName("again")
        row = QHBoxLayout()
        row.setSpacing(12)
        for part in (self._name, self._chip, self._step):
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self.pace)
        row.addWidget(self.stop)
        row.addWidget(self.again)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(row)
        column.addWidget(self._bar)
        self._error = Label(ink="error", wrap=True)
        column.addWidget(self._error)

    def show_training(self, name: str, step: str, share: float, pace: str, *, stopping: bool) -> None:
        """A run that trains; share is 0 to 1."""
        self._show(name, step, pace, training=True)
        self._bar.set_value(share)
        self.stop.setText(_("stopping") if stopping else _("Stop"))
        self.stop.setEnabled(not stopping)

    def show_over(self, name: str, step: str, chip: tuple[str, str] | None, error: str) -> None:
        """A run that is over. chip: its state and the token of its colour, where it did not simply end."""
        self._show(name, step, "", training=False)
        self._chip.setVisible(chip is not None)
        if chip:
            self._chip.set_text(*chip)
        self._error.setText(error)
        self._error.setVisible(bool(error))

    def show_again(self, verb: str) -> None:
        """What can be done with a run that is over: "resume", "repeat", or nothing."""
        self.again.setVisible(bool(verb))
        if verb:
            self.again.setText(_("Resume") if verb == "resume" else _("Repeat"))
            self.again.updateGeometry()

    def _show(self, name: str, step: str, pace: str, *, training: bool) -> None:
        self._name.setText(name)
        self._step.setText(step)
        self.pace.setText(pace)
        self._chip.hide()
        self._error.hide()
        for part in (self._bar, self.stop):
            part.setVisible(training)
        if training:
            self.again.hide()

    def _on_stop(self) -> None:
        self.stop.setText(_("stopping"))
        self.stop.setEnabled(False)
        self.stopped.emit()
