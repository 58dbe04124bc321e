"""The status strip: facts at the left, or the running job in their place; device, saved and Retrain at the right."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from badcase.i18n import _
from badcase.ui import wording
from badcase.ui.desktop.jobs.worker_lane import JobState, Phase
from badcase.ui.desktop.look.theme import BUTTON_BAR, STATUS_BAR, font, tokens
from badcase.ui.desktop.widgets import Button, IconLabel, Label, ProgressRow
from badcase.ui.desktop.widgets.painting import begin, draw_text
from badcase.ui.desktop.widgets.tooltips import plain_tip

NARROW, NARROWEST = 1360, 1160
_BEFORE_OFFER = 6


@dataclass(frozen=True, slots=True)
class Offer:
    """The words of the button that draws items at random, and the sentence that says more."""

    words: str
    more: str


_NAME = 110  # of the reviewer


@dataclass(frozen=True, slots=True)
class Fact:
    """Words around a number that matters. The highest rank is dropped first where there is no room, 0 never.

    offer: a button behind it.
    """

    before: str
    bold: str
    after: str
    rank: int = 0
    offer: Offer | None = None


class _Facts(QWidget):
    """Facts side by side, set apart by hairlines; what does not fit is left out by rank."""

    def __init__(self) -> None:
        super().__init__()
        self.facts: list[Fact] = []
        self.offer = Button("", height=BUTTON_BAR, parent=self)
        self.offer.setObjectName("check-random")
        self.offer.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(STATUS_BAR - 1)

    def set_facts(self, facts: list[Fact]) -> None:
        self.facts = facts
        self.setAccessibleName(", ".join(f"{f.before} {f.bold} {f.after}".strip() for f in facts))
        offers = [fact.offer for fact in facts if fact.offer is not None]
        self.offer.setVisible(bool(offers))
        for offer in offers:
            self.offer.setText(offer.words)
            self.offer.setToolTip(plain_tip(offer.more))
        self._place_offer()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_offer()

    def _place_offer(self) -> None:
        """Behind the words of its fact."""
        x = 0
        for fact in self.fitting():
            x += self._width(fact)
            if fact.offer is not None:
                wide = self.offer.sizeHint().width()
                self.offer.setGeometry(x - wide, (self.height() - BUTTON_BAR) // 2, wide, BUTTON_BAR)
            x += 29 - 4

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        plain, bold = font(13), font(13, True)
        x = 0.0
        for number, fact in enumerate(self.fitting()):
            if number:
                painter.fillRect(QRectF(x + 14, 11, 1, 14), t.line)
                x += 29
            for text, face, ink in ((fact.before, plain, t.text2), (fact.bold, bold, t.text), (fact.after, plain, t.text2)):
                if text:
                    wide = QFontMetrics(face).horizontalAdvance(text)
                    draw_text(painter, QRectF(x, 0, wide + 1, self.height()), text, ink, face)
                    x += wide + 4
            if fact.offer is not None:
                x += _BEFORE_OFFER + self.offer.sizeHint().width() + 4
            x -= 4
        painter.end()

    def fitting(self) -> list[Fact]:
        shown = list(self.facts)
        while len(shown) > 1 and sum(self._width(fact) + 29 for fact in shown) - 29 > self.width():
            worst = max(shown, key=lambda fact: fact.rank)
            if worst.rank == 0:
                break
            shown.remove(worst)
        return shown

    def _width(self, fact: Fact) -> int:
        plain, bold = QFontMetrics(font(13)), QFontMetrics(font(13, True))
        parts = [(fact.before, plain), (fact.bold, bold), (fact.after, plain)]
        offer = _BEFORE_OFFER + self.offer.sizeHint().width() + 4 if fact.offer is not None else 0
        return sum(metrics.horizontalAdvance(text) + 4 for text, metrics in parts if text) + offer


class StatusStrip(QWidget):
    """Takes facts and job states; tells when a person wants to stop, to retrain, or to check items drawn at random."""

    stop_wanted = Signal()
    retrain_wanted = Signal()
    gold_wanted = Signal()
    check_wanted = Signal()
    reviewer_wanted = Signal()
    device_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(STATUS_BAR)
        self._busy = False
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 1, 16, 0)
        row.setSpacing(12)
        self.facts = _Facts()
        self.facts.offer.clicked.connect(self.check_wanted)
        self.progress = ProgressRow()
        self.progress.setObjectName("progress_row")
        self.progress.stopped.connect(self.stop_wanted)
        self.progress.hide()
        row.addWidget(self.facts, 1)
        row.addWidget(self.progress, 1)
        self.gold = Button(_("Check gold"), icon="lock", flat=True, height=BUTTON_BAR)
        self.gold.setObjectName("check_gold")
        self.gold.clicked.connect(self.gold_wanted)
        self.gold.hide()
        row.addWidget(self.gold)
        self.reviewer = Button("", icon="person", flat=True, height=BUTTON_BAR, ink="text2")
        self.reviewer.setObjectName("reviewer")
        self.reviewer.clicked.connect(self.reviewer_wanted)
        row.addWidget(self.reviewer)
        self._device = Button("", icon="chip", flat=True, height=BUTTON_BAR, ink="text2")
        self._device.setObjectName("device")
        self._device.clicked.connect(self.device_wanted)
        row.addWidget(self._device)
        self._saved_icon, self._unsaved_icon = IconLabel("check", "text3", 14), IconLabel("warning", "error", 14)
        row.addWidget(self._saved_icon)
        row.addWidget(self._unsaved_icon)
        self._saved = Label(ink="text3")
        self._saved.setObjectName("saved")
        row.addWidget(self._saved)
        self.retrain = Button(_("Retrain"), keys="Ctrl+R", icon="retrain", height=BUTTON_BAR)
        self.retrain.setObjectName("retrain")
        self._gain = self._unwritable = ""
        self.retrain.clicked.connect(self.retrain_wanted)
        row.addWidget(self.retrain)
        self.set_device("")
        self.set_unwritable("")
        self.set_reviewer("")

    def set_facts(self, facts: list[Fact], gain: str = "") -> None:
        """gain: what retraining now can be expected to gain, in a sentence; the button's tooltip tells it."""
        self.facts.set_facts(facts)
        self._gain = gain
        self._free_retrain()

    def set_reviewer(self, name: str) -> None:
        """Under whose name verdicts are recorded."""
        self.reviewer.setVisible(bool(name))
        shown = QFontMetrics(font(13)).elidedText(name, Qt.TextElideMode.ElideRight, _NAME)
        self.reviewer.setText(shown.replace("&", "&&"))
        self.reviewer.setAccessibleName(_("Reviewer: {name}").format(name=name))
        self.reviewer.setToolTip(plain_tip(_("Verdicts are recorded as those of {name}; click to change").format(name=name)))

    def set_device(self, text: str) -> None:
        self._device_name = text
        self._device.setVisible(bool(text))
        words = _("What the model in use ran on; click for what this machine has")
        self._device.setToolTip(plain_tip(f"{text}\n{words}"))
        self._make_room()

    def set_unwritable(self, why: str) -> None:
        """Say as long as the project is open why nothing can be recorded in it; "" where everything is saved."""
        self._unwritable = why
        self._saved.setText(_("nothing can be recorded") if why else _("saved"))
        self._saved.set_ink("error" if why else "text3")
        for part in (self._saved, self._saved_icon, self._unsaved_icon):
            part.setToolTip(plain_tip(why or _("Every verdict is saved as it is given.")))
        self._saved_icon.setVisible(not why)
        self._unsaved_icon.setVisible(bool(why))
        self._make_room()
        self._free_retrain()

    def _free_retrain(self) -> None:
        busy = _("A job is running; stop it or wait for it to end.") if self._busy else ""
        self.retrain.set_why(self._unwritable or busy)
        if self._gain and not self.retrain.why:
            self.retrain.setToolTip(plain_tip(f"{self.retrain.toolTip()}\n{self._gain}"))

    def show_job(self, job: JobState) -> None:
        """A job takes the place of the facts until it is over."""
        self.progress.setVisible(not job.over)
        self.facts.setVisible(job.over)
        self._busy = not job.over
        self._free_retrain()
        if not job.over:
            self.progress.show_state(job.title, step_text(job), job.share, pace_text(job))
            self.progress.set_stopping(job.state is Phase.STOPPING)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._device.setMaximumWidth(160 if self.width() < NARROW else 400)
        self._make_room()

    def _make_room(self) -> None:
        """In a narrow window the icons speak for what is as it should be."""
        wide = self.width() >= NARROWEST
        self._device.setText(self._device_name if wide else "")
        self._saved.setVisible(wide or bool(self._unwritable))

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        painter.fillRect(self.rect(), t.surface)
        painter.fillRect(0, 0, self.width(), 1, t.line)
        painter.end()


def step_text(job: JobState) -> str:
    """ "epoch 7 of 12 · 320 of 2 107", "images 320 of 2 107", or the bare name of the step."""
    if job.total is None:
        return job.name
    of = _("{done} of {total}").format(done=wording.count(job.done), total=wording.count(job.total))
    apart = " · " if job.name[-1:].isdigit() else " "  # two numbers would run into each other
    return f"{job.name}{apart}{of}".strip()


def pace_text(job: JobState) -> str:
    """ "420 texts/s, about 2 min left"."""
    if job.state is Phase.STOPPING:
        return ""
    parts = [wording.pace(job.rate, job.unit)] if job.rate else []
    if job.left is not None:
        parts.append(_("{time} left").format(time=wording.duration(job.left)))
    return ", ".join(parts)
