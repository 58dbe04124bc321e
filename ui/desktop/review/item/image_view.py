"""One image, large: fitted to whole pixels, zoomed with the wheel, moved with the mouse."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from badcase.i18n import _
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.widgets.painting import LEFT, RIGHT, begin, draw_text, text_width

LARGEST = 900  # a fitted item grows no further; the wheel goes on
_STEP = 1.25
_VEIL = 190  # of 255: how much of an image goes behind what is laid over it
_ZOOM = (0.02, 64.0)


class ImageView(QWidget):
    """Shows an image; `zoomed` tells the share of its natural size at which it is drawn, `moved` that a person moved it."""

    zoomed = Signal(float)
    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("image-view")
        self._image: QImage | None = None
        self._over: QImage | None = None
        self._natural = QSizeF(1, 1)
        self._facts = self._hint = ""
        self._scale: float | None = None  # None: fitted
        self._offset = QPointF()
        self._grabbed: QPointF | None = None
        self.nearest = False
        self.setMinimumSize(160, 120)

    def show_image(self, image: QImage | None, natural: tuple[int, int] | None, facts: str) -> None:
        """Show an image, None while it is on its way. natural: its size in the file; facts: the line beneath."""
        self._image, self._over, self._facts, self._hint = image, None, facts, ""
        if natural is not None:
            self._natural = QSizeF(*natural)
        elif image is not None:
            self._natural = QSizeF(image.width(), image.height())
        self._scale, self._offset = None, QPointF()
        self._grabbed = None
        self._tell()

    def set_image(self, image: QImage) -> None:
        """The picture of what is shown has arrived; zoom and place stay."""
        self._image = image
        self.update()

    def show_hint(self, image: QImage, words: str) -> None:
        """Draw a picture that is mostly seen through over this one, stretched to its size, and say what it is."""
        self._over, self._hint = image, words
        self.setAccessibleDescription(words)
        self.update()

    @property
    def hint(self) -> str:
        """What the hint over the image is, "" where there is none."""
        return self._hint

    def lay_over(self, image: QImage | None) -> None:
        """Draw another picture over the whole of this one, which is faint then; None to take it away."""
        self._over = image
        self.update()

    @property
    def image(self) -> QImage | None:
        """What is shown; None while it is on its way."""
        return self._image

    @property
    def scale(self) -> float:
        """Drawn size over natural size."""
        return self._fitted() if self._scale is None else self._scale

    def fit(self) -> None:
        self._scale, self._offset = None, QPointF()
        self._tell()
        self.moved.emit()

    def follow(self, other: ImageView) -> None:
        """Stand at the scale and the place of another view."""
        self._scale, self._offset = other._scale, QPointF(other._offset)
        self.update()

    def set_scale(self, scale: float) -> None:
        """Draw at a scale, in the middle; it stays so until a person zooms or fits."""
        self._scale, self._offset = scale, QPointF()
        self._tell()

    def fitted(self) -> float:
        """The largest scale at which all of the image is seen."""
        return self._fitted()

    def toggle_nearest(self) -> None:
        self.nearest = not self.nearest
        self._tell()
        self.moved.emit()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom by a factor; the point under the cursor stays where it is."""
        before = self.scale
        after = min(max(before * factor, _ZOOM[0]), _ZOOM[1])
        about = (at - self._middle()) if at is not None else QPointF()
        self._offset = about - (about - self._offset) * (after / before)
        self._scale = after
        self._bound()
        self._tell()
        self.moved.emit()

    def step(self, direction: int) -> None:
        self.zoom(_STEP**direction)

    def pan(self, dx: float, dy: float) -> None:
        self._offset += QPointF(dx, dy)
        self._bound()
        self.update()
        self.moved.emit()

    def _tell(self) -> None:
        self.zoomed.emit(self.scale)
        self.update()

    # --- geometry -----------------------------------------------------------------------------------------------

    def _room(self) -> QRectF:
        """Where a fitted image goes: above the line of facts."""
        return QRectF(self.rect()).adjusted(16, 24, -16, -40)

    def _middle(self) -> QPointF:
        return self._room().center()

    def _fitted(self) -> float:
        """The largest scale that fits; whole multiples where pixels are shown as squares."""
        room = self._room()
        width, height = min(room.width(), LARGEST), min(room.height(), LARGEST)
        scale = min(width / self._natural.width(), height / self._natural.height())
        if self.nearest and scale >= 1:
            return float(int(scale))
        return max(scale, _ZOOM[0])

    def _place(self) -> QRectF:
        """The image on the widget, its edges on whole device pixels."""
        ratio = self.devicePixelRatioF()
        size = self._natural * self.scale
        corner = self._middle() + self._offset - QPointF(size.width() / 2, size.height() / 2)
        left, top = round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio
        return QRectF(left, top, round(size.width() * ratio) / ratio, round(size.height() * ratio) / ratio)

    def _bound(self) -> None:
        """Keep a part of the image in sight: its edge goes no further than the middle."""
        size = self._natural * self.scale
        x, y = size.width() / 2, size.height() / 2
        self._offset = QPointF(min(max(self._offset.x(), -x), x), min(max(self._offset.y(), -y), y))

    # --- events -------------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y() or event.pixelDelta().y()
        if turned:
            self.zoom(_STEP ** (turned / 120), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._grabbed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is not None:
            moved = event.position() - self._grabbed
            self._grabbed = event.position()
            self._scale = self.scale
            self.pan(moved.x(), moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grabbed = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._tell()

    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens()
        painter = begin(self)
        painter.fillRect(self.rect(), t.sunken)
        if self._image is not None:
            self._draw_image(painter, self._image)
        self._draw_facts(painter)
        painter.end()

    def _draw_image(self, painter: QPainter, image: QImage) -> None:
        place = self._place()
        painter.save()
        frame = QPainterPath()
        frame.addRoundedRect(place, 6, 6)
        painter.setClipPath(frame)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not (self.nearest and self.scale > 1))
        painter.drawImage(place, image)
        if self._over is not None:
            veil = QColor(tokens().surface)
            veil.setAlpha(0 if self._hint else _VEIL)
            painter.fillRect(place, veil)
            painter.drawImage(place, self._over)
        painter.restore()

    def _draw_facts(self, painter: QPainter) -> None:
        t = tokens()
        line = QRectF(16, self.height() - 34, self.width() - 32, 24)
        hint = self._hint or _("wheel zooms · drag pans")
        ground = QColor(t.sunken)
        ground.setAlpha(215)
        widths = (text_width(self._facts, font(12)), text_width(hint, font(12)))
        both = sum(widths) + 24 <= line.width()
        boxes = [QRectF(line.x() - 6, line.y(), widths[0] + 12, 24)] if self._facts else []
        if both:
            boxes.append(QRectF(line.right() - widths[1] - 6, line.y(), widths[1] + 12, 24))
        if self._image is not None and self._place().bottom() > line.top():
            for box in boxes:
                painter.fillRect(box, ground)
        draw_text(painter, line, self._facts, t.text3, font(12), LEFT)
        if both:
            draw_text(painter, line, hint, t.text3, font(12), RIGHT)
