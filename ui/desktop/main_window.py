"""The window: its parts put together. What they do is theirs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.store.changes import Area, Changes
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.stages import StepTimes
from badcase.ui.desktop.jobs.worker_lane import JobState, WorkerLane
from badcase.ui.desktop.look.icons import icon
from badcase.ui.desktop.session.view_state import ViewState
from badcase.ui.desktop.settings.door import SettingsDoor
from badcase.ui.desktop.shell.dropped import Drops, ask_what_to_do, brings_verdicts
from badcase.ui.desktop.shell.error_bar import ErrorBar
from badcase.ui.desktop.shell.key_sheet import KeySheet
from badcase.ui.desktop.shell.note_bar import NoteBar
from badcase.ui.desktop.shell.opening_line import OpeningLine
from badcase.ui.desktop.shell.pages import BESIDE, PAGES
from badcase.ui.desktop.shell.palette import Palette
from badcase.ui.desktop.shell.screen_room import place_window, remember_place
from badcase.ui.desktop.shell.status_strip import StatusStrip
from badcase.ui.desktop.shell.stop_question import StopQuestion
from badcase.ui.desktop.shell.tab_caps import TabCaps
from badcase.ui.desktop.shell.toast import Toast
from badcase.ui.desktop.shell.top_bar import TopBar
from badcase.ui.desktop.start.entrance import Entrance
from badcase.ui.desktop.start.recent import RecentProjects
from badcase.ui.desktop.ui_language import language_commands
from badcase.ui.desktop.widgets import is_asking

if TYPE_CHECKING:
    from badcase.ui.desktop.session.session import Session
    from badcase.ui.desktop.shell.opened import OpenProject

WARM_MS = 400


class MainWindow(QMainWindow):
    """One window, at most one project, one lane of heavy jobs."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowIcon(icon("mark", size=64))
        self.lane, self.pool, self.view, self.recent = WorkerLane(self), DecodingPool(self), ViewState(), RecentProjects()
        self.lane.times = StepTimes(self.view.kept("steps"))
        self._opened: OpenProject | None = None
        self.top = TopBar([(page, title) for page, (title, _make) in PAGES.items()])
        self.errors, self.note, self.strip, self.stack = ErrorBar(), NoteBar(), StatusStrip(), QStackedWidget()
        self.entrance = Entrance(self.lane, self.pool, self.recent)
        self._lay_out()
        self.settings = SettingsDoor(self.view, self.stack, self.lane, self)
        self.drops = Drops(self)
        self.toast = Toast(self)
        self.again: list[str] | None = None  # what the program is to be started with once this window is closed
        self._facts_later = QTimer(self, singleShot=True, interval=0)
        self._warm_later = QTimer(self, singleShot=True, interval=WARM_MS)
        self._caps = TabCaps(self.top)
        self._connect()
        self._add_shortcuts()
        place_window(self, self.view)
        self.show_start()
        self._warm_later.start()

    def _lay_out(self) -> None:
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.stack.addWidget(self.entrance)
        for part in (self.top, self.errors, self.note, self.stack, self.strip):
            column.addWidget(part, 1 if part is self.stack else 0)
        self.setCentralWidget(centre)

    def _connect(self) -> None:
        self.top.wanted.connect(self.show_page)
        self.top.start_wanted.connect(self.close_project)
        self.top.commands_wanted.connect(self.show_commands)
        self.strip.stop_wanted.connect(self.lane.cancel)
        self.strip.retrain_wanted.connect(self.retrain)
        self.strip.gold_wanted.connect(self.check_gold)
        self.strip.check_wanted.connect(self.check_random)
        self.strip.reviewer_wanted.connect(self._show_reviewer)
        self.strip.device_wanted.connect(self.show_settings)
        self.settings.left.connect(self._leave_settings)
        self.settings.reviewing_changed.connect(self._on_reviewing)
        self.settings.check_wanted.connect(self.entrance.check_machine)
        self.settings.restart_wanted.connect(self._start_again)
        self.settings.failed.connect(self.errors.show_error)
        self.drops.dropped.connect(self._on_dropped)
        self.lane.state.connect(self._on_job)
        self._facts_later.timeout.connect(self._show_facts)
        self._warm_later.timeout.connect(self.lane.warm)
        self.entrance.open_wanted.connect(self.open_project)
        self.entrance.predict_wanted.connect(self.open_and_predict)
        self.entrance.commands_wanted.connect(self.show_commands)
        self.entrance.settings_wanted.connect(self.show_settings)
        self.entrance.failed.connect(self.errors.show_error)

    def _add_shortcuts(self) -> None:
        keys: dict[str, Callable[[], object]] = {
            "Ctrl+K": self.show_commands,
            "Ctrl+R": self.retrain,
            "Ctrl+W": self.close_project,
            "Ctrl+Q": self.close,
            "Ctrl+,": self.show_settings,
        }
        keys |= {f"Ctrl+{number}": partial(self.show_page, page) for number, page in enumerate(PAGES, 1)}
        for sequence, run in keys.items():
            shortcut = QShortcut(sequence, self)
            shortcut.activated.connect(partial(self._run_key, run))
        sheet = QShortcut(self)
        sheet.setKeys([QKeySequence("?"), QKeySequence("Shift+?")])  # the sign needs Shift on many keyboards
        for told in (sheet.activated, sheet.activatedAmbiguously):
            told.connect(partial(self._run_key, self.show_keys))

    def _run_key(self, run: Callable[[], object]) -> None:
        if not is_asking(self):
            run()

    def show_start(self) -> None:
        self._show_frame(False)
        self.setWindowTitle("badcase")
        self.entrance.show_start()

    def _show_frame(self, shown: bool) -> None:
        self.top.setVisible(shown)
        self.strip.setVisible(shown)
        self.note.tell(self._opened.note() if self._opened is not None else "")
        if not shown:
            self.stack.setCurrentWidget(self.entrance)

    # --- the project ----------------------------------------------------------------------------------------------

    @property
    def session(self) -> Session | None:
        """The open project's session, None on the start page."""
        return self._opened.session if self._opened is not None else None

    def open_project(self, path: Path) -> None:
        """Open a project in the place of the one that is open."""
        from badcase.ui.desktop.shell.opened import OpenProject  # numpy, pyarrow, the domain: not needed to come up

        self.errors.hide()
        if self._opened is not None and self._opened.project.path == Path(path).absolute():
            self.show_page("review")
            return
        line = OpeningLine(self.stack)
        line.show(Path(path))
        try:
            opened = OpenProject(path, self.lane, self.pool, self.view, self.stack, self)
        except BadcaseError as error:
            self.errors.show_error(error)
            return
        finally:
            line.hide()
        self._let_go()
        self.entrance.start_page.leave()
        self._opened = opened
        try:
            self._show_opened(opened)
        except BaseException as error:  # nobody sees this project, so nobody must find it held
            self._opened = None
            opened.close()
            self.show_start()
            if not isinstance(error, BadcaseError):
                raise
            self.errors.show_error(error)

    def open_and_predict(self, path: Path, options: dict[str, Any]) -> None:
        """Open a project that was just made, to review in it while its model looks at the items."""
        self.open_project(path)
        if self.session is not None and not self.session.busy:
            self.session.start("predict", **options)

    def _show_opened(self, opened: OpenProject) -> None:
        opened.session.failed.connect(self.errors.show_error)
        opened.session.toast.connect(self.toast.tell)
        opened.session.offer.connect(self.toast.offer)
        opened.session.changed.connect(self._on_changed)
        opened.session.navigate.connect(self._on_navigate)
        opened.session.refit.reported.connect(self._facts_later.start)
        opened.session.told.connect(self._facts_later.start)
        self.setWindowTitle(f"{opened.project.name} – badcase")
        self._show_frame(True)
        self.strip.set_device(opened.device())
        self.strip.set_unwritable(opened.unwritable())
        self.strip.set_reviewer(opened.session.preferences.reviewer)
        self.show_page("review")
        self.recent.put(opened.summary())
        opened.settle()

    def close_project(self) -> None:
        """Back to the start page; a job that runs is asked about first."""
        if self._opened is None:
            return
        if self._at_work:
            self._ask_to_stop(self.close_project)
            return
        self.errors.hide()  # it was about the project that is left
        self._let_go()
        self.show_start()

    def _let_go(self) -> None:
        opened, self._opened = self._opened, None
        if opened is None:
            return
        try:
            self.recent.put(opened.summary())
        except BadcaseError as error:  # its card tells what it told before
            self.errors.show_error(error)
        finally:
            self.toast.stand_over()
            opened.close()

    def show_page(self, page: str) -> None:
        if self._opened is not None:
            if page != self._opened.pages.current:
                self.toast.hide()  # it was about the page that is left
            widget = self._opened.pages.show(page)
            tab = BESIDE[page][0] if page in BESIDE else page
            self.toast.stand_over(*getattr(widget, "toast_places", ()))
            self.top.show_page(tab, getattr(widget, "filter_field", None))
            self._facts_later.start()

    def _on_navigate(self, page: str, what: Any) -> None:
        if self._opened is None:
            return
        new = not self._opened.pages.made(page)
        self.show_page(page)
        if new:  # a page made just now did not hear where to go
            self._opened.session.navigate.emit(page, what)

    def _on_changed(self, changes: Changes) -> None:
        if self._opened is not None:
            if Area.CLASSES in changes.areas:  # after whoever did it has done, and nothing is painted before
                self.stack.setUpdatesEnabled(False)
                QTimer.singleShot(0, self._opened.session, self._make_pages_anew)
            else:
                self._opened.pages.refresh(changes)
            self.strip.set_device(self._opened.device())
            self._facts_later.start()

    def _make_pages_anew(self) -> None:
        """Every page has the classes in it: with others it is another page."""
        if self._opened is not None:
            page = self._opened.pages.current
            self._opened.pages.close()
            self.show_page(page)
            self.stack.setUpdatesEnabled(True)
            self._opened.rank_if_needed()

    def _show_facts(self) -> None:
        if self._opened is not None:
            self.strip.set_facts(self._opened.facts(), self._opened.gain())
            here = self._opened.pages.current == "gold"
            self.strip.gold.setVisible(not here and not self._opened.why_no_gold_check())

    def _on_job(self, job: JobState) -> None:
        self.strip.show_job(job)
        self.entrance.show_job(job)

    def retrain(self) -> None:
        """Ask about a training with the corrections, where one can be started."""
        if self._opened is not None and not self.strip.retrain.why:
            self._opened.retrain()

    def check_gold(self) -> None:
        if self._opened is not None:
            self._opened.check_gold()

    def check_random(self) -> None:
        """Show the items drawn at random that a count of the errors needs."""
        if self.session is not None:
            self.session.check_random()

    def bring_predictions(self, path: Path | None = None) -> None:
        if self._opened is not None:
            self._opened.bring_predictions(path)

    # --- settings, and what is dropped -------------------------------------------------------------------------------

    def show_settings(self) -> None:
        self.toast.hide()
        self.toast.stand_over()
        self.top.show_page("settings", None)
        self.settings.open()

    def _show_reviewer(self) -> None:
        self.show_settings()
        self.settings.open_at_reviewer()

    def _leave_settings(self) -> None:
        if self._opened is not None:
            self.show_page(self._opened.pages.current)
        else:
            self.stack.setCurrentWidget(self.entrance)
            self._focus(self.entrance.currentWidget())

    def _on_reviewing(self) -> None:
        if self.session is not None:
            self.session.prefer()
            self.strip.set_reviewer(self.session.preferences.reviewer)

    def _start_again(self) -> None:
        """Close, and start the program anew on what is open: it speaks another language then."""
        project = [] if self._opened is None else ["open", str(self._opened.project.path)]
        if self.close():
            self.again = project

    def _on_dropped(self, path: Path) -> None:
        opened, verdicts = self._opened, brings_verdicts(path)
        if verdicts and opened is not None:
            opened.apply_patch(path)
        elif verdicts:
            self.toast.tell(_("Open the project that the patch is for, and drop it there."))
        elif self.lane.busy:
            self.toast.tell(_("A job is running; stop it or wait for it to end."))
        elif opened is not None:
            begin, other = partial(self._begin_with, path), partial(self.open_project, path)
            bring, update = partial(opened.bring_predictions, path), partial(opened.update_data, path)
            ask_what_to_do(self, path, opened.project.name, begin, other, bring, update)
        elif (path / "project.db").is_file():
            self.open_project(path)
        else:
            self._begin_with(path)

    def _begin_with(self, path: Path) -> None:
        self.close_project()
        self.stack.setCurrentWidget(self.entrance)
        self.entrance.show_assistant(path)

    # --- commands, keys, leaving ------------------------------------------------------------------------------------

    def show_commands(self) -> None:
        elsewhere = None if self._opened is None else self._opened.pages.elsewhere
        Palette(self, self.commands(), otherwise=self._search_instead, elsewhere=elsewhere).open()

    def _search_instead(self, typed: str) -> list[Command]:
        return [] if self._opened is None else [self._opened.search(typed)]

    def show_keys(self) -> None:
        KeySheet(self, self.commands()).open()

    def commands(self) -> list[Command]:
        """What can be done now, the page's own first."""
        last = [
            Command(_("Settings"), "Ctrl+,", self.show_settings, icon="sliders"),
            Command(_("These keys"), "?", self.show_keys, icon="keyboard"),
            *language_commands(self.view, self.toast.tell),
            Command(_("Quit"), "Ctrl+Q", self.close, icon="cross"),
        ]
        if self._opened is None:
            return [*self.entrance.commands(), *last]
        pages = [
            Command(_("Go to {page}").format(page=title), f"Ctrl+{n}", partial(self.show_page, page), series=_("Pages"))
            for n, (page, (title, _make)) in enumerate(PAGES.items(), 1)
        ]
        return [
            *([] if self.settings.shown else self._opened.pages.commands()),
            *self._opened.commands(self.strip.retrain.why),
            *pages,
            Command(_("All projects"), "Ctrl+W", self.close_project, icon="grid"),
            *last,
        ]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._caps.press(event)
        if event.key() == Qt.Key.Key_Escape and self._focus_is_outside():
            self._focus(self.stack.currentWidget())
        elif event.key() == Qt.Key.Key_Escape and self.lane.busy:
            self.lane.cancel()
        else:
            super().keyPressEvent(event)

    def _focus_is_outside(self) -> bool:
        """Whether a part of the frame has the keyboard: a tab, a button of the strip, a bar."""
        has, page = QApplication.focusWidget(), self.stack.currentWidget()
        return has is not None and page is not None and has not in (self, page) and not page.isAncestorOf(has)

    @staticmethod
    def _focus(page: QWidget | None) -> None:
        if page is not None:
            page.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self._caps.release()
        super().keyReleaseEvent(event)

    def _ask_to_stop(self, then: Callable[[], object]) -> None:
        question = StopQuestion(self)
        question.accepted.connect(self._stop_work)
        question.accepted.connect(then)
        question.open()

    @property
    def _at_work(self) -> bool:
        return self.lane.busy or (self.session is not None and self.session.exporting)

    def _stop_work(self) -> None:
        self.lane.close()
        if self.session is not None:
            self.session.stop_exporting()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._at_work:
            event.ignore()
            if not is_asking(self):
                self._ask_to_stop(self.close)
            return
        remember_place(self, self.view)
        self._warm_later.stop()
        self._let_go()
        self.view.save()
        self.lane.close()
        self.pool.close()
        event.accept()
