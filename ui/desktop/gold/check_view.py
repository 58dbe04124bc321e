"""One item of gold at a time, with nothing that speaks for a class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from badcase.i18n import _, percent
from badcase.ui import wording
from badcase.ui.desktop.gold.class_keys import ClassKeys
from badcase.ui.desktop.look.theme import BUTTON_BAR, font, tokens
from badcase.ui.desktop.review.item.image_view import ImageView
from badcase.ui.desktop.review.item.text_view import TextSheet
from badcase.ui.desktop.widgets import Bar, Button, Hairline, IconLabel, Label, Panel, SectionTitle, SideScroll
from badcase.ui.desktop.widgets.painting import RIGHT, begin, draw_text

LEFT_WIDE, RIGHT_WIDE, HEAD = 240, 364, 40
NARROW = 1360  # below it the left text gives way first


@dataclass(frozen=True, slots=True)
class CheckProgress:
    """How far the check is: told while it goes on, and nothing of what was found."""

    done: int
    total: int
    unsure: int
    seconds_left: float | None
    median: float | None
    which: str
    parts: Sequence[tuple[str, int]]
    who: str


class CheckView(QWidget):
    """`chosen` tells a class, `pressed` one of "none", "unsure", "back", "pause", and "these" where items have sets of labels."""

    chosen = Signal(int)
    pressed = Signal(str)
    left = Signal()

    def __init__(self, names: Sequence[str], *, is_text: bool, several: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_text, self.several = is_text, several
        self.image, self.text = ImageView(self), TextSheet(self)
        (self.image if is_text else self.text).hide()
        self.text.marked = False
        self.keys = ClassKeys(names)
        self._zoom = Label(ink="text2")
        self._left, self._right = _Left(), Panel()
        self._lay_out()
        self.keys.chosen.connect(self.chosen)
        self.keys.left.connect(self.left)
        self._left.pause.clicked.connect(lambda: self.pressed.emit("pause"))
        self.image.zoomed.connect(lambda share: self._zoom.setText(percent(share)))

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._left)
        row.addWidget(Hairline(standing=True))
        middle = QVBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._head())
        middle.addWidget(Hairline())
        middle.addWidget(self.text if self.is_text else self.image, 1)
        row.addLayout(middle, 1)
        row.addWidget(Hairline(standing=True))
        row.addWidget(self._side())

    def _head(self) -> QWidget:
        head = Panel()
        head.setFixedHeight(HEAD)
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 0, 8, 0)
        row.setSpacing(10)
        row.addWidget(IconLabel("lock", "text2", 14))
        row.addWidget(Label(_("gold item"), bold=True))
        row.addWidget(Hairline(standing=True, length=14))
        row.addWidget(Label(_("name and source hidden until the end"), ink="text2", elide=True), 1)
        if not self.is_text:
            self.fit = Button(_("Fit"), keys="F", flat=True, height=BUTTON_BAR)
            self.fit.clicked.connect(self.image.fit)
            self.pixels = Button(_("Pixels"), keys="P", flat=True, height=BUTTON_BAR)
            self.pixels.clicked.connect(self.image.toggle_nearest)
            for part in (self._zoom, self.fit, Hairline(standing=True, length=14), self.pixels):
                row.addWidget(part)
        return head

    def _side(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.addWidget(Label(_("What has it?") if self.several else _("What is it?"), px=15, bold=True))
        head.addStretch(1)
        head.addWidget(Label(_("always in this order"), px=12, ink="text3"))
        column.addLayout(head)
        column.addWidget(self.keys)
        if self.several:
            column.addWidget(self._button("these", _("These labels"), "Enter", "check"))
        grid = QGridLayout()
        grid.setSpacing(8)
        parts = (("none", _("None of these"), "X", "barred"), ("unsure", _("Unsure"), "U", "question"))
        for at, (name, words, key, icon) in enumerate(parts):
            grid.addWidget(self._button(name, words, key, icon), 0, at)
            grid.setColumnStretch(at, 1)
        self.back = self._button("back", _("Back to the last one"), "Z", "undo")
        grid.addWidget(self.back, 1, 0, 1, 2)
        column.addLayout(grid)
        column.addWidget(Hairline())
        why = QHBoxLayout()
        why.addWidget(IconLabel("blind", "text2", 16))
        why.addWidget(Label(_("Why this is blind"), bold=True), 1)
        column.addLayout(why)
        for words in (
            _(
                "A label that you can see pulls the answer towards it. So this page shows neither the given label nor a "
                "suggestion, draws the items in random order, and gives every class the same key and the same size."
            ),
            _("Nothing is counted before the last item: a figure on the way would pull too."),
        ):
            column.addWidget(Label(words, px=12, ink="text2", wrap=True))
        column.addStretch(1)
        self._who = Label(px=12, ink="text2", elide=True)
        column.addWidget(Hairline())
        who = QHBoxLayout()
        who.addWidget(IconLabel("person", "text2", 14))
        who.addWidget(self._who, 1)
        column.addLayout(who)
        side = self._right
        side.setFixedWidth(RIGHT_WIDE)
        around = QVBoxLayout(side)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(SideScroll(body))
        return side

    def _button(self, name: str, words: str, key: str, icon: str) -> Button:
        button = Button(words, keys=key, icon=icon)
        button.setObjectName(f"gold-{name}")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self.pressed.emit(name))
        return button

    def show_standing(self, standing: CheckProgress) -> None:
        self._left.show_standing(standing)
        self.back.set_why("" if standing.done else _("This is the first item"))
        self._who.setText(standing.who)
        self.keys.clear()

    def show_text(self, text: str) -> None:
        self.text.show_text(text, "")

    def show_image(self, image: QImage | None, natural: tuple[int, int] | None, facts: str) -> None:
        self.image.show_image(image, natural, facts)

    def fit_width(self, width: int) -> None:
        """Where the window is narrow the item keeps its room and the left side goes without its text."""
        self._left.fold(width < NARROW)


class _Left(Panel):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(LEFT_WIDE)
        self._head, self._bar = _Counted(), Bar(0.0, "accent")
        self._facts = [_Pair(_("Unsure")), _Pair(_("Time each, median"))]
        self._which = Label(ink="text2", wrap=True)
        self._parts = [_Pair(), _Pair()]
        self.pause = Button(_("Pause"), keys="Esc")
        self.pause.setObjectName("gold-pause")
        self._told = QWidget()
        told = QVBoxLayout(self._told)
        told.setContentsMargins(0, 0, 0, 0)
        told.setSpacing(8)
        told.addWidget(Hairline())
        told.addWidget(SectionTitle(_("Which items")))
        told.addWidget(self._which)
        for part in self._parts:
            told.addWidget(part)
        told.addSpacing(4)
        told.addWidget(Hairline())
        told.addWidget(SectionTitle(_("What it does")))
        told.addWidget(
            Label(
                _(
                    "Corrections are kept beside the gold as it was given. They never enter training. Comparisons then give both "
                    "figures, “as given” and “as checked”."
                ),
                ink="text2",
                wrap=True,
            )
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(SectionTitle(_("Gold check")))
        column.addWidget(self._head)
        column.addWidget(self._bar)
        for fact in self._facts:
            column.addWidget(fact)
        column.addSpacing(4)
        column.addWidget(self._told)
        column.addStretch(1)
        column.addWidget(self.pause)
        hint = Label(_("goes on where you stopped"), px=12, ink="text3")
        hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(hint)

    def show_standing(self, standing: CheckProgress) -> None:
        self._head.show_count(standing.done, standing.total, standing.seconds_left)
        self._bar.set_value(standing.done / max(standing.total, 1))
        self._facts[0].show_value(wording.count(standing.unsure))
        self._facts[1].show_value("–" if standing.median is None else _("{n:.1f} s").format(n=standing.median))
        self._which.setText(standing.which)
        for pair, part in zip(self._parts, [*standing.parts, None, None][:2], strict=True):
            pair.setVisible(part is not None)
            if part is not None:
                pair.show_name(part[0])
                pair.show_value(wording.count(part[1]))

    def fold(self, folded: bool) -> None:
        self._told.setVisible(not folded)
        self.setFixedWidth(208 if folded else LEFT_WIDE)


class _Counted(QWidget):
    """ "37 of 120" and the time left."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(38)
        self.done, self._total, self._left = 0, 0, ""

    def show_count(self, done: int, total: int, seconds: float | None) -> None:
        self.done, self._total = done, total
        self._left = "" if seconds is None else _("{time} left").format(time=wording.duration(seconds))
        self.setAccessibleName(_("{done} of {total}").format(done=done, total=total))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter, rect = tokens(), begin(self), QRectF(self.rect())
        taken = draw_text(painter, rect, wording.count(self.done), t.text, font(28, True))
        of = _("of {n}").format(n=wording.count(self._total))
        lower = rect.adjusted(taken + 8, 6, 0, 0)
        used = draw_text(painter, lower, of, t.text2, font(13))
        draw_text(painter, lower.adjusted(used + 8, 0, 0, 0), self._left, t.text2, font(12), RIGHT)
        painter.end()


class _Pair(QWidget):
    """A name and its number at the right."""

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self._name, self._value = Label(name, ink="text2", elide=True), Label(bold=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._name, 1)
        row.addWidget(self._value)

    def show_name(self, name: str) -> None:
        self._name.setText(name)

    def show_value(self, value: str) -> None:
        self._value.setText(value)
