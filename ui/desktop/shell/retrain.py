"""What Ctrl+R asks before it trains: everything that the training will do, in sentences."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.project import Project
from badcase.training.recipe import Recipe
from badcase.training.runs.plan import Plan, plan
from badcase.ui import wording
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.widgets import Dialog, Label


class RetrainDialog(Dialog):
    """Enter trains, Escape does not."""

    def __init__(self, over: QWidget, planned: Plan) -> None:
        super().__init__(over, _("Retrain now?"), _("Retrain"))
        for sentence in planned.sentences:
            self.body.addWidget(Label(sentence, wrap=True))
        if planned.seconds is not None:
            words = _("It should take {time}.").format(time=wording.duration(planned.seconds))
            self.body.addWidget(Label(words, ink="text2", wrap=True))
        words = _("The result is compared on gold, which is never trained on, and waits for you to accept it.")
        self.body.addWidget(Label(words, ink="text2", px=12, wrap=True))


def ask_to_retrain(over: QWidget, session: Session) -> None:
    """Show the plan of a training under the recipe in use; when the person agrees, train and show it on the page."""
    try:
        planned = plan(session.project, recipe_in_use(session.project))
    except BadcaseError as error:
        session.failed.emit(error)
        return

    def train() -> None:
        session.navigate.emit("train", None)
        session.start("train", title=_("Training"), recipe=planned.recipe.values(), start=str(planned.start))

    dialog = RetrainDialog(over, planned)
    dialog.accepted.connect(train)
    dialog.open()


def recipe_in_use(project: Project) -> Recipe | None:
    """The recipe of the run whose model is in use, None where that was not trained here."""
    run = project.runs.current
    return Recipe().replace_from(run.recipe) if run is not None and run.recipe else None
