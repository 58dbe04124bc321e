"""Find similar from what is no item: words that are typed or pasted, a picture that is dropped or pasted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from badcase.project import Project
from badcase.ui.desktop.map.asking import AskField
from tests.badcase.prediction.projects import predicted_images, text_project
from tests.ui.desktop.map.conftest import OnMap, Show
from tests.ui.desktop.review.conftest import close_sessions

WAIT_MS = 60_000


@pytest.fixture
def texts(tmp_path: Path) -> Iterator[Project]:
    with text_project(tmp_path) as made:
        made.predict("chargrams")
        made.rank()
        yield made
        close_sessions(made)


@pytest.fixture
def images(tmp_path: Path) -> Iterator[Project]:
    with predicted_images(tmp_path, 30) as made:
        made.rank()
        yield made
        close_sessions(made)


def dropped(over: QWidget, data: QMimeData) -> bool:
    """Drop on a part of the page; whether it took it."""
    button, held = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, button, held)
    QApplication.sendEvent(over, enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(over, QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, button, held))
    return True


def test_typed_and_pasted_words_find_texts_and_esc_leads_back(show: Show, texts: Project) -> None:
    on = show(texts)
    on.wait_ready()
    page, panel = on.page, on.page.side.similar
    line = page.side.field.line
    assert line.isVisible()
    line.setFocus()
    QTest.keyClicks(line, "a bowl of hot soup")
    QTest.keyClick(line, Qt.Key.Key_Return)
    on.bot.waitUntil(lambda: page.search.active, timeout=WAIT_MS)
    assert page.side.in_similar and "soup" in panel._query.accessibleName()
    nearest = panel.shown[:5].tolist()
    assert sum("soup" in texts.items.text(item) for item in nearest) >= 3 and "soup" in texts.items.text(nearest[0])
    page.setFocus()
    on.key("A")
    assert set(nearest) <= on.selected
    QGuiApplication.clipboard().setText("the dog barks")
    page.setFocus()
    on.key("Escape", "Ctrl+V")
    on.bot.waitUntil(lambda: "dog" in panel._query.accessibleName() and page.search.active, timeout=WAIT_MS)
    assert "dog" in texts.items.text(int(panel.shown[0]))
    on.key("Escape")
    assert not page.search.active and not page.side.in_similar


def test_a_picture_that_is_dropped_or_pasted_finds_its_like(show: Show, images: Project, tmp_path: Path) -> None:
    on = show(images)
    on.wait_ready()
    page, panel = on.page, on.page.side.similar
    assert page.side.field.isVisible() and page.side.findChild(QLineEdit, "similar-words") is None, "no encoder of words"
    data = QMimeData()
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "notes.csv"))])
    assert not dropped(page.canvas, data), "the window asks what a table is for"
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(0xFFD23228)
    image.save(str(tmp_path / "mine.png"))
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "mine.png"))])
    assert dropped(page.canvas, data)
    on.bot.waitUntil(lambda: page.search.active, timeout=WAIT_MS)
    assert panel._query._picture is not None and "mine.png" in panel._query.accessibleName()
    assert {images.classes[images.given[item]] for item in panel.shown[:5].tolist()} == {"red"}
    image.fill(0xFF2840C8)
    QGuiApplication.clipboard().setImage(image)
    page.setFocus()
    on.key("Ctrl+V")
    on.bot.waitUntil(lambda: "pasted" in panel._query.accessibleName(), timeout=WAIT_MS)
    assert {images.classes[images.given[item]] for item in panel.shown[:5].tolist()} == {"blue"}


def test_where_no_model_is_known_nothing_is_offered_and_the_key_says_why(shown: OnMap, project: Project) -> None:
    told: list[str] = []
    predictions = project.predictions.current
    assert predictions is not None
    predictions.meta["model"] = None  # as of predictions that were brought from a file
    shown.session.toast.connect(lambda text, _key: told.append(text))
    shown.page._on_selected()
    assert not any(field.isVisible() for field in shown.page.findChildren(AskField))
    shown.key("Ctrl+V")
    assert told and "No model" in told[-1]
