"""The filter as chips and a line to add to it: `given:cat pred:dog split:train` and words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from badcase.i18n import _
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import FIELD, font
from badcase.ui.desktop.look.theme import tokens as colors
from badcase.ui.desktop.review.state.filter_syntax import SPLITS, Token, tokens
from badcase.ui.desktop.review.state.filters import Facts, Filter
from badcase.ui.desktop.widgets import PaintedButton
from badcase.ui.desktop.widgets.painting import begin, cap_size, draw_box, draw_cap, draw_ring, draw_text, text_width
from badcase.ui.desktop.widgets.tooltips import plain_tip

_COMPLETED = 1000  # classes offered while typing
_WIDEST = 200


class _TokenChip(PaintedButton):
    """One condition; a click takes it away."""

    def __init__(self, token: Token, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.token = token
        self._role = f"{token.role}:" if token.role else ""
        self.setText(str(token))
        self.setToolTip(plain_tip(_("Take {token} away").format(token=str(token))))
        self.setObjectName(f"token-{token.role or 'word'}")
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        wide = text_width(self._role, font(12)) + text_width(self.token.value, font(12, bold=True)) + 32
        return QSize(min(_WIDEST, wide), 22)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter, rect = colors(), begin(self), QRectF(self.rect())
        draw_box(painter, rect, 4, t.hover if not self.underMouse() else t.track)
        if self.rings:
            draw_ring(painter, rect, 4)
        taken = draw_text(painter, rect.adjusted(7, 0, -20, 0), self._role, t.text2, font(12))
        draw_text(painter, rect.adjusted(7 + taken, 0, -20, 0), self.token.value, t.text, font(12, bold=True))
        cross = QRectF(rect.right() - 17, rect.center().y() - 4.5, 9, 9)
        draw_icon(painter, "cross", cross, t.text if self.underMouse() else t.text3)
        painter.end()


class FilterField(QWidget):
    """`changed` carries the new filter after a chip was taken away, `entered` the text that Enter adds."""

    changed = Signal(object)
    entered = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filter-field")
        self.setFixedHeight(FIELD)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(240)
        self._chips: list[_TokenChip] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(32, 0, cap_size("Ctrl+F").width() + 12, 0)
        self._row.setSpacing(6)
        self.line = QLineEdit()
        self.line.setObjectName("filter-line")
        self.line.setProperty("bare", True)
        self.line.setPlaceholderText(_("add a filter"))
        self.line.setAccessibleName(_("Filter"))
        self.line.setToolTip(_("given:cat  pred:dog  split:train  reason:…  is:reviewed  or words  (Ctrl+F)"))
        self.line.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.line.installEventFilter(self)
        self._row.addWidget(self.line, 1)

    def show_filter(self, shown: Filter, facts: Facts) -> None:
        for chip in self._chips:
            chip.hide()
            chip.deleteLater()
        self._chips = [_TokenChip(token, self) for token in tokens(shown, facts)]
        for place, chip in enumerate(self._chips):
            self._row.insertWidget(place, chip)
            chip.clicked.connect(lambda _checked=False, chip=chip: self.changed.emit(chip.token.without))
        self.line.clear()

    def offer(self, classes: Sequence[str], reasons: Sequence[str]) -> None:
        """Complete what is typed from these names."""
        names = [f"{role}:{_quoted(name)}" for role in ("given", "pred") for name in classes[:_COMPLETED]]
        names += [f"split:{name}" for name in SPLITS] + [f"reason:{name}" for name in reasons]
        names += [f"is:{name}" for name in ("to-review", "reviewed", "unsure", "all")]
        completer = QCompleter(names, self.line)  # the line deletes the one before it
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.line.setCompleter(completer)

    def begin(self) -> None:
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._on_key(event)
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            example = event.type() == QEvent.Type.FocusIn
            self.line.setPlaceholderText(_("given:cat  pred:dog  split:train  or words") if example else _("add a filter"))
            self.update()
        return super().eventFilter(watched, event)

    def _on_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.line.text().strip():
                self.entered.emit(self.line.text())
            self.left.emit()
        elif key == Qt.Key.Key_Escape:
            self.line.clear()
            self.left.emit()
        elif key == Qt.Key.Key_Backspace and not self.line.text() and self._chips:
            self.changed.emit(self._chips[-1].token.without)
        else:
            return False
        return True

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


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name
