"""The map itself: points, contours and names; it pans, zooms about the pointer, and tells what was pointed at or outlined."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from badcase.i18n import _
from badcase.maps.hills import Hill
from badcase.maps.lasso import rows_inside
from badcase.maps.point_field import Numbers, PointField, View
from badcase.maps.raster import WRITES, WRITES_MOVING, Layer, Raster
from badcase.ui.desktop.look.theme import tokens
from badcase.ui.desktop.map.cluster_names import ClusterNames
from badcase.ui.desktop.map.map_ground import Ground, paths_of
from badcase.ui.desktop.map.map_layers import colour_table
from badcase.ui.desktop.map.map_marks import draw_bands, draw_card, draw_lasso, draw_target
from badcase.ui.desktop.review.grid.item_cards import Faces
from badcase.ui.desktop.widgets.painting import begin

_LINE = 32  # pixels at the foot, where the count and the hints stand
_REACH = 9  # pixels around the pointer in which a point is meant
_MARGIN = 0.07  # of the map around all points
_MOST_ZOOM = 4000.0  # times the view of all
_STEP = 1.25  # of a key or a notch of the wheel
_IDLE_MS = 90  # after a move the contours are drawn anew


class Tool(StrEnum):
    """What a drag does."""

    PAN = "pan"
    LASSO = "lasso"
    BOX = "box"


class MapCanvas(QWidget):
    """`outlined` tells the items inside an outline, `pressed` the item that was clicked, each with the modifiers that were
    held; `hovered` the item under the pointer, -1 for none; `moved` that the view is another."""

    outlined = Signal(object, Qt.KeyboardModifier)
    pressed = Signal(int, Qt.KeyboardModifier)
    hovered = Signal(int)
    moved = Signal()

    def __init__(self, names: ClusterNames, faces: Faces, keys: Sequence[str], parent: QWidget | None = None) -> None:
        """keys: of the items."""
        super().__init__(parent)
        self.setObjectName("map-canvas")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName(_("Map of all items"))
        self._names, self._faces, self._keys = names, faces, keys
        self.field: PointField | None = None
        self.clusters: Sequence[Hill] = ()
        self.view = View(0.0, 0.0, 1.0, 1, 1)
        self.tool = Tool.PAN
        self.hover = -1
        self.at_cluster: Hill | None = None
        self.outline: list[QPointF] = []  # while it is drawn, in pixels
        self.kept_outline: npt.NDArray[np.float64] | None = None  # after that, in the plane, with how many it selected
        self._kept_count = 0
        self.found: Numbers = np.empty(0, np.int64)  # results of a search
        self.asked: Numbers = np.empty(0, np.int64)  # what they are like
        self._place_of: Numbers = np.empty(0, np.int64)
        self._paths: list[QPainterPath] = []
        self._layers: list[Layer] = []
        self._over: list[Layer] = []
        self._inks: list[str] = []
        self._colours: npt.NDArray[np.uint32] | None = None  # of the inks in this theme
        self._raster: Raster | None = None
        self._pixels: npt.NDArray[np.uint32] | None = None
        self._points: QImage | None = None
        self._bands: tuple[QImage, View] | None = None
        self._whole = 1.0  # the scale at which all is seen
        self._fitted = True  # nobody has moved the view since
        self._drag: QPointF | None = None
        self._held = False
        self._idle = QTimer(self, singleShot=True, interval=_IDLE_MS)
        self._idle.timeout.connect(self._rest)

    # --- what is shown ----------------------------------------------------------------------------------------------

    def show_ground(self, ground: Ground) -> None:
        """Other places of the items, all of them in view."""
        self.field, self.clusters = ground.field, ground.clusters
        self._paths, self._bands = paths_of(ground), None
        self._place_of = np.empty(len(ground.field), np.int64)
        self._place_of[ground.field.items] = np.arange(len(ground.field))
        self.kept_outline, self.at_cluster = None, None
        self._set_hover(-1)
        self.fit()

    def show_layers(self, layers: Sequence[Layer], over: Sequence[Layer], inks: Sequence[str]) -> None:
        """What the points look like: layers from the lowest, those of the selection over them, and the names of the inks."""
        self._layers, self._over, self._inks, self._colours = list(layers), list(over), list(inks), None
        self._repaint_points()

    def show_found(self, asked: Numbers, found: Numbers) -> None:
        """Mark the results of a search, and what they are like."""
        self.asked, self.found = asked, found
        self.update()

    def set_tool(self, tool: Tool) -> None:
        self.tool = tool
        self.outline, self._drag = [], None
        self.setCursor(Qt.CursorShape.CrossCursor if tool is not Tool.PAN else Qt.CursorShape.ArrowCursor)
        self.update()

    def forget_outline(self) -> None:
        """What was selected by the last outline is another selection now."""
        self.kept_outline = None
        self.update()

    def keep_outline(self, outline: npt.NDArray[np.float64], count: int) -> None:
        """Leave an outline of the plane standing, with how many are selected."""
        self.kept_outline, self._kept_count = outline, count
        self.update()

    def place(self, item: int) -> QPointF:
        """The pixel of an item."""
        assert self.field is not None
        row = self._place_of[item]
        return QPointF(*self.view.place(float(self.field.x[row]), float(self.field.y[row])))

    # --- the view ---------------------------------------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        """How many times larger than the view of all."""
        return self.view.scale / self._whole

    def fit(self) -> None:
        """Show all points."""
        if self.field is None:
            return
        left, top, right, bottom = self.field.bounds
        wide, high = max(self.width(), 1), max(self.height(), 1)
        across, down = max(right - left, 1e-6), max(bottom - top, 1e-6)
        self._whole = min(wide * (1 - 2 * _MARGIN) / across, high * (1 - 2 * _MARGIN) / down)
        self._fitted = True
        self._set_view(self._view_at((left + right) / 2, (top + bottom) / 2, self._whole))

    def _view_at(self, x: float, y: float, scale: float) -> View:
        wide, high = max(self.width(), 1), max(self.height(), 1)
        return View(x - wide / 2 / scale, y - high / 2 / scale, scale, wide, high)

    def pan(self, dx: float, dy: float) -> None:
        """Move what is shown by so many pixels."""
        self._fitted = False
        self._set_view(self.view.moved(dx, dy))

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Magnify about a pixel, else about the middle."""
        at = at or QPointF(self.width() / 2, self.height() / 2)
        scale = min(max(self.view.scale * factor, self._whole / 4), self._whole * _MOST_ZOOM)
        self._fitted = False
        self._set_view(self.view.zoomed(scale / self.view.scale, at.x(), at.y()))

    def zoom_in(self) -> None:
        self.zoom_by(_STEP)

    def zoom_out(self) -> None:
        self.zoom_by(1 / _STEP)

    def _set_view(self, view: View) -> None:
        self.view = view
        self._idle.start()
        self._repaint_points()
        self.moved.emit()

    def reveal(self, item: int) -> None:
        """Bring an item into view and hover it."""
        if self.field is None:
            return
        at = self.place(item)
        if not QRectF(self.rect()).adjusted(40, 40, -40, -40).contains(at):
            self.pan(self.width() / 2 - at.x(), self.height() / 2 - at.y())
        self._set_hover(item)

    def step_cluster(self, by: int) -> Hill | None:
        """Go to the next cluster, or the one before; None, and all in view, behind the last or before the first."""
        order = sorted(self.clusters, key=lambda one: (round(one.top / max(1e-9, 60 / self._whole)), one.x))
        place = next((n for n, one in enumerate(order) if one is self.at_cluster), -1 if by > 0 else len(order)) + by
        self.at_cluster = order[place] if 0 <= place < len(order) else None
        if self.at_cluster is None:
            self.fit()
        else:
            self.setAccessibleDescription(self._names.name_of(self.at_cluster))
            self._fitted = False
            scale = max(self.view.scale, 1.6 * self._whole)
            self._set_view(self._view_at(self.at_cluster.x, self.at_cluster.y, scale))
        return self.at_cluster

    def items_in_view(self) -> Numbers:
        if self.field is None:
            return np.empty(0, np.int64)
        (left, top), (right, bottom) = self.view.point(0, 0), self.view.point(self.width(), self.height())
        return self.field.items[self.field.in_box(left, top, right, bottom)]

    # --- painting ---------------------------------------------------------------------------------------------------

    def _repaint_points(self) -> None:
        self._points = None
        self.update()

    def draw_points(self) -> QImage:
        """The points of the view as a picture; drawn anew where something is another."""
        if self._points is None:
            ratio = self.devicePixelRatioF()
            wide, high = max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))
            if self._raster is None or (self._raster.width, self._raster.height) != (wide, high):
                self._raster = Raster(wide, high)
            self._raster.clear()
            view = View(self.view.left, self.view.top, self.view.scale * ratio, wide, high)
            writes = WRITES_MOVING if self._idle.isActive() else WRITES
            for layer in (*self._layers, *self._over):
                self._raster.draw(layer, view, ratio, writes)
            if self._colours is None:
                self._colours = colour_table(self._inks)
            self._pixels = self._raster.coloured(self._colours)  # a picture does not hold its memory
            image = QImage(self._pixels.data, wide, high, 4 * wide, QImage.Format.Format_ARGB32_Premultiplied)
            image.setDevicePixelRatio(ratio)
            self._points = image
        return self._points

    def _rest(self) -> None:
        """The view stands still: draw all of it as well as it can be."""
        self._draw_bands_anew()
        self._repaint_points()

    def _draw_bands_anew(self) -> None:
        """The contours of the view as a picture, which is moved along until the view rests."""
        ratio = self.devicePixelRatioF()
        image = QImage(round(self.width() * ratio), round(self.height() * ratio), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(tokens().window)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self.view.scale, self.view.scale)
        painter.translate(-self.view.left, -self.view.top)
        draw_bands(painter, self._paths, self.view.scale)
        painter.end()
        self._bands = image, self.view
        self.update()

    def _paint_bands(self, painter: QPainter) -> None:
        if self._bands is None:
            self._draw_bands_anew()
        assert self._bands is not None
        image, view = self._bands
        x, y = self.view.place(view.left, view.top)
        grown = self.view.scale / view.scale
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)  # it is soft as it is, and only while it moves
        painter.drawImage(QRectF(x, y, view.width * grown, view.height * grown), image)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = begin(self)
        painter.fillRect(self.rect(), tokens().window)
        if self.field is not None:
            self._paint_bands(painter)
            painter.drawImage(0, 0, self.draw_points())
            self._paint_over(painter)
        painter.end()

    def _paint_over(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(tokens().accent, 1.6))
        for item in self.found.tolist():
            painter.drawEllipse(self.place(item), 6.6, 6.6)
        for item in self.asked.tolist():
            draw_target(painter, self.place(item))
        tiles = not self._faces.is_text and not tokens().dark and self.zoom >= 0.6
        names = self._names.placed(self.clusters, self.view, tiles=tiles)
        self._names.draw(painter, names, tiles=tiles, at=self.at_cluster)
        if self.outline:
            draw_lasso(painter, self.outline, None, self.width())
        elif self.kept_outline is not None:
            corners = [QPointF(*self.view.place(x, y)) for x, y in self.kept_outline.tolist()]
            draw_lasso(painter, corners, self._kept_count, self.width())
        if self.hover >= 0:
            draw_card(
                painter,
                self.place(self.hover),
                QRectF(self.rect()).adjusted(0, 0, 0, -_LINE),
                self.hover,
                self._keys[self.hover],
                self._faces,
            )

    # --- the mouse --------------------------------------------------------------------------------------------------

    def item_at(self, at: QPointF) -> int:
        """The item under a pixel, -1 where there is none near."""
        if self.field is None:
            return -1
        row = self.field.nearest(*self.view.point(at.x(), at.y()), _REACH / self.view.scale)
        return -1 if row is None else int(self.field.items[row])

    def _set_hover(self, item: int) -> None:
        if item != self.hover:
            self.hover = item
            self.hovered.emit(item)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.field is None:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._drag, self._held = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._drag is None:
            self._set_hover(self.item_at(at))
            return
        self._held = self._held or (at - self._drag).manhattanLength() > 4
        if not self._held:
            return
        self._set_hover(-1)
        left = bool(event.buttons() & Qt.MouseButton.LeftButton)
        if self.tool is Tool.PAN or not left:
            self.pan(at.x() - self._drag.x(), at.y() - self._drag.y())
            self._drag = at
        elif self.tool is Tool.LASSO:
            self.outline = [*(self.outline or [self._drag]), at]
            self.update()
        else:
            box = QRectF(self._drag, at).normalized()
            self.outline = [box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft()]
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag is None:
            return
        outline, self.outline, self._drag = self.outline, [], None
        if outline and self.field is not None:
            corners = np.array([self.view.point(one.x(), one.y()) for one in outline])
            self.kept_outline = corners
            self.outlined.emit(self.field.items[rows_inside(self.field, corners)], event.modifiers())
        elif not self._held and event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(self.item_at(event.position()), event.modifiers())
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y() or event.angleDelta().x()
        if self.field is not None and turned:
            self.zoom_by(_STEP ** (turned / 120), event.position())
            self._set_hover(self.item_at(event.position()))
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hover(-1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._bands = None
        if self.field is None:
            return
        if self._fitted:
            self.fit()
        else:  # what was in the middle stays there
            x, y = self.view.point(self.view.width / 2, self.view.height / 2)
            self._set_view(self._view_at(x, y, self.view.scale))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._bands = self._colours = None
            self._repaint_points()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._bands = None
            self._repaint_points()
        return super().event(event)
