"""The answers of a blind check: every class with the same key place and the same size, in the project's order."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from badcase.i18n import _, plural
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.review.decision.class_field import ClassField
from badcase.ui.desktop.review.state.class_choices import Listed
from badcase.ui.desktop.widgets import Button, Label, PaintedButton
from badcase.ui.desktop.widgets.painting import LEFT, begin, cap_size, draw_box, draw_cap, draw_ring, draw_text, text_width
from badcase.ui.desktop.widgets.tooltips import plain_tip

HIGH, TEN, NINE, MATCHES = 40, 10, 9, 6


class ClassKeys(QWidget):
    """`chosen` tells a class id. Up to ten classes have a key each; of more the first nine have one, the rest are typed.

    Where an item may have any number of labels, `show_turned` marks those that it will get.
    """

    chosen = Signal(int)
    left = Signal()

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.listed = Listed(names, range(len(names)))
        self._keys: list[_ClassKey] = []
        self._turned = Label(bold=True, wrap=True)
        self._turned.hide()
        self._typed = len(names) > TEN
        self.field = ClassField()
        if not self._typed:
            self.field.hide()
        self._matches = [Button("", flat=True, height=28) for _place in range(MATCHES)]
        self._found: list[int] = []
        self._picked = 0
        shown = range(NINE if self._typed else len(names))
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        half = (len(shown) + 1) // 2
        for place in shown:
            key = _ClassKey(self.listed.digit(place), names[place], names[: len(shown)])
            key.setObjectName(f"gold-class-{place}")
            key.clicked.connect(lambda _checked=False, place=place: self.chosen.emit(place))
            self._keys.append(key)
            grid.addWidget(key, place % half, place // half)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(grid)
        column.addWidget(self._turned)
        column.addWidget(self.field)
        for place, match in enumerate(self._matches):
            match.hide()
            match.clicked.connect(lambda _checked=False, place=place: self._take(place))
            column.addWidget(match, 0, Qt.AlignmentFlag.AlignLeft)
        if self.listed.named_by_digit:
            column.addWidget(
                Label(_("The class names are digits, so each digit means its class."), px=12, ink="text3", wrap=True)
            )
        if self._typed:
            more = plural("Type the name of any of {n} class", "Type the name of any of {n} classes", len(names))
            self.field.setPlaceholderText(more.format(n=len(names)))
        self.field.textChanged.connect(self._narrow)
        self.field.moved.connect(self._move)
        self.field.taken.connect(lambda: self._take(self._picked))
        self.field.left.connect(self.left)

    def by_key(self, digit: str) -> int | None:
        """The class that a digit means; None where it means none."""
        if self._typed and digit == "0" and not self.listed.named_by_digit:
            return None
        return self.listed.by_digit(digit)

    def begin(self, letter: str = "") -> bool:
        """Begin to type a class; whether there are so many that they are typed."""
        if self._typed:
            self.field.begin(letter)
        return self._typed

    def clear(self) -> None:
        self.field.clear()

    def show_turned(self, labels: Collection[int]) -> None:
        """Mark the labels that the item will get, and name them: of many classes not each has a key."""
        for place, key in enumerate(self._keys):
            key.mark(place in labels)
        self._turned.setText(", ".join(self.listed.names[label] for label in sorted(labels)))
        self._turned.setVisible(bool(labels))

    def _narrow(self, typed: str) -> None:
        self._found = self.listed.matching(typed)[:MATCHES] if typed.strip() else []
        self._picked = 0
        self._show()

    def _move(self, step: int) -> None:
        if self._found:
            self._picked = (self._picked + step) % len(self._found)
            self._show()

    def _show(self) -> None:
        for place, match in enumerate(self._matches):
            match.setVisible(place < len(self._found))
            if place < len(self._found):
                match.keys = "Enter" if place == self._picked else None
                match.setText(self.listed.names[self._found[place]])
                match.updateGeometry()

    def _take(self, place: int) -> None:
        if place < len(self._found):
            label = self._found[place]
            self.clear()
            self.left.emit()
            self.chosen.emit(label)


class _ClassKey(PaintedButton):
    def __init__(self, digit: str, name: str, together: Sequence[str]) -> None:
        """together: the names of all that stand together."""
        super().__init__()
        self._digit, self._marked, self._together = digit, False, together
        self.setText(name)
        self.setAccessibleName(f"{name} ({digit})" if digit else name)
        self.setToolTip(plain_tip(self.accessibleName()))
        self.setFixedHeight(HIGH)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def mark(self, on: bool) -> None:
        self._marked = on
        self.setAccessibleDescription(_("the item has it") if on else "")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, HIGH)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter, rect = tokens(), begin(self), QRectF(self.rect())
        fill = t.pressed if self.isDown() else t.hover if self.underMouse() else t.raised
        draw_box(painter, rect, 6, t.soft(t.text2) if self._marked else fill, t.text2 if self._marked else t.control)
        x = 12.0
        if self._digit:
            size = cap_size(self._digit)
            draw_cap(painter, QRectF(QPointF(x, (HIGH - size.height()) / 2), size.toSizeF()), self._digit)
            x += size.width() + 12
        where = QRectF(x, 0, rect.width() - x - 10, HIGH)
        faces = [face for face in (font(15), font(13)) if text_width(self.text(), face) <= where.width()]
        if faces:
            draw_text(painter, where, self.text(), t.text, faces[0])
        else:
            _draw_two_lines(painter, where, self.text(), self._together)
        if self.rings:
            draw_ring(painter, rect, 6)
        painter.end()


def _draw_two_lines(painter: QPainter, where: QRectF, name: str, together: Sequence[str]) -> None:
    """A long name, without the part that it can miss: what is left of it is left of no other."""
    face, room = font(12), int(1.8 * where.width())
    metrics, modes = QFontMetrics(face), Qt.TextElideMode
    for mode in (modes.ElideMiddle, modes.ElideRight, modes.ElideLeft):
        shown = [metrics.elidedText(one, mode, room) for one in together]
        if len(set(shown)) == len(shown):
            break
    painter.setFont(face)
    painter.setPen(tokens().text)
    painter.drawText(where, int(LEFT | Qt.TextFlag.TextWrapAnywhere), metrics.elidedText(name, mode, room))
