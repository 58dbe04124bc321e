"""Pictures of a project's images, decoded by the session's pool; each arrives a moment after it was first asked for."""

from __future__ import annotations

from functools import partial

import numpy as np
from PIL import Image
from PySide6.QtGui import QImage

from badcase.project import Project
from badcase.ui.desktop.pictures.picture_cache import Deliver, Pictures
from badcase.ui.desktop.session.session import Session

LARGE, SMALL = 192 << 20, 32 << 20  # bytes kept: where one looks at items, and beside the rows of a table


def pictures_of(session: Session, budget: int) -> Pictures:
    def fetch(item: int, side: int, deliver: Deliver) -> None:
        session.pool.submit(
            partial(_decode, session.project, item, side), deliver, failed=lambda error: deliver(None), owner=session
        )

    pictures = Pictures(fetch, budget=budget)
    session.changed.connect(pictures.hear)  # a bound method: those of a dialog go with it
    return pictures


def _decode(project: Project, item: int, side: int) -> QImage:
    return _to_qimage(project.items.image(item, side))


def _to_qimage(image: Image.Image) -> QImage:
    """A copy of a Pillow image that owns its pixels."""
    pixels = np.ascontiguousarray(image.convert("RGB"))
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).convertToFormat(QImage.Format.Format_RGB32)
