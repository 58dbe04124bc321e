"""While a large project is opened, a line says so where the page will be."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QStackedWidget
from pytestqt.qtbot import QtBot

from badcase.ui.desktop.shell import opening_line
from badcase.ui.desktop.shell.opening_line import OpeningLine
from badcase.ui.desktop.widgets import EmptyState, Label


class Painted(QObject):
    """Remembers whether what it watches was painted."""

    seen = False

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.seen |= event.type() is QEvent.Type.Paint
        return False


def test_the_line_is_painted_before_the_project_is_read_and_goes_with_it(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening_line, "LARGE", 10)
    (tmp_path / "big").mkdir()
    (tmp_path / "big" / "items.arrow").write_bytes(b"x" * 20)
    stack, first = QStackedWidget(), Label("the first page")
    stack.addWidget(first)
    qtbot.addWidget(stack)
    stack.resize(600, 400)
    with qtbot.waitExposed(stack):
        stack.show()
    line, painted = OpeningLine(stack), Painted()
    stack.installEventFilter(painted)
    painted.seen = False
    line.show(tmp_path / "big")
    shown = stack.currentWidget()
    assert isinstance(shown, EmptyState) and painted.seen  # and no event loop has run
    assert any("Opening big" in label.text() for label in shown.findChildren(Label))
    line.hide()
    assert stack.currentWidget() is first


def test_a_small_project_is_opened_without_a_word(qtbot: QtBot, tmp_path: Path) -> None:
    stack, first = QStackedWidget(), Label("the first page")
    stack.addWidget(first)
    qtbot.addWidget(stack)
    (tmp_path / "items.arrow").write_bytes(b"x" * 20)
    OpeningLine(stack).show(tmp_path)
    OpeningLine(stack).show(tmp_path / "nowhere")
    assert stack.currentWidget() is first
