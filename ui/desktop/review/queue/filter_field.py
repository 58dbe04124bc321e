"""The filter as chips in plain words and a line to add to it, which suggests what may be meant."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from badcase.i18n import _
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import FIELD, font
from badcase.ui.desktop.look.theme import tokens as colors
from badcase.ui.desktop.review.filtering.filter_suggestions import Suggest
from badcase.ui.desktop.review.filtering.filter_syntax import Token, tokens
from badcase.ui.desktop.review.filtering.filters import Facts, Filter
from badcase.ui.desktop.review.queue.suggestion_list import SuggestionList
from badcase.ui.desktop.widgets import LineEdit, PaintedButton
from badcase.ui.desktop.widgets.painting import begin, cap_size, draw_box, draw_cap, draw_ring, draw_text, text_width
from badcase.ui.desktop.widgets.tooltips import plain_tip

_WIDEST = 200


class _TokenChip(PaintedButton):
    """One condition; a click takes it away."""

    def __init__(self, token: Token, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.token = token
        self._role = f"{token.name}: " if token.name else ""
        self._value = token.shown or token.value
        self.setText(token.words)
        self.setToolTip(plain_tip(_("Take {token} away").format(token=token.words)))
        self.setObjectName(f"token-{token.role or 'word'}")
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        wide = text_width(self._role, font(12)) + text_width(self._value, font(12, bold=True)) + 32
        return QSize(min(_WIDEST, wide), 22)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter, rect = colors(), begin(self), QRectF(self.rect())
        draw_box(painter, rect, 4, t.hover if not self.underMouse() else t.track)
        if self.rings:
            draw_ring(painter, rect, 4)
        taken = draw_text(painter, rect.adjusted(7, 0, -20, 0), self._role, t.text2, font(12))
        draw_text(painter, rect.adjusted(7 + taken, 0, -20, 0), self._value, t.text, font(12, bold=True))
        cross = QRectF(rect.right() - 17, rect.center().y() - 4.5, 9, 9)
        draw_icon(painter, "cross", cross, t.text if self.underMouse() else t.text3)
        painter.end()


class FilterField(QWidget):
    """`changed` carries the new filter, `entered` a text to add that nothing was suggested for, `named` the name to keep the
    filter under, `forgotten` one that is not to be kept any more. `suggest` says what may be meant by what is typed."""

    changed = Signal(object)
    entered = Signal(str)
    named = Signal(str)
    forgotten = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filter-field")
        self.setFixedHeight(FIELD)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(240)
        self.suggest: Suggest = lambda _typed: []
        self._chips: list[_TokenChip] = []
        self._naming, self._stepped = False, False
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(32, 0, cap_size("Ctrl+F").width() + 12, 0)
        self._row.setSpacing(6)
        self.line = LineEdit()
        self.line.setObjectName("filter-line")
        self.line.setProperty("bare", True)
        self.line.setPlaceholderText(_("add a filter"))
        self.line.setAccessibleName(_("Filter"))
        self.line.setToolTip(_("The name of a class, a reason, a queue or a split, or words of a key or a text  (Ctrl+F)"))
        self.line.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.line.installEventFilter(self)
        self._row.addWidget(self.line, 1)
        self._list = SuggestionList(self, self.line)
        self._list.taken.connect(lambda: self._take(clicked=True))
        self.line.textEdited.connect(lambda _text: self._suggest())

    def show_filter(self, shown: Filter, facts: Facts) -> None:
        for chip in self._chips:
            chip.hide()
            chip.deleteLater()
        self._chips = [_TokenChip(token, self) for token in tokens(shown, facts)]
        for place, chip in enumerate(self._chips):
            self._row.insertWidget(place, chip)
            chip.clicked.connect(lambda _checked=False, chip=chip: self.changed.emit(chip.token.without))
        self.line.clear()

    def begin(self) -> None:
        self._naming = False
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()
        self._suggest()

    def begin_naming(self) -> None:
        """Ask under which name the filter that is shown is kept."""
        self.line.clear()
        self._naming = True
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.setPlaceholderText(_("a name for this filter"))
        self._list.show_rows(())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._on_key(event)
        if event.type() == QEvent.Type.FocusIn:
            self.line.setPlaceholderText(_("a class, a reason, a split, or words of a key or a text"))
            self.update()
        elif event.type() == QEvent.Type.FocusOut:
            self._list.show_rows(())
            self._naming = False
            self.line.setPlaceholderText(_("add a filter"))
            self.update()
        return super().eventFilter(watched, event)

    def _suggest(self) -> None:
        if self.line.hasFocus() and not self._naming:
            self._list.show_rows(self.suggest(self.line.text()))

    def _on_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._list.step(1 if key == Qt.Key.Key_Down else -1)
            self._stepped = True
        elif key == Qt.Key.Key_Escape:
            self.line.clear()
            self.left.emit()
        elif key == Qt.Key.Key_Backspace and not self.line.text() and self._chips:
            self.changed.emit(self._chips[-1].token.without)
        elif key == Qt.Key.Key_Delete and self._stepped and (row := self._list.current) is not None and row.saved:
            self.forgotten.emit(row.saved)
            self._suggest()
        else:
            self._stepped = False
            return False
        return True

    def _take(self, *, clicked: bool = False) -> None:
        """Take what is marked; what nobody suggested is read as it stands."""
        typed, row = self.line.text().strip(), self._list.current
        if self._naming:
            if typed:
                self.named.emit(typed)
            self.line.clear()
        elif row is not None and row.name and (clicked or self._stepped):
            self.begin_naming()
            return
        elif row is not None and row.wanted is not None and (typed or clicked or self._stepped):
            self.changed.emit(row.wanted)
        elif typed:
            self.entered.emit(typed)
        self._stepped = False
        self.left.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.begin()

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter, rect = colors(), begin(self), QRectF(self.rect())
        holds = self.line.hasFocus()
        draw_box(painter, rect, 6, t.sunken if t.dark else t.window, t.accent if holds else t.control)
        draw_icon(painter, "filter", QRectF(10, rect.center().y() - 7, 14, 14), t.text2)
        if not holds:
            size = cap_size("Ctrl+F")
            corner = QPointF(rect.right() - size.width() - 5, (rect.height() - size.height()) / 2)
            draw_cap(painter, QRectF(corner, size.toSizeF()), "Ctrl+F")
        painter.end()
