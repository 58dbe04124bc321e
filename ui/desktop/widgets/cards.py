"""Surfaces: the card, the hairline, and what stands where there is nothing to show."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from badcase.ui.desktop.look.theme import RADIUS_CARD, font, tokens
from badcase.ui.desktop.widgets.buttons import Button
from badcase.ui.desktop.widgets.painting import begin, draw_box
from badcase.ui.desktop.widgets.text_labels import IconLabel, Label


class Panel(QWidget):
    """A plain ground in the colour of a token: "surface", "window" or "sunken"."""

    def __init__(self, ground: str = "surface", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("panel", ground)


class Card(QFrame):
    """A page card: surface, hairline, radius 8; `edge` is a token that marks its left side (a caution, a verdict)."""

    def __init__(self, edge: str | None = None, padding: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edge = edge
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(padding, padding, padding, padding)
        self.body.setSpacing(8)

    def set_edge(self, edge: str | None) -> None:
        self._edge = edge
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        draw_box(painter, QRectF(self.rect()), RADIUS_CARD, t.surface, t.line)
        if self._edge:
            draw_box(painter, QRectF(0, 12, 3, self.height() - 24), 1.5, t.ink(self._edge))
        painter.end()


class CardPage(Panel):
    """A page of one card of a fixed width, above the middle."""

    def __init__(self, width: int, parent: QWidget | None = None) -> None:
        super().__init__("window", parent)
        self.card = Card(padding=24)
        self.card.setFixedWidth(width)
        self.card.body.setSpacing(12)
        middle = QHBoxLayout()  # a card that is aligned would not get the height that its wrapped lines need
        middle.addStretch(1)
        middle.addWidget(self.card)
        middle.addStretch(1)
        column = QVBoxLayout(self)
        column.addStretch(1)
        column.addLayout(middle)
        column.addStretch(2)

    def add_foot(self, back: QWidget, *buttons: QWidget) -> None:
        """The last line of the card: the way back at the left, what goes on at the right."""
        foot = QHBoxLayout()
        foot.addWidget(back)
        foot.addStretch(1)
        for button in buttons:
            foot.addWidget(button)
        self.card.body.addLayout(foot)


class Hairline(QWidget):
    """One pixel of line, lying or standing."""

    def __init__(self, standing: bool = False, length: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        if standing:
            self.setFixedWidth(1)
            if length:
                self.setFixedHeight(length)
        else:
            self.setFixedHeight(1)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = begin(self)
        painter.fillRect(self.rect(), tokens().line)
        painter.end()


class EmptyState(QWidget):
    """Why there is nothing here, and the one thing to do about it."""

    pressed = Signal()

    def __init__(
        self, icon: str, sentence: str, button: str | None = None, keys: str | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(IconLabel(icon, "text3", 28), 0, Qt.AlignmentFlag.AlignHCenter)
        self._sentence = Label(ink="text2", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._sentence.setFixedWidth(360)
        self.set_sentence(sentence)
        column.addWidget(self._sentence, 0, Qt.AlignmentFlag.AlignHCenter)
        self.button: Button | None = None
        if button:
            self.button = Button(button, keys=keys)
            self.button.setObjectName("empty_state_button")
            self.button.clicked.connect(self.pressed)
            column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ApplicationFontChange:
            self._sentence.setFont(font(13))  # before it hears of it itself
            self.set_sentence(self._sentence.full_text())
        return super().event(event)

    def set_sentence(self, sentence: str) -> None:
        self._sentence.setText(sentence)
        self._sentence.setFixedHeight(max(0, self._sentence.heightForWidth(360)))  # a centred label would take one line
