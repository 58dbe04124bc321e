"""The lines over the item and over the grid: where you are, and the few things that are once-an-hour."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QSlider, QWidget

from badcase.i18n import _, percent, plural
from badcase.ui import wording
from badcase.ui.desktop.look.theme import BUTTON_BAR, font, tokens
from badcase.ui.desktop.review.grid.grid import LARGEST, SMALLEST
from badcase.ui.desktop.review.grid.item_cards import CardState, draw_state
from badcase.ui.desktop.review.state.worklist import Order
from badcase.ui.desktop.widgets import Button, Chip, Hairline, Label, Panel
from badcase.ui.desktop.widgets.painting import RIGHT, begin, draw_bar, draw_text, text_width
from badcase.ui.desktop.widgets.tooltips import plain_tip

HEIGHT = 40
_NAME = 160  # of an item: a longer name is cut before anything else leaves the line


class _Suspicion(QWidget):
    """The word, a bar in the colour of the given label, and the value; of an item without a label what its label gains."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = float("nan")
        self._word = True
        self._gain = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_value(self._value)

    def show_value(self, value: float, *, gain: bool = False) -> None:
        self._value, self._gain = value, gain
        if gain:
            self.setToolTip(_("Gain: what its label makes known, beside that of the item that gains most, from 0 to 1"))
        else:
            self.setToolTip(_("Suspicion: how likely the given label is wrong, from 0 to 1"))
        self.updateGeometry()
        self.update()

    @property
    def words(self) -> str:
        return _("gain") if self._gain else _("suspicion")

    @property
    def known(self) -> bool:
        return self._value == self._value

    def show_word(self, shown: bool) -> None:
        """Without the word where the line is short; the tooltip has it."""
        if shown != self._word:
            self._word = shown
            self.updateGeometry()
            self.update()

    def word_width(self) -> int:
        return text_width(self.words, font(13)) + 8

    def sizeHint(self) -> QSize:
        return QSize((self.word_width() if self._word else 0) + 58 + 44, 20)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        rect = QRectF(self.rect())
        if self._word:
            draw_text(painter, rect, self.words, t.text2, font(13))
        bar = rect.right() - 44 - 58
        draw_bar(painter, QRectF(bar, rect.center().y() - 3, 58, 6), self._value, t.line2 if self._gain else t.given)
        draw_text(painter, rect, f"{self._value:.2f}", t.text, font(13, figures=True), RIGHT)
        painter.end()


