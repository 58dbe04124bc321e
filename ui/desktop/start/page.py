"""The start page: the ways in at the left, the recent projects at the right. Everything has a key."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.start.card import ProjectCard
from badcase.ui.desktop.start.freshness import fresh
from badcase.ui.desktop.start.recent import RecentProjects, Summary
from badcase.ui.desktop.start.welcome import Welcome
from badcase.ui.desktop.widgets import Button, EmptyState, KeyCap, Label, Panel, SearchField
from badcase.ui.desktop.widgets.emptying import empty

TALL, WIDE_LEFT, NARROW_LEFT, CARDS = 860, 544, 488, 1100


class StartPage(Panel):
    """Tells which project to open or make; holds none."""

    id = "start"
    open_wanted = Signal(Path)
    new_wanted = Signal(object)  # the Path of the data, or None where it is still to be chosen
    demo_wanted = Signal(str)
    check_wanted = Signal()
    stop_wanted = Signal()
    commands_wanted = Signal()
    settings_wanted = Signal()

    def __init__(self, recent: RecentProjects, pool: DecodingPool | None = None, parent: QWidget | None = None) -> None:
        """pool: where the cards are held against their projects; None to show them as they were kept."""
        super().__init__("window", parent)
        self.setObjectName("start_page")
        self._pool = pool
        self._recent, self._cards, self._current = recent, list[ProjectCard](), 0
        self.welcome = Welcome()
        self.welcome.new_wanted.connect(lambda: self.new_wanted.emit(None))
        self.welcome.dropped.connect(self.new_wanted)
        self.welcome.open_wanted.connect(self.choose_project)
        self.welcome.demo_wanted.connect(self.demo_wanted)
        self.welcome.check_wanted.connect(self.check_wanted)
        self.welcome.stopped.connect(self.stop_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.welcome)
        self._right = QVBoxLayout()
        row.addLayout(self._right, 1)
        self._add_header()
        self._add_list()
        self._add_footer()
        self._add_shortcuts()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _add_header(self) -> None:
        self._search = SearchField(_("Find a project"), cap="/")
        self._search.setObjectName("find_project")
        self._search.setFixedWidth(250)
        self._search.textChanged.connect(self._show_cards)
        header = QHBoxLayout()
        header.addWidget(Label(_("Recent projects"), px=15, bold=True))
        header.addStretch(1)
        header.addWidget(self._search)
        self._right.addLayout(header)
        self._right.addSpacing(13)

    def _add_list(self) -> None:
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(10)
        inner = QWidget()
        inner.setLayout(self._list)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(inner)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._empty = EmptyState("folder", "")
        self._right.addWidget(self._scroll, 1)
        self._right.addWidget(self._empty, 1)

    def _add_footer(self) -> None:
        self._hints = QWidget()
        hints = QHBoxLayout(self._hints)
        hints.setContentsMargins(0, 0, 0, 0)
        hints.setSpacing(6)
        parts = ((_("move"), ("↑", "↓")), (_("open"), ("Enter",)), (_("forget, never from disk"), ("Del",)))
        for words, caps in parts:
            for cap in caps:
                hints.addWidget(KeyCap(cap))
            hints.addWidget(Label(words, px=12, ink="text2"))
            hints.addSpacing(16)
        footer = QHBoxLayout()
        footer.addWidget(self._hints)
        footer.addStretch(1)
        settings = Button(_("Settings"), keys="Ctrl+,", icon="sliders", flat=True)
        settings.setObjectName("start_settings")
        settings.clicked.connect(self.settings_wanted)
        footer.addWidget(settings)
        footer.addSpacing(12)
        commands = Button(_("Commands"), keys="Ctrl+K", icon="search", flat=True)
        commands.setObjectName("start_commands")
        commands.clicked.connect(self.commands_wanted)
        footer.addWidget(commands)
        self._right.addLayout(footer)

    def _add_shortcuts(self) -> None:
        for keys, run in (
            ("Ctrl+N", lambda: self.new_wanted.emit(None)),
            ("Ctrl+O", self.choose_project),
            ("Ctrl+D", lambda: self.demo_wanted.emit("image")),
            ("Ctrl+Shift+D", lambda: self.demo_wanted.emit("text")),
        ):
            shortcut = QShortcut(keys, self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(run)

    # --- the list -----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the list anew, as when the page comes up."""
        self._current = 0
        self._show_cards()
        self._hold_against_projects()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _hold_against_projects(self) -> None:
        """Others may have gone on with a project since its card was kept: a command, or a window that was killed."""
        if self._pool is None:
            return
        self._pool.drop(owner=self)
        for row in reversed(self._recent.all()):  # the newest wish is served first
            self._pool.submit(partial(fresh, row), self._correct, owner=self)

    def _correct(self, now: Summary | None) -> None:
        if now is None:
            return
        self._recent.correct(now)
        for card in self._cards:
            if card.summary.path == now.path:
                card.tell(now)

    def leave(self) -> None:
        """A project is opened: its own window knows better than what was being read."""
        if self._pool is not None:
            self._pool.drop(owner=self)

    def _show_cards(self) -> None:
        empty(self._list)
        typed = self._search.text().lower()
        rows = [row for row in self._recent.all() if typed in row.path.lower()]
        self._cards = [self._card(row, number) for number, row in enumerate(rows, 1)]
        for card in self._cards:
            self._list.addWidget(card)
        self._list.addStretch(1)
        self._scroll.setVisible(bool(rows))
        self._hints.setVisible(bool(rows))
        self._empty.setVisible(not rows)
        self._empty.set_sentence(
            _("No project matches what you typed.") if typed else _("No project yet. Bring data, or try the demo first.")
        )
        self._stand_on(min(self._current, len(self._cards) - 1))

    def _card(self, row: Summary, number: int) -> ProjectCard:
        card = ProjectCard(row, number)
        card.clicked.connect(lambda _checked=False: self._open(card))
        return card

    def _stand_on(self, place: int) -> None:
        self._current = max(0, place)
        for at, card in enumerate(self._cards):
            card.set_current(at == self._current)
        if self._cards:
            self._scroll.ensureWidgetVisible(self._cards[self._current], 0, 8)

    def _open(self, card: ProjectCard) -> None:
        self.open_wanted.emit(Path(card.summary.path))

    def _open_current(self) -> None:
        if self._cards:
            self._open(self._cards[self._current])

    def choose_project(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, _("Open a project folder"), str(Path.home()))
        if chosen:
            self.open_wanted.emit(Path(chosen))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, digit = event.key(), event.key() - int(Qt.Key.Key_0)
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(key), 0)
        if step and self._cards:
            self._stand_on((self._current + step) % len(self._cards))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open_current()
        elif key == Qt.Key.Key_Delete and self._cards:
            self._recent.remove(self._cards[self._current].summary.path)
            self._show_cards()
        elif key == Qt.Key.Key_Slash:
            self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif 1 <= digit <= min(9, len(self._cards)) and not event.modifiers():
            self._open(self._cards[digit - 1])
        else:
            super().keyPressEvent(event)

    def commands(self) -> list[Command]:
        return [
            Command(_("New project"), "Ctrl+N", lambda: self.new_wanted.emit(None), icon="plus"),
            Command(_("Open project"), "Ctrl+O", self.choose_project, icon="folder"),
            Command(_("Demo with images of digits"), "Ctrl+D", lambda: self.demo_wanted.emit("image"), icon="image"),
            Command(_("Demo with texts"), "Ctrl+Shift+D", lambda: self.demo_wanted.emit("text"), icon="text"),
            Command(_("Check this machine"), "", self.check_wanted.emit, icon="chip"),
        ]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        tall, wide = self.height() >= TALL, self.width() >= 1400
        self.welcome.setFixedWidth(WIDE_LEFT if wide else NARROW_LEFT)
        self.welcome.set_room(tall, wide)
        side = max(48 if wide else 24, (self.width() - self.welcome.width() - CARDS) // 2)
        self._right.setContentsMargins(side, 56 if tall else 32, side, 24)
