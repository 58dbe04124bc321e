"""What a person can ask about that is no item: a picture that is dropped, pasted or chosen, or typed and pasted words."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage, QImageReader
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.widgets import Button, LineEdit

_SIDE = 336  # pixels of a picture as the panel shows it, on any screen


@dataclass(frozen=True, slots=True)
class Asked:
    """text: the words, or the path of the picture. name: what it is called; picture: as the panel shows it. done: nobody needs
    the file any more."""

    text: str
    name: str
    picture: QImage | None = None
    done: Callable[[], None] = lambda: None


def asked_of(data: QMimeData, *, is_text: bool) -> Asked | None:
    """What is dropped or pasted, None where a model could not read it."""
    if is_text:
        words = data.text().strip() if data.hasText() and not data.hasUrls() else ""
        return Asked(words, words) if words else None
    urls = data.urls()
    if len(urls) == 1 and urls[0].isLocalFile():
        return asked_picture(Path(urls[0].toLocalFile()))
    image = QImage(data.imageData()) if data.hasImage() else QImage()
    if image.isNull():
        return None
    with tempfile.NamedTemporaryFile(suffix=".png", prefix="badcase-", delete=False) as file:
        kept = Path(file.name)
    image.save(str(kept))
    return Asked(str(kept), _("the pasted picture"), _small(image), lambda: kept.unlink(missing_ok=True))


def asked_picture(path: Path) -> Asked | None:
    """The picture of a file, None where it is none."""
    reader = QImageReader(str(path))
    if not path.is_file() or not reader.canRead():
        return None
    reader.setAutoTransform(True)
    size = reader.size()
    if size.width() > _SIDE or size.height() > _SIDE:
        reader.setScaledSize(size.scaled(_SIDE, _SIDE, Qt.AspectRatioMode.KeepAspectRatio))
    return Asked(str(path), path.name, reader.read())


def _small(image: QImage) -> QImage:
    too_large = max(image.width(), image.height()) > _SIDE
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return image.scaled(_SIDE, _SIDE, keep, smooth) if too_large else image


class AskField(QWidget):
    """A line for words where the model reads texts, else a button for a picture. `asked` tells what is asked for."""

    asked = Signal(object)

    def __init__(self, *, is_text: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        if is_text:
            self.line = LineEdit()
            self.line.setObjectName("similar-words")
            self.line.setPlaceholderText(_("words that it should be like"))
            self.line.setAccessibleName(_("Find what is like these words"))
            self.line.returnPressed.connect(self._ask_words)
            column.addWidget(self.line)
        else:
            button = Button(_("Drop or paste a picture, or choose one…"), icon="plus", flat=True, ink="accent")
            button.setObjectName("similar-picture")
            button.clicked.connect(self._choose)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def _ask_words(self) -> None:
        if words := self.line.text().strip():
            self.asked.emit(Asked(words, words))

    def _choose(self) -> None:
        path, _kind = QFileDialog.getOpenFileName(self, _("Find what is like a picture"))
        if path:
            self.asked.emit(asked_picture(Path(path)) or Asked(path, Path(path).name))


class AskDrops(QObject):
    """Takes what is dropped on some parts of the page and can be asked about; anything else goes on to the window."""

    asked = Signal(object)

    def __init__(self, parts: tuple[QWidget, ...], possible: Callable[[], bool], *, is_text: bool, parent: QObject) -> None:
        super().__init__(parent)
        self._possible, self._is_text = possible, is_text
        for part in parts:
            part.setAcceptDrops(True)
            part.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if not isinstance(event, QDropEvent) or kind not in (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop):
            return super().eventFilter(watched, event)
        asked = asked_of(event.mimeData(), is_text=self._is_text) if self._possible() else None
        if asked is None:
            event.ignore()
            return kind is not QEvent.Type.Drop
        event.acceptProposedAction()
        if kind is QEvent.Type.Drop:
            self.asked.emit(asked)
        else:
            asked.done()
        return True

    def paste(self) -> bool:
        """Ask about what the clipboard holds; False where it holds nothing of the kind."""
        asked = asked_of(QGuiApplication.clipboard().mimeData(), is_text=self._is_text)
        if asked is not None:
            self.asked.emit(asked)
        return asked is not None
