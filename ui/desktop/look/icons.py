"""Icons, drawn by us on a 16 grid: 1.5 stroke, round ends, no fill. One idea, one icon.

Each is a short path: M x y, L x y, C x1 y1 x2 y2 x y, Z, and two more: O cx cy r (a circle), R x y w h r (a box).
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

from badcase.ui.desktop.look.colours import tokens

_PATHS = {
    "check": "M 2.5 8.5 L 6.3 12.2 L 13.5 4.2",
    "ring": "O 8 8 3",
    "barred": "O 8 8 6 M 3.8 3.8 L 12.2 12.2",
    "question": "M 5 5.6 C 5 1.2 11.4 1.4 11 5.4 C 10.8 7.6 8 7.6 8 10 M 8 13.2 L 8 13.3",
    "model": "R 1.8 2.2 12.4 11.6 2.5 M 5.2 10.6 L 5.2 8.4 M 8 10.6 L 8 5.4 M 10.8 10.6 L 10.8 7.2",
    "hub": "O 8 8 1.7 O 3.2 3.6 1.3 O 12.8 3.6 1.3 O 3.2 12.4 1.3 O 12.8 12.4 1.3"
    " M 4.3 4.6 L 6.6 6.8 M 11.7 4.6 L 9.4 6.8 M 4.3 11.4 L 6.6 9.2 M 11.7 11.4 L 9.4 9.2",
    "sheets": "R 5.6 5.6 8.4 8.4 1.8 M 3.4 10.4 L 3.2 10.4 C 2.4 10.4 2 10 2 9.2 L 2 3.4"
    " C 2 2.5 2.5 2 3.4 2 L 9.2 2 C 10 2 10.4 2.4 10.4 3.2",
    "fork": "M 2 8 L 5.5 8 C 8 8 8 4 10.5 4 L 13.6 4 M 5.5 8 C 8 8 8 12 10.5 12 L 13.6 12"
    " M 11.8 2.2 L 13.7 4 L 11.8 5.8 M 11.8 10.2 L 13.7 12 L 11.8 13.8",
    "bars": "M 2 13.5 L 14 13.5 M 3.8 11 L 3.8 3 M 8 11 L 8 6.5 M 12.2 11 L 12.2 9.5",
    "clash": "R 1.8 3 5.4 10 1.4 R 8.8 3 5.4 10 1.4 M 3.6 8 L 5.4 8 M 10.6 8 L 12.4 8 M 11.5 7.1 L 11.5 8.9",
    "leak": "M 8 1.8 L 8 3.4 M 8 12.6 L 8 14.2 M 8 6 L 8 10 M 2 8 L 5 8 M 11 8 L 14 8 M 11.6 5.6 L 14 8 L 11.6 10.4",
    "apart": "O 4.2 11 1.3 O 7.6 12.6 1.3 O 7.2 9 1.3 O 12.4 3.6 1.8",
    "target": "O 8 8 6 O 8 8 2.6 M 8 1 L 8 3.4 M 8 12.6 L 8 15 M 1 8 L 3.4 8 M 12.6 8 L 15 8",
    "curve": "M 2 2.5 L 2 13.5 L 14 13.5 M 4.4 4.4 C 5.4 11.6 8.4 7.2 13.4 9.6",
    "hourglass": "M 4 2 L 12 2 M 4 14 L 12 14 M 5 2 C 5 6 11 10 11 14 M 11 2 C 11 6 5 10 5 14",
    "wave": "M 1.8 8 C 4 1.5 5.8 1.5 8 8 C 10.2 14.5 12 14.5 14.2 8",
    "blank": "R 2.4 2.4 11.2 11.2 2 M 5.6 8 L 10.4 8",
    "moon": "M 12.8 9.6 C 8.6 11.6 4.4 7.4 6.4 3.2 C 0.4 5.2 1.6 13.8 8 13.8 C 10.4 13.8 12.2 12 12.8 9.6",
    "sun": "O 8 8 2.6 M 8 1.6 L 8 2.8 M 8 13.2 L 8 14.4 M 1.6 8 L 2.8 8 M 13.2 8 L 14.4 8"
    " M 3.5 3.5 L 4.3 4.3 M 11.7 11.7 L 12.5 12.5 M 3.5 12.5 L 4.3 11.7 M 11.7 4.3 L 12.5 3.5",
    "blur": "M 8 2 C 11 6 12.4 8 12.4 9.8 C 12.4 15.4 3.6 15.4 3.6 9.8 C 3.6 8 5 6 8 2",
    "empty": "M 3 5 L 3 3 L 5 3 M 11 3 L 13 3 L 13 5 M 13 11 L 13 13 L 11 13 M 5 13 L 3 13 L 3 11",
    "resize": "R 2.2 7.6 6.2 6.2 1.2 M 9 2.4 L 13.6 2.4 L 13.6 7 M 13.4 2.6 L 9.6 6.4",
    "ratio": "R 1.8 5.6 12.4 4.8 1.2 M 4.6 8 L 11.4 8",
    "short": "M 2.8 4.6 L 2.8 11.4 M 5.6 8 L 9 8",
    "long": "M 2.5 2.8 L 13.5 2.8 M 2.5 6.3 L 13.5 6.3 M 2.5 9.8 L 13.5 9.8 M 2.5 13.3 L 13.5 13.3",
    "garbled": "M 2.4 4 L 5 6.4 L 7.4 3.4 L 9.8 6.4 L 13.6 3.8 M 2.4 12 L 5 9.6 L 7.4 12.6 L 9.8 9.6 L 13.6 12.2",
    "script": "M 2 12.6 L 4.8 5 L 7.6 12.6 M 3 10 L 6.6 10 M 9.4 4.4 L 14 4.4 M 11.7 2.8 L 11.7 4.4"
    " M 13 4.6 C 12.4 8 11 10 9 11.2 M 10.4 7 C 11.2 9 12.4 10.4 14 11.2",
    "list": "M 5.8 4 L 14 4 M 5.8 8 L 14 8 M 5.8 12 L 14 12 M 2.3 4 L 2.4 4 M 2.3 8 L 2.4 8 M 2.3 12 L 2.4 12",
    "join": "M 2.4 4 L 5 4 C 8 4 8 8 10.5 8 L 13.6 8 M 2.4 12 L 5 12 C 8 12 8 8 10.5 8 M 11.6 6 L 13.7 8 L 11.6 10",
    "pencil": "M 3 13 L 3.6 10.2 L 10.8 3 C 11.8 2 14 4.2 13 5.2 L 5.8 12.4 Z M 9.6 4.2 L 11.8 6.4",
    "book": "M 8 4.4 C 6.4 3 4 2.8 2 3.2 L 2 12.2 C 4 11.8 6.4 12 8 13.4 C 9.6 12 12 11.8 14 12.2 L 14 3.2 C 12 2.8 9.6 3 8 4.4"
    " L 8 13.2",
    "scales": "M 8 2.2 L 8 13.6 M 5.4 13.6 L 10.6 13.6 M 3 4.2 L 13 4.2 M 3 4.4 L 1.4 9 L 4.6 9 L 3 4.4"
    " M 13 4.4 L 11.4 9 L 14.6 9 L 13 4.4",
    "tag": "M 2.4 2.4 L 7.6 2.4 L 13.8 8.6 L 8.6 13.8 L 2.4 7.6 Z O 5.2 5.2 0.9",
    "gain": "M 5 13.4 L 5 2.8 M 2.4 5.4 L 5 2.8 L 7.6 5.4 M 11 2.6 L 11 13.2 M 8.4 10.6 L 11 13.2 L 13.6 10.6",
    "image": "R 2 2.5 12 11 2 O 5.6 6 1 M 2.4 12 L 6.4 8.6 L 8.8 10.8 L 11 8.8 L 13.8 11.4",
    "text": "M 2.5 4 L 13.5 4 M 2.5 8 L 13.5 8 M 2.5 12 L 9 12",
    "folder": "M 2 4.6 C 2 3.6 2.6 3 3.6 3 L 6 3 L 7.6 4.8 L 12.4 4.8 C 13.4 4.8 14 5.4 14 6.4 L 14 11.4"
    " C 14 12.4 13.4 13 12.4 13 L 3.6 13 C 2.6 13 2 12.4 2 11.4 Z",
    "table": "R 2 2.5 12 11 2 M 2 6.2 L 14 6.2 M 6.4 6.2 L 6.4 13.5 M 2 9.9 L 14 9.9",
    "search": "O 7 7 4.4 M 10.3 10.3 L 13.8 13.8",
    "filter": "M 1.8 4 L 14.2 4 M 4.2 8 L 11.8 8 M 6.6 12 L 9.4 12",
    "play": "M 4.4 2.8 L 12.6 8 L 4.4 13.2 Z",
    "stop": "R 3.4 3.4 9.2 9.2 1.6",
    "undo": "M 5.4 2.8 L 2.2 6 L 5.4 9.2 M 2.4 6 L 9.6 6 C 15.2 6 15.2 13 9.6 13 L 6 13",
    "redo": "M 10.6 2.8 L 13.8 6 L 10.6 9.2 M 13.6 6 L 6.4 6 C .8 6 .8 13 6.4 13 L 10 13",
    "plus": "M 8 2.8 L 8 13.2 M 2.8 8 L 13.2 8",
    "grid": "R 2 2 4.8 4.8 1 R 9.2 2 4.8 4.8 1 R 2 9.2 4.8 4.8 1 R 9.2 9.2 4.8 4.8 1",
    "focus": "R 2.4 2.4 11.2 11.2 2",
    "export": "M 8 10 L 8 2.2 M 4.8 5.2 L 8 2 L 11.2 5.2 M 2.2 9.6 L 2.2 12 C 2.2 13.2 2.8 13.8 4 13.8"
    " L 12 13.8 C 13.2 13.8 13.8 13.2 13.8 12 L 13.8 9.6",
    "chip": "R 4 4 8 8 1.6 O 8 8 1.4 M 6.2 4 L 6.2 1.8 M 9.8 4 L 9.8 1.8 M 6.2 14.2 L 6.2 12 M 9.8 14.2 L 9.8 12"
    " M 4 6.2 L 1.8 6.2 M 4 9.8 L 1.8 9.8 M 14.2 6.2 L 12 6.2 M 14.2 9.8 L 12 9.8",
    "star": "M 8 1.8 L 9.9 5.9 L 14.3 6.4 L 11 9.4 L 11.9 13.8 L 8 11.6 L 4.1 13.8 L 5 9.4 L 1.7 6.4 L 6.1 5.9 Z",
    "warning": "M 8 2 L 14.4 13.4 L 1.6 13.4 Z M 8 6.4 L 8 9.4 M 8 11.4 L 8 11.5",
    "cross": "M 3.8 3.8 L 12.2 12.2 M 12.2 3.8 L 3.8 12.2",
    "arrow": "M 2.2 8 L 13.6 8 M 9.8 4.2 L 13.6 8 L 9.8 11.8",
    "chevron": "M 3.6 6 L 8 10.4 L 12.4 6",
    "lock": "R 3 7 10 7 1.6 M 5.2 7 L 5.2 5 C 5.2 1.2 10.8 1.2 10.8 5 L 10.8 7",
    "retrain": "M 13.4 8 C 13.4 14.6 2.6 14.6 2.6 8 C 2.6 2.6 8.6 1 12 4.4 M 12.6 1.6 L 12.6 5 L 9.2 5",
    "copy": "R 5 5 9 9 1.8 M 11 2 L 3.8 2 C 2.6 2 2 2.6 2 3.8 L 2 11",
    "clock": "O 8 8 6 M 8 4.6 L 8 8 L 10.4 9.6",
    "blind": "M 1.8 8 C 4.4 3.4 11.6 3.4 14.2 8 C 11.6 12.6 4.4 12.6 1.8 8 Z O 8 8 1.9 M 3 13 L 13 3",
    "person": "O 8 5 2.9 M 2.6 14 C 2.6 8.2 13.4 8.2 13.4 14",
    "shield": "M 8 1.6 L 13.6 3.6 L 13.6 7.6 C 13.6 11.2 11 13.4 8 14.4 C 5 13.4 2.4 11.2 2.4 7.6 L 2.4 3.6 Z"
    " M 5.4 7.8 L 7.3 9.8 L 10.7 6",
    "halves": "O 8 8 6 M 8 2 L 8 14 M 6 2.6 L 6 13.4 M 4 3.8 L 4 12.2",
    "sliders": "M 2 4.6 L 3.8 4.6 M 7.4 4.6 L 14 4.6 O 5.6 4.6 1.8 M 2 11.4 L 8.6 11.4 M 12.2 11.4 L 14 11.4 O 10.4 11.4 1.8",
    "keyboard": "R 1.6 3.8 12.8 8.4 1.6 M 4.2 6.8 L 4.3 6.8 M 6.8 6.8 L 6.9 6.8 M 9.4 6.8 L 9.5 6.8 M 11.8 6.8 L 11.9 6.8"
    " M 5 9.6 L 11 9.6",
    "lasso": "M 4.6 10.6 C 0.4 9.2 1.2 2.4 8 2.4 C 14.8 2.4 15.4 9.6 9 10.4 C 6.8 10.7 5.4 10.9 4.6 10.6"
    " M 4.8 10.6 C 6.6 11.4 6 14 3.4 13.6",
    "box": "M 2.5 5 L 2.5 2.5 L 5 2.5 M 7 2.5 L 9 2.5 M 11 2.5 L 13.5 2.5 L 13.5 5 M 13.5 7 L 13.5 9 M 13.5 11 L 13.5 13.5"
    " L 11 13.5 M 9 13.5 L 7 13.5 M 5 13.5 L 2.5 13.5 L 2.5 11 M 2.5 9 L 2.5 7",
    "similar": "O 5.4 8 3.4 O 10.6 8 3.4",
    "minus": "M 2.8 8 L 13.2 8",
    "map": "O 4 5 1.4 O 7.6 3.4 1 O 6.8 7.2 1 O 11.8 10.8 1.6 O 8.6 12.4 1 O 12.4 6.4 1",
    "info": "O 8 8 6 M 8 7.4 L 8 11 M 8 5 L 8 5.1",
}

NAMES = (*_PATHS, "mark")
_COUNTS = {"M": 2, "L": 2, "C": 6, "Z": 0, "O": 3, "R": 5}


@cache
def icon_path(name: str) -> QPainterPath:
    """The path of an icon on its 16 grid."""
    path = QPainterPath()
    words = iter(_PATHS[name].split())
    for command in words:
        numbers = [float(next(words)) for _count in range(_COUNTS[command])]
        match command:
            case "M":
                path.moveTo(*numbers)
            case "L":
                path.lineTo(*numbers)
            case "C":
                path.cubicTo(*numbers)
            case "Z":
                path.closeSubpath()
            case "O":
                x, y, radius = numbers
                path.addEllipse(QRectF(x - radius, y - radius, 2 * radius, 2 * radius))
            case "R":
                x, y, width, height, radius = numbers
                path.addRoundedRect(QRectF(x, y, width, height), radius, radius)
    return path


def draw_icon(painter: QPainter, name: str, rect: QRectF, color: QColor) -> None:
    """Draw an icon into a square; "mark" is the program's tile and brings its own colours."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 16, rect.height() / 16)
    if name == "mark":
        _draw_mark(painter)
    else:
        pen = QPen(color, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(icon_path(name), pen)
    painter.restore()


def _draw_mark(painter: QPainter) -> None:
    """A blue tile with four squares, the last hollow."""
    white = QColor("#FFFFFF")
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tokens().accentfill)
    painter.drawRoundedRect(QRectF(0, 0, 16, 16), 4, 4)
    painter.setBrush(white)
    for x, y in ((3.4, 3.4), (8.7, 3.4), (3.4, 8.7)):
        painter.drawRoundedRect(QRectF(x, y, 3.9, 3.9), 1, 1)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(white, 1.3))
    painter.drawRoundedRect(QRectF(9.3, 9.3, 2.7, 2.7), 0.7, 0.7)


def _pixmap(name: str, color: QColor, size: int, ratio: float) -> QPixmap:
    made = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    draw_icon(painter, name, QRectF(0, 0, size, size), color)
    painter.end()
    return made


def icon(name: str, color: QColor | None = None, size: int = 16) -> QIcon:
    """An icon for Qt's own controls, in the colour of the text unless another is given."""
    made = QIcon()
    for ratio in (1.0, 2.0):
        made.addPixmap(_pixmap(name, color or tokens().text, size, ratio))
    return made


@cache
def _icon_folder() -> Path:
    folder = tempfile.mkdtemp(prefix="badcase-icons-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def icon_file(name: str, color: QColor, size: int) -> str:
    """The path of an icon as a file: a style sheet can name nothing else."""
    base = _icon_folder() / f"{name}-{color.name()[1:]}-{size}.png"
    if not base.exists():
        _pixmap(name, color, size, 1.0).save(str(base))
        _pixmap(name, color, size, 2.0).save(str(base.with_name(f"{base.stem}@2x.png")))
    return base.as_posix()
