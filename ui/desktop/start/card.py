"""The card of a recent project: the next bad cases at the left, name, progress and figures at the right."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from badcase.active_learning.errors_left import ErrorsLeft
from badcase.i18n import _, percent, plural
from badcase.ui import wording
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import RADIUS_CARD, RADIUS_MEDIA, font, tokens
from badcase.ui.desktop.start.recent import NextItem, Summary
from badcase.ui.desktop.widgets import PaintedButton
from badcase.ui.desktop.widgets.painting import RIGHT, begin, cap_size, draw_bar, draw_box, draw_cap, draw_ring, draw_text
from badcase.ui.desktop.widgets.tooltips import plain_tip

HEIGHT, RING, ROWS = 212, 3, 2
NARROW = 660  # a card narrower than this shows half as many of the next items, and its figures whole


class ProjectCard(PaintedButton):
    """A press opens the project. `number` is the digit that opens it too."""

    def __init__(self, summary: Summary, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number, self.current = number, False
        self.tell(summary)
        self.setObjectName(f"project_{number}")
        self.setText(summary.name)
        self.setAccessibleName(summary.name)
        self.setToolTip(plain_tip(wording.at_home(summary.path)))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def errors_left(self) -> str:
        """The number, or coarse words where it is not known."""
        left = self.summary.left
        if left is None:
            return _("not known")
        told = ErrorsLeft(*left, known=self.summary.left_known)
        return told.number if told.known else told.coarse

    def tell(self, summary: Summary) -> None:
        """Show this of the project."""
        self.summary = summary
        self._faces = [QPixmap(one.content) for one in summary.next] if summary.kind == "image" else []
        self.update()

    def set_current(self, current: bool) -> None:
        self.current = current
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(640, HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        rect = QRectF(self.rect()).adjusted(RING, RING, -RING, -RING)
        border = t.line2 if self.underMouse() else t.line
        draw_box(painter, rect, RADIUS_CARD, t.surface, border)
        if self.current:
            draw_ring(painter, QRectF(self.rect()), RADIUS_CARD + RING)
        left, columns = (242, 4) if self.width() >= NARROW else (130, 2)
        draw_text(painter, QRectF(rect.x() + 16, 16, left, 18), self._next_title(), t.text2, font(12))
        if self._faces:
            self._paint_faces(painter, QRectF(rect.x() + 16, 42, left, 134), columns)
        else:
            for place, one in enumerate(self.summary.next):
                self._paint_text(painter, QRectF(rect.x() + 16, 42 + place * 53, left, 47), one)
        self._paint_facts(painter, rect.x() + 16 + left + 20, rect.right() - 16)
        painter.end()

    def _next_title(self) -> str:
        if not self.summary.there:
            return ""
        if self.summary.next:
            return _("Next in the queue")
        if not self.summary.predicted:
            return _("Not predicted yet")
        return _("Nothing left to review") if self.summary.left else _("Not ranked yet")

    def _paint_faces(self, painter: QPainter, box: QRectF, columns: int) -> None:
        t, gap = tokens(), 5
        shown = self._faces[: ROWS * columns]
        side = min((box.width() - gap * (columns - 1)) / columns, (box.height() - gap) / ROWS)
        for place, face in enumerate(shown):
            cell = QRectF(box.x() + place % columns * (side + gap), box.y() + place // columns * (side + gap), side, side)
            if face.isNull():
                draw_box(painter, cell, RADIUS_MEDIA, t.sunken)
            else:
                _draw_filled(painter, cell, face)
        more = self.summary.to_review - len(shown)
        if more > 0:
            words = _("{n} more").format(n=wording.count(more))
            rows = (len(shown) + columns - 1) // columns
            under = box.y() + rows * (side + gap) + 6
            draw_text(painter, QRectF(box.x(), under, box.width(), 18), words, t.text2, font(12))

    def _paint_text(self, painter: QPainter, box: QRectF, one: NextItem) -> None:
        t = tokens()
        draw_box(painter, box, 6, t.window if not t.dark else t.raised)
        inner = box.adjusted(10, 0, -10, 0)
        draw_text(painter, QRectF(inner.x(), box.y() + 4, inner.width(), 20), one.content, t.text, font(13))
        y = box.y() + 25
        half = QRectF(inner.x(), y, inner.width() * 0.45, 18)
        x = inner.x() + draw_text(painter, half, one.given, t.given, font(12)) + 6
        draw_icon(painter, "arrow", QRectF(x, y + 4, 10, 10), t.text3)
        draw_text(painter, QRectF(x + 16, y, inner.right() - x - 16, 18), one.suggested, t.accent, font(12, True))

    def _paint_facts(self, painter: QPainter, left: float, right: float) -> None:
        t, s, wide = tokens(), self.summary, right - left
        when = wording.ago(datetime.fromisoformat(s.opened))
        taken = draw_text(painter, QRectF(left, 18, wide, 28), when, t.text2, font(12), RIGHT)
        draw_text(painter, QRectF(left, 16, wide - taken - 16, 30), s.name, t.text, font(20, True))
        if not s.there:
            words = _("This folder is not there any more: {path}").format(path=s.path)
            draw_text(painter, QRectF(left, 48, wide, 20), words, t.given, font(13), mode=Qt.TextElideMode.ElideMiddle)
            return
        draw_text(painter, QRectF(left, 48, wide, 20), self._size_text(), t.text2, font(13))
        whole = s.reviewed + s.to_review
        draw_bar(painter, QRectF(left, 82, wide, 6), s.reviewed / whole if whole else 0.0, t.accentfill)
        words = _("{done} of {all} reviewed").format(done=wording.count(s.reviewed), all=wording.count(whole))
        draw_text(painter, QRectF(left, 96, wide, 20), words, t.text2, font(12))
        draw_text(painter, QRectF(left, 96, wide, 20), _("round {n}").format(n=s.round), t.text2, font(12), RIGHT)
        painter.fillRect(QRectF(left, 129, wide, 1), t.line)
        gold = percent(s.gold, 1) if s.gold is not None else _("not measured")
        figures = (
            (0.0, 0.2, _("Fixed"), wording.count(s.fixed)),
            (0.2, 0.65, _("Errors left"), self.errors_left),
            (0.65, 1.0, _("Gold accuracy"), gold),
        )
        for start, end, name, value in figures:
            box = QRectF(left + start * wide, 141, (end - start) * wide - (30 if end == 1.0 else 6), 18)
            draw_text(painter, box, name, t.text2, font(12))
            draw_text(painter, QRectF(box.x(), 160, box.width(), 24), value, t.text, font(15, True))
        if self._number < 10:
            size = cap_size(str(self._number))
            cap = QRectF(right - size.width(), 162, size.width(), size.height())
            draw_cap(painter, cap, str(self._number))

    def _size_text(self) -> str:
        s = self.summary
        if s.kind == "image":
            what = plural("{n} image", "{n} images", s.items)
        else:
            what = plural("{n} text", "{n} texts", s.items)
        classes = plural("{n} class", "{n} classes", s.classes).format(n=s.classes)
        return f"{what.format(n=wording.count(s.items))}, {classes}"


def _draw_filled(painter: QPainter, cell: QRectF, face: QPixmap) -> None:
    """Crop a picture to fill a rounded square."""
    side = min(face.width(), face.height())
    source = QRect((face.width() - side) // 2, (face.height() - side) // 2, side, side)
    clip = QPainterPath()
    clip.addRoundedRect(cell, RADIUS_MEDIA, RADIUS_MEDIA)
    painter.save()
    painter.setClipPath(clip)
    painter.drawPixmap(cell, face, QRectF(source))
    painter.restore()
