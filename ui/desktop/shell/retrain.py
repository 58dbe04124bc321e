"""What Ctrl+R asks before it trains: everything that the training will do, in sentences."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from badcase.errors import BadcaseError
from badcase.language import _
from training.plan import Plan, plan
from ui import wording
from ui.desktop.session import Session
from ui.desktop.widgets import Dialog, Label


class RetrainDialog(Dialog):
    """Enter trains, Escape does not."""

    def __init__(self, over: QWidget, plan: Plan) -> None:
        super().__init__(over, _("Retrain now?"), _("Retrain"))
        for sentence in plan.sentences:
            self.body.addWidget(Label(sentence, wrap=True))
        if plan.seconds is not None:
            words = _("It should take {time}.").format(time=wording.duration(plan.seconds))
            self.body.addWidget(Label(words, ink="text2", wrap=True))
        words = _("Gold is never trained on; the result is compared on it and waits for you to accept it.")
        self.body.addWidget(Label(words, ink="text3", px=12, wrap=True))


def ask_to_retrain(over: QWidget, session: Session) -> None:
    """Show the plan; when the person agrees, train in the worker and show it on the Train page."""
    try:
        planned = plan(session.project)
    except BadcaseError as error:
        session.failed.emit(error)
        return
    dialog = RetrainDialog(over, planned)

    def train() -> None:
        session.went.emit("train", None)
        session.start("train", title=_("Training"), done=lambda value: session.went.emit("train", value))

    dialog.accepted.connect(train)
    dialog.open()
