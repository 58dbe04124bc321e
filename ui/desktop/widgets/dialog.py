"""The dialog: a card over a scrim. Its title is a question, its buttons are verbs, Escape cancels."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.look.theme import RADIUS_DIALOG, tokens
from badcase.ui.desktop.widgets.buttons import Button
from badcase.ui.desktop.widgets.painting import begin, draw_box
from badcase.ui.desktop.widgets.text_labels import Label


class Scrim(QWidget):
    """Covers the whole window at 40 %, holds the keyboard, and closes with Escape or a click beside the card."""

    closed = Signal()

    def __init__(self, over: QWidget) -> None:
        super().__init__(over.window())
        self._before = over.window().focusWidget()
        over.window().installEventFilter(self)
        self.setGeometry(over.window().rect())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.parent():
            self.setGeometry(self.window().rect())
        return super().eventFilter(watched, event)

    def come_up(self, focus: QWidget) -> None:
        """Show it over everything, its card in its place, the keyboard with one of its parts."""
        self.show()
        self.raise_()
        self.place()
        focus.setFocus(Qt.FocusReason.PopupFocusReason)

    def place(self) -> None:
        """Put the card where it belongs in the window as it is now."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place()

    def close_over(self) -> None:
        """Take the scrim away and give the keyboard back to whoever had it."""
        self.window().removeEventFilter(self)
        self.hide()
        if self._before is not None:
            self._before.setFocus(Qt.FocusReason.ActiveWindowFocusReason)
        self.closed.emit()
        self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_over()
        event.accept()  # no key reaches the page beneath

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not any(child.geometry().contains(event.position().toPoint()) for child in self._cards()):
            self.close_over()

    def _cards(self) -> list[QWidget]:
        return [child for child in self.children() if isinstance(child, QWidget)]

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab stays inside."""
        stops = [
            part
            for part in self.findChildren(QWidget)
            if part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.isVisible() and part.isEnabled()
        ]
        if stops:
            now = self.window().focusWidget()
            at = stops.index(now) if now in stops else (-1 if forward else 0)
            reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
            stops[(at + (1 if forward else -1)) % len(stops)].setFocus(reason)
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = begin(self)
        painter.fillRect(self.rect(), QColor(0, 0, 0, 102))
        painter.end()


def is_asking(window: QWidget) -> bool:
    """Whether a dialog or the palette has the keyboard of this window."""
    return any(scrim.isVisible() for scrim in window.findChildren(Scrim))


class Sheet(QWidget):
    """The raised card of a dialog or of the palette. `refilled` comes when its parts want another size."""

    refilled = Signal()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)  # the layout first, which forgets what its parts measured before
        if event.type() == QEvent.Type.LayoutRequest:
            self.refilled.emit()
        return done

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        draw_box(painter, QRectF(self.rect()), RADIUS_DIALOG, t.raised, t.line)
        painter.end()


class Dialog(Scrim):
    """A question over the page. Fill `body`, then `open()`; `accepted` tells that the person said yes.

    Enter presses the safe button: `accept_is_safe` says whether that is the doing one or Cancel.
    """

    accepted = Signal()

    def __init__(
        self,
        over: QWidget,
        title: str,
        accept: str,
        *,
        cancel: str | None = None,
        width: int = 480,
        accept_is_safe: bool = True,
        accept_keys: str | None = None,
    ) -> None:
        super().__init__(over)
        self.setObjectName("dialog")
        self.sheet = Sheet(self)
        self.sheet.refilled.connect(self.place)
        self._wide = width
        column = QVBoxLayout(self.sheet)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        self.title = Label(title, px=15, bold=True, wrap=True)
        column.addWidget(self.title)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        column.addLayout(self.body, 1)
        self.accept_button = Button(accept, keys=accept_keys or ("Enter" if accept_is_safe else None), primary=accept_is_safe)
        self.accept_button.setObjectName("dialog_accept")
        self.accept_button.clicked.connect(self._on_accept)
        self.cancel_button = Button(cancel or _("Cancel"), keys="Esc", height=self.accept_button.sizeHint().height())
        self.cancel_button.setObjectName("dialog_cancel")
        self.cancel_button.clicked.connect(self.close_over)
        self.footer = QHBoxLayout()
        self.footer.setSpacing(8)
        self.footer.addStretch(1)
        self.footer.addWidget(self.cancel_button)
        self.footer.addWidget(self.accept_button)
        column.addSpacing(8)
        column.addLayout(self.footer)
        self._safe = self.accept_button if accept_is_safe else self.cancel_button

    def open(self) -> None:
        self.come_up(self)

    def _on_accept(self) -> None:
        self.accepted.emit()
        self.close_over()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._safe.click()
            event.accept()
        else:
            super().keyPressEvent(event)

    def place(self) -> None:
        width = min(self._wide, self.width() - 48)
        layout = self.sheet.layout()
        assert layout is not None
        tall = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.totalSizeHint().height()
        height = min(tall, self.height() - 48)
        x, y = (self.width() - width) // 2, max(24, (self.height() - height) * 2 // 5)
        self.sheet.setGeometry(QRect(x, y, width, height))
