"""The right of the Classes page: the change that is planned, what it would make other, what it would lose, and the one button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui import wording
from badcase.ui.desktop.classes.change_words import ChangeLine
from badcase.ui.desktop.classes.class_boxes import ClassBoxes
from badcase.ui.desktop.classes.class_changes import KINDS, MORE
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.widgets import (
    Button,
    Hairline,
    IconLabel,
    Label,
    LineEdit,
    ListRow,
    Panel,
    SectionTitle,
    SideScroll,
    ToolButton,
)
from badcase.ui.desktop.widgets.emptying import empty
from badcase.ui.desktop.widgets.painting import RIGHT, begin, draw_text, text_width


class ChangeRow(QWidget):
    """What a change makes other: an icon, a sentence, its number at the right, and beneath what follows from it."""

    def __init__(self, told: ChangeLine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told = told
        self.setAccessibleName(" ".join(filter(None, (told.words, told.number, told.more))))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.sizeHint().height())

    def sizeHint(self) -> QSize:
        return QSize(260, 40 if self._told.more else 22)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter, one = tokens(), begin(self), self._told
        draw_icon(painter, one.icon, QRectF(0, 4, 14, 14), t.text2)
        numbers = font(13, True, figures=True)
        draw_text(painter, QRectF(24, 0, self.width() - 24, 22), one.number, t.text, numbers, RIGHT)
        room = self.width() - 24 - text_width(one.number, numbers) - 10
        draw_text(painter, QRectF(24, 0, room, 22), one.words, t.text, font(13))
        draw_text(painter, QRectF(24, 20, self.width() - 24, 18), one.more, t.text2, font(12))
        painter.end()


class ChangeSide(Panel):
    """`typed` that a field has other words, `part` which items of a split were chosen, `wanted` another kind of change,
    `agreed` that the change is to be done, `cancelled` that it is not."""

    typed = Signal()
    part = Signal(int)
    wanted = Signal(str)
    agreed = Signal()
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self.title = Label(px=20, bold=True, elide=True)
        self.cancel = Button(_("Cancel"), keys="Esc", flat=True)
        self.cancel.setObjectName("class_cancel")
        self.boxes = ClassBoxes()
        self.text, self.meaning = LineEdit(), LineEdit()
        self.text.setObjectName("class_text")
        self.meaning.setObjectName("class_meaning")
        self.meaning.setAccessibleName(_("What it will mean"))
        self._prompt, self._come, self._why = Label(px=12, ink="text3"), Label(px=12, ink="text2", wrap=True), Label(wrap=True)
        self._parts, self._told, self._apart = QVBoxLayout(), QVBoxLayout(), QGridLayout()
        self._told_title, self._apart_title = SectionTitle(_("What changes")), SectionTitle(_("Would it lose anything?"))
        self._means = QWidget()
        self.more = {name: _more_button(name) for name in MORE}
        self.agree = Button("", keys="Ctrl+Enter", primary=True)
        self.agree.setObjectName("class_agree")
        for column, gap in ((self._parts, 2), (self._told, 6)):
            column.setSpacing(gap)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.cancel)
        more = QGridLayout()
        more.setSpacing(8)
        for number, button in enumerate(self.more.values()):
            more.addWidget(button, number // 3, number % 3)
        self._ways = QWidget()
        self._ways.setLayout(more)
        more.setContentsMargins(0, 0, 0, 0)
        means = QVBoxLayout(self._means)
        means.setContentsMargins(0, 0, 0, 0)
        means.addWidget(SectionTitle(_("What it will mean"), _("from all, edit it here")))
        means.addWidget(self.meaning)
        means.addWidget(self._come)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(Label(_("A preview. Nothing is changed until Ctrl Enter."), px=12, ink="text2", wrap=True))
        for part in (self._ways, self.boxes, self._prompt, self.text):
            column.addWidget(part)
        column.addLayout(self._parts)
        column.addWidget(self._why)
        column.addSpacing(6)
        for title, body in ((self._told_title, self._told), (self._apart_title, self._apart)):
            column.addWidget(title)
            column.addLayout(body)
            column.addSpacing(6)
            if title is self._told_title:
                column.addWidget(self._means)
        column.addStretch(1)
        self._apart.setColumnStretch(1, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 12, 16, 12)
        foot.setSpacing(8)
        foot.addWidget(IconLabel("undo", "text2", 14))
        foot.addWidget(Label(_("One undo takes it back"), px=12, ink="text2"), 1)
        foot.addWidget(self.agree)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(SideScroll(inner), 1)
        outer.addWidget(Hairline())
        outer.addLayout(foot)

    def _connect(self) -> None:
        for field in (self.text, self.meaning):
            field.textChanged.connect(lambda _text: self.typed.emit())
        self.boxes.taken.connect(self.text.setText)
        self.agree.clicked.connect(self.agreed)
        self.cancel.clicked.connect(self.cancelled)
        for name, button in self.more.items():
            button.clicked.connect(lambda _checked=False, name=name: self.wanted.emit(name))

    def show_kind(self, kind: str, title: str, *, plain: bool, text: str, meaning: str | None) -> None:
        """Begin with a kind of change; plain: of one class, so that the other ways to change it stand here too; meaning: what
        the classes together would mean, None where that is not asked."""
        self.title.setText(title)
        self._ways.setVisible(plain)
        self.cancel.setText(_("Back to Data") if plain and kind == "describe" else _("Cancel"))
        for name, button in self.more.items():
            button.set_active(name == kind)
        prompt = KINDS[kind].prompt()
        self._prompt.setText(prompt)
        self.text.setAccessibleName(prompt)
        self._prompt.setVisible(bool(prompt))
        self.text.setVisible(bool(prompt))
        self._means.setVisible(meaning is not None)
        for field, words in ((self.text, text), (self.meaning, meaning or "")):
            field.blockSignals(True)
            field.setText(words)
            field.blockSignals(False)
        self.agree.icon_name = KINDS[kind].icon
        self.agree.setText(KINDS[kind].title())
        self.show_parts([], -1)

    def show_parts(self, parts: Sequence[tuple[str, int]], chosen: int) -> None:
        """Which items a split could take: words and how many."""
        empty(self._parts)
        for number, (words, n) in enumerate(parts):
            row = ListRow("list", words, wording.count(n))
            row.setObjectName(f"class_part_{number}")
            row.setChecked(number == chosen)
            row.clicked.connect(lambda _checked=False, number=number: self.part.emit(number))
            self._parts.addWidget(row)

    def show_told(self, told: Sequence[ChangeLine], why: str, come: str = "") -> None:
        """What the change would make other, or why it cannot be done; come: which pinned items and rulings come along."""
        empty(self._told)
        self._told_title.setVisible(bool(told))
        for one in told:
            self._told.addWidget(ChangeRow(one))
        self._why.setText(why)
        self._why.setVisible(bool(why))
        self._come.setText(come)
        self._come.setVisible(bool(come))
        self.agree.set_why(why)

    def show_apart(self, rows: Sequence[tuple[str, str]], examples: Sequence[tuple[str, str]]) -> None:
        """How well the classes are told apart: (words, how many of how many); then (class, an item of it)."""
        empty(self._apart)
        self._apart_title.setVisible(bool(rows or examples))
        for at, (words, number) in enumerate(rows):
            self._apart.addWidget(Label(words), at, 0, 1, 2)
            self._apart.addWidget(Label(number, ink="text2"), at, 1, Qt.AlignmentFlag.AlignRight)
        for at, (name, shown) in enumerate(examples, len(rows)):
            self._apart.addWidget(Label(name, px=12, ink="text2"), at, 0)
            self._apart.addWidget(Label(shown, px=12, elide=True), at, 1)


def _more_button(name: str) -> ToolButton:
    kind = KINDS[name]
    button = ToolButton(kind.title(), keys=kind.keys, icon=kind.icon, height=28)
    button.setObjectName(f"class_{name}")
    button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return button
