"""A project that is open in the window: its session, its pages, and what the frame says of it.

Imported when the first project is opened: the start page comes up without numpy, pyarrow and the domain.
"""

from __future__ import annotations

import gc
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QStackedWidget, QWidget

from badcase.i18n import _
from badcase.project import Project
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.gold.why_not import why_no_check
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import WorkerLane
from badcase.ui.desktop.people.patch_dialog import open_patch
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.session.view_state import ViewState
from badcase.ui.desktop.shell.pages import PAGES, ProjectPages
from badcase.ui.desktop.shell.project_facts import device_text, gold_facts, project_facts, review_facts
from badcase.ui.desktop.shell.status_strip import Fact
from badcase.ui.desktop.shell.trust_question import ask_to_trust
from badcase.ui.desktop.start.recent import Summary
from badcase.ui.desktop.start.summary import summarize
from badcase.ui.desktop.window_words import in_window


class OpenProject:
    """BadcaseError where the project cannot be opened; nothing is left behind then, and nobody holds it."""

    def __init__(
        self, path: Path, lane: WorkerLane, pool: DecodingPool, view: ViewState, stack: QStackedWidget, window: QWidget
    ) -> None:
        self._window = window
        with ExitStack() as undo:
            self.project = Project.open(path, read_only=None)
            undo.callback(self.project.close)
            self.session = Session(self.project, lane, pool, view, window)
            undo.callback(self.session.close)
            self.session.untrusted.connect(lambda error, again: ask_to_trust(window, error, again, self.session.failed.emit))
            self.pages = ProjectPages(self.session, stack)
            self.session.refit.begin()
            undo.pop_all()

    def settle(self) -> None:
        """It is on the screen: start the ranking where the command line predicted and left it there."""
        # What stands now stands until it is closed: to look it through took 70 ms between two keys.
        self.session.pool.once_idle(gc.freeze)
        self.rank_if_needed()

    def rank_if_needed(self) -> None:
        """Rank where there is something to rank by and no ranking."""
        if self.project.predictions.current is not None and self.project.any_ranking is None and not self.session.busy:
            self.session.start("rank", title=_("Ranking"))

    def facts(self) -> list[Fact]:
        """For the status strip: of the review while one reviews, else of the project."""
        if self.pages.current == "gold":
            return gold_facts(self.project)
        if self.pages.current not in ("review", "map"):
            return project_facts(self.project)
        return review_facts(self.project, self.session.learner.now(), self.session.refit.gain)

    def commands(self, busy: str) -> list[Command]:
        """What can be done with the project from any page; busy: why no job can be started now."""
        return [
            Command(_("Retrain"), "Ctrl+R", self.retrain, busy, icon="retrain"),
            Command(_("Check gold"), "", self.check_gold, self.why_no_gold_check(), icon="lock"),
            Command(_("Predict with the packaged model"), "", self.predict_packaged, busy, icon="model"),
            Command(_("Bring in predictions from a file…"), "", self.bring_predictions, icon="model"),
            Command(_("Apply a patch of verdicts…"), "", self.apply_patch, self.unwritable(), icon="person"),
        ]

    def retrain(self) -> None:
        """Say what a training with the corrections would do; do it when the person agrees."""
        from badcase.ui.desktop.shell.retrain import ask_to_retrain  # training's plan: not needed to open a project

        ask_to_retrain(self._window, self.session)

    def check_gold(self) -> None:
        """Look at gold without its labels; a check that was begun goes on."""
        if not self.why_no_gold_check():
            self.session.navigate.emit("gold", None)

    def predict_packaged(self) -> None:
        """Run the network that suits the data, whatever model was asked for before."""
        if not self.session.busy:
            self.session.start("predict", title=_("Predict"), packaged=True)

    def bring_predictions(self, path: Path | None = None) -> None:
        """Ask for a file of predictions that were computed elsewhere; path: the one that was dropped."""
        from badcase.ui.desktop.data.bring_dialog import BringDialog

        BringDialog(self._window, self.session, path).open()

    def update_data(self, path: Path) -> None:
        """Ask how data that were dropped are to be taken, and show what taking them in would do."""
        self.session.navigate.emit("update", {"source": path})

    def apply_patch(self, path: Path | None = None) -> None:
        """Ask what a patch is to do, also while a job runs; path: the one that was dropped."""
        open_patch(self._window, self.session, path)

    def search(self, typed: str) -> Command:
        """What the palette offers for a word that no command has."""
        words = _("Search the items for “{text}”").format(text=typed)
        found = {"search": typed}
        return Command(words, "", lambda: self.session.navigate.emit("review", found), icon="search", page=PAGES["review"][0])

    def why_no_gold_check(self) -> str:
        """Why gold cannot be checked blind; "" where it can."""
        return why_no_check(self.project)

    def gain(self) -> str:
        """What retraining now can be expected to gain, in a sentence; "" while it cannot be told from none."""
        gain = self.session.refit.gain
        return gain.sentence if gain is not None and gain.sure else ""

    def note(self) -> str:
        """What a person must know before judging: that nothing can be recorded, what endangers the project where it lies, that
        a demo's labels were made wrong on purpose."""
        demo = self.project.setting("demo")
        told = [self.unwritable(), *(f"{one.text} {in_window(one.hint)}" for one in self.project.cautions)]
        return " ".join([*filter(None, told), *([str(demo["sentence"])] if demo else [])])

    def unwritable(self) -> str:
        """Why nothing can be recorded, and the remedy; "" where it can."""
        why = self.project.read_only
        return "" if why is None else _("Nothing can be recorded: {why}. {hint}").format(why=why.what, hint=in_window(why.hint))

    def device(self) -> str:
        return device_text(self.project)

    def summary(self) -> Summary:
        """For the start page, which reads anew what is not the last word."""
        made = summarize(self.project, self.session.learner.now())
        return replace(made, stamp="") if self.session.refit.ahead else made

    def close(self) -> None:
        """Whatever goes wrong, the project is let go."""
        with ExitStack() as after:
            after.callback(self.session.pool.once_idle, _collect)  # its widgets are gone then, which hold its files in cycles
            after.callback(self.session.deleteLater)
            after.callback(self.session.close)
            self.pages.close()


def _collect() -> None:
    gc.unfreeze()
    gc.collect()