class _Key(QWidget):
    """The item's key; its middle is left out where there is no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(48)

    def show_text(self, text: str) -> None:
        self._text = text
        self.setToolTip(plain_tip(text))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(text_width(self._text, font(14)) + 6, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = begin(self)
        middle = Qt.TextElideMode.ElideMiddle
        draw_text(painter, QRectF(self.rect()), self._text, tokens().text, font(14), mode=middle)
        painter.end()


class _Decision(QWidget):
    """What was decided on the item and by whom, with its mark."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: CardState | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_state(self, state: CardState | None) -> None:
        self._state = state
        self.setVisible(state is not None)
        self.setToolTip(plain_tip(self.words))
        self.updateGeometry()
        self.update()

    @property
    def words(self) -> str:
        return "" if self._state is None else self._state.words

    def sizeHint(self) -> QSize:
        return QSize(min(_NAME, 20 + text_width(self.words, font(12))), 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._state is not None:
            painter = begin(self)
            draw_state(painter, QRectF(self.rect()), self._state)
            painter.end()


class _Header(Panel):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self.setFixedHeight(HEIGHT)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(16, 0, 8, 0)
        self.row.setSpacing(10)

    def _button(self, words: str, key: str, icon: str | None = None) -> Button:
        button = Button(words, keys=key, icon=icon, flat=True, height=BUTTON_BAR)
        self.row.addWidget(button)
        return button

    def _needs(self) -> int:
        """Width at which nothing on the line is cut, the name of an item up to a usual length."""
        places = [self.row.itemAt(place) for place in range(self.row.count())]
        parts = [place.widget() for place in places if place is not None]
        shown = [part for part in parts if part is not None and not part.isHidden()]
        widths = [min(part.sizeHint().width(), _NAME) if isinstance(part, _Key) else part.sizeHint().width() for part in shown]
        margins = self.row.contentsMargins()
        return sum(widths) + self.row.spacing() * len(shown) + margins.left() + margins.right()

    def _fit(self) -> None:
        """Leave out what has no room."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def _and_drawn(n: int, drawn: int) -> str:
    """A count, and apart from it how many were drawn at random."""
    return _("{n} + {drawn}").format(n=wording.count(n), drawn=wording.count(drawn)) if drawn else wording.count(n)


def _drawn_tip(drawn: int) -> str:
    if not drawn:
        return ""
    words = plural(
        "{n} more was drawn at random, to estimate the errors left",
        "{n} more were drawn at random, to estimate the errors left",
        drawn,
    )
    return plain_tip(words.format(n=wording.count(drawn)))


class FocusHeader(_Header):
    """Key, split, position and suspicion; zoom, Fit or Marks, Grid."""

    fit_pressed = Signal()
    grid_pressed = Signal()

    def __init__(self, *, is_text: bool, marks: bool = True, parent: QWidget | None = None) -> None:
        """marks: words of a text can be marked."""
        super().__init__(parent)
        self.setObjectName("focus-header")
        self._key = _Key()
        self._split, self._gold = Chip(""), False
        self.position = Label(ink="text2")
        self._suspicion = _Suspicion()
        self.decision = _Decision()
        self._zoom = Label(ink="text2")
        names = {"item-key": self._key, "split": self._split, "suspicion": self._suspicion, "decision": self.decision}
        for name, part in names.items():
            part.setObjectName(name)
        for widget in (self._key, self._split, self.position, self.decision, self._suspicion):
            self.row.addWidget(widget)
        self.row.addStretch(1)
        self.row.addWidget(self._zoom)
        self.fit = self._button(_("Mark words") if is_text else _("Fit"), "M" if is_text else "F")
        self.fit.setObjectName("marks" if is_text else "fit")
        line = Hairline(standing=True, length=14)
        self.row.addWidget(line)
        self.fit.setVisible(marks or not is_text)
        line.setVisible(marks or not is_text)
        self.grid = self._button(_("Grid"), "G", "grid")
        self.grid.setObjectName("to-grid")
        self.fit.clicked.connect(self.fit_pressed)
        self.grid.clicked.connect(self.grid_pressed)

    def show_item(
        self,
        key: str,
        split: str,
        position: int,
        total: int,
        suspicion: float,
        *,
        gain: float | None = None,
        drawn: int = 0,
        gold: bool = False,
        decision: CardState | None = None,
    ) -> None:
        """split: in words; position counts from 1, of `total` and those `drawn` at random; gain: of an item without a label,
        in place of its suspicion; decision: what became of the item."""
        self._key.show_text(_("item {key}").format(key=key) if key.isdigit() else key)
        self._split.set_text(split, "given" if gold else "text2")
        self._gold = gold
        self.position.setText(_("{position} of {total}").format(position=wording.count(position), total=_and_drawn(total, drawn)))
        self.position.setToolTip(plain_tip(_drawn_tip(drawn)))
        self._suspicion.show_value(suspicion if gain is None else gain, gain=gain is not None)
        self.decision.show_state(decision)
        self._fit()

    def show_zoom(self, share: float) -> None:
        self._zoom.setText(percent(share))
        self._fit()

    def _fit(self) -> None:
        """Give the item's name its room: the word of the suspicion goes first, then the split, but never that it is gold,
        then the zoom, and the suspicion of what is judged."""
        self._split.show()
        self._zoom.show()
        self._suspicion.show_word(True)
        self._suspicion.setVisible(self._suspicion.known)
        if self._needs() > self.width():
            self._suspicion.show_word(False)
            self._split.setVisible(self._gold or self._needs() <= self.width())
            self._zoom.setVisible(self._needs() <= self.width())
            if not self.decision.isHidden() and self._needs() > self.width():
                self._suspicion.hide()


class GridHeader(_Header):
    """How many there are, their order, the size of the cards."""

    order_chosen = Signal(str)
    size_chosen = Signal(int)
    focus_pressed = Signal()

    def __init__(self, parent: QWidget | None = None, *, pairs: bool = True) -> None:
        """pairs: an item has one label, so that one can be taken for another."""
        super().__init__(parent)
        self.setObjectName("grid-header")
        self._pairs = pairs
        self._count, self._what = Label(bold=True), Label(ink="text2")
        self.order = QComboBox()
        self.order.setObjectName("order")
        self.order.setStyleSheet("QComboBox { border: none; background: transparent; }")
        self.order.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._offer_orders()
        self.size_slider = QSlider(Qt.Orientation.Horizontal)
        self.size_slider.setObjectName("card-size")
        self.size_slider.setRange(SMALLEST, LARGEST)
        self.size_slider.setFixedWidth(92)
        self.size_slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.size_slider.setToolTip(_("Size of the cards (Ctrl and wheel)"))
        self.row.setSpacing(8)
        self.row.addWidget(self._count)
        self.row.addWidget(self._what)
        self.row.addWidget(Hairline(standing=True, length=14))
        self.row.addWidget(self.order)
        self.row.addStretch(1)
        self.row.addWidget(self.size_slider)
        self._size = Label(_("Size"), ink="text2")
        self.row.addWidget(self._size)
        self.row.addWidget(Hairline(standing=True, length=14))
        self.focus_button = self._button(_("Focus"), "G", "focus")
        self.focus_button.setObjectName("to-focus")
        self.order.activated.connect(lambda: self.order_chosen.emit(self.order.currentData()))
        self.size_slider.valueChanged.connect(self.size_chosen)
        self.focus_button.clicked.connect(self.focus_pressed)

    def show_list(self, total: int, left: int, drawn: int, what: str, order: Order, listed: bool, searched: bool) -> None:
        """left: of `total`; drawn: at random, apart from these. what: the pile in words ("to review"). listed: somebody asked
        for just these items; searched: words are looked for."""
        self._count.setText(_and_drawn(left, drawn))
        self._count.setToolTip(plain_tip(_drawn_tip(drawn)))
        of = plural("of {n} {what}", "of {n} {what}", total).format(n=wording.count(total), what=what)
        self._what.setText(what if left == total else of)
        if self._offers != (listed, searched):
            self._offer_orders(listed, searched)
        self.order.setCurrentIndex(self.order.findData(str(order)))
        self._fit()

    def _fit(self) -> None:
        """The word beside the slider goes where the order would be cut."""
        self._size.show()
        self._size.setVisible(self._needs() <= self.width())

    def _offer_orders(self, listed: bool = False, searched: bool = False) -> None:
        """The order as listed only where a list was asked for, by the match only where something is searched."""
        self._offers = listed, searched
        self.order.clear()
        sensible = {Order.LISTED: listed, Order.MATCH: searched, Order.PAIR: self._pairs}
        for order, words in _orders():
            if sensible.get(order, True):
                self.order.addItem(words, str(order))

    def show_size(self, media: int) -> None:
        self.size_slider.blockSignals(True)
        self.size_slider.setValue(media)
        self.size_slider.blockSignals(False)


def _orders() -> list[tuple[Order, str]]:
    return [
        (Order.LISTED, _("As listed")),
        (Order.MATCH, _("Best match first")),
        (Order.SUSPECT, _("Most suspect first")),
        (Order.PAIR, _("Largest confusion first")),
        (Order.DATA, _("As in the data set")),
    ]
