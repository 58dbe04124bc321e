"""One text, large: wrapped, selectable, with the words underlined that speak for either class."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from badcase.i18n import _, plural
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.review.state.word_marks import WordMark
from badcase.ui.desktop.widgets.painting import LEFT, RIGHT, begin, draw_box, draw_text, text_width
from badcase.ui.desktop.widgets.tooltips import plain_tip

SHORT = 60  # characters up to which a text is set large
_EDGE, _PAD, _LEGEND = 24, 48, 68
_WIDEST = 760


class _Reader(QTextEdit):
    """The text itself; it draws the underlines over what Qt has drawn."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("text")
        self.setReadOnly(True)
        self.setProperty("bare", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        # Lines break at a width that is set, not at that of the view: the sheet is as high as they need before it is placed.
        self.setLineWrapMode(QTextEdit.LineWrapMode.FixedPixelWidth)
        self.document().setDocumentMargin(0)
        self.marks: Sequence[WordMark] = ()
        self.face = font()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for mark in self.marks:
            self._underline(painter, mark)
        painter.end()

    def _underline(self, painter: QPainter, mark: WordMark) -> None:
        t = tokens()
        painter.setPen(QPen(t.accent if mark.first else t.given, 2.5))
        block = self.document().findBlock(mark.start)
        layout, origin = block.layout(), block.position()
        corner = self.document().documentLayout().blockBoundingRect(block).topLeft()
        corner -= QPointF(0, self.verticalScrollBar().value())
        descent = QFontMetricsF(self.face).descent()
        for number in range(layout.lineCount()):
            line = layout.lineAt(number)
            start = max(mark.start - origin, line.textStart())
            end = min(mark.end - origin, line.textStart() + line.textLength())
            if start < end:
                y = corner.y() + line.y() + line.ascent() + descent + 1.5
                painter.drawLine(QPointF(corner.x() + _x(line, start), y), QPointF(corner.x() + _x(line, end), y))


def _x(line: object, place: int) -> float:
    x = line.cursorToX(place)  # type: ignore[attr-defined]
    return float(x[0] if isinstance(x, tuple) else x)


class TextSheet(QWidget):
    """A sheet that is as high as its text needs and scrolls where that is more than there is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("text-sheet")
        self._reader = _Reader(self)
        self._text = ""
        self._facts = ""
        self._legend: tuple[str, str, str] | None = None
        self._marks: Sequence[WordMark] = ()
        self.hinted = False  # whether the marks are those of a hint
        self._growth = 1.0
        self._sheet = QRectF()
        self.marked = True

    def show_text(self, text: str, facts: str) -> None:
        """Show a text from its beginning; facts: the line beneath the sheet."""
        self._text, self._facts = text, facts
        self.set_marks((), None)
        self._set_type()
        self._reader.verticalScrollBar().setValue(0)

    def set_marks(self, marks: Sequence[WordMark], legend: tuple[str, str, str] | None) -> None:
        """Words that speak for either class; legend: first class, second class, and where the marks come from."""
        self._marks, self._legend, self.hinted = marks, legend, False
        self._reader.marks = marks if self.marked else ()
        self.setToolTip(plain_tip(legend[2] if legend is not None else ""))
        self._reader.viewport().update()
        self.update()

    def show_hint(self, marks: Sequence[WordMark], legend: tuple[str, str, str]) -> None:
        """Mark words in place of others, also where no words are to be marked."""
        self.set_marks(marks, legend)
        self._reader.marks, self.hinted = marks, True
        self._reader.viewport().update()

    @property
    def shown_marks(self) -> Sequence[WordMark]:
        """What is marked now."""
        return self._reader.marks

    def toggle_marks(self) -> None:
        self.marked = not self.marked
        self.set_marks(self._marks, self._legend)

    def zoom(self, factor: float) -> None:
        self._growth = min(max(self._growth * factor, 0.6), 3.0)
        self._set_type()

    def fit(self) -> None:
        self._growth = 1.0
        self._set_type()

    def selected_text(self) -> str:
        return self._reader.textCursor().selectedText().replace("\u2029", "\n")

    # --- the type and the place of the sheet --------------------------------------------------------------------

    def _set_type(self) -> None:
        px, line = (28, 48) if len(self._text) <= SHORT else (20, 32)
        face = font(px * self._growth)
        self._reader.face = face
        self._reader.setPlainText(self._text)
        # In the text itself: a change of theme gives the widget, and so its document, the program's font again.
        letters = QTextCharFormat()
        letters.setFont(face)
        block = QTextBlockFormat()
        block.setLineHeight(line * self._growth, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        cursor = QTextCursor(self._reader.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(block)
        cursor.mergeCharFormat(letters)
        palette = self._reader.palette()
        palette.setColor(QPalette.ColorRole.Text, tokens().text)
        self._reader.setPalette(palette)
        self._place()

    def _place(self) -> None:
        """Lay the sheet out: wide enough for 68 letters or 34 Han characters, in the middle of the height."""
        wide = min(_WIDEST * max(1.0, self._growth), self.width() - 2 * _EDGE)
        self._reader.setLineWrapColumnOrWidth(max(1, int(wide - 2 * _PAD)))
        needs = self._reader.document().size().height() + 2 * _PAD + _LEGEND
        high = min(max(needs, 240.0), self.height() - _EDGE - 44)
        self._sheet = QRectF((self.width() - wide) / 2, max(_EDGE, (self.height() - 20 - high) / 2), wide, high)
        room = self._sheet.adjusted(_PAD, _PAD, -_PAD + 12, -_LEGEND - 16)
        self._reader.setGeometry(room.toAlignedRect())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(700, 500)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(1.1 if event.angleDelta().y() > 0 else 1 / 1.1)
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        painter.fillRect(self.rect(), t.window)
        sheet = self._sheet
        draw_box(painter, sheet, 8, t.surface, t.line)
        foot = QRectF(sheet.x() + _PAD, sheet.bottom() - _LEGEND, sheet.width() - 2 * _PAD, _LEGEND)
        painter.fillRect(QRectF(foot.x(), foot.y(), foot.width(), 1), t.line)
        self._draw_legend(painter, foot)
        line = QRectF(16, self.height() - 34, self.width() - 32, 24)
        hint = _("Ctrl and wheel zooms · select to copy")
        if text_width(self._facts, font(12)) + text_width(hint, font(12)) + 24 <= line.width():
            draw_text(painter, line, hint, t.text3, font(12), RIGHT)
        draw_text(painter, line, self._facts, t.text3, font(12), LEFT)
        painter.end()

    def _draw_legend(self, painter: QPainter, foot: QRectF) -> None:
        t = tokens()
        count = plural("{n} character", "{n} characters", len(self._text)).format(n=len(self._text))
        taken = draw_text(painter, foot, count, t.text3, font(12), RIGHT)
        if self._legend is None or not (self.marked or self.hinted):
            return
        room = foot.width() - taken - 24
        parts = [(ink, words) for ink, words in zip((t.accent, t.given), self._legend[:2], strict=True) if words]
        x = foot.x()
        for ink, words in parts:
            wide = min(text_width(words, font(12)) + 4, room / len(parts) - 40)
            painter.setPen(QPen(ink, 2.5))
            painter.drawLine(QPointF(x, foot.center().y()), QPointF(x + 20, foot.center().y()))
            draw_text(painter, QRectF(x + 28, foot.y(), wide, foot.height()), words, t.text2, font(12))
            x += wide + 28 + 24
