"""The settings page, Ctrl+comma: one column, each change kept at once."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QScrollArea, QSlider, QVBoxLayout, QWidget

from badcase.i18n import _, current_language, languages, percent
from badcase.ui.desktop.look.theme import BUTTON_BAR, FIELD, tokens
from badcase.ui.desktop.session.preferences import TEXT_SIZES, Preferences
from badcase.ui.desktop.session.view_state import ViewState, settings_folder
from badcase.ui.desktop.settings.theme_choice import ThemeChoice
from badcase.ui.desktop.settings.trusted_list import TrustedList
from badcase.ui.desktop.start.machine import devices, machine_facts
from badcase.ui.desktop.ui_language import SETTING
from badcase.ui.desktop.widgets import Button, Card, Hairline, IconLabel, Label, LineEdit, Panel, Segmented
from badcase.ui.desktop.widgets.switch import Switch

_WIDE, _PADDING, _LABEL, _ROW = 592, 20, 148, 34


class SettingsPage(Panel):
    """Keeps what is changed and tells which part of the window it is about."""

    look_changed = Signal()  # theme or text size
    reviewing_changed = Signal()  # who reviews, what may be seen, what is mixed in
    device_changed = Signal()  # what models run on
    check_wanted = Signal()  # a look at this machine
    restart_wanted = Signal()  # with the language that was chosen
    closed = Signal()
    failed = Signal(object)  # BadcaseError

    def __init__(self, view: ViewState, parent: QWidget | None = None) -> None:
        super().__init__("window", parent)
        self.setObjectName("settings")
        self._view, self._preferences = view, Preferences(view)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        card = Card(padding=_PADDING)
        card.setFixedWidth(_WIDE)
        card.body.setSpacing(3)
        for number, add in enumerate((self._add_look, self._add_reviewing, self._add_trust, self._add_machine)):
            if number:
                card.body.addSpacing(10)
                card.body.addWidget(Hairline())
                card.body.addSpacing(10)
            add(card.body)
        column = QVBoxLayout()
        column.setContentsMargins(32, 16, 32, 24)
        column.setSpacing(12)
        column.addWidget(self._head())
        column.addWidget(card, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        inner = QWidget()
        inner.setLayout(column)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._scroll)

    def _head(self) -> QWidget:
        head = QWidget()
        head.setFixedWidth(_WIDE)
        back = Button(_("Back"), keys="Esc", flat=True, height=BUTTON_BAR)
        back.setObjectName("settings_back")
        back.clicked.connect(self.closed)
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(Label(_("Settings"), px=20, bold=True))
        row.addWidget(Label(_("each change is kept at once, on this computer only"), px=12, ink="text2"), 1)
        row.addWidget(back)
        return head

    # --- the groups -----------------------------------------------------------------------------------------------

    def _add_look(self, body: QVBoxLayout) -> None:
        body.addWidget(Label(_("Look"), px=15, bold=True))
        self.theme = ThemeChoice(self._preferences.theme)
        self.theme.chosen.connect(self._choose_theme)
        body.addLayout(_row(_("Theme"), self.theme, top=True))
        self.language = Segmented([("", _("System")), *languages().items()], self._language())
        self.language.setObjectName("language_choice")
        self.language.setAccessibleName(_("Language"))
        self.language.setFixedWidth(self.language.sizeHint().width())
        self.language.chosen.connect(self._choose_language)
        body.addLayout(_row(_("Language"), self.language))
        self._language_note = QWidget()
        note = QHBoxLayout(self._language_note)
        note.setContentsMargins(_LABEL, 0, 0, 4)
        note.setSpacing(12)
        note.addWidget(Label(_("The window speaks it from the next start on."), px=12, ink="text2"), 1)
        again = Button(_("Start again now"), height=BUTTON_BAR)
        again.setObjectName("start_again")
        again.clicked.connect(self.restart_wanted)
        note.addWidget(again)
        self._language_note.hide()
        body.addWidget(self._language_note)
        self.text_size = _TextSize()
        self.text_size.setValue(TEXT_SIZES.index(self._preferences.text_size))
        self.text_size.valueChanged.connect(self._choose_size)
        self._percent = Label(percent(self._preferences.text_size / 100))
        sizes = QHBoxLayout()
        sizes.setSpacing(12)
        for part in (Label("A", px=11, ink="text2"), self.text_size, Label("A", px=15), self._percent):
            sizes.addWidget(part, 1 if part is self.text_size else 0)
        holder = QWidget()
        sizes.setContentsMargins(0, 0, 0, 0)
        holder.setLayout(sizes)
        body.addLayout(_row(_("Text size"), holder, stretch=1))

    def _add_reviewing(self, body: QVBoxLayout) -> None:
        body.addWidget(Label(_("Reviewing"), px=15, bold=True))
        self.reviewer = QComboBox(editable=True)
        self.reviewer.setObjectName("reviewer_name")
        self.reviewer.setAccessibleName(_("Reviewer"))
        self.reviewer.setLineEdit(LineEdit())
        self.reviewer.setFixedWidth(228)
        self.reviewer.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        line = self.reviewer.lineEdit()
        assert line is not None
        line.editingFinished.connect(self._choose_reviewer)
        self.reviewer.activated.connect(lambda _index: self._choose_reviewer())
        body.addLayout(_row(_("Reviewer"), self.reviewer))
        self.hidden = Switch(_("Hidden from me until I have judged the item"))
        self.hidden.setObjectName("others_hidden")
        self.hidden.setChecked(self._preferences.others_hidden)
        self.hidden.toggled.connect(self._hide_others)
        body.addLayout(_row(_("Others’ verdicts"), self.hidden))
        self.mixes = Switch(_("Mixed in, to estimate the errors left"))
        self.mixes.setObjectName("mixes_random")
        self.mixes.setChecked(self._preferences.mixes)
        self.mixes.toggled.connect(self._mix)
        body.addLayout(_row(_("Random items"), self.mixes))

    def _add_trust(self, body: QVBoxLayout) -> None:
        body.addWidget(Label(_("Trust of code"), px=15, bold=True))
        words = _("A model or a loss of your own runs as a program on this machine. It runs only if you trusted that very file.")
        body.addWidget(_Prose(words))
        self.trust = TrustedList()
        self.trust.failed.connect(self.failed)
        body.addWidget(self.trust)

    def _add_machine(self, body: QVBoxLayout) -> None:
        body.addWidget(Label(_("This machine"), px=15, bold=True))
        for fact in machine_facts():
            line = QHBoxLayout()
            line.setSpacing(8)
            line.addWidget(IconLabel(fact.icon if fact.good else "warning", "text2" if fact.good else "given", 14))
            line.addWidget(Label(fact.name))
            line.addWidget(Label(fact.remark, px=12, ink="text2"), 1)
            body.addLayout(line)
        if len(known := devices()) > 1:
            self.device = Segmented([("", _("Fastest")), *known], self._preferences.device)
            self.device.setObjectName("device_choice")
            self.device.setAccessibleName(_("Models run on"))
            self.device.setFixedWidth(self.device.sizeHint().width())
            self.device.chosen.connect(self._choose_device)
            body.addLayout(_row(_("Models run on"), self.device))
        check = Button(_("Check this machine"), icon="chip", height=FIELD)
        check.setObjectName("settings_check")
        check.clicked.connect(self.check_wanted)
        folder = Button(_("Open the settings folder"), icon="folder", height=FIELD)
        folder.setObjectName("settings_folder")
        folder.clicked.connect(_open_settings_folder)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(check)
        buttons.addWidget(folder)
        buttons.addStretch(1)
        body.addSpacing(4)
        body.addLayout(buttons)

    # --- what is changed ------------------------------------------------------------------------------------------

    def _language(self) -> str:
        kept = self._view.get(SETTING, "")
        return kept if kept in languages() else ""

    def _choose_theme(self, name: str) -> None:
        self._preferences.theme = name
        self.look_changed.emit()

    def _choose_size(self, step: int) -> None:
        self._preferences.text_size = TEXT_SIZES[step]
        self._percent.setText(percent(TEXT_SIZES[step] / 100))
        self.look_changed.emit()

    def _choose_language(self, code: str) -> None:
        self._view.set(SETTING, code)
        self._view.save()
        self._language_note.setVisible(code != current_language())

    def _choose_reviewer(self) -> None:
        name = self.reviewer.currentText()
        if " ".join(name.split()) != self._preferences.reviewer:
            self._preferences.reviewer = name
            self._show_reviewer()
            self.reviewing_changed.emit()

    def _show_reviewer(self) -> None:
        self.reviewer.blockSignals(True)
        self.reviewer.clear()
        self.reviewer.addItems(self._preferences.reviewers)
        self.reviewer.setCurrentText(self._preferences.reviewer)
        self.reviewer.blockSignals(False)

    def _choose_device(self, name: str) -> None:
        self._preferences.device = name
        self.device_changed.emit()

    def _hide_others(self, hidden: bool) -> None:
        self._preferences.others_hidden = hidden
        self.reviewing_changed.emit()

    def _mix(self, wanted: bool) -> None:
        self._preferences.mixes = wanted
        self.reviewing_changed.emit()

    # --- showing --------------------------------------------------------------------------------------------------

    def show_reviewer(self) -> None:
        """Go to who reviews."""
        self.reviewer.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def refresh(self) -> None:
        """Read anew what can be changed elsewhere too."""
        self.trust.refresh()
        self._show_reviewer()
        self.mixes.blockSignals(True)
        self.mixes.setChecked(self._preferences.mixes)
        self.mixes.blockSignals(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.setFocus()  # a name that was typed is taken
            self.closed.emit()
        else:
            super().keyPressEvent(event)


class _Prose(Label):
    """Words over the width of the card, which keeps the height that they need: a column in a scroll area would not."""

    def __init__(self, words: str) -> None:
        super().__init__(words, ink="text2", wrap=True)
        self.setFixedWidth(_WIDE - 2 * _PADDING)
        self._keep()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            self._keep()
        return done

    def _keep(self) -> None:
        self.setFixedHeight(self.heightForWidth(self.width()))


class _TextSize(QSlider):
    """Four steps, with a tick at each."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setObjectName("text_size")
        self.setAccessibleName(_("Text size"))
        self.setRange(0, len(TEXT_SIZES) - 1)
        self.setPageStep(1)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:
        return QSize(240, FIELD)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        for step in range(len(TEXT_SIZES)):
            x = 7 + step * (self.width() - 14) / (len(TEXT_SIZES) - 1)
            painter.fillRect(round(x), self.height() // 2 + 8, 1, 4, tokens().line2)
        painter.end()


def _row(words: str, control: QWidget, *, top: bool = False, stretch: int = 0) -> QHBoxLayout:
    """A label and its control, aligned in all groups."""
    row = QHBoxLayout()
    row.setSpacing(0)
    label = Label(words, ink="text2")
    label.setFixedWidth(_LABEL)
    label.setMinimumHeight(_ROW)
    row.addWidget(label, 0, Qt.AlignmentFlag.AlignTop if top else Qt.AlignmentFlag.AlignVCenter)
    row.addWidget(control, stretch)
    if not stretch:
        row.addStretch(1)
    return row


def _open_settings_folder() -> None:
    folder: Path = settings_folder()
    folder.mkdir(parents=True, exist_ok=True)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
